"use strict";
// Shows times where the reader lives, keeps the clocks running, and fetches the page anew when something changed.

const local = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

// The service's clock counts, not the reader's: a wrong clock at home must not hide a deadline.
let ahead = new Date(document.body.dataset.now) - Date.now();

function span(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60) % 24, rest = minutes % 60;
  if (days) return `${days} day${days > 1 ? "s" : ""}${hours ? ` ${hours} h` : ""}`;
  return hours ? `${hours} h ${rest} min` : `${rest} min`;
}

function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.title = time.title || time.textContent;
    time.textContent = local.format(moment);
  }
}

function tick() {
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = (new Date(clock.dataset.due) - Date.now() - ahead) / 1000;
    clock.textContent = left >= 0 ? `${span(left)} left` : `late by ${span(left)}`;
    const alert = clock.closest(".alert");
    if (alert && left < 0) alert.classList.add("late");
  }
}

function busy() {
  const at = document.activeElement;
  return at && at.closest("form") !== null;
}

async function refresh() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok || busy()) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const open = new Set([...document.querySelectorAll("details[open][id]")].map((one) => one.id));
  for (const one of fresh.querySelectorAll("details[id]")) one.open = open.has(one.id);
  ahead = new Date(fresh.body.dataset.now) - Date.now();
  localise(fresh);
  document.querySelector("#page").replaceWith(fresh.querySelector("#page"));
  document.querySelector(".asof").replaceWith(fresh.querySelector(".asof"));
  tick();
}

localise(document);
tick();
setInterval(tick, 1000);
if (document.querySelector("[data-live]")) {
  let seen = null;
  const changes = new EventSource("/changes");
  changes.onmessage = (event) => {
    if (seen !== null && seen !== event.data) refresh().catch(() => {});
    seen = event.data;
  };
  setInterval(() => refresh().catch(() => {}), 60000);
}
