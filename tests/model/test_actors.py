import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model.actors import ActorList
from model.codebook import Codebook
from tests.conftest import CODEBOOK_TEXT, ROOT


@pytest.fixture(scope="module")
def actors(codebook: Codebook) -> ActorList:
    return ActorList(codebook)


@pytest.fixture(scope="module")
def known() -> ActorList:
    return ActorList(Codebook.load(ROOT / "data/annotations/codebook.yaml"))


def test_finds_the_longest_form(actors: ActorList) -> None:
    text = "The Republic of Arland left the Northern League's hall."
    assert [(text[match.start : match.end], match.actor) for match in actors.find(text)] == [
        ("Republic of Arland", "arland"),
        ("Northern League", "league"),
    ]


def test_names_that_hold_a_form_and_mean_something_else_are_not_listed() -> None:
    text = CODEBOOK_TEXT + "other_names: [Arland Monthly]\n"
    actors = ActorList(Codebook.model_validate(yaml.safe_load(text)))
    sentence = "Arland Monthly left Arland."
    assert [(match.start, match.actor) for match in actors.find(sentence)] == [(20, "arland")]
    assert [(match.start, match.end) for match in actors.find_others(sentence)] == [(0, 14)]
    assert actors.resolve("Arland Monthly") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("they asked us", []),
        ("the US asked", ["US"]),
        ("ARLAND VOTES", ["ARLAND"]),
        ("arland", []),
        ("al-Haris", ["al-Haris"]),
        ("Arville-based", ["Arville"]),
    ],
)
def test_case_counts_only_where_it_must(actors: ActorList, text: str, found: list[str]) -> None:
    assert [text[match.start : match.end] for match in actors.find(text)] == found


@pytest.mark.parametrize(
    ("mention", "actor"),
    [
        ("Arland", "arland"),
        ("Arville", "arland"),
        ("Arlandic forces", "arland"),
        ("Arland's government", "arland"),
        ("the Northern League", "league"),
        ("President Mara Voss", "mara-voss"),
        ("President Voss", "mara-voss"),
        ("Jon Voss", None),
        ("Arlandic bread", None),
        ("Arville United", None),
        ("somebody else", None),
        ("government of Arland", "arland"),
        ("the government of the US", "arland"),
        ("bread of Arland", None),
        ("government of Mara Voss", None),
        ("Voss government", "arland"),
        ("Mara Voss's forces", "arland"),
        ("Voss bread", None),
    ],
)
def test_resolves_a_mention(actors: ActorList, mention: str, actor: str | None) -> None:
    assert actors.resolve(mention) == actor


@pytest.mark.parametrize(
    ("mention", "actor"),
    [
        ("al-Haris fighters", "guard"),
        ("the Northern League's fighters", "league"),
        ("Arlandic fighters", None),
        ("Arland's fighters", None),
        ("Arville fighters", None),
        ("Voss fighters", None),
    ],
)
def test_fighters_stand_for_a_group_and_for_no_state(mention: str, actor: str | None) -> None:
    text = CODEBOOK_TEXT + "fighter_words: [fighters]\n"
    assert ActorList(Codebook.model_validate(yaml.safe_load(text))).resolve(mention) == actor


