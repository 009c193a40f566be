"""What people add to a story: when and how they told the company, in seven languages; and small talk."""

import random

_DAYS = {
    "en": (
        "{n} days ago",
        "{n} days since",
        "{n} days now",
        "{w} ago",
        "over {w} ago",
        "nearly {w} ago",
        "about {w} ago",
    ),
    "de": ("vor {n} Tagen", "seit {n} Tagen", "vor {w}"),
    "fr": ("il y a {n} jours", "depuis {n} jours", "il y a {w}"),
    "es": ("hace {n} días", "desde hace {n} días", "hace {w}"),
    "pt": ("há {n} dias", "há {w}"),
    "it": ("{n} giorni fa", "da {n} giorni", "{w} fa"),
    "nl": ("{n} dagen geleden", "al {n} dagen", "{w} geleden"),
}
_WEEKS = {
    "en": ("a week", "two weeks", "three weeks", "four weeks", "five weeks", "six weeks"),
    "de": ("einer Woche", "zwei Wochen", "drei Wochen", "vier Wochen", "fünf Wochen", "sechs Wochen"),
    "fr": ("une semaine", "deux semaines", "trois semaines", "quatre semaines", "cinq semaines", "six semaines"),
    "es": ("una semana", "dos semanas", "tres semanas", "cuatro semanas", "cinco semanas", "seis semanas"),
    "pt": ("uma semana", "duas semanas", "três semanas", "quatro semanas", "cinco semanas", "seis semanas"),
    "it": ("una settimana", "due settimane", "tre settimane", "quattro settimane", "cinque settimane", "sei settimane"),
    "nl": ("een week", "twee weken", "drie weken", "vier weken", "vijf weken", "zes weken"),
}
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOLD = {
    "email": {
        "en": ("I emailed you {t}.", "Emailed {t}, nothing.", "{t} I wrote. No answer.", "E-mail sent {t}, silence."),
        "de": ("Habe {t} gemailt, keine Antwort.", "{t} geschrieben, nichts."),
        "fr": ("J'ai écrit {t}, aucune réponse.", "Mail envoyé {t}, silence."),
        "es": ("Os escribí {t} y nada.", "Mandé un correo {t}, sin respuesta."),
        "pt": ("Escrevi {t} e nada.", "Mandei um e-mail {t}, sem resposta."),
        "it": ("Ho scritto {t}, nessuna risposta.", "Mail mandata {t}, silenzio."),
        "nl": ("Ik heb {t} gemaild, geen reactie.", "Mail gestuurd {t}, stilte."),
    },
    "phone": {
        "en": (
            "I rang {t}.",
            "Called {t}, was told someone would call back.",
            "{t} on the phone with you, forty minutes.",
            "Phoned {t}. Still nothing.",
        ),
        "de": ("Habe {t} angerufen, kein Rückruf.", "{t} telefoniert, nichts passiert."),
        "fr": ("J'ai appelé {t}, pas de rappel.", "Appelé {t}, toujours rien."),
        "es": ("Llamé {t} y nada.", "Os llamé {t}, nadie contesta."),
        "pt": ("Liguei {t} e nada.", "Telefonei {t}, ninguém responde."),
        "it": ("Ho chiamato {t}, nessuna risposta.", "Ho telefonato {t}, niente."),
        "nl": ("Ik heb {t} gebeld, niets gehoord.", "Gebeld {t}, geen reactie."),
    },
    "": {
        "en": ("Told you {t}.", "You have known {t}.", "Reported {t}. Still waiting.", "{t} and not a word."),
        "de": ("{t} gemeldet, keine Antwort.",),
        "fr": ("Signalé {t}, toujours rien.",),
        "es": ("Avisé {t}, silencio.",),
        "pt": ("Avisei {t}, silêncio.",),
        "it": ("Segnalato {t}, silenzio.",),
        "nl": ("{t} gemeld, stilte.",),
    },
}
_TOLD_BY_OTHER = {
    "email": ("{he} emailed {t}.", "{he} wrote to you {t}, no reply.", "E-mail from {him} {t}, unanswered."),
    "phone": ("{he} rang {t}.", "{he} called {t} and was promised a call back.", "{he} was on the phone {t}."),
    "": ("{he} told you {t}.", "{t} and {he} has heard nothing.", "{he} has been waiting {t}."),
}
FRESH = ("just now", "today", "this morning", "tonight", "five minutes ago")
CLOSERS = (
    "",
    "",
    "",
    " 🙄",
    " brilliant service 👏",
    " #fail",
    " Sort it out.",
    " Anyone there?",
    " Not good enough.",
    " lovely stuff",
    " 😡",
    " cheers",
)
QUESTIONS = ("Who do I contact about this?", "Is there an email for this?", "anyone in?")


def ago(rng: random.Random, days: float, lang: str, weekday: int | None) -> str:
    """Give a time phrase for an age, as roughly as people remember it; ``weekday`` is that of the contact."""
    felt = days * rng.lognormvariate(0.0, 0.12 if days > 4 else 0.02)
    if lang == "en" and weekday is not None and days < 6.5 and rng.random() < 0.6:
        return f"on {_WEEKDAYS[weekday]}"
    form = rng.choice(_DAYS.get(lang, _DAYS["en"]))
    weeks = round(felt / 7)
    if "{w}" in form:
        if not 1 <= weeks <= 6:
            form = _DAYS.get(lang, _DAYS["en"])[0]
        elif lang == "en" and weeks == 2 and rng.random() < 0.5:
            return form.replace("{w}", "a fortnight")
    number = max(round(felt), 1)
    said = _NUMBERS[number] if lang == "en" and number <= 12 and rng.random() < 0.6 else str(number)
    text = form.replace("{n}", said).replace("{w}", _WEEKS.get(lang, _WEEKS["en"])[min(max(weeks, 1), 6) - 1])
    return text.replace("1 days", "a day").replace("one days", "a day")


def told(rng: random.Random, channel: str, when: str, lang: str) -> str:
    """Give a sentence of the customer's own about the contact."""
    known = _TOLD.get(channel, _TOLD[""])
    return _start(rng.choice(known.get(lang, known["en"])).replace("{t}", when))


def told_by_other(rng: random.Random, channel: str, when: str, he: str, him: str) -> str:
    """Give a sentence about somebody else's contact."""
    form = rng.choice(_TOLD_BY_OTHER.get(channel, _TOLD_BY_OTHER[""]))
    return _start(form.replace("{t}", when).replace("{he}", he).replace("{him}", him))


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


OTHER = (
    "This is nothing to do with my other complaint, but",
    "Separate issue from the last one:",
    "On a different matter,",
    "Not about my open ticket this time:",
)
