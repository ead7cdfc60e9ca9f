from pathlib import Path

import pytest

from model.codebook import Codebook
from model.errors import CodebookError
from tests.conftest import CODEBOOK_TEXT, ROOT


def write(folder: Path, text: str) -> Path:
    file = folder / "codebook.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_reads_frames_stances_and_actors_in_order(codebook: Codebook) -> None:
    assert codebook.frame_ids == ("guarding", "fleeing")
    assert codebook.stance_ids == ("supportive", "neutral", "critical")
    assert [actor.id for actor in codebook.actors] == ["arland", "league", "guard", "mara-voss"]


def test_names_every_faulty_field_at_once(tmp_path: Path) -> None:
    text = CODEBOOK_TEXT.replace("name: Guarding, ", "").replace("kind: person", "kind: ghost") + "colour: red\n"
    with pytest.raises(CodebookError) as caught:
        Codebook.load(write(tmp_path, text))
    message = str(caught.value)
    for part in ("frames[0].name", "actors[3].kind", "'ghost'", "colour", "codebook.yaml"):
        assert part in message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: fleeing", "id: guarding", "'guarding' occurs 2 times"),
        ("affiliation: arland}", "affiliation: nowhere}", "'nowhere', which is not among the actors"),
        ("id: fleeing", "id: Fleeing!", "frames[1].id"),
    ],
)
def test_rejects_references_that_do_not_hold(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(CodebookError, match="codebook.yaml") as caught:
        Codebook.load(write(tmp_path, CODEBOOK_TEXT.replace(old, new)))
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0", "version: Input should be a valid string; put it in quotes (seen: 1.0)"),
        (
            "2024-01-01",
            "version: Input should be a valid string; put it in quotes (seen: datetime.date(2024, 1, 1))",
        ),
        ("[1]", "version: Input should be a valid string (seen: [1])"),
        ('" "', 'version: blank; give one, such as "1.0"'),
        ("\udcff", "not UTF-8 at byte 21; convert the file to UTF-8"),
    ],
)
def test_a_version_that_is_none_is_told_with_the_remedy(tmp_path: Path, version: str, expected: str) -> None:
    file = tmp_path / "codebook.yaml"
    file.write_bytes(CODEBOOK_TEXT.replace('"1"', version).encode(errors="surrogateescape"))
    with pytest.raises(CodebookError) as caught:
        Codebook.load(file)
    assert str(caught.value) == f"{file}:3: {expected}"


def test_refuses_keys_that_stand_twice(tmp_path: Path) -> None:
    text = CODEBOOK_TEXT.replace("kind: organisation", "kind: organisation, kind: state")
    file = write(tmp_path, text + "actors:\n  - {id: fleet, name: Grey Fleet, kind: armed group}\n")
    with pytest.raises(CodebookError) as caught:
        Codebook.load(file)
    assert str(caught.value).splitlines() == [
        f"{file}:20: the key 'kind' stands in line 20 already; give it once",
        f"{file}:23: the key 'actors' stands in line 13 already; give it once",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: Arland", "name: ''", "actors[0].name: blank"),
        ("[NL]", "[NL, '']", "actors[1].aliases[1]: blank"),
        ("[Arville]", "[' ']", "actors[0].capitals[0]: blank"),
        ("[Arlandic]", "['\u00a0']", "actors[0].nationalities[0]: blank"),
        ("[government, forces]", "['', forces]", "government_words[0]: blank"),
        ("titles:", "fighter_words: ['']\ntitles:", "fighter_words[0]: blank"),
        ("[President]", "['']", "titles[0]: blank"),
    ],
)
def test_refuses_blank_forms(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(CodebookError, match="codebook.yaml") as caught:
        Codebook.load(write(tmp_path, CODEBOOK_TEXT.replace(old, new, 1)))
    assert expected in str(caught.value)


HOMONYM = "homonyms:\n  - {form: Arville, actor: arland, signs: [mayor], other_signs: [opera]}\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "form: Arville",
            "form: Arvile",
            "'Arvile' is not a form of 'arland', whose forms are Arland, Republic of Arland",
        ),
        ("actor: arland", "actor: nobody", "'nobody', which is not among the actors"),
        ("[mayor]", "[opera]", "has the sign 'opera' on both sides"),
        ("[mayor]", "['']", "has an empty sign"),
        ("signs: [mayor]", "mute: [nobody]", "mutes 'nobody'"),
        ("homonyms:\n", "homonyms:\n  - {form: Arville, actor: arland}\n", "'Arville' occurs 2 times"),
        ("homonyms:\n", "homonyms:\n  - {form: ARVILLE, actor: arland}\n", "'Arville' occurs 2 times"),
        ("signs: [mayor]", "sings: [mayor]", "homonyms[0].sings"),
    ],
)
def test_rejects_homonyms_that_do_not_hold(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(CodebookError, match="codebook.yaml") as caught:
        Codebook.load(write(tmp_path, CODEBOOK_TEXT + HOMONYM.replace(old, new, 1)))
    assert expected in str(caught.value)


def test_a_codebook_without_homonyms_keeps_the_fingerprint_of_earlier_versions(
    tmp_path: Path, codebook: Codebook
) -> None:
    assert codebook.fingerprint.startswith("5c8eaed573f2")
    for more in (
        HOMONYM,
        "other_names: [Arland Monthly]\n",
        "unit: A sentence.\n",
        "fighter_words: [fighters]\n",
    ):
        assert Codebook.load(write(tmp_path, CODEBOOK_TEXT + more)).fingerprint != codebook.fingerprint


def test_another_name_is_no_form_of_an_actor(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="other_names: 'Arville' is a form of the actor 'arland'; strike it"):
        Codebook.load(write(tmp_path, CODEBOOK_TEXT + "other_names: [Arville]\n"))


@pytest.mark.parametrize("content", ["frames: [", "", "- 1", "name: \udcff"])
def test_a_file_that_is_no_codebook_is_a_clear_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "codebook.yaml"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(CodebookError, match="codebook.yaml"):
        Codebook.load(file)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="cannot read"):
        Codebook.load(tmp_path / "nothing.yaml")


