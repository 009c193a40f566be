"""Whom a poster speaks for is read with relation, gender and name, in seven languages."""

import pytest

from matcher.folding import words
from matcher.names import shared_names
from matcher.relation_clue import RelationClue
from matcher.relations import relations


def read(text: str) -> list[RelationClue]:
    return relations(text, words(text), shared_names().given_names)


@pytest.mark.parametrize(
    ("text", "relation", "gender"),
    [
        ("My husband wrote to you", "spouse", "m"),
        ("me mam rang on Tuesday", "child", "f"),
        ("my son's parcel", "parent", "m"),
        ("my little sister ordered it", "sibling", "f"),
        ("my flatmate's order", "flatmate", ""),
        ("the lad I support rang you", "carer", "m"),
        ("the lady upstairs phoned you", "neighbour", "f"),
        ("our office manager paid for it", "colleague", ""),
        ("Mein Mann hat bestellt", "spouse", "m"),
        ("unsere Tochter hat angerufen", "parent", "f"),
        ("ma copine a écrit", "spouse", "f"),
        ("mi abuela llamó", "grandchild", "f"),
        ("a minha mãe telefonou", "child", "f"),
        ("mio marito ha scritto", "spouse", "m"),
        ("mijn vrouw heeft gebeld", "spouse", "f"),
        ("il mio ragazzo ha scritto", "spouse", "m"),
        ("Meine Große hat geschrieben", "parent", "f"),
        ("my eldest has no laptop", "parent", ""),
        ("My lassie sits her exam tomorrow", "parent", "f"),
        ("I bought it for my young fella", "parent", "m"),
        ("they sent Daddy a survey", "child", "m"),
        ("He'll not complain so I shall.", "other", "m"),
        ("she's too polite to swear so I will", "other", "f"),
        ("my youngest's birthday", "parent", ""),
        ("Die alte Dame unter mir kriegt alles doppelt", "neighbour", "f"),
        ("the boy in the next room paid for it", "flatmate", "m"),
        ("one of my team is late every morning", "colleague", ""),
        ("Onze Stijn betaalt elke maand", "relative", ""),
        ("mein Max hat geschrieben", "spouse", ""),
        ("boyfriend hiked four miles", "spouse", "m"),
        ("Maman, Vannes, deuxième étage", "child", "f"),
        ("Old fella across from me is 84", "neighbour", "m"),
        ("I support a lady who drives a power chair", "carer", "f"),
        ("Cuido a un señor que vive al final de la calle", "carer", "m"),
        ("ma belle-mère attend toujours", "inlaw", "f"),
        ("ma belle mère attend toujours", "inlaw", "f"),
        ("my mother in law rang you", "inlaw", "f"),
        ("mon gendre a commandé", "inlaw", "m"),
        ("mein Schwiegersohn hat bestellt", "inlaw", "m"),
        ("grand-père attend son remboursement", "grandchild", "m"),
        ("my stepmum's order", "child", "f"),
        ("You sent my kid brother a photo", "sibling", "m"),
        ("told the daughter to post it back", "parent", "f"),
        ("One of my ladies has no heating", "carer", "f"),
        ("Lady I go in to had one week away", "carer", "f"),
        ("The gent I look after waits", "carer", "m"),
        ("Drove one of my fellas to the pool", "carer", "m"),
        ("my poor 80 year old mum rang you", "child", "f"),
        ("meine 80-jährige Oma wartet", "grandchild", "f"),
        ("mi chico escribió", "spouse", "m"),
        ("my ex-husband ordered it", "relative", "m"),
        ("mi exmarido pidió otro", "relative", "m"),
    ],
)
def test_the_relation_of_the_poster_to_the_owner_is_read(text: str, relation: str, gender: str) -> None:
    clue = read(text)[0]
    assert (clue.relation, clue.gender) == (relation, gender)


