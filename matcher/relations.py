"""Whom a poster speaks for: relation, gender and the name that they give, in seven languages."""

from functools import cache
from typing import Literal

import msgspec

from matcher.clue import Clue
from matcher.folding import Word

Relation = Literal[
    "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "inlaw", "relative", "friend", "flatmate",
    "neighbour", "colleague", "carer", "other",
]  # fmt: skip
Gender = Literal["f", "m", ""]

# What the poster is to the owner, by the word for the owner: "my husband" makes the poster a spouse, "my dad" a child.
_WORDS: dict[tuple[Relation, Gender], str] = {
    ("spouse", "m"): "husband hubby hubs bloke fella fiance boyfriend bf himself mann ehemann gatte verlobter "
    "mari epoux marido esposo novio esposa-m noivo namorado marito fidanzato echtgenoot vriend-m verloofde man-nl",
    ("spouse", "f"): "wife wifey missus missis fiancee girlfriend gf herself frau ehefrau gattin verlobte femme epouse "
    "mujer esposa novia mulher noiva namorada moglie fidanzata vrouw echtgenote vriendin-f copine",
    ("spouse", ""): "partner partnerin spouse oh compagnon compagne conjoint pareja companheiro companheira compagno compagna "
    "copain",
    ("child", "m"): "dad father da pa pops vater papa papi pere papa-fr padre pai babbo vader",
    ("child", "f"): "mum mom mam ma mother mummy mami mutter mama mere maman madre mae mamma moeder",
    ("child", ""): "parents folks eltern parents-fr padres pais genitori ouders",
    ("parent", "m"): "son boy lad sohn fils hijo filho figlio zoon",
    ("parent", "f"): "daughter girl lass tochter fille hija filha figlia dochter",
    ("parent", ""): "kid",
    ("grandchild", "m"): "grandad granddad grandfather grandpa gramps opa grossvater grand-pere papi-fr papy abuelo avo-m nonno",
    ("grandchild", "f"): "gran granny grandma grandmother nan nana nanny oma grossmutter grand-mere mamie abuela avo nonna",
    ("grandparent", "m"): "grandson enkel petit-fils nieto neto nipote kleinzoon",
    ("grandparent", "f"): "granddaughter enkelin petite-fille nieta neta kleindochter",
    ("sibling", "m"): "brother bro bruder frere hermano irmao fratello broer",
    ("sibling", "f"): "sister sis schwester soeur hermana irma sorella zus",
    ("inlaw", "f"): "mother-in-law mil schwiegermutter belle-mere suegra sogra suocera schoonmoeder daughter-in-law "
    "sister-in-law schwagerin cunada cunhada cognata schoonzus",
    ("inlaw", "m"): "father-in-law fil schwiegervater beau-pere suegro sogro suocero schoonvader son-in-law "
    "brother-in-law schwager cunado cunhado cognato zwager beau-frere",
    ("relative", "m"): "uncle nephew onkel oncle tio zio oom neffe neveu sobrino sobrinho neef cousin vetter primo",
    ("relative", "f"): "aunt auntie aunty niece tante tia zia nichte niece-fr sobrina sobrinha nicht cousine prima",
    ("friend", "m"): "freund",
    ("friend", "f"): "freundin amie amiga amica",
    ("friend", ""): "friend mate pal bestie buddy ami amigo amico kumpel pote maat collega-m vriend vriendin bezzie",
    ("flatmate", ""): "flatmate housemate roommate mitbewohner mitbewohnerin coloc colocataire companero-de-piso colega-de-casa "
    "coinquilino coinquilina huisgenoot wg-mitbewohner compi",
    ("neighbour", "m"): "nachbar voisin vecino vizinho vicino buurman",
    ("neighbour", "f"): "nachbarin voisine vecina vizinha vicina buurvrouw",
    ("neighbour", ""): "neighbour neighbor",
    ("colleague", ""): "colleague coworker co-worker boss manager workmate kollege kollegin chef chefin collegue companero "
    "companera colega collega jefe jefa patron patronne capo baas",
    ("carer", ""): "client resident patient klient klientin bewohner bewohnerin",
    ("other", ""): "landlord landlady lodger tenant pensioner vicar teacher",
}  # fmt: skip
_POSSESSIVES = {
    "my", "me", "our", "mein", "meine", "meiner", "meinem", "meinen", "meines", "unser", "unsere", "unserer", "unserem",
    "mon", "ma", "mes", "notre", "nos", "mi", "mis", "nuestro", "nuestra", "meu", "minha", "meus", "minhas", "nosso",
    "nossa", "mio", "mia", "miei", "mie", "nostro", "nostra", "mijn", "m'n", "onze", "ons", "mam", "wor",
}  # fmt: skip
_BARE = {  # words that speak of a relative of the poster's own even without "my"
    "husband", "wife", "hubby", "wifey", "dad", "mum", "mom", "mam", "grandad", "granddad", "gran", "granny", "nan", "nana",
    "grandma", "grandpa", "flatmate", "housemate", "roommate", "papa", "oma", "opa", "nonna", "nonno", "mamma", "babbo",
    "mitbewohner", "mitbewohnerin", "coloc", "wifey", "hubs", "sis", "herself", "himself", "bestie",
}  # fmt: skip
_ONLY_POSSESSED = {"man", "boy", "girl", "lad", "lass", "kid", "frau", "mann", "femme", "mujer", "mulher", "vrouw", "bloke",
                   "fella", "da", "ma", "pa", "oh", "bro"}  # fmt: skip
