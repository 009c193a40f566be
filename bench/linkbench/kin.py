"""Who posts for whom: how often, in which words, and how often they share a surname and a town (all guesses)."""

import msgspec


class Kin(msgspec.Struct, frozen=True):
    """One relation: its share of the posts, and the chances of the same surname and the same town."""

    share: float
    same_name: float
    same_town: float


RELATIONS = {
    "spouse": Kin(0.32, 0.62, 0.95),
    "child": Kin(0.2, 0.75, 0.4),
    "parent": Kin(0.14, 0.75, 0.4),
    "sibling": Kin(0.09, 0.65, 0.45),
    "friend": Kin(0.1, 0.0, 0.6),
    "neighbour": Kin(0.07, 0.0, 1.0),
    "flatmate": Kin(0.04, 0.0, 1.0),
    "colleague": Kin(0.04, 0.0, 0.85),
}
FAMILY = ("spouse", "child", "parent", "sibling")
_MEN = {
    "en": "my husband/hubby/my fella|my dad/my father/da|my son/my lad|my brother|"
    "my mate/a friend of mine|the man next door/"
    "my neighbour|my flatmate|my colleague/a colleague",
    "de": "mein Mann|mein Vater/Papa|mein Sohn|mein Bruder|mein Freund/mein Kumpel|"
    "mein Nachbar|mein Mitbewohner|mein Kollege",
    "fr": "mon mari|mon père/papa|mon fils|mon frère|mon ami|mon voisin|mon coloc|mon collègue",
    "es": "mi marido|mi padre|mi hijo|mi hermano|mi amigo|mi vecino|mi compi|mi jefe",
    "pt": "o meu marido|o meu pai|o meu filho|o meu irmão|o meu amigo|o meu vizinho|o meu amigo|o meu colega",
    "it": "mio marito|mio padre/papà|mio figlio|mio fratello|il mio amico|il mio vicino|"
    "il mio coinquilino|il mio collega",
    "nl": "mijn man|mijn vader|mijn zoon|mijn broer|mijn vriend|mijn buurman|mijn huisgenoot|mijn collega",
}
_WOMEN = {
    "en": "my wife/the wife/the missus|my mum/my mother/mam|my daughter|my sister|my best friend/a friend of mine|"
    "the lady next door/my neighbour|my flatmate|my colleague/our office manager",
    "de": "meine Frau|meine Mutter/Mama|meine Tochter|meine Schwester|meine Freundin|"
    "meine Nachbarin|meine Mitbewohnerin|"
    "meine Kollegin",
    "fr": "ma femme|ma mère/maman|ma fille|ma sœur|mon amie|ma voisine|ma coloc|ma collègue",
    "es": "mi mujer|mi madre|mi hija|mi hermana|mi amiga|mi vecina|mi compi|mi jefa",
    "pt": "a minha mulher|a minha mãe|a minha filha|a minha irmã|a minha amiga|"
    "a minha vizinha|a minha amiga|a minha colega",
    "it": "mia moglie|mia madre/mamma|mia figlia|mia sorella|la mia amica|la mia vicina|"
    "la mia coinquilina|la mia collega",
    "nl": "mijn vrouw|mijn moeder|mijn dochter|mijn zus|mijn vriendin|mijn buurvrouw|mijn huisgenoot|mijn collega",
}
PRONOUNS = {
    "en": {"m": ("he", "him", "his"), "f": ("she", "her", "her"), "": ("they", "them", "their")},
    "de": {"m": ("er", "ihm", "sein"), "f": ("sie", "ihr", "ihr")},
    "fr": {"m": ("il", "lui", "son"), "f": ("elle", "lui", "son")},
    "es": {"m": ("él", "le", "su"), "f": ("ella", "le", "su")},
    "pt": {"m": ("ele", "lhe", "seu"), "f": ("ela", "lhe", "sua")},
    "it": {"m": ("lui", "gli", "suo"), "f": ("lei", "le", "suo")},
    "nl": {"m": ("hij", "hem", "zijn"), "f": ("zij", "haar", "haar")},
}
BOTH = ("my parents", "my folks", "my grandparents", "the folks")


def said_of(relation: str, gender: str, lang: str) -> tuple[str, ...]:
    """Give the words for somebody of a relation and gender (``f`` or ``m``) in a language."""
    every = (_WOMEN if gender == "f" else _MEN)[lang].split("|")
    return tuple(every[list(RELATIONS).index(relation)].split("/"))
