"""Runs the real matcher over a labelled set: ``python -m bench.gold DIR --out preds.jsonl``.

DIR holds ``customers.jsonl``, ``cases.jsonl`` and ``posts.blind.jsonl``. Posts are judged in the order in which they
were posted, each against the CRM as it stood then: the mirror in a real SQLite ledger is advanced from post to post.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from crm.records import Case, CaseMessage, ContactPoint, Customer
from ledger import migrate
from ledger.database import Database
from matcher.assess import Assessment, Assessor
from matcher.complaint import ComplaintDecision
from matcher.config import LinkingConfig
from matcher.encoder import Encoder
from matcher.index import mirror
from matcher.linker import Linker
from matcher.linking import Linking
from matcher.mention import MentionText
from matcher.verdict import Verdict

_DECISIONS = {"link": "linked", "possible": "possible", "unlinked": "none"}
_TICK = timedelta(microseconds=1)


def when(text: str | None) -> datetime | None:
    """Read a time of the set."""
    return datetime.fromisoformat(text) if text else None


def must(text: str) -> datetime:
    """Read a time that every row has."""
    return datetime.fromisoformat(text)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def customers(folder: Path) -> dict[str, Customer]:
    """Read the customers by id."""
    return {row["customer_id"]: _customer(row) for row in rows(folder / "customers.jsonl")}


def _customer(row: dict[str, Any]) -> Customer:
    points = [ContactPoint("email", value) for value in row.get("emails") or ()]
    points += [ContactPoint("phone", value) for value in row.get("phones") or ()]
    points += [ContactPoint("handle", value, platform) for platform, value in (row.get("handles") or {}).items()]
    return Customer(
        customer_id=row["customer_id"],
        name=row["name"],
        contacts=tuple(points),
        city=row.get("city"),
        region=row.get("region"),
        country=row.get("country"),
        household_id=row.get("household_id"),
    )


def case_of(row: dict[str, Any], owner: Customer) -> Case:
    """Read one case, as it stood in the end."""
    messages = [CaseMessage(must(m["at"]), m["author"], m["text"]) for m in row["messages"]]
    return Case(
        case_id=row["case_id"],
        customer=owner,
        channel=row["channel"],
        status=row["status"],
        team=row["team"],
        opened_at=must(row["opened_at"]),
        updated_at=must(row["updated_at"]),
        resolved_at=when(row["resolved_at"]),
        subject=row["subject"],
        product=row["product"],
        reference=row["reference"],
        messages=tuple(messages),
    )


def as_of(case: Case, at: datetime) -> Case | None:
    """Give the case as the CRM showed it at a time, or None where it was not there yet."""
    if case.opened_at >= at:
        return None
    messages = tuple(message for message in case.messages if message.at <= at)
    over = case.status not in ("open", "pending") and (case.resolved_at is None or case.resolved_at <= at)
    changed = {"messages": messages, "updated_at": max([case.opened_at, *(m.at for m in messages)])}
    return msgspec.structs.replace(case, **changed) if over else _still_open(case, changed)


def _still_open(case: Case, changed: dict[str, Any]) -> Case:
    status = case.status if case.status in ("open", "pending") else "open"
    return msgspec.structs.replace(case, **changed, status=status, resolved_at=None)


def mention_of(row: dict[str, Any], brand: str = "") -> MentionText:
    """Read one post about ``brand``."""
    author = row["author"]
    return MentionText(
        text=row["text"],
        posted_at=must(row["posted_at"]),
        platform=row["platform"],
        handle=author["handle"],
        name=author.get("display_name"),
        bio=author.get("bio"),
        location=author.get("location"),
        lang=row.get("lang"),
        policy="auto",
        brand=brand,
    )


class Mirror:
    """Keeps a ledger at the state that the CRM had at a time."""

    def __init__(self, db: Database, cases: list[Case]) -> None:
        self._db = db
        self._cases = cases
        self._shown: dict[str, Case] = {}

    async def advance(self, at: datetime) -> None:
        """Mirror what has changed up to a time."""
        states = ((case.case_id, as_of(case, at)) for case in self._cases)
        changed = [state for case_id, state in states if state is not None and self._shown.get(case_id) != state]
        if changed:
            async with self._db.write("bench") as conn:
                await mirror(conn, changed, at)
            self._shown.update({case.case_id: case for case in changed})


def prediction(post_id: str, verdict: Verdict, linking: Linking | None) -> dict[str, Any]:
    """Give one line for the scorer."""
    shown = linking.candidates if linking else ()
    others = [c for c in linking.rejected if not c.resolved] if linking else []
    links = [{"case_id": c.case_id, "probability": c.probability} for c in (*shown, *others)]
    return {
        "post_id": post_id,
        "complaint": verdict.complaint,
        "complaint_score": verdict.probability,
        "links": links,
        "decision": _DECISIONS[linking.decision] if linking else "none",
    }


async def run(
    folder: Path, ledger: Path, config: LinkingConfig, brand: str = ""
) -> list[tuple[dict[str, Any], Assessment[Verdict]]]:
    """Judge every post of a folder, all about ``brand``, and give each prediction with its assessment."""
    owners = customers(folder)
    cases = [case_of(row, owners[row["customer_id"]]) for row in rows(folder / "cases.jsonl")]
    posts = sorted(rows(folder / "posts.blind.jsonl"), key=lambda row: (row["posted_at"], row["post_id"]))
    db = Database(f"sqlite:///{ledger}")
    await migrate.upgrade(db)
    results = []
    with Encoder() as encoder:
        assessor = Assessor(ComplaintDecision(encoder), Linker(db, config, encode=encoder.encode))
        shown = Mirror(db, cases)
        for row in posts:
            mention = mention_of(row, brand)
            await shown.advance(mention.posted_at - _TICK)
            [assessment] = await assessor.assess([mention], mention.posted_at)
            results.append((prediction(row["post_id"], assessment.verdict, assessment.linking), assessment))
    await db.close()
    return results


def main() -> None:
    """Read the arguments, judge, write the predictions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prevalence", type=float, default=None)
    options = parser.parse_args()
    config = LinkingConfig() if options.prevalence is None else LinkingConfig(prevalence=options.prevalence)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        results = asyncio.run(run(options.folder, Path(folder) / "gold.db", config, options.folder.resolve().name))
    options.out.write_text("".join(json.dumps(line) + "\n" for line, _ in results), encoding="utf-8")
    print(f"{len(results)} posts in {time.perf_counter() - started:.1f} s -> {options.out}")


if __name__ == "__main__":
    main()
