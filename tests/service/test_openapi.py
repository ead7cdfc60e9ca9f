"""The description of the service is committed, its examples work, and the service does as it says."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction, negative_data_rejection, positive_data_acceptance

from service.app import create_app
from service.jobs.form import Form
from service.jobs.naming import SUFFIXES
from service.problems import MEDIA_TYPE
from service.settings import ServiceSettings
from service.wire import JSON, LINES
from tests.conftest import ROOT
from tests.service.server import serving

#: The faults of what a JSON schema allows.
BEYOND = {
    "unknown_mention",
    "duplicate_id",
    "codebook",
    "function",
    "lines",
    "time",
    "label_config",
    "task_text",
    "event",
}
JOBS = "/v1/jobs"
COMMITTED = ROOT / "docs" / "openapi.json"


def described() -> Any:
    return create_app(ServiceSettings()).openapi()


@pytest.fixture(scope="module")
def url(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose jobs are done by a process that only pretends."""
    folder = tmp_path_factory.mktemp("openapi") / "jobs"
    settings = ServiceSettings(checkpoint=checkpoint, max_body=100_000, jobs_waiting=100_000, jobs_folder=folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.jobs.process.PROGRAM", (str(ROOT / "tests/service/jobs/pretend.py"),))
        with serving(create_app(settings)) as address:
            yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, timeout=30) as connected:
        yield connected


def encode(media_type: str, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if media_type == LINES:
        return b"".join(json.dumps(each).encode() + b"\n" for each in value)
    return json.dumps(value).encode()


def test_the_committed_description_is_that_of_the_service() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed == described(), "write it again: make answers"


def bodies() -> Iterator[tuple[str, str, Any]]:
    for path, operations in described()["paths"].items():
        for operation in operations.values():
            for media_type, content in operation.get("requestBody", {"content": {}})["content"].items():
                if (path, media_type) == (JOBS, JSON):  # names files that are not there
                    continue
                for example in content.get("examples", {}).values():
                    yield path, media_type, example["value"]


@pytest.mark.parametrize(("path", "media_type", "example"), list(bodies()))
def test_examples_are_answered(client: httpx2.Client, path: str, media_type: str, example: Any) -> None:
    response = client.post(path, content=encode(media_type, example), headers={"Content-Type": media_type})
    assert response.status_code in ((202,) if path == JOBS else (200, 201)), response.text
    assert path == JOBS or '"status"' not in response.text


def test_every_body_has_examples() -> None:
    kinds = {(path, media_type) for path, media_type, _ in bodies()}
    assert kinds >= {("/v1/classify", JSON), ("/v1/classify", LINES), ("/predict", JSON), ("/classify", JSON)}


def answers() -> Iterator[tuple[str, Any, list[Any]]]:
    """Every answer: where it is described, its content, and its examples."""
    document = described()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                for media_type, content in response.get("content", {}).items():
                    if media_type != Form.PARQUET.media_type:
                        shown = [
                            document["components"]["examples"][each["$ref"].rpartition("/")[2]]
                            if "$ref" in each
                            else each
                            for each in content.get("examples", {}).values()
                        ]
                        yield f"{method} {path} {status} {media_type}", content, [each["value"] for each in shown]


def test_every_answer_has_examples_of_its_schema() -> None:
    components = described()["components"]
    for place, content, examples in answers():
        assert examples, place
        validator = jsonschema_rs.Draft202012Validator({**content["schema"], "components": components})
        for example in examples:
            assert [error.message for error in validator.iter_errors(example)] == [], place


def test_problems_have_the_status_for_which_they_stand() -> None:
    problems = [(place, each) for place, _, examples in answers() if MEDIA_TYPE in place for each in examples]
    assert len(problems) > 100
    for place, problem in problems:
        status = int(place.split()[2])
        assert (problem["status"], problem["title"]) == (status, HTTPStatus(status).phrase), place


def test_every_example_of_a_body_has_its_answer() -> None:
    paths = described()["paths"]
    for path in {path for path, _, _ in bodies()} - {JOBS, "/v1/annotations"}:
        operation = paths[path]["post"]
        asked = {kind: list(content["examples"]) for kind, content in operation["requestBody"]["content"].items()}
        answered = operation["responses"]["200"]["content"]
        assert asked == {kind: list(content["examples"]) for kind, content in answered.items()}, path


@schemathesis.serializer(LINES)
def write_lines(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else encode(LINES, value if isinstance(value, list) else [value])


def write_bytes(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


for media_type in SUFFIXES.keys() - {LINES, "text/csv", "text/plain", "text/html"}:
    schemathesis.serializer(media_type)(write_bytes)


@schemathesis.deserializer(LINES)
def read_lines(context: Any, response: Any) -> Any:
    return [json.loads(each) for each in response.content.splitlines()]


schema = schemathesis.openapi.from_dict(described())


@schema.parametrize()
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_service_answers_as_described(case: schemathesis.Case[Any], url: str) -> None:
    response = case.call(base_url=url)
    excluded: list[CheckFunction] = []
    if case.path == "/v1/annotations" and response.status_code == 409:  # another example has the same key or id
        excluded.append(positive_data_acceptance)
    if case.path == JOBS:  # whether a form has a file of a known format, and where inputs may be, no schema can say
        excluded.append(positive_data_acceptance)
    if case.media_type == LINES:  # a faulty line is answered in its place, in an answer of 200
        excluded.append(negative_data_rejection)
    if response.status_code == 422 and {fault["type"] for fault in response.json()["errors"]} <= BEYOND:
        excluded.append(positive_data_acceptance)
    case.validate_response(response, excluded_checks=excluded)


@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(["/v1/classify", "/predict", "/", "/classify"]),
    media_type=st.sampled_from([JSON, LINES, "text/plain", "application/json; charset=latin-1", ""]),
    body=st.binary(max_size=400)
    | st.text(max_size=200).map(str.encode)
    | st.from_regex(r"[\[\]{}:,\"\\ntrufalse0-9\s]{0,80}").map(str.encode),
)
def test_any_body_is_answered(client: httpx2.Client, path: str, media_type: str, body: bytes) -> None:
    response = client.post(path, content=body, headers={"Content-Type": media_type})
    assert response.status_code < 500