@pytest.mark.parametrize(
    ("text", "gender", "named"),
    [
        ("Uncle Bob rang you twice", "m", "bob"), ("Auntie Jean has been waiting three weeks", "f", "jean"),
        ("Tante Inge wartet seit drei Wochen", "f", "inge"), ("La tía Carmen lleva tres semanas", "f", "carmen"),
        ("Zio Franco aspetta da un mese", "m", "franco"), ("Great-auntie Vi has been on hold all day", "f", "vi"),
    ],
)  # fmt: skip
def test_an_aunt_with_a_name_is_the_posters_without_my(text: str, gender: str, named: str) -> None:
    assert [(clue.relation, clue.gender, clue.named) for clue in read(text)] == [("relative", gender, named)]


@pytest.mark.parametrize("text", ["Uncle Ben's was mouldy", "a bottle of Tia Maria arrived smashed", "uncle is angry"])
def test_an_aunt_without_a_name_and_an_uncles_ware_are_nobody(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "relation", "gender"),
    [
        ("my ex emailed", "relative", ""), ("mon ex a appelé", "relative", ""), ("my godson rang", "relative", "m"),
        ("mein Patenkind hat geschrieben", "relative", ""), ("my twin emailed", "sibling", ""),
        ("her indoors emailed you", "spouse", "f"), ("the aul lad rang you", "child", "m"),
        ("a lad at work emailed you", "colleague", "m"), ("one of our tenants has been waiting", "other", ""),
        ("the girl I share with emailed", "flatmate", "f"), ("the woman I clean for rang you", "carer", "f"),
    ],
)  # fmt: skip
def test_further_ways_to_speak_of_somebody(text: str, relation: str, gender: str) -> None:
    assert [(clue.relation, clue.gender) for clue in read(text)] == [(relation, gender)]


@pytest.mark.parametrize("text", ["my twin room was cold", "my ex display fridge", "the twin pack arrived"])
def test_an_ex_or_twin_before_a_ware_is_nobody(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("my girlfriend's dad rang you", "m"), ("my mum's partner rang you", ""),
        ("der Vater meiner Freundin hat geschrieben", "m"), ("le père de ma copine a appelé", "m"),
        ("el padre de mi novia llamó", "m"), ("o pai da minha namorada ligou", "m"),
        ("il padre della mia ragazza ha chiamato", "m"), ("de vader van mijn vriendin heeft gebeld", "m"),
    ],
)  # fmt: skip
def test_somebody_of_ones_own_persons_may_own_the_case(text: str, gender: str) -> None:
    assert ("relative", gender) in [(clue.relation, clue.gender) for clue in read(text)]


@pytest.mark.parametrize(
    ("text", "relation", "gender"),
    [
        ("Daughter emailed you twice", "parent", "f"), ("Neighbour is still waiting", "neighbour", ""),
        ("Refund? Brother has been waiting since May", "sibling", "m"), ("my youngest saved up for it", "parent", ""),
        ("Ein Kumpel wartet seit drei Wochen", "friend", ""), ("une amie vous a écrit", "friend", "f"),
        ("un collègue attend son remboursement", "colleague", ""), ("una vecina os llamó", "neighbour", "f"),
        ("La vecina escribió dos veces", "neighbour", "f"), ("uma amiga minha escreveu-vos", "friend", "f"),
        ("una collega vi ha scritto", "colleague", ""), ("De buurvrouw heeft jullie gebeld", "neighbour", "f"),
        ("een collega wacht al weken", "colleague", ""), ("de buurman van boven", "neighbour", "m"),
        ("la signora di sopra", "neighbour", "f"), ("le voisin du dessous", "neighbour", "m"),
        ("a lad from my choir", "friend", "m"), ("the woman I shop for", "carer", "f"),
        ("cuido de uma idosa", "carer", "f"), ("ich pflege einen älteren Herrn", "carer", "m"),
        ("mother of the bride here", "parent", "f"), ("Best man here", "friend", "m"),
        ("the mrs rang", "spouse", "f"),
        ("meine Omi ist 90", "grandchild", "f"), ("mio cugino aspetta", "relative", "m"),
        ("m'n vent belde", "spouse", "m"),
    ],
)  # fmt: skip
def test_people_without_my_and_as_people_say_it(text: str, relation: str, gender: str) -> None:
    assert (relation, gender) in [(clue.relation, clue.gender) for clue in read(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Manager rang me and hung up", "Nicht bekommen, nicht bezahlt", "Prima ha detto domani",
        "Mate, has anyone had this?",
        "der Nachbar hat mein Paket", "a colleague of yours called me", "Maat besteld, verkeerde gekregen",
        "the next flight is full", "Brother's ink is empty",
    ],
)  # fmt: skip
def test_staff_wares_and_small_words_are_nobody(text: str) -> None:
    assert read(text) == []


