import io

import pytest

from model.errors import InputError
from service.documents import read_jsonl, read_text


def lines(content: bytes) -> list[str]:
    return [document.text for document in read_jsonl(io.BytesIO(content), "some.jsonl")]


def test_reads_a_document_a_line() -> None:
    content = b'\xef\xbb\xbf{"id": "a", "text": "One."}\r\n\n{"id": "b", "text": "Two.", "actors": ["Two"]}\n'
    assert lines(content) == ["One.", "Two."]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b'{"id": "b", "text": }', "not JSON: Expecting value at column 21"),
        (b'{"id": "b", "text": "x', "not JSON: Unterminated string starting at column 21"),
        (b'{"id": "b", "text": NaN}', "not JSON: NaN is no value there"),
        (b'{"id": "b", "text": [-Infinity]}', "not JSON: -Infinity is no value there"),
        (b'{"id": "b", "text": ' + b"9" * 5_000 + b"}", ":2: a number is too long"),
        (b"[]", "the whole record: a JSON object is needed (seen: [])"),
        (b"3", "whole record"),
        (b'{"text": "x"}', "id: missing"),
        (b'{"id": "b"}', "text"),
        (b'{"id": 3, "text": "x"}', "id"),
        (b'{"id": "", "text": "x"}', "id: blank; give it letters or digits"),
        (b'{"id": " \\u3000", "text": "x"}', "id: blank; give it letters or digits"),
        (b'{"id": "b", "text": null}', "text"),
        (b'{"id": "b", "text": "x", "colour": 1}', "colour"),
        (b'{"id": "b", "text": "x", "actors": "x"}', "actors: a list is needed (seen: 'x')"),
        (b'{"id": "b", "text": "x", "actors": ["y"]}', "some.jsonl:2: actors[0]: 'y' does not occur in"),
        (b'{"id": "b", "text": "x", "actors": ["y", "x", "z"]}', "stands there; actors[2]: 'z' does not occur in"),
        (b'{"id": "b", "text": "\\ud800"}', "text: half of a surrogate pair stands alone at position 0"),
        (b'{"id": "b\\ud800", "text": ""}', "id: half of a surrogate pair stands alone at position 1"),
        (b'{"id": "a", "text": "x"}', "stands in line 1 already"),
        (b'\xff{"id": "b"}', "not UTF-8"),
        (b"[" * 100_000, "stand too deeply in one another"),
    ],
)
def test_names_file_line_and_field(line: bytes, expected: str) -> None:
    documents = read_jsonl(io.BytesIO(b'{"id": "a", "text": "One."}\n' + line + b"\n"), "some.jsonl")
    assert next(documents).id == "a"
    with pytest.raises(InputError) as caught:
        next(documents)
    assert str(caught.value).startswith("some.jsonl:2: ")
    assert expected in str(caught.value)


def test_further_fields_are_named_with_what_helps() -> None:
    with pytest.raises(InputError) as caught:
        lines(b'{"id": "a", "text": "x", "title": "t", "date": 3}\n')
    message = str(caught.value)
    assert message.startswith("some.jsonl:1: title: Extra inputs are not permitted (seen: 't'); date: Extra")
    assert "a line has id, text and actors alone: remove title, date, or" in message
    assert "`frameline score`, which keeps such fields" in message
    with pytest.raises(InputError) as caught:
        lines(b'{"id": "a", "text": 3}\n')
    assert "score" not in str(caught.value)


def test_a_text_file_is_one_document() -> None:
    (document,) = read_text(io.BytesIO("Ça va.\r\nOui.".encode()), "folder/some.txt")
    assert (document.id, document.text) == ("some.txt", "Ça va.\r\nOui.")


def test_a_text_that_is_not_utf8_names_line_and_byte() -> None:
    with pytest.raises(InputError, match=r"some\.txt:2: not UTF-8 at byte 5"):
        list(read_text(io.BytesIO(b"One.\n\xff"), "some.txt"))


def test_a_name_that_is_not_utf_8_is_named() -> None:
    with pytest.raises(InputError) as caught:
        list(read_text(io.BytesIO(b"Voss fled."), "folder/n_\udcff.txt"))
    assert str(caught.value) == "n_?.txt: its name is not UTF-8; rename it"


def test_a_name_that_is_blank_is_named() -> None:
    with pytest.raises(InputError) as caught:
        list(read_text(io.BytesIO(b"Voss fled."), "folder/ "))
    assert str(caught.value) == "' ': its name is blank; rename it"
