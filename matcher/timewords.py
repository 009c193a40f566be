"""The words of time in seven languages, folded."""

UNITS = {
    "day": 1.0, "days": 1.0, "tag": 1.0, "tage": 1.0, "tagen": 1.0, "jour": 1.0, "jours": 1.0, "dia": 1.0, "dias": 1.0,
    "giorno": 1.0, "giorni": 1.0, "dag": 1.0, "dagen": 1.0,
    "week": 7.0, "weeks": 7.0, "wk": 7.0, "wks": 7.0, "woche": 7.0, "wochen": 7.0, "semaine": 7.0, "semaines": 7.0,
    "semana": 7.0, "semanas": 7.0, "settimana": 7.0, "settimane": 7.0, "weken": 7.0,
    "month": 30.4, "months": 30.4, "monat": 30.4, "monate": 30.4, "monaten": 30.4, "mois": 30.4, "mes": 30.4,
    "meses": 30.4, "mese": 30.4, "mesi": 30.4, "maand": 30.4, "maanden": 30.4,
    "fortnight": 14.0, "fortnights": 14.0, "quinzaine": 14.0, "quincena": 14.0,
    "quinzena": 14.0,
    "hour": 1 / 24, "hours": 1 / 24, "hrs": 1 / 24, "stunde": 1 / 24, "stunden": 1 / 24, "heure": 1 / 24,
    "heures": 1 / 24, "hora": 1 / 24, "horas": 1 / 24, "ora": 1 / 24, "ore": 1 / 24, "uur": 1 / 24, "uren": 1 / 24,
    "year": 365.0, "years": 365.0, "yr": 365.0, "yrs": 365.0, "jahr": 365.0, "jahre": 365.0, "jahren": 365.0,
    "an": 365.0, "ans": 365.0, "annee": 365.0, "ano": 365.0, "anos": 365.0, "anno": 365.0, "anni": 365.0,
    "jaar": 365.0, "jaren": 365.0,
}  # fmt: skip

_WEEKDAYS = (
    "monday mon montag lundi lunes lunedi maandag",
    "tuesday tues tue dienstag mardi martes martedi dinsdag",
    "wednesday weds wed mittwoch mercredi miercoles mercoledi woensdag",
    "thursday thurs thur thu donnerstag jeudi jueves giovedi donderdag",
    "friday fri freitag vendredi viernes venerdi vrijdag",
    "saturday samstag sonnabend samedi sabado sabato zaterdag",
    "sunday sonntag dimanche domingo domenica zondag",
)
_PARTS = {
    ("tag", "woch", "bend"): ("", "abend", "morgen", "fruh", "vormittag", "mittag", "nachmittag", "nacht"),
    ("dag",): ("", "avond", "ochtend", "morgen", "middag", "nacht"),
}
"""How a day goes on in one word, by how it ends: "Freitagabend", "vrijdagavond"."""
_MANY = (
    "mondays montagen lundis lunes segundas lunedi maandagen",
    "tuesdays dienstagen mardis martes tercas martedi dinsdagen",
    "wednesdays mittwochen mercredis miercoles quartas mercoledi woensdagen",
    "thursdays donnerstagen jeudis jueves quintas giovedi donderdagen",
    "fridays freitagen vendredis viernes sextas venerdi vrijdagen",
    "saturdays samstagen sonnabenden samedis sabados sabati zaterdagen",
    "sundays sonntagen dimanches domingos domeniche zondagen",
)


def _with_parts(name: str) -> list[str]:
    """Give a weekday alone and with each part of the day that its language writes in one word with it."""
    parts = (parts for endings, parts in _PARTS.items() if name.endswith(endings))
    return [name + part for part in next(parts, ("",))]


WEEKDAYS = {said: day for day, line in enumerate(_WEEKDAYS) for name in line.split(" ") for said in _with_parts(name)}
MANY_WEEKDAYS = {name: day for day, line in enumerate(_MANY) for name in line.split(" ")}
"""Weekdays as they stand behind a number: "two Mondays ago"."""
ORDINAL_WEEKDAYS = {"segunda": 0, "terca": 1, "quarta": 2, "quinta": 3, "sexta": 4}
"""Portuguese weekdays that are ordinals as well: the words beside them say which."""

MONTHS = {
    name: month
    for month, line in enumerate(
        (
            "january jan januar janner janvier enero janeiro gennaio januari",
            "february feb februar fevrier febrero fevereiro febbraio februari",
            "march marz mars marzo marco maart",
            "april avril abril aprile",
            "may mai mayo maio maggio mei",
            "june juni juin junio junho giugno",
            "july juli juillet julio julho luglio",
            "august aug aout agosto augustus",
            "september sept sep septembre septiembre setembro settembre",
            "october oct oktober octobre octubre outubro ottobre",
            "november nov novembre noviembre novembro",
            "december dec dezember decembre diciembre dezembro dicembre",
        ),
        start=1,
    )
    for name in line.split(" ")
}
AMBIGUOUS_MONTHS = {"may", "mars", "march", "mei", "mai"}
"""Months that are ordinary words as well: they count only beside a day or after a preposition."""

