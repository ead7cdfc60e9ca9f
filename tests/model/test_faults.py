from pathlib import Path

import pytest
from pydantic import ValidationError

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import CodebookError
from model.faults import describe
from tests.conftest import CODEBOOK_TEXT


def write(folder: Path, text: str) -> Path:
    file = folder / "codebook.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_faulty_item_is_no_missing_one(tmp_path: Path) -> None:
    text = CODEBOOK_TEXT.replace("id: fleeing, name: Fleeing", "id: fleeing").replace(
        "id: guarding, name: Guarding", "id: guarding"
    )
    with pytest.raises(CodebookError) as caught:
        Codebook.load(write(tmp_path, text))
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == ["frames[0].name", "frames[1].name"]


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("0x" + "f" * 6_000, "0xfff"),
        ("[&a0 [x, x], " + ", ".join(f"&a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 11)) + "]", "[['x'"),
    ],
)
def test_of_a_faulty_value_no_more_is_read_than_is_shown(tmp_path: Path, value: str, seen: str) -> None:
    with pytest.raises(CodebookError) as caught:
        Codebook.load(write(tmp_path, CODEBOOK_TEXT.replace("version: ", f"language: {value}\nversion: ")))
    assert "language: Input should be a valid string" in str(caught.value)
    assert f"(seen: {seen}" in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("content", "seen"), [("", "null"), ("- 1", "[1]")])
def test_what_is_no_mapping_is_told_in_the_words_of_yaml(tmp_path: Path, content: str, seen: str) -> None:
    file = write(tmp_path, content)
    with pytest.raises(CodebookError) as caught:
        Codebook.load(file)
    assert str(caught.value) == f"{file}: the whole record: a mapping is needed (seen: {seen})"


def test_words_of_our_own_stand_alone_and_what_is_empty_has_a_remedy(tmp_path: Path) -> None:
    sentence = {"id": "", "document": "d", "text": "Oil.", "frames": [], "actors": [], "annotator": "a", "origin": "o"}
    with pytest.raises(ValidationError) as faulty:
        Annotation.model_validate(sentence)
    assert describe(faulty.value) == ["id: empty; give it letters or digits"]
    file = write(tmp_path, CODEBOOK_TEXT.replace("affiliation: arland", "affiliation: nobody"))
    with pytest.raises(CodebookError) as caught:
        Codebook.load(file)
    assert ": the whole record: actors: 'guard' is affiliated with 'nobody'" in str(caught.value)
