"""The splits of LinkBench share nothing that can be learnt by heart, and training never sees the judging one."""

import itertools
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bench.linkbench import narratives
from bench.linkbench.durations import NUMBERS, WEEKDAYS, WEEKS
from bench.linkbench.kin import BOTH, RELATIONS, said_of
from bench.linkbench.people import belongs, brands, english_given, english_surnames, lists, short_forms
from bench.linkbench.posts import PostMaker
from bench.linkbench.rows import RowReader, company_rows
from bench.linkbench.splits import LANGUAGES, SPLITS, Split, folder, lines_of, sealed_seed
from bench.linkbench.stories import invented
from bench.linkbench.world import world
from matcher.folding import fold

ROOT = Path(__file__).parents[2]
PAIRS = list(itertools.combinations(SPLITS, 2))
RUN = 4  # words in a row that two splits may not share


def names(split: Split) -> set[str]:
    """Every name that a person of a split can bear, folded."""
    listed = [
        name for kind, own in lists(split).items() if kind.startswith(("women.", "men.", "surnames.")) for name in own
    ]
    shorts = [short for own in short_forms(split).values() for short in own]
    return {fold(name) for name in (*listed, *shorts, *english_given(split)[0], *english_surnames(split)[0])}


def towns(split: Split) -> set[str]:
    """Every town where a person of a split can live, folded."""
    return {fold(town) for kind, own in lists(split).items() if kind.startswith("towns.") for town in own}


def products(split: Split) -> set[str]:
    """Every product that a case of a split can be about, folded."""
    return {fold(story.product) for story in (*invented(split), *narratives.real(split))}


def phrasings(split: Split) -> list[str]:
    """Every line that somebody of a split can say, folded, without its places to fill."""
    found = [
        line.split(": ", 1)[1]
        for name in ("phrases.txt", "stories.txt", "issues.txt")
        for line in lines_of(split, name)
        if not line.startswith("@")
    ]
    plain = [" ".join(re.findall(r"[\w']+", re.sub(r"\{\w+\}", " ", fold(line)))) for line in found]
    return [line for line in plain if line]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_name_town_product_or_brand_is_of_two_splits(one: Split, other: Split) -> None:
    """Neither a name, nor a town, nor a product, nor a brand of one split is one of another's."""
    for kind in (names, towns, products, lambda split: {fold(b) for b in brands(split)}):
        assert not kind(one) & kind(other)


@pytest.mark.parametrize("split", SPLITS)
def test_each_name_is_of_its_split_by_its_hash(split: Split) -> None:
    """Every listed name lies where its hash puts it, so that no list of another language can bring it back."""
    assert all(belongs(name, split) for name in names(split))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_phrase_is_of_two_splits(one: Split, other: Split) -> None:
    """No line of a split occurs in another, and no four words in a row do."""
    first, second = phrasings(one), phrasings(other)
    assert not set(first) & set(second)
    runs = [
        {tuple(words[n : n + RUN]) for line in lines for words in [line.split()] for n in range(len(words) - RUN + 1)}
        for lines in (first, second)
    ]
    assert not runs[0] & runs[1]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_story_names_a_town_of_another_split(one: Split, other: Split) -> None:
    """What people say in one split names no town where people of another live."""
    for split, away in ((one, other), (other, one)):
        said = " ".join(f" {line} " for line in phrasings(split))
        assert not [town for town in towns(away) if f" {town} " in said]


def test_no_narrative_is_of_two_splits() -> None:
    """A real narrative belongs to one split by its product."""
    mails = [[story.mail for story in narratives.real(split)] for split in SPLITS]
    assert all(mails)
    for one, other in itertools.combinations(mails, 2):
        assert not set(one) & set(other)


@pytest.mark.parametrize("split", SPLITS)
def test_a_company_holds_only_what_its_split_has(split: Split) -> None:
    """Customers of an invented company bear names of its split and live in its towns, and so does whoever posts."""
    company = world(3, split, size=80)
    known, homes = names(split), towns(split)
    for held in company.held:
        assert {fold(held.owner.given), fold(held.owner.last)} <= known
        assert fold(held.owner.town) in homes
    for item in PostMaker(company, 3).make(60):
        assert item.mention.location is None or fold(item.mention.location) in homes


