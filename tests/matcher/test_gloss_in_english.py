"""Posts in other languages reach the encoder word by word in English."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.gloss import Glosses, glosses, in_english
from matcher.heads import LANGUAGES
from matcher.shelf import lines

OTHERS = tuple(lang for lang in LANGUAGES if lang != "en")
SMALL = Glosses(
    {
        "der": "the", "zug": "train", "schon": "already", "schon wieder": "yet again", "wieder": "again",
        "schon wieder nicht": "not again", "sich": "", "verspätung": "delay", "bahn": "rail", "kunden": "customers",
        "dienst": "service",
    },
    compounds=True,
)  # fmt: skip


def test_known_words_are_replaced_and_all_else_stays() -> None:
    assert SMALL.into_english("@user Der Zug 712 sich Zzyx!! :angry:") == "@user the train 712 Zzyx!! :angry:"


def test_the_longest_expression_wins() -> None:
    assert SMALL.into_english("schon wieder nicht") == "not again"
    assert SMALL.into_english("Schon wieder Verspätung") == "yet again delay"


def test_an_expression_does_not_reach_over_the_end_of_a_sentence() -> None:
    assert SMALL.into_english("schon. Wieder") == "already. again"


def test_a_compound_is_read_by_its_parts() -> None:
    assert SMALL.into_english("Bahnverspätung") == "rail delay"
    assert SMALL.into_english("Kundendienst") == "customers service"
    assert Glosses({"bahn": "rail", "verspätung": "delay"}).into_english("Bahnverspätung") == "Bahnverspätung"


@pytest.mark.parametrize("lang", ["en", "und", "ja"])
def test_a_language_without_glosses_is_left_alone(lang: str) -> None:
    assert in_english("Der Zug  kommt", lang) == "Der Zug  kommt"


@pytest.mark.parametrize("lang", OTHERS)
def test_the_shipped_list_is_well_formed_and_covers_everyday_words(lang: str) -> None:
    """Lower case, one TAB, at most four words and no word twice."""
    entries = [line.split("\t") for line in lines(f"glosses_{lang}.txt")]
    assert len(entries) > 1500
    assert len({word for word, _ in entries}) == len(entries)
    form = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*(?: [^\W\d_]+(?:'[^\W\d_]+)*){0,3}")
    assert [word for word, _ in entries if not form.fullmatch(word) or word != word.lower()] == []
    assert [gloss for _, gloss in entries if not re.fullmatch(r"[\w '’.,/%!?-]*", gloss)] == []


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("de", "Seit drei Wochen warte ich auf eine Antwort", {"weeks", "wait", "answer"}),
        ("fr", "toujours pas de réponse, c'est une honte", {"still", "answer"}),
        ("es", "llevo tres semanas esperando una respuesta", {"weeks", "waiting", "answer"}),
        ("it", "aspetto da tre settimane una risposta", {"weeks", "answer"}),
        ("pt", "há três semanas que espero uma resposta", {"weeks", "answer"}),
        ("nl", "al drie weken wacht ik op een antwoord", {"weeks", "wait"}),
    ],
)
def test_a_wait_for_an_answer_is_told_in_english(lang: str, text: str, words: set[str]) -> None:
    said = in_english(text, lang)
    assert {word for word in words if word not in said and word.replace("answer", "reply") not in said} == set()


@given(st.text(max_size=200))
def test_any_text_can_be_glossed(text: str) -> None:
    german = glosses("de")
    assert german is not None
    german.into_english(text)
