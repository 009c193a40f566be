"""Names and places meet over nicknames, accents, scripts and other names of the same town."""

from datetime import UTC, datetime

import pytest

from crm.records import Case, Customer
from matcher.background import Background
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.display_name import shown_name
from matcher.facets import FacetReader
from matcher.folding import fold, skeleton, words
from matcher.handle import handle_base
from matcher.identity import NameEvidence
from matcher.mention import MentionText
from matcher.names import PersonName, shared_names
from matcher.places import Places, shared_places

AT = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("liz", "elizabeth"),
        ("robbo", "robert"),
        ("keels", "keeley"),
        ("fra", "francesca"),
        ("mimmo", "domenico"),
        ("schorsch", "georg"),
        ("vroni", "veronika"),
        ("klaas", "nicolaas"),
        ("truus", "geertruida"),
        ("zeca", "jose"),
        ("charo", "rosario"),
        ("suso", "jesus"),
        ("babette", "elisabeth"),
        ("kuba", "jakub"),
        ("wale", "adewale"),
        ("bill", "william"),
        ("den", "dennis"),
        ("pepe", "jose"),
        ("paco", "francisco"),
        ("bex", "rebecca"),
        ("fi", "fiona"),
        ("elsie", "elizabeth"),
        ("steffi", "stefanie"),
        ("xavi", "xavier"),
        ("bram", "abraham"),
        ("moni", "monika"),
        ("nelly", "helen"),
        ("bertie", "albert"),
        ("jas", "jaspreet"),
        ("mo", "maureen"),
    ],
)
def test_short_forms_stand_for_the_full_name(one: str, other: str) -> None:
    assert shared_names().same_given(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paz", "parminder"),
        ("shaz", "sharon"),
        ("jezza", "jeremy"),
        ("tezza", "terence"),
        ("alvarito", "alvaro"),
        ("paulinha", "paula"),
        ("miguelito", "miguel"),
        ("carlinhos", "carlos"),
    ],
)
def test_a_z_stands_for_the_r_of_a_name(one: str, other: str) -> None:
    assert shared_names().same_given(one, other)
    assert shared_names().same_given(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mark", "martin"),
        ("anna", "andrew"),
        ("sam", "simon"),
        ("paz", "paul"),
        ("daz", "david"),
        ("inez", "ines m"),
        ("martita", "martin"),
        ("alvarito", "alvin"),
        ("antonietta", "antonio"),
        ("juanita", "juan"),
        ("carlinhos", "carla"),
        ("paulinha", "paulo"),
        ("nikita", "nik"),
        ("mario", "maria"),
        ("danielle", "daniel"),
    ],
)
def test_other_names_stay_other_names(one: str, other: str) -> None:
    assert not shared_names().same_given(one, other)


def test_a_display_name_in_another_script_is_transliterated() -> None:
    name = shown_name("Юлія Мельник", shared_names())
    assert (skeleton(name.given), name.last) == (skeleton("yuliia"), "melnyk")


@pytest.mark.parametrize("name", ["mildly peeved 🌿", "☔", "Weekend Dad Bristol", "Caledonian Chap"])
def test_a_display_name_that_names_nobody_is_no_full_name(name: str) -> None:
    assert not shown_name(name, shared_names()).full


@pytest.mark.parametrize(
    ("shown", "given"), [("Fern Thoughts", "fern"), ("Sarah Runs", "sarah"), ("Jo Public", "jo"), ("tired parent", "")]
)
def test_an_ordinary_word_that_ends_a_display_name_is_no_surname(shown: str, given: str) -> None:
    """Else whoever calls herself "Sarah Runs" could not be Sarah Whitcombe."""
    name = shown_name(shown, shared_names())
    assert (name.given, name.lasts, name.full) == (given, (), False)


@pytest.mark.parametrize(
    "shown",
    ["Not My Circus", "el de las 5 am", "My Name Is Earl", "wheels up", "Kopf mit Hut"],
)
def test_a_phrase_is_no_name_and_contradicts_none(shown: str) -> None:
    assert shown_name(shown, shared_names()) == PersonName()