_POSSESSED_ALIASES = {"man": ("spouse", "m"), "homme": ("spouse", "m")}
_FILLERS = {"dear", "poor", "lovely", "little", "big", "old", "elderly", "other", "better", "eldest", "youngest", "younger",
            "older", "late", "disabled", "best", "good", "very", "own", "kleine", "kleiner", "alte", "petite", "petit",
            "pauvre", "pobre", "querida", "lieve", "wee", "office", "line", "downstairs", "upstairs", "next", "long-suffering",
            "kleinere", "grosse", "grosser", "beste", "bester", "meilleur", "meilleure", "mejor", "melhor", "miglior"}  # fmt: skip
_PHRASES: tuple[tuple[str, Relation, Gender], ...] = (
    ("other half", "spouse", ""), ("better half", "spouse", ""), ("my fella", "spouse", "m"), ("my bloke", "spouse", "m"),
    ("my old man", "spouse", "m"), ("the missus", "spouse", "f"), ("the wife", "spouse", "f"), ("the hubby", "spouse", "m"),
    ("the husband", "spouse", "m"), ("the boyfriend", "spouse", "m"), ("the girlfriend", "spouse", "f"),
    ("he proposed", "spouse", "m"), ("she proposed", "spouse", "f"), ("lebensgefahrte", "spouse", "m"),
    ("my folks", "child", ""), ("the folks", "child", ""), ("the mother", "child", "f"), ("the father", "child", "m"),
    ("the mammy", "child", "f"), ("the aul fella", "child", "m"), ("the auld fella", "child", "m"),
    ("next door", "neighbour", ""), ("boy upstairs", "neighbour", "m"), ("girl upstairs", "neighbour", "f"),
    ("lad upstairs", "neighbour", "m"), ("man upstairs", "neighbour", "m"), ("woman upstairs", "neighbour", "f"),
    ("lady upstairs", "neighbour", "f"), ("man downstairs", "neighbour", "m"), ("lady downstairs", "neighbour", "f"),
    ("woman downstairs", "neighbour", "f"), ("lady across", "neighbour", "f"), ("man across", "neighbour", "m"),
    ("lad i support", "carer", "m"), ("man i support", "carer", "m"), ("woman i support", "carer", "f"),
    ("lady i support", "carer", "f"), ("person i support", "carer", ""), ("guy i support", "carer", "m"),
    ("gentleman i support", "carer", "m"), ("i care for", "carer", ""), ("i look after", "carer", ""),
    ("on behalf of", "other", ""), ("im namen", "other", ""), ("de la part de", "other", ""), ("en nombre de", "other", ""),
    ("em nome de", "other", ""), ("a nome di", "other", ""), ("namens", "other", ""), ("office manager", "colleague", ""),
    ("lady i work with", "colleague", "f"), ("someone i work with", "colleague", ""), ("a colleague", "colleague", ""),
    ("a friend", "friend", ""), ("dear friend", "friend", ""), ("friend of mine", "friend", ""), ("mate of mine", "friend", ""),
    ("nebenan", "neighbour", ""), ("d'a cote", "neighbour", ""), ("de al lado", "neighbour", ""), ("do lado", "neighbour", ""),
    ("sister in law", "inlaw", "f"), ("brother in law", "inlaw", "m"), ("mother in law", "inlaw", "f"),
    ("father in law", "inlaw", "m"), ("mon chum", "spouse", "m"),
)  # fmt: skip
_ACTS = set(
    "emailed email emails wrote written rang rung ring called calls phoned phone asked asks ordered order orders paid pays "
    "bought buys told reported complained contacted waiting waited waits chased chasing spent sent clicked cancelled booked "
    "signed found received gets got reserved promised been mailed returned posted opened subscribed wants needs "
    "geschrieben schrieb gemailt mailte angerufen bestellt gekauft bezahlt bekommen gewartet wartet hat reklamiert gebucht "
    "ecrit appele commande achete paye recu attend attendait telephone reclame reserve a contacte "
    "escribio escrito llamo llamado pidio pedido compro pago espera lleva recibio reclamo encargo reservo ha "
    "escreveu ligou telefonou encomendou comprou pagou espera anda recebeu reclamou pediu "
    "scritto chiamato ordinato comprato pagato aspetta ricevuto telefonato prenotato "
    "geschreven gebeld besteld gekocht betaald wacht gekregen gemaild geboekt heeft".split()
)
_FIRST = {
    "i",
    "i've",
    "i'm",
    "i'd",
    "we",
    "we've",
    "ich",
    "wir",
    "je",
    "j'ai",
    "nous",
    "yo",
    "he",
    "eu",
    "ho",
    "ik",
    "wij",
}
_SELF_ACTS = (
    "i emailed", "i've emailed", "i rang", "i've rung", "i called", "i've called", "i phoned", "i've phoned", "i wrote",
    "i've written", "i asked", "i've asked", "i told", "i've told", "i ordered", "i've ordered", "i paid", "i've paid",
    "i complained", "i've complained", "i reported", "i have emailed", "i have called", "i have told", "i contacted",
    "i've let them know", "since i", "emailed you", "my order", "my account", "my parcel", "my booking", "my subscription",
    "we emailed", "we rang", "we called", "we ordered", "we phoned", "i bought", "we bought", "i was told", "my refund",
    "ich habe", "habe ich", "meine bestellung", "j'ai ecrit", "j'ai appele", "j'ai commande", "ma commande", "os escribi",
    "he escrito", "he llamado", "mi pedido", "escrevi", "liguei", "a minha encomenda", "ho scritto", "ho chiamato",
    "il mio ordine", "ik heb", "mijn bestelling", "heb ik",
)  # fmt: skip


