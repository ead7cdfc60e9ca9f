from pathlib import Path

import pytest

from model.codebook import Codebook
from model.errors import CodebookError
from tests.conftest import ROOT
from training.states import library_states, write_states

CODEBOOK = ROOT / "data/annotations/codebook.yaml"
#: The line on which Chad stands.
CHAD = CODEBOOK.read_text(encoding="utf-8").split("{id: chad,")[0].count("\n") + 1


def test_the_codebook_holds_what_the_libraries_know(tmp_path: Path) -> None:
    copy = tmp_path / "codebook.yaml"
    copy.write_bytes(CODEBOOK.read_bytes())
    assert write_states(copy) == len(library_states())
    assert copy.read_bytes() == CODEBOOK.read_bytes()


def test_forms_added_by_hand_stay_and_library_forms_come_back(tmp_path: Path) -> None:
    copy = tmp_path / "codebook.yaml"
    lines = CODEBOOK.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = [line for line in lines if "id: chad," not in line]
    text = (
        "".join(lines)
        .replace("{id: france, name: France,", "{id: france, name: France,")
        .replace("nationalities: [French]", "nationalities: [French, Gallic]")
    )
    copy.write_text(text, encoding="utf-8")
    write_states(copy)
    states = {actor.id: actor for actor in Codebook.load(copy).actors}
    assert states["france"].nationalities == ("French", "Gallic")
    assert states["chad"].capitals == ("N'Djamena",)


def test_states_have_names_capitals_and_nationality_words() -> None:
    states = {state.id: state for state in library_states()}
    assert {"russia", "united-states", "mali", "fiji", "israel"} <= states.keys()
    assert states["mali"].capitals == ("Bamako",)
    assert states["mali"].nationalities == ("Malian",)
    assert states["reunion"].nationalities == ()  # "French" is France's
    assert all(len(alias) > 3 or not alias.isupper() for state in states.values() for alias in state.aliases)


def test_what_the_libraries_have_wrong_is_no_form() -> None:
    states = {state.id: state for state in library_states()}
    forms = {form for state in states.values() for form in state.forms}
    assert (
        not {"Mexicanos", "Portuguesa", "Prathet", "Dominique", "The Valley", "Mann", "Viti", "City of Victoria"}
        & forms
    )
    assert not any("ʁ" in form or "ɡ" in form for form in forms)
    assert not any(form.lower().startswith("the ") for form in forms)
    assert "Azərbaycan Respublikası" in forms
    for state in states.values():
        assert not set(state.nationalities) & {state.name, *state.aliases}, state.id


@pytest.mark.parametrize(
    ("state", "name", "former"),
    [
        ("swaziland", "Eswatini", "Swaziland"),
        ("republic-of-macedonia", "North Macedonia", "Republic of Macedonia"),
    ],
)
def test_states_bear_the_name_of_today_and_keep_their_id(state: str, name: str, former: str, tmp_path: Path) -> None:
    states = {found.id: found for found in library_states()}
    assert states[state].name == name
    assert former in states[state].aliases
    copy = tmp_path / "codebook.yaml"
    today, then = (
        f"name: {name}, kind: state, aliases: [{former}, ",
        f"name: {former}, kind: state, aliases: [",
    )
    copy.write_text(CODEBOOK.read_text(encoding="utf-8").replace(today, then), encoding="utf-8")
    write_states(copy)
    kept = {found.id: found for found in Codebook.load(copy).actors}[state]
    assert (kept.name, name in kept.aliases) == (former, True)


def test_a_codebook_without_markers_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "codebook.yaml"
    file.write_text("name: x\n", encoding="utf-8")
    with pytest.raises(CodebookError, match="marker comments"):
        write_states(file)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  - {id: chad,", "  - {id: [chad,", f"not a YAML file: .*line {CHAD}"),
        ("kind: state,", "kind: kingdom,", r"states\[0\]\.kind: .*\(seen: 'kingdom'\)"),
        ("  # states: end", "  - 2026-99-99\n  # states: end", "not a YAML file"),
        ("  - {id: chad,", "  # states: end\n  - {id: chad,", "the id 'chad' occurs 2 times"),
        ("  # states: begin", "  # states: end\n", "marker comments"),
        (
            "  - {id: chad,",
            "  - {aliases: [Tchad], id: chad,",
            f"{CHAD}: the key 'aliases' stands in line {CHAD} already",
        ),
    ],
)
def test_a_faulty_codebook_is_named_and_stays(old: str, new: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "codebook.yaml"
    text = CODEBOOK.read_text(encoding="utf-8").replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError, match=f"(?s)codebook.yaml:.*{message}"):
        write_states(file)
    assert file.read_text(encoding="utf-8") == text


def test_a_codebook_in_another_encoding_is_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "codebook.yaml"
    file.write_bytes("name: x\nlanguage: français\n".encode("latin-1"))
    with pytest.raises(CodebookError, match=r"codebook\.yaml:2: not UTF-8 \(byte 22\); save it as UTF-8"):
        write_states(file)