@pytest.mark.parametrize(
    ("shown", "given", "lasts"),
    [("Old Norm", "norm", ()), ("Grandma Lottie", "lottie", ()), ("Tante Rosa García", "rosa", ("garcia",)),
     ("Kim on tour", "kim", ()), ("Noor ten Hoeve", "noor", ("hoeve",))],
)  # fmt: skip
def test_a_role_before_a_name_is_left_out(shown: str, given: str, lasts: tuple[str, ...]) -> None:
    name = shown_name(shown, shared_names())
    assert (name.given, name.lasts) == (given, lasts)


@pytest.mark.parametrize(
    ("shown", "last"),
    [("Con Murphy", "murphy"), ("Mi Nguyen", "nguyen"), ("García de los Ríos", "rios"), ("Young Lee", "lee"),
     ("Kowalski from Leeds", "kowalski"), ("The Jones Family", "jones"), ("Müller aus Köln", "muller")],
)  # fmt: skip
def test_a_name_that_looks_like_a_phrase_stays_one(shown: str, last: str) -> None:
    assert shown_name(shown, shared_names()).last == last


@pytest.mark.parametrize(
    ("shown", "given", "last"),
    [
        ("Sarah-Jane 🌻", "sarah", ""), ("Jan-Willem", "jan", ""), ("Tom&Anna", "tom", ""), ("José Luis", "jose", ""),
        ("Nana Pat", "pat", ""), ("Grumpy Alan", "alan", ""), ("nurse nell", "nell", ""), ("Jo M", "jo", "m"),
        ("M.W.", "m", "w"), ("H. V. R.", "h", "r"), ("the Hendersons", "", "henderson"),
        ("Mr & Mrs Patel", "", "patel"),
        ("kowalska_a", "a", "kowalska"), ("Alastair Vane", "alastair", "vane"),
    ],
)  # fmt: skip
def test_what_people_call_themselves_is_read_as_far_as_it_is_a_name(shown: str, given: str, last: str) -> None:
    name = shown_name(shown, shared_names())
    assert (name.given, name.last) == (given, last)


def test_common_names_tell_little() -> None:
    names = shared_names()
    assert names.surname_surprise("jones") < 6 < names.surname_surprise("hepplestone")
    assert names.given_surprise("robert") < 6 < names.given_surprise("ottoline")


@pytest.mark.parametrize("shown", ["Grace Lee", "Guy Person", "Anna Baker", "Ines Pai"])
def test_a_word_that_is_a_common_surname_stays_one(shown: str) -> None:
    assert shown_name(shown, shared_names()).full


def test_double_and_spanish_surnames_keep_every_part() -> None:
    assert shown_name("Jo Marriott-Ellwood", shared_names()).lasts == ("marriott", "ellwood")
    assert "ferrandiz" in shared_names().person("José Luis Ferrándiz").lasts


def test_a_familys_account_gives_a_surname_only() -> None:
    assert shown_name("Familie Brandt", shared_names()).lasts == ("brandt",)


@pytest.mark.parametrize(
    ("shown", "given", "last"),
    [
        ("陈佳慧", "jiahui", "chen"),
        ("欧阳娜娜", "nana", "ouyang"),
        ("김민준", "minjun", "kim"),
        ("李明 🌸", "ming", "li"),
        ("अनिता रवि", "anita", "rvi"),
        ("Sarah 🌸 Lee", "sarah", "lee"),
        ("乂 Sarah 乂", "sarah", ""),
        ("快乐", "", ""),
        ("Δήμητρα Παππά", "dimitra", "pappa"),
    ],
)
def test_a_display_name_in_any_script_is_read_with_the_surname_last(shown: str, given: str, last: str) -> None:
    found = shown_name(shown, shared_names())
    assert (found.given, found.last) == (given, last)