def test_another_name_or_actor_still_fits_a_checkpoint(tmp_path: Path, codebook: Codebook) -> None:
    text = CODEBOOK_TEXT.replace("name: Guarding", "name: Watching") + "  - {id: coast, name: Coast, kind: state}\n"
    other = Codebook.load(write(tmp_path, text))
    other.check_labels(codebook)
    assert other.fingerprint != codebook.fingerprint


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: guarding", "id: watching", "the frame 'watching' is not in the checkpoint"),
        (
            "{id: supportive, name: Supportive, definition: Praised.}",
            "{id: warm, name: Warm, definition: W.}",
            "'warm'",
        ),
        (
            "  - {id: guarding, name: Guarding, definition: Something is guarded.}\n"
            "  - {id: fleeing, name: Fleeing, definition: Somebody flees.}\n",
            "  - {id: fleeing, name: Fleeing, definition: Somebody flees.}\n"
            "  - {id: guarding, name: Guarding, definition: Something is guarded.}\n",
            "another order",
        ),
    ],
)
def test_other_labels_do_not_fit_a_checkpoint(
    tmp_path: Path, codebook: Codebook, old: str, new: str, expected: str
) -> None:
    assert old in CODEBOOK_TEXT
    other = Codebook.load(write(tmp_path, CODEBOOK_TEXT.replace(old, new)))
    with pytest.raises(CodebookError, match="frameline train") as caught:
        other.check_labels(codebook)
    assert expected in str(caught.value)


def test_the_fingerprint_does_not_depend_on_layout(tmp_path: Path, codebook: Codebook) -> None:
    assert Codebook.load(write(tmp_path, "# a remark\n" + CODEBOOK_TEXT)).fingerprint == codebook.fingerprint


def test_the_projects_codebook_holds_the_actors_that_it_promises() -> None:
    codebook = Codebook.load(ROOT / "data/annotations/codebook.yaml")
    kinds = [actor.kind for actor in codebook.actors]
    assert kinds.count("organisation") + kinds.count("armed group") >= 60
    assert kinds.count("person") >= 60
    assert kinds.count("state") >= 193
    assert codebook.frame_ids == ("security_justification", "humanitarian_concern", "alliance_criticism")
    assert all(frame.code and frame.do_not_code and frame.examples for frame in codebook.frames)


def test_what_is_written_is_read_as_the_same(tmp_path: Path, codebook: Codebook) -> None:
    odd = "no: \x7f\x85\u2028 # 1\n  \U0001f600 e\u0301 - 'x' \"y\" "
    for one in (codebook, codebook.model_copy(update={"unit": odd, "version": "1.0"})):
        assert Codebook.load(write(tmp_path, one.to_yaml())) == one


def test_how_many_frames_a_sentence_has_is_part_of_the_labels(tmp_path: Path, codebook: Codebook) -> None:
    any_number = Codebook.load(write(tmp_path, CODEBOOK_TEXT + "frames_per_sentence: any\n"))
    assert any_number.fingerprint == codebook.fingerprint
    single = Codebook.load(write(tmp_path, CODEBOOK_TEXT + "frames_per_sentence: exactly_one\n"))
    assert single.fingerprint != codebook.fingerprint
    with pytest.raises(CodebookError, match="frames_per_sentence is 'exactly_one', that of the checkpoint is 'any'"):
        single.check_labels(codebook)
    with pytest.raises(CodebookError, match="frames_per_sentence"):
        Codebook.load(write(tmp_path, CODEBOOK_TEXT + "frames_per_sentence: some\n"))
