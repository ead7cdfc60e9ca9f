import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.actors import ActorList
from model.codebook import Codebook
from model.decoding import MentionSpan
from model.mentions import tidy
from tests.conftest import ROOT

_ACTORS = ActorList(Codebook.load(ROOT / "data/annotations/codebook.yaml"))
_OFFICES = _ACTORS.titles | _ACTORS.government


def tidied(sentence: str, *mentions: str) -> list[str]:
    places = [sentence.index(mention) for mention in mentions]
    spans = [MentionSpan(start, start + len(mention)) for start, mention in zip(places, mentions, strict=True)]
    return [sentence[start:end] for start, end in tidy(sentence, spans, _ACTORS.find(sentence), _OFFICES)]


@pytest.mark.parametrize(
    ("sentence", "mention", "expected"),
    [
        ("Japan's culture ministry spoke.", "'s culture ministry", ["culture ministry"]),
        ("Belarus’s KGB arrested him.", "s KGB", ["KGB"]),
        ("They blamed Iran's council.", "Iran's", ["Iran"]),
        ("They blamed Trump’s team.", "Trump’s", ["Trump"]),
        ("US-led jets struck.", "US-", ["US"]),
        ("A wall (near Belsk) fell, the (Veda Party) said.", "(Veda Party)", ["Veda Party"]),
        ("The Veda (North) Party left.", "Veda (North)", ["Veda (North)"]),
        ("Ann Ode Jr. left.", "Ann Ode Jr.", ["Ann Ode Jr."]),
        ("The U.S. left.", "U.S.", ["U.S."]),
        ("They met Oderland. It rained.", "Oderland.", ["Oderland"]),
        ("The North Korean army marched.", "Korean army", ["North Korean army"]),
        (".@NATO must act.", ".", []),
        ("A B-52 flew by - low.", "-52", []),
        ("The government fell.", "government", []),
        ("The Foreign Ministry of the regime fell.", "Foreign Ministry", ["Foreign Ministry"]),
        ("Veda's aides met.", "Veda", ["Veda"]),
        ("P.L.O. officials met.", "O.", ["P.L.O."]),
        ("P.L.O. officials met.", "O. officials", ["P.L.O. officials"]),
        ("The I.A.E.A. left.", "I", ["I.A.E.A."]),
        ("They met the I.A.E.A.", "I.A.E.A", ["I.A.E.A."]),
        ("They met the C.I.A., which left.", "I.A", ["C.I.A."]),
        ("The P.L.O. Council met.", "Council", ["Council"]),
        ("J. Ode of B.", "B", ["B"]),
        ("They saw P.L.O. and left.", ".", []),
        ("The Ministry of Defence in London spoke.", "Ministry of Defence in", ["Ministry of Defence"]),
        ("The Veda and the Oder left.", "Veda and the", ["Veda"]),
        ("The regime of Assad fell.", "regime of", []),
        ("The Oder of", "Oder of", ["Oder"]),
        ("Benin left.", "Benin", ["Benin"]),
        ("The U.N. secretary-general left.", "U.N. secretary", ["U.N. secretary-general"]),
        ("The Veda government-backed group left.", "Veda government", ["Veda government"]),
        ("Ann 'Anni' Ode left.", "Ode", ["Ann 'Anni' Ode"]),
        ("Ann “Anni” Ode left.", "Anni", ["Ann “Anni” Ode"]),
        ('Ann "the axe" Ode left.', "Ode", ["Ode"]),
        ("Ann O'Keel left.", "Keel", ["O'Keel"]),
        ("Ibrahim Traore\u0301, who left.", "Traore\u0301,", ["Traore\u0301"]),
        ("The Israel-Hamas war has killed thousands.", "Israel-Hamas", []),
        ("The Israel–Hamas War goes on.", "Hamas", []),
        ("Since the Israel-Hamas war began, Israel paid.", "Israel-Hamas", ["Israel"]),
        ("The US-China trade war hurts.", "US", []),
        ("The Turkey-Netherlands war of words goes on.", "Turkey", ["Turkey"]),
        ("The Israel-Hamas talks failed.", "Hamas", ["Hamas"]),
    ],
)
def test_a_mention_is_a_whole_name_or_none(sentence: str, mention: str, expected: list[str]) -> None:
    assert tidied(sentence, mention) == expected


def test_one_that_grows_into_another_is_joined_to_it() -> None:
    assert tidied("The North Korean army marched.", "North", "Korean army") == ["North Korean army"]


def test_what_begins_within_a_possessive_belongs_to_the_name_before_it_or_is_none() -> None:
    sentence = "Veda's government met the Oder's new envoy."
    assert tidied(sentence, "Veda", "s government") == ["Veda's government"]
    assert tidied(sentence, "Veda", "s new envoy") == ["Veda"]
    assert tidied(sentence, "s new envoy") == []
    assert tidied("Veda’s KGB left.", "Veda", "s KGB") == ["Veda", "KGB"]
    assert tidied("The reds new envoy left.", "s new envoy") == ["s new envoy"]


def test_parts_of_one_name_are_one_mention() -> None:
    assert tidied('Prime Minister Benjamin "Bibi" Netanyahu left.', 'Benjamin "Bibi', "Netanyahu") == [
        'Benjamin "Bibi" Netanyahu'
    ]
    assert tidied("Georgia O'Keeffe left.", "Georgia", "Keeffe") == ["Georgia O'Keeffe"]
    assert tidied("Georgia met O'Keeffe.", "Georgia", "Keeffe") == ["Georgia", "O'Keeffe"]


def test_a_title_is_no_mention_beside_the_name_that_bears_it() -> None:
    assert tidied("Pope Leo XIV spoke.", "Pope", "Leo XIV") == ["Leo XIV"]
    assert tidied("The Pope met Leo XIV.", "Pope", "Leo XIV") == ["Pope", "Leo XIV"]


def test_parts_of_one_dotted_abbreviation_are_one_mention() -> None:
    assert tidied("The I.A.E.A. left.", "I.A", "E") == ["I.A.E.A."]


@given(
    st.lists(
        st.sampled_from(
            [
                "North",
                "Korean",
                "'s",
                " ",
                "-",
                ".",
                "(",
                ")",
                "regime",
                "US",
                "s",
                "é",
                "U.",
                "N.",
                "'",
                "O'",
                "-general",
                "of",
            ]
        ),
        max_size=9,
    ),
    st.lists(st.integers(0, 30), max_size=6),
)
def test_spans_stay_in_the_sentence_in_order_and_apart(words: list[str], cuts: list[int]) -> None:
    sentence = "".join(words)
    places = sorted({cut for cut in cuts if cut <= len(sentence)})
    spans = [MentionSpan(start, end) for start, end in zip(places[::2], places[1::2], strict=False)]
    kept = tidy(sentence, spans, _ACTORS.find(sentence), _OFFICES)
    reach = 0
    for start, end in kept:
        assert reach <= start < end <= len(sentence)
        assert any(letter.isalpha() for letter in sentence[start:end])
        reach = end