def test_arabic_letters_meet_the_name_that_they_spell() -> None:
    assert shared_names().same_given(shown_name("فاطمة علي", shared_names()).given, "fatima")


@pytest.mark.parametrize("name", ["sam", "alex", "robin", "jess", "andrea", "simone", "jean", "kim", "toni"])
def test_names_of_both_genders_say_none(name: str) -> None:
    assert shared_names().gender(name) == ""


def test_gender_is_given_only_where_a_name_says_it() -> None:
    names = shared_names()
    assert (names.gender("elizabeth"), names.gender("tomasz"), names.gender("sam")) == ("f", "m", "")
    assert names.gender("qwzx") == ""


@pytest.mark.parametrize(
    ("handle", "base"),
    [
        ("u/jwhitcombe_brews", "jwhitcombebrews"),
        ("@dunkley-brews@hops.example", "dunkleybrews"),
        ("slindqvist.bsky.example", "slindqvist"),
    ],
)
def test_a_handle_is_compared_without_its_platform(handle: str, base: str) -> None:
    assert handle_base(handle) == base


@pytest.mark.parametrize(
    ("location", "town"),
    [
        ("Embra", "edinburgh"),
        ("Corcaigh", "cork"),
        ("BS6", "bristol"),
        ("Köln", fold("Köln")),
        ("York, North Yorkshire", "york"),
    ],
)
def test_other_names_of_a_town_lead_to_it(location: str, town: str) -> None:
    places = shared_places()
    assert places.town(town) in places.of_location(location)


def test_ordinary_words_are_no_towns() -> None:
    assert shared_places().named(words("they keep reading my mail in march")) == []
    for said in ("more than the cans", "nothing has come in time", "for my wedding", "ich warte auch", "para mi madre"):
        assert shared_places().named(words(said)) == [], said


def test_the_configuration_adds_names_of_towns() -> None:
    assert Places({"the Ouseburn": "Newcastle"}).of_location("the ouseburn") == ["newcastle"]


@pytest.mark.parametrize(
    "text", ["cola en el centro de reparación", "la porte est cassée", "le port du colis", "la mesa"]
)
def test_things_with_an_article_are_no_towns(text: str) -> None:
    assert shared_places().named(words(text)) == []


@pytest.mark.parametrize("town", ["El Paso", "Le Havre", "La Rochelle", "Las Vegas"])
def test_towns_with_an_article_are(town: str) -> None:
    assert [clue.value for clue in shared_places().named(words(f"the shop in {town}"))] == [fold(town)]


@pytest.mark.parametrize("shown", ["Sarah LUFC", "Sarah #FBPE", "Sarah MUFC", "Sarah"])
def test_letters_of_a_club_or_a_cause_are_no_surname(shown: str) -> None:
    assert shown_name(shown, shared_names()) == PersonName(given="sarah", givens=("sarah",))


@pytest.mark.parametrize(
    ("shown", "last"),
    [
        ("Marie DUPONT", "dupont"),
        ("DAVE SMITH", "smith"),
        ("Ann FOX", "fox"),
        ("Sarah LEE", "lee"),
        ("Tom NG", "ng"),
        ("Maria CRUZ", "cruz"),
    ],
)
def test_a_surname_in_capitals_stays_one(shown: str, last: str) -> None:
    assert shown_name(shown, shared_names()).last == last


@pytest.mark.parametrize(
    ("bio", "home"),
    [
        ("Mum of two. Leeds", ("leeds",)),
        ("Born in Leeds, living in York", ("york",)),
        ("Boston terrier mum", ()),
        ("Studied at Oxford, cook", ()),
        ("Leeds United till I die", ()),
        ("University of Bristol. Nurse", ()),
        ("care work & roller derby", ()),
        ("née à Rennes, Nantes", ("nantes",)),
        ("Leeds born and bred, Hull", ("leeds", "hull")),
    ],
)
def test_a_bio_tells_where_somebody_lives_and_other_places_too(bio: str, home: tuple[str, ...]) -> None:
    reader = ClueReader(shared_names(), shared_places(), shared_concepts())
    assert reader.read(MentionText("hi", AT, "x", "owl", "Owl", bio)).home == home


