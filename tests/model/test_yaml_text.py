import pytest
import yaml

from model.errors import FaultsError
from model.yaml_text import find_lines, read_yaml


@pytest.mark.parametrize(
    "text",
    [
        "",
        "word",
        "a: 1\nb: {a: 2}\nc: [{a: 3}, {a: 4}]",
        "1: a\n'1': b",
        "one: &x {a: 1}\ntwo: {<<: *x, a: 2}\nthree: [{in: &y {<<: *x, a: 3}}]\nfour: {<<: *y, a: 4}",
    ],
)
def test_what_repeats_no_key_is_read_as_ever(text: str) -> None:
    assert read_yaml(text, "x") == yaml.safe_load(text)


def test_every_key_that_stands_twice_is_named_with_its_line() -> None:
    with pytest.raises(FaultsError) as caught:
        read_yaml('a: &x\n  - {b: 1, c: 2, b: 3}\nd: *x\n"a": 4\na: 5', "file.yaml")
    assert caught.value.faults == [
        "file.yaml:2: the key 'b' stands in line 2 already; give it once",
        "file.yaml:4: the key 'a' stands in line 1 already; give it once",
        "file.yaml:5: the key 'a' stands in line 1 already; give it once",
    ]


def test_a_way_leads_to_a_line_or_as_far_as_it_goes() -> None:
    text = "a:\n  - b: 1\n    c:\n      - 2\n  -\n    b: 3\nd: &x {e: 4}\nf: *x\n"
    ways = [(), ("a",), ("a", 0), ("a", 0, "c", 0), ("a", 1, "b"), ("a", 1, "c"), ("a", 2), ("g",), ("f", "e", 0)]
    assert find_lines(text, ways) == [1, 1, 2, 4, 6, 6, 1, 1, 7]


def test_a_text_that_contains_itself_comes_to_an_end() -> None:
    read = read_yaml("&x [{a: *x}]", "x")
    assert read[0]["a"] is read
