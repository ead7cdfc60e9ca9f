"""The answers in the description, and those that the guide shows, are those of the shipped checkpoint."""

import json
import re
from typing import Any

import pytest

from service.answers import FILE
from tests.conftest import ROOT
from tests.end_to_end.answers import differences, record

REFRESH = "write it again: make answers"


@pytest.fixture(scope="module")
def answers() -> Any:
    return record()


def test_the_answers_in_the_description_are_what_is_answered(answers: Any) -> None:
    shown = json.loads(FILE.read_text(encoding="utf-8"))
    assert list(differences(shown, answers)) == [], REFRESH


def test_the_answer_in_the_guide_is_what_is_answered(answers: Any) -> None:
    guide = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")
    shown = json.loads(next(block for block in re.findall(r"```json\n(.*?)```", guide, re.DOTALL) if "model" in block))
    answered = answers["post /v1/classify"]["200"]["application/json"][1]["value"]
    assert list(differences(shown, answered)) == []


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [
        ({"a": [0.5, "x"]}, {"a": [0.52, "x"]}, []),
        ({"a": [0.5, "x"]}, {"a": [0.54, "y"]}, [".a[0]", ".a[1]"]),
        ({"a": 1}, {"b": 1}, [""]),
        ({"present": True}, {"present": False}, [".present"]),
        ([1, 2], [1], [""]),
        ([{"label": "x", "score": 0.01}, {"label": "y", "score": 0.0}],
         [{"label": "y", "score": 0.01}, {"label": "x", "score": 0.0}], []),
    ],
)  # fmt: skip
def test_labels_are_compared_exactly_and_figures_nearly(one: Any, other: Any, places: list[str]) -> None:
    assert [each.split(":")[0] for each in differences(one, other)] == places