class RelationClue(Clue, frozen=True, kw_only=True):
    """Somebody for whom the poster may speak. ``strength`` is how surely that person, not the poster, owns the case.

    ``gender`` is that of the person spoken of; ``named`` holds the given name that the poster uses, folded.
    """

    relation: Relation
    gender: Gender = ""
    named: str = ""
    strength: float = 0.5


@cache
def lexicon() -> dict[str, tuple[Relation, Gender]]:
    """Give relation and gender of every folded word for a person one may speak for."""
    return {word.split("-m")[0] if word.endswith(("-m", "-f", "-fr", "-nl")) else word: key
            for key, line in _WORDS.items() for word in line.split(" ") if not word.endswith(("-fr", "-nl", "-m", "-f"))}  # fmt: skip


def relations(text: str, found: list[Word], given_names: frozenset[str]) -> list[RelationClue]:
    """Give the people a text speaks of, the likeliest owner first; ``given_names`` are folded."""
    clues = [clue for index in range(len(found)) if (clue := _spoken_of(text, found, index, given_names))]
    clues += _phrases(found)
    own = self_strength(found)
    weighed = [msgspec.structs.replace(c, strength=round(c.strength * (1 - 0.45 * own), 3)) for c in clues]
    return sorted(weighed, key=lambda clue: -clue.strength)


def self_strength(found: list[Word]) -> float:
    """Say from 0 to 1 how surely a text tells that the poster did the contacting or the buying."""
    joined = " " + " ".join(word.text for word in found) + " "
    return 1.0 if any(f" {phrase} " in joined for phrase in _SELF_ACTS) else 0.0


