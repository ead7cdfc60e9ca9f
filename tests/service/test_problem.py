import json
from typing import Any

import pytest

from service.problem import Problem

FAULTS = [
    {"loc": ["body", "documents", 3, "text"], "msg": "too long", "type": "too_long", "input": "x"},
    {"loc": ["body", "documents", 1, "actors", 0], "msg": "no mention", "type": "actors"},
    {"loc": ["body", "documents", 1, "text"], "msg": "no text", "type": "missing"},
]


def read(body: Any) -> Problem:
    return Problem.read(json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [
        {"detail": FAULTS},
        {"type": "about:blank", "title": "Unprocessable", "status": 422, "detail": "3 faults", "errors": FAULTS},
        {"title": "Unprocessable", "errors": [{**fault, "loc": list(fault["loc"])[1:]} for fault in FAULTS]},
    ],
)
def test_both_forms_name_the_first_document(body: Any) -> None:
    problem = read(body)
    assert problem.first_document(4) == 1
    assert problem.describe(1) == ("actors[0]", "no mention; text: no text")
    assert problem.first_document(1) is None
    assert problem.message.startswith("documents[3].text: too long; documents[1].actors[0]: no mention")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"detail": "Not Found"}, "Not Found"),
        ({"title": "Busy", "status": 503}, "Busy"),
        ({"title": "Busy", "detail": "40 requests wait"}, "40 requests wait"),
        ({"detail": [{"loc": ["body"], "msg": "not an object", "type": "x"}]}, "not an object"),
        ({"detail": [{"loc": ["body", "documents"], "msg": "21 documents", "type": "x"}]}, "documents: 21 documents"),
        ({"detail": 3}, ""),
        ([], ""),
    ],
)
def test_what_is_said_without_a_document(body: Any, message: str) -> None:
    problem = read(body)
    assert problem.message == message
    assert problem.first_document(9) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"detail": [{"loc": ["body", "documents"], "msg": "9 characters"}]}, ("text", "9 characters")),
        ({"detail": [{"loc": ["body", "split"], "msg": "no boolean"}]}, ("", "split: no boolean")),
        ({"title": "Too large"}, ("text", "Too large")),
        ({}, ("text", "")),
    ],
)
def test_what_is_said_of_an_only_document(body: Any, expected: tuple[str, str]) -> None:
    assert read(body).describe_only() == expected


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff", b"null", b"[" * 5_000])
def test_anything_else_is_an_empty_problem(content: bytes) -> None:
    assert Problem.read(content) == Problem()
