import pytest

from model.json_text import read_json


def test_what_is_json_is_read() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": [1, null, "NaN"]}\r\n') == {"a": [1, None, "NaN"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1', "not JSON: Expecting ',' delimiter at column 8"),
        ("{\n", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        ('["a', "not JSON: Unterminated string starting at column 2"),
        ('{\n"a" 1}', "not JSON: Expecting ':' delimiter at line 2, column 5"),
        (b'"\xff"', "not UTF-8 at byte 1 of the line"),
        ("Infinity", "not JSON: Infinity is no value there; give null, or leave it out"),
        ("9" * 5_000, "a number is too long"),
        ("[" * 100_000, "lists and objects stand too deeply in one another"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice; give it once"),
    ],
)
def test_what_is_none_is_told(text: str | bytes, expected: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        read_json(text)
    assert str(caught.value) == expected