def test_the_name_that_goes_with_a_relation_is_read() -> None:
    assert read("my husband Mark emailed you")[0].named == "mark"


@pytest.mark.parametrize("text", ["my husband will be raging", "my mum in leeds rang you", "my wife may leave you"])
def test_a_small_word_after_a_relation_is_no_name(text: str) -> None:
    assert read(text)[0].named == ""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("my husband mark emailed you", "mark"),
        ("i rang, and my husband rob rang too", "rob"),
        ("MY WIFE SARAH RANG YOU", "sarah"),
        ("my mother-in-law Susan wrote", "susan"),
        ("My husband mark my words will sue", ""),
        ("My mum will be livid", ""),
        ("My husband Ben is still waiting", "ben"),
        ("MY MUM BILL IS WRONG", ""),
    ],
)
def test_a_name_needs_no_capital_where_nothing_has_one(text: str, named: str) -> None:
    assert read(text)[0].named == named


def test_what_somebody_else_did_is_no_act_of_the_posters() -> None:
    assert read("my husband Mark emailed you")[0].strength > read("my husband. I emailed you")[0].strength
    assert read("my husband Mark emailed you")[0].strength == read("my husband Mark wrote to you")[0].strength


def test_a_possessed_given_name_is_a_partner() -> None:
    assert (read("Eight days my Graham's been mopping")[0].relation, read("my Graham's van")[0].named) == (
        "spouse",
        "graham",
    )


def test_a_relative_who_did_the_contacting_weighs_more_than_one_who_is_merely_there() -> None:
    acted = read("my wife emailed you last week")[0]
    present = read("it was meant as a present, I told my wife it would come")[0]
    assert acted.strength > present.strength


def test_a_post_of_ones_own_contact_lowers_the_relative() -> None:
    assert read("I emailed you, the parcel is for my mum")[0].strength < 0.3


def test_telling_somebody_of_ones_own_is_no_contact() -> None:
    assert read("my brother. I told him")[0].strength > read("my brother. I told them")[0].strength


def test_a_bloke_who_is_nobodys_is_no_relation() -> None:
    assert read("some bloke in a van threw it over the fence") == []


@pytest.mark.parametrize("text", ["six weeks off being a dad", "as a nan of six", "a husband would help here"])
def test_a_role_of_the_poster_is_nobody_spoken_for(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text", ["meine große Freude", "mein kleiner Fehler", "my oldest jumper", "our youngest store"]
)
def test_an_adjective_before_a_thing_is_nobody(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    ["They told me Sarah would call me back", "Ma Marco dell'assistenza mi ha risposto", "Mi Marco ha detto",
     "Meine Emma Matratze ist durchgelegen", "mi Mercedes lleva un mes en el taller", "Nossa, Maria ligou",
     "ihr macht euch über uns lustig", "ils m'ont envoyé le modèle du dessus", "I went over the road instead",
     "How do you support someone who has lost their card?", "meine große, schwere Lieferung fehlt",
     "our cat's kidney treatment", "still waiting for our bill's correction",
     "MEINE KLEINE WOHNUNG IST KALT", "my oldest, dearest jumper", "Mein Kleiner Onlineshop wartet"],
)  # fmt: skip
def test_agents_wares_and_turns_of_phrase_are_nobody_spoken_for(text: str) -> None:
    assert read(text) == []