@pytest.mark.parametrize(
    ("mention", "actor"),
    [
        ("Kremlin", "russia"),
        ("Moscow", "russia"),
        ("White House", "united-states"),
        ("U.S.", "united-states"),
        ("Britain", "united-kingdom"),
        ("Israeli forces", "israel"),
        ("Mexican government", "mexico"),
        ("Russia's security council", "russia"),
        ("Hamas gunmen", "hamas"),
        ("Colombian rebels", None),
        ("Islamic State", "islamic-state"),
        ("ISIS", "islamic-state"),
        ("President Recep Tayyip Erdogan", "recep-tayyip-erdogan"),
        ("Zelenskyy", "volodymyr-zelensky"),
        ("Michael Jordan", None),
        ("Congolese", None),
        ("Americans", "united-states"),
        ("the Germans", "germany"),
        ("Ukrainians", "ukraine"),
        ("Israelis", "israel"),
        ("two Germans", None),
        ("German ministers", None),
        ("Browns", None),
        ("Barack Hussein Obama", "barack-obama"),
        ("Vladimir Vladimirovich Putin", "vladimir-putin"),
        ("Barack H. Obama", "barack-obama"),
        ("Barack Hussein Onyango Obama", "barack-obama"),
        ("Barack and Obama", None),
        ("Barack One Two Three Obama", None),
        ("Michelle Robinson Obama", None),
        ("Barack Hussein Putin", None),
        ("Barack Obama Center", None),
        ("United Arab States", None),
        ("Bibi Netanyahu", "benjamin-netanyahu"),
        ("Prime Minister Bibi Netanyahu", "benjamin-netanyahu"),
        ("Bibi Netanyahu's government", "israel"),
        ("Bibi Trump", None),
        ("Bibi, Netanyahu", None),
        ("Bibi Netanyahu Boulevard", None),
        ("O.A.S.", "oas"),
        ("the I.D.F.", "idf"),
        ("P.K.K. fighters", "pkk"),
        ("U.A.E.", "united-arab-emirates"),
        ("I.A.E.A.", "iaea"),
        ("U.N.H.C.R.", "unhcr"),
        ("I.A.E.A", "iaea"),
        ("I. A. E. A.", None),
        ("X.I.D.F.", None),
        ("I.D.F. Radio", None),
        ("Id.F.", None),
        ("UN's human rights council", "un-human-rights-council"),
        ("the U.N. Human Rights Council", "un-human-rights-council"),
        ("United Nations Human Rights Council", "un-human-rights-council"),
        ("U.N.'s Security Council", "un-security-council"),
        ("United Nations’ Security Council", "un-security-council"),
        ("UN's refugee agency", "unhcr"),
        ("U.N. nuclear watchdog", "iaea"),
        ("UN mission", "united-nations"),
        ("Israel's Knesset", "knesset"),
        ("Lebanese Hezbollah", "hezbollah"),
        ("Iran's Hezbollah", None),
        ("the UN's World Food Programme", "world-food-programme"),
        ("Syria's Assad", "bashar-al-assad"),
        ("the Trump White House", "united-states"),
        ("Putin's White House", None),
        ("Hamas White House", None),
        ("U.S. Department of Defense", "united-states"),
        ("Congolese M23", None),
        ("Washington's Post", None),
        ("Benjamin 'Bibi' Netanyahu", "benjamin-netanyahu"),
        ("Prime Minister Benjamin “Bibi” Netanyahu", "benjamin-netanyahu"),
        ("Benjamin “Bibi” Netanyahu's government", "israel"),
        ("Ann 'Bear' Putin", None),
        ("Joseph R. Biden Jr.", "joe-biden"),
        ("Donald Trump Jr.", None),
        ("Lloyd J. Austin III", "lloyd-austin"),
        ("Mohammed bin Salman Al Saud", "mohammed-bin-salman"),
        ("Crown Prince Mohammed bin Salman bin Abdulaziz", "mohammed-bin-salman"),
        ("King Salman bin Abdulaziz Al Saud", "king-salman"),
        ("his cousin Mohammed bin Salman bin Abdulaziz", None),
        ("Putin bin Abdulaziz", None),
        ("Abdel-Fattah el-Sissi", "abdel-fattah-el-sisi"),
        ("Abdel Fattah al Sisi", "abdel-fattah-el-sisi"),
        ("Bashar al Assad", "bashar-al-assad"),
        ("President al-Assad", "bashar-al-assad"),
        ("al-Maliki", "nouri-al-maliki"),
        ("Hafez al Assad", "hafez-al-assad"),
        ("George HW Bush", "george-h-w-bush"),
        ("George W Bush", "george-w-bush"),
        ("John F Kennedy", "john-f-kennedy"),
        ("President-elect Donald Trump", "donald-trump"),
        ("US Vice President-elect JD Vance", "jd-vance"),
        ("Prime Minister-designate Keir Starmer", "keir-starmer"),
        ("the re-elect Trump", None),
        ("Hamas' fighters", "hamas"),
        ("the United States' military", "united-states"),
        ("Philippines’ coast guard", "philippines"),
        ("Hamas' tunnels", None),
        ("Zhongnanhai", "china"),
        ("Élysée Palace", "france"),
        ("Elysee Palace", "france"),
        ("Blue House", "south-korea"),
        ("US Treasury", "united-states"),
        ("Foreign, Commonwealth and Development Office", "united-kingdom"),
        ("Burma", "myanmar"),
        ("Ivory Coast", "ivory-coast"),
        ("Czechia", "czech-republic"),
        ("Cape Verde", "cape-verde"),
        ("East Timor", "east-timor"),
        ("Eswatini", "swaziland"),
        ("Swaziland", "swaziland"),
        ("North Macedonia", "republic-of-macedonia"),
        ("Micronesia", "federated-states-of-micronesia"),
        ("Guinea Bissau", "guinea-bissau"),
        ("St. Lucia", "saint-lucia"),
        ("D.R. Congo", "democratic-republic-of-the-congo"),
        ("DRC", "democratic-republic-of-the-congo"),
        ("Republic of Congo", "republic-of-the-congo"),
        ("Congo", None),
        ("Korea", None),
        ("Holland", "netherlands"),
        ("Türkiye", "turkey"),
        ("Federal Republic of Yugoslavia", "yugoslavia"),
        ("Thai", "thailand"),
        ("Lao", "laos"),
        ("Dominique", None),
        ("The valley", None),
        ("Northern Ireland", None),
        ("Gulf states", None),
    ],
)
def test_resolves_what_the_news_call_the_known_actors(known: ActorList, mention: str, actor: str | None) -> None:
    assert known.resolve(mention) == actor


