"""What a text is about, and how the company was told, is read in seven languages."""

from datetime import UTC, datetime

import pytest

from matcher.channels import cues
from matcher.clues import ClueReader
from matcher.concepts import Concepts, shared_concepts
from matcher.folding import stem, words
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("the parcel never arrived", "late"),
        ("Das Glas ist zerbrochen", "damaged"),
        ("le colis est arrivé cassé", "damaged"),
        ("me han cobrado dos veces", "double_charge"),
        ("o portátil está avariado", "faulty"),
        ("il rimborso non è arrivato", "refund"),
        ("de wasmachine lekt", "washing_machine"),
    ],
)
def test_the_same_trouble_is_one_concept_in_every_language(text: str, concept: str) -> None:
    assert concept in shared_concepts().of(words(text))


def test_the_configuration_adds_words_of_the_companys_own() -> None:
    assert "soda" in Concepts({"soda": ["spritzle pop"]}).of(words("two cans of Spritzle Pop"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I emailed you", "channel_email"),
        ("Habe letzte Woche gemailt", "channel_email"),
        ("ma femme a écrit", "channel_wrote"),
        ("he rang on Monday", "channel_phone"),
        ("40 min on hold", "channel_phone"),
        ("os llamé ayer", "channel_phone"),
        ("ik heb gebeld", "channel_phone"),
        ("did the webchat thing", "channel_chat"),
        ("3 DMs left on read", "channel_dm"),
        ("we sent a letter, recorded, to head office", "channel_post"),
        ("per Einschreiben gekündigt", "channel_post"),
        ("en courrier recommandé", "channel_post"),
        ("the woman on the phone laughed", "channel_phone"),
        ("me colgaron dos veces", "channel_phone"),
        ("dovevano richiamare", "channel_phone"),
        ("keiner ruft zurück", "channel_phone"),
        ("left three messages", "channel_phone"),
        ("listening to Vivaldi again", "channel_phone"),
        ("dropped you a line", "channel_wrote"),
        ("ho mandato le foto", "channel_wrote"),
        ("filled in your web form", "contact"),
        ("still no reply", "contact"),
        ("keine Antwort", "contact"),
        ("it came today", "fresh"),
        ("totally separate from my other complaint", "other_matter"),
    ],
)
def test_a_cue_is_read(text: str, code: str) -> None:
    assert code in [clue.code for clue in cues(text)]


@pytest.mark.parametrize(
    "text",
    [
        "wrote a letter, signed for",
        "je ne recommande pas",
        "mein Paket wurde unterschrieben",
        "a registered e-mail user",
    ],
)
def test_a_registered_letter_is_no_e_mail_and_no_other_word_is_one(text: str) -> None:
    found = {clue.code for clue in cues(text)}
    assert not found & {"channel_wrote", "channel_email"}
    assert ("channel_post" in found) == ("letter" in text)


def test_until_today_is_not_fresh() -> None:
    assert "fresh" not in [clue.code for clue in cues("Antwort bis heute: keine")]


@pytest.mark.parametrize(
    "text",
    ["You promised to send a new one", "Can you sort this out?", "When will you refund me?", "have you fixed it yet?",
     "never refunded", "it is still not resolved", "Immer noch nicht erledigt", "Je veux être remboursé",
     "toujours pas remboursée", "no me devolvieron el dinero", "ainda não resolvido", "non ancora risolto",
     "nog steeds niet opgelost", "rang again, no answer today", "Does anyone in customer service read these?",
     "Still nothing today", "today still no answer", "noch immer nichts heute", "hoy sigo sin respuesta",
     "ainda nada hoje", "ancora niente oggi", "vandaag nog steeds niets"],
)  # fmt: skip
def test_a_demand_or_a_wait_is_no_new_and_no_settled_matter(text: str) -> None:
    assert {"fresh", "other_matter", "settled", "first_time"}.isdisjoint(clue.code for clue in cues(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no answer for weeks but they finally refunded me", "settled"),
        ("ist inzwischen erledigt", "settled"),
        ("J'ai été remboursé", "settled"),
        ("me devolvieron el dinero", "settled"),
        ("foi resolvido ontem", "settled"),
        ("problema risolto", "settled"),
        ("het is opgelost", "settled"),
        ("arrived today and still in the wrong colour", "fresh"),
        ("heute angekommen, kaputt", "fresh"),
        ("anyone in Leeds know who to complain to", "first_time"),
        ("my clubs are snapped. Who do I write to?", "first_time"),
        ("An wen wende ich mich da?", "first_time"),
        ("À qui dois-je m'adresser ?", "first_time"),
        ("¿A quién le escribo?", "first_time"),
        ("First and last time I park there", "first_time"),
        ("First time I've used it, birthday present for my sister", "first_time"),
        ("Première fois chez vous, et la dernière", "first_time"),
        ("Zum ersten Mal bei euch bestellt", "first_time"),
    ],
)
def test_what_is_settled_or_fresh_is_read_where_nothing_takes_it_back(text: str, code: str) -> None:
    assert code in [clue.code for clue in cues(text)]


@pytest.mark.parametrize(
    "text",
    [
        "thinks he lives in the Channel since this morning",
        "est en panne depuis ce matin",
        "no funciona desde esta mañana",
        "non va da stamattina",
        "werkt niet sinds vanochtend",
        "läuft seit heute früh nicht",
    ],
)
def test_since_this_morning_is_a_fresh_matter(text: str) -> None:
    assert "fresh" in {cue.code for cue in cues(text)}