def of(shown: str, customer: str) -> list[str]:
    reader = ClueReader(shared_names(), shared_places(), shared_concepts())
    facets = FacetReader(shared_names(), shared_places(), shared_concepts())
    case = facets.read(Case("C-1", Customer("K-1", customer), "email", "open", "t", AT, AT))
    clues = reader.read(MentionText("hi", AT, "x", "owl", shown))
    found = NameEvidence(shared_names()).compare(clues, case, Background([case], 1))
    return [reason.code for reason in found]


@pytest.mark.parametrize(
    ("shown", "customer", "codes"),
    [
        ("Cam Rouvier", "Camille Rouvier", ["name_full"]),
        ("Dan Ashe", "Danielle Ashe", ["name_other_given"]),
        ("Jan Lowe", "Jane Lowe", ["name_other_given"]),
        ("Fash", "Olu Fashola", ["name_initial"]),
        ("Gibbo", "Mark Gibson", ["name_initial"]),
        ("Smithy", "Ann Smith", ["name_initial"]),
        ("Wilko", "Jay Wilkinson", ["name_initial"]),
        ("Bravo", "Ann Brady", []),
        ("Fan", "Olu Fanshawe", []),
    ],
)
def test_a_name_cut_short_is_a_name(shown: str, customer: str, codes: list[str]) -> None:
    assert of(shown, customer) == codes


@pytest.mark.parametrize(
    ("handle", "given"),
    [
        ("bernard.oldroyd.940", "bernard"),
        ("oldroyd_bernard", "bernard"),
        ("oldroyd", "b"),
        ("bees_of_york", "b"),
        ("big_oldroyd", "b"),
    ],
)
def test_a_handle_spells_out_an_initial(handle: str, given: str) -> None:
    reader = ClueReader(shared_names(), shared_places(), shared_concepts())
    assert reader.read(MentionText("hi", AT, "x", handle, "B Oldroyd")).name.given == given


def test_a_gent_is_no_town() -> None:
    assert shared_places().named(words("the gent I look after waits")) == []


@pytest.mark.parametrize(
    ("shown", "given"), [("Alvarito", "alvarito"), ("moss & mould", ""), ("Moss", "moss"), ("jo", "jo")]
)
def test_a_diminutive_is_a_name_and_an_ordinary_word_in_a_pair_is_none(shown: str, given: str) -> None:
    assert shown_name(shown, shared_names()).given == given


@pytest.mark.parametrize(
    ("product", "known"), [("General", ""), ("Other / misc", ""), ("Garden Account", "Garden Account")]
)
def test_what_a_help_desk_writes_for_no_product_is_none(product: str, known: str) -> None:
    facets = FacetReader(shared_names(), shared_places(), shared_concepts())
    case = Case("C-1", Customer("K-1", "Ann Lowe"), "email", "open", "t", AT, AT, product=product)
    assert facets.read(case).product_name == known


@pytest.mark.parametrize("shown", ["see-through living", "mal wieder", "still waiting"])
def test_ordinary_words_without_capitals_are_no_full_name(shown: str) -> None:
    assert not shown_name(shown, shared_names()).full


@pytest.mark.parametrize(
    ("said", "town"),
    [
        ("MK", "milton keynes"), ("Gŵyr", "swansea"), ("Harehills", "leeds"), ("the Banner County", "ennis"),
        ("Chartrons", "bordeaux"), ("Waldhof", "mannheim"), ("Deusto", "bilbao"),
        ("Cedofeita", "porto"), ("Zuidoost", "amsterdam"),
    ],
)  # fmt: skip
def test_parts_and_by_names_of_a_town_are_within_it(said: str, town: str) -> None:
    assert shared_places().town(town) in shared_places().within(fold(said))