MONTH_LEADS = {"in", "since", "last", "back", "early", "late", "mid", "of", "end", "en", "em", "im", "seit", "depuis",
               "desde", "da", "dal", "sinds", "a", "fin", "finales", "finais", "fine", "eind", "ende", "anfang",
               "debut", "principios", "inicio", "inizio", "begin", "mitte", "de", "di", "van", "from"}  # fmt: skip

LAST = {"last", "letzten", "letzter", "letzte", "letztem", "vergangenen", "dernier", "derniere", "pasado", "pasada",
        "passada", "passado", "scorso", "scorsa", "vorige", "vorigen", "voriger", "afgelopen", "ultima",
        "ultimo"}  # fmt: skip
LAST_BEHIND = {"dernier", "derniere", "pasado", "pasada", "passado", "passada", "scorso", "scorsa", "passato",
               "passata"}  # fmt: skip
"""Words for last that stand behind what they belong to: "la semaine dernière"."""
LAST_BUT_ONE = {"vorletzte", "vorletzten", "vorletzter", "voorvorige", "voorlaatste", "avant-derniere", "antepasada",
                "antepasado", "retrasada", "penultima", "penultimo"}  # fmt: skip
"""Words for last but one, on either side of what they belong to: "vorletzte Woche", "la semana antepasada"."""
NEXT = {"next", "coming", "nachsten", "nachste", "kommenden", "prochain", "prochaine", "proximo", "proxima",
        "prossimo", "prossima", "volgende", "aanstaande", "by", "until", "till", "bis", "before"}  # fmt: skip
NEXT_BEHIND = {"prochain", "proximo", "proxima", "prossimo", "prossima"}
OVER = {"over", "more", "mehr", "uber", "plus", "mas", "mais", "piu", "meer", "well", "talal", "good"}
UNDER = {"almost", "nearly", "under", "fast", "knapp", "presque", "casi", "quase", "quasi", "bijna", "less"}
ABOUT = {"about", "around", "roughly", "some", "etwa", "rund", "environ", "unos", "unas", "cerca", "circa", "ongeveer",
         "like", "couple"}  # fmt: skip
AHEAD_AFTER = {"to", "left", "until", "till", "before", "away", "notice", "early", "bis"}
NOT_AGO_AFTER = {"old", "alt", "late", "free", "trial", "return", "warranty", "delivery", "notice", "lang", "older",
                 "sober", "early", "membership", "contract", "holiday", "course", "in", "pregnant",
                 "off", "leave", "stay", "cruise"}  # fmt: skip

NAMED_AGES = {
    "yesterday": 1, "gestern": 1, "hier": 1, "ayer": 1, "ontem": 1, "ieri": 1, "gisteren": 1,
    "vorgestern": 2, "avanthier": 2, "anteayer": 2, "antier": 2, "anteontem": 2, "altroieri": 2, "l'altroieri": 2,
    "eergisteren": 2,
    "today": 0, "tonight": 0, "heute": 0, "aujourd'hui": 0, "hoy": 0, "hoje": 0, "oggi": 0, "vandaag": 0,
}  # fmt: skip
FESTIVALS = {
    "christmas": (12, 25), "xmas": (12, 25), "weihnachten": (12, 25), "noel": (12, 25), "navidad": (12, 25),
    "natal": (12, 25), "natale": (12, 25), "kerst": (12, 25), "valentine's": (2, 14), "valentines": (2, 14),
    "halloween": (10, 31), "silvester": (12, 31), "hogmanay": (12, 31), "black friday": (11, 26),
    "cyber monday": (11, 29),
}  # fmt: skip

ORDINALS = {
    said: value
    for value, line in enumerate(
        (
            "second zweite zweiten deuxieme segunda seconda tweede 2nd 2e",
            "third dritte dritten troisieme tercera terceira terza derde 3rd 3e",
            "fourth vierte vierten quatrieme cuarta quarta vierde 4th 4e",
            "fifth funfte funften cinquieme quinta vijfde 5th 5e",
            "sixth sechste sechsten sixieme sexta sesta zesde 6th 6e",
            "seventh siebte siebten septieme septima setima settima zevende 7th 7e",
            "eighth achte achten huitieme octava oitava ottava achtste 8th 8e",
        ),
        start=2,
    )
    for said in line.split(" ")
}
"""How manieth week somebody waits."""
ON_END = {"weeks", "wochen", "semaines", "semanas", "settimane", "weken", "months", "monaten", "mois", "meses", "mesi",
          "maanden"}  # fmt: skip
FOR = {"for", "seit", "des", "hace", "ha", "da", "al", "sinds", "many", "literally", "llevo", "literal", "vielen"}
"""Before weeks that are not counted: "for weeks", "depuis des semaines"."""


NO_DAY_AFTER = {"day", "week", "month", "time", "attempt", "year", "floor", "of", "class", "thing", "line"}
ENGLISH_ARTICLES = {"a", "an"}
ENGLISH_UNITS = {"hour", "day", "week", "wk", "month", "mth", "fortnight", "year", "yr"}