@pytest.mark.parametrize("split", SPLITS)
def test_about_a_quarter_of_the_posts_is_not_in_english(split: Split) -> None:
    """Posts come in seven languages, a fifth to two fifths of them not in English."""
    langs = [item.mention.lang for seed in range(3) for item in PostMaker(world(seed, split), seed).make(150)]
    assert set(langs) == set(LANGUAGES)
    assert 0.2 < sum(lang != "en" for lang in langs) / len(langs) < 0.4


def test_what_all_splits_share_is_what_a_language_has_one_word_for() -> None:
    """Numbers, weekdays, weeks and words for kin are all that is outside the banks; each language has them."""
    assert len(NUMBERS) == 13
    assert len(WEEKDAYS) == 7
    assert set(WEEKS) == set(LANGUAGES)
    assert BOTH
    assert all(said_of(relation, gender, lang) for relation in RELATIONS for gender in "fm" for lang in LANGUAGES)


def test_training_reads_neither_the_test_split_nor_the_sealed_seed(tmp_path: Path) -> None:
    """A whole small training run opens files of ``train`` and ``dev``, and none of ``test``, where the seed lies."""
    pytest.importorskip("scipy", reason="scipy is missing, which fits weights: pip install scikit-learn")
    program = f"""
        import sys
        opened = []
        sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
        from training.train_linking import main
        main(["--companies", "1", "--held-out", "1", "--posts", "30", "--out", {str(tmp_path / "out.json")!r}])
        print("\\n".join(["OPENED", *opened]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    )
    opened = done.stdout.split("OPENED\n")[1]
    assert (tmp_path / "out.json").exists()
    for split in ("train", "dev"):
        assert str(folder(split) / "phrases.txt") in opened
    assert str(folder("test")) not in opened
    assert sealed_seed() not in "".join(path.read_text("utf-8") for path in (ROOT / "training").glob("*.py"))


def test_the_sealed_companies_are_of_the_test_split_and_no_open_ones() -> None:
    """The sealed seed is a name, so that no number of an open company can be it."""
    assert not sealed_seed().isdigit()
    assert folder("test").joinpath("sealed.txt").exists()


def test_narratives_that_cannot_be_read_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of narratives that is not there is named, with what to do."""
    monkeypatch.setenv(narratives.NAMED_BY, str(tmp_path / "none.jsonl"))
    with pytest.raises(narratives.NarrativesMissing, match=r"none\.jsonl.*unset LINKBENCH_NARRATIVES"):
        narratives.real("train")


def test_the_option_reads_the_cfpb_export_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Narratives of a file in the CFPB's columns become cases, without redactions and without the company's name."""
    row = '{"product": "Debt collection", "issue": "Communication tactics", "company": "Hallmere Recovery LLC", '
    told = (
        "On XX/XX/2019 Hallmere called me XXXX times at work about {$1200.00} and would not stop when I asked them to."
    )
    (tmp_path / "some.jsonl").write_text(f'{row}"consumer_complaint_narrative": "{told}"}}\n', "utf-8")
    monkeypatch.setenv(narratives.NAMED_BY, str(tmp_path / "some.jsonl"))
    (story,) = narratives.real("train")
    assert story.amount == "$1200"
    assert "XX" not in story.mail
    assert "Hallmere" not in story.mail


def test_a_companys_rows_do_not_depend_on_the_companies_read_before() -> None:
    """A company that is gone leaves nothing behind that another one could be taken for."""
    reader = RowReader()
    alone = [company_rows(seed, "dev", RowReader(), posts=4, size=40, repeats=1.0, pseudonyms=0.2) for seed in range(6)]
    for seed in range(6):
        again = company_rows(seed, "dev", reader, posts=4, size=40, repeats=1.0, pseudonyms=0.2)
        assert [row.cases for row in again] == [row.cases for row in alone[seed]]
        del again