def _spoken_of(text: str, found: list[Word], index: int, given_names: frozenset[str]) -> RelationClue | None:
    word = found[index].text
    bare = word.removesuffix("'s")
    known = lexicon().get(bare)
    start = _possessive(found, index)
    if known is None and start is not None and bare in _POSSESSED_ALIASES:
        known = _POSSESSED_ALIASES[bare]  # type: ignore[assignment]
    if start is not None and known is None and bare in given_names and _is_my_graham(text, found, start, index):
        return _clue(found, start, index, "spouse", "", bare, text)
    if known is None or (start is None and bare not in _BARE):
        return None
    if start is None and bare in _ONLY_POSSESSED:
        return None
    named = _name_after(text, found, index, given_names)
    return _clue(found, index if start is None else start, index, known[0], known[1], named, text)


def _is_my_graham(text: str, found: list[Word], start: int, index: int) -> bool:
    """Whether a given name right after "my" is written as a name: with a capital, or as an owner ("my graham's")."""
    word = found[index]
    beside = start == index - 1 and found[start].text in {"my", "our"}
    return beside and (text[word.start].isupper() or word.text.endswith("'s")) and word.text not in _FILLERS


def _possessive(found: list[Word], index: int) -> int | None:
    for back in range(1, 4):
        if index - back < 0:
            return None
        word = found[index - back].text
        if word in _POSSESSIVES:
            return index - back
        if word not in _FILLERS:
            return None
    return None


def _name_after(text: str, found: list[Word], index: int, given_names: frozenset[str]) -> str:
    if index + 1 >= len(found) or found[index].text.endswith("'s"):
        return ""
    word = found[index + 1]
    between = text[found[index].end : word.start]
    capital = text[word.start : word.start + 1].isupper() and not text[word.start : word.end].isupper()
    name = word.text.removesuffix("'s")
    return name if name in given_names and between.strip(" ,(") == "" and (capital or text.islower()) else ""


def _clue(
    found: list[Word], first: int, last: int, relation: Relation, gender: Gender, named: str, text: str
) -> RelationClue:
    said = " ".join(word.text for word in found[first : last + 1])
    strength = _strength(found, last, gender)
    span = (found[first].start, found[last].end)
    return RelationClue("relation", said, *span, relation=relation, gender=gender, named=named, strength=strength)


def _strength(found: list[Word], index: int, gender: Gender) -> float:
    """Weigh whether the person spoken of did the contacting: an act right after, or he/she with an act anywhere."""
    near = [word.text for word in found[index + 1 : index + 9]]
    score = 0.3
    if found[index].text.endswith("'s"):
        score += 0.35
    if any(word in _ACTS for word in near) and not (near and near[0] in _FIRST):
        score += 0.4
    if _pronoun_acts(found, gender):
        score += 0.3
    return min(score, 1.0)


def _pronoun_acts(found: list[Word], gender: Gender) -> bool:
    pronouns = {
        "f": {"she", "sie", "elle", "ella", "ela", "lei", "zij", "ze", "she's"},
        "m": {"he", "er", "il", "el", "ele", "lui", "hij", "he's"},
    }
    wanted = pronouns.get(gender, pronouns["f"] | pronouns["m"] | {"they"})
    return any(
        word.text in wanted and any(later.text in _ACTS for later in found[i + 1 : i + 4])
        for i, word in enumerate(found)
    )


@cache
def _phrases_by_start() -> dict[str, list[tuple[list[str], Relation, Gender]]]:
    known: dict[str, list[tuple[list[str], Relation, Gender]]] = {}
    for phrase, relation, gender in _PHRASES:
        parts = phrase.split(" ")
        known.setdefault(parts[0], []).append((parts, relation, gender))
    return known


def _phrases(found: list[Word]) -> list[RelationClue]:
    texts = [word.text.removesuffix("'s") for word in found]
    clues: list[RelationClue] = []
    seen: set[str] = set()
    for index, text in enumerate(texts):
        for parts, relation, gender in _phrases_by_start().get(text, ()):
            phrase = " ".join(parts)
            if phrase not in seen and texts[index : index + len(parts)] == parts:
                seen.add(phrase)
                clues.append(_clue(found, index, index + len(parts) - 1, relation, gender, "", ""))
    return clues