@pytest.mark.parametrize(
    "text",
    [
        "still waiting since this morning",
        "since Monday the heating is off, and again today",
        "bin seit Montag dran, auch heute",
    ],
)
def test_what_lasts_longer_is_not_fresh(text: str) -> None:
    assert "fresh" not in {cue.code for cue in cues(text)}


@pytest.mark.parametrize(
    ("text", "wrote"),
    [
        ("the sale email came back at the old price", False),
        ("All I want is an email that says so", False),
        ("I got an email from you about points", False),
        ("waiting for an email", False),
        ("no answer to my email", True),
        ("I sent an email and got nothing", True),
        ("Got your email address wrong, so I emailed again", True),
        ("my email address has changed, I sent two emails", True),
    ],
)
def test_only_mails_of_the_posters_own_are_earlier_contact(text: str, wrote: bool) -> None:
    assert ("channel_email" in {cue.code for cue in cues(text)}) is wrote


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("the thing called a hedge trimmer fell apart", "channel_phone"),
        ("Tracking called it delivered, it is not", "channel_phone"),
        ("your driver rang the bell and ran", "channel_phone"),
        ("Mein Telefon ist seit Tagen tot", "channel_phone"),
        ("I cannot hear the telephone", "channel_phone"),
        ("When I asked they tried to RING me", "channel_phone"),
        ("he rang me in bits", "channel_phone"),
        ("rang my sponsor", "channel_phone"),
        ("flew with a stranger called Clive", "channel_phone"),
        ("saw his name called out", "channel_phone"),
        ("a nice lad wrote it down", "channel_wrote"),
        ("no label has come in the mail", "channel_email"),
        ("I never rang you about it", "channel_phone"),
        ("Royal Mail says you never posted it", "channel_email"),
        ("I haven't emailed yet, what for", "channel_email"),
        ("Mon chat refuse vos croquettes", "channel_chat"),
        ("saw the offer on Instagram, it was not true", "channel_dm"),
    ],
)
def test_what_sounds_like_a_channel_is_none(text: str, channel: str) -> None:
    assert channel not in {cue.code for cue in cues(text)}


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("I called you twice", "channel_phone"),
        ("you never called me back", "channel_phone"),
        ("they never emailed back", "channel_email"),
        ("I phoned, a man called Dave promised", "channel_phone"),
        ("an old man called you three times", "channel_phone"),
        ("I rang my local branch", "channel_phone"),
        ("on the telephone for an hour", "channel_phone"),
        ("you said you'd ring me back", "channel_phone"),
        ("Telefonisch erreicht man niemanden, telefoniert habe ich dreimal", "channel_phone"),
        ("messaged you on insta", "channel_dm"),
        ("j'ai passé une heure sur le chat", "channel_chat"),
    ],
)
def test_a_channel_stays_one(text: str, channel: str) -> None:
    assert channel in {cue.code for cue in cues(text)}


def test_another_problem_with_the_same_order_is_no_other_matter() -> None:
    assert "other_matter" not in {cue.code for cue in cues("another day, another problem with my order @brand")}
    assert "other_matter" in {cue.code for cue in cues("This has nothing to do with my other complaint")}
    assert "other_matter" in {cue.code for cue in cues("nothing to do with the beef business, but who fixed this?")}
    assert "other_matter" in {cue.code for cue in cues("My ex has a parking fine on the go. MINE is that you told him")}
    assert "other_matter" not in {cue.code for cue in cues("Mine's that leaking keg")}
    assert "other_matter" not in {cue.code for cue in cues("This has nothing to do with my order being late, it leaks")}
    assert "other_matter" not in {cue.code for cue in cues("the weather has nothing to do with my boiler")}


def test_who_asks_whom_to_write_to_has_not_written() -> None:
    asked = {cue.code for cue in cues("Snapped near every shaft. Who do I write to?")}
    assert asked == {"first_time"}
    assert {cue.code for cue in cues("A chi scrivo? Che pasticcio")} == {"first_time"}
    assert "first_time" not in {cue.code for cue in cues("e-mailed twice. Who else do I write to?")}
    assert "first_time" not in {cue.code for cue in cues("first time in twenty years that you let me down")}


def test_what_a_post_begins_by_setting_aside_is_another_matter() -> None:
    aside = ("Not about the grinder, my husband can fight that one. This is for your driver.", "Nicht wegen der Mühle.")
    assert all("other_matter" in {cue.code for cue in cues(text)} for text in aside)
    same = ("It's not about the money, it's the principle", "Not about the beer, it's the silence", "not about to pay")
    assert all("other_matter" not in {cue.code for cue in cues(text)} for text in same)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Clubs came home broken. Not late, not lost. Broken", {"club", "broken"}),
        ("The parcel is not late", {"parcel", "late"}),
        ("Not delivered. Not refunded.", {"delivered", "refunded"}),
        ("Kaputt, nicht verspätet.", {"kaputt"}),
    ],
)
def test_what_a_post_says_it_is_not_is_not_its_matter(text: str, about: set[str]) -> None:
    reader = ClueReader(shared_names(), shared_places(), shared_concepts())
    stems = reader.read(MentionText(text, datetime(2026, 3, 12, tzinfo=UTC), "x")).stems
    assert {stem(word) for word in about} <= set(stems)
    assert not {"lost", stem("verspatet")} & set(stems)