def test_the_form_by_which_a_mention_is_resolved_has_its_dots(known: ActorList) -> None:
    mention = "the I.D.F. troops"
    match = known.named(mention)
    assert match is not None
    assert mention[match.start : match.end] == "I.D.F."


def test_decomposed_letters_are_the_same_letters(known: ActorList) -> None:
    text = unicodedata.normalize("NFD", "Recep Tayyip Erdoğan met Nicolás Maduro")
    assert [match.actor for match in known.find(text)] == ["recep-tayyip-erdogan", "nicolas-maduro"]
    assert text[known.find(text)[0].end :].startswith(" met")


def test_every_form_of_every_actor_is_found_whole(known: ActorList) -> None:
    codebook = Codebook.load(ROOT / "data/annotations/codebook.yaml")
    for actor in codebook.actors:
        for form in (actor.name, *actor.aliases, *actor.capitals, *actor.nationalities):
            (match,) = known.find(form)
            assert (match.start, match.end) == (0, len(form))


def test_what_is_a_nationality_is_no_name_of_a_state(known: ActorList) -> None:
    assert [match.kind for match in known.find("Thai, Togolese, Montenegrin, Lao")] == ["nationality"] * 4


def test_an_article_is_no_part_of_a_name(known: ActorList) -> None:
    text = "The Netherlands and the State of Palestine met at The Hague."
    assert [text[match.start : match.end] for match in known.find(text)] == [
        "Netherlands",
        "State of Palestine",
        "The Hague",
    ]


def test_a_possessive_within_a_form_belongs_to_it(known: ActorList) -> None:
    text = "The UN's nuclear watchdog and Washington's police left 'Israel's' army."
    assert [text[match.start : match.end] for match in known.find(text)] == [
        "UN's nuclear watchdog",
        "Washington",
        "Israel",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PUTIN IS READY, SAYS KREMLIN", ["PUTIN", "KREMLIN"]),
        ("SYRIAN REBELS WHO FOUGHT ASSAD JOIN ARMY", ["SYRIAN", "ASSAD"]),
        ("WE KNOW WHO HE IS.", []),
        ("IS FIGHTERS FLEE", ["IS"]),
        ("WHO WARNS OF CHOLERA", ["WHO"]),
        ("NATO, WHO AND IMF MEET", ["NATO", "WHO", "IMF"]),
        ("The US WHO withdrawal left the IS camp open.", ["US", "WHO", "IS"]),
        ("ISRAEL AND US TALK", ["ISRAEL", "US"]),
        ("IS", ["IS"]),
    ],
)
def test_common_words_in_capitals_name_nobody(known: ActorList, text: str, found: list[str]) -> None:
    assert [text[match.start : match.end] for match in known.find(text)] == found


def test_a_listed_form_is_whose_it_is_and_not_a_spelling_of_another_name() -> None:
    people = [
        {"id": "first", "name": "J. Voss Ode", "kind": "person", "aliases": ["Ilan al-Ode", "Ode"]},
        {"id": "second", "name": "J Voss Ode", "kind": "person"},
    ]
    actors = ActorList(Codebook.model_validate({**yaml.safe_load(CODEBOOK_TEXT), "actors": people}))
    assert [actors.resolve(name) for name in ("J. Voss Ode", "J Voss Ode", "Ilan al Ode")] == [
        "first",
        "second",
        "first",
    ]


@given(st.text())
def test_matches_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    end = 0
    for match in ActorList(_TINY).find(text):
        assert end <= match.start < match.end <= len(text)
        end = match.end


_TINY = Codebook.model_validate(
    {
        "name": "tiny",
        "version": "1",
        "frames": [{"id": "one", "name": "One", "definition": "."}],
        "stances": [{"id": name, "name": name, "definition": "."} for name in ("for", "against")],
        "actors": [{"id": "a", "name": "A", "kind": "state", "aliases": ["B c", "É", "0"]}],
    }
)
