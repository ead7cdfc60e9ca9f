"""What the description shows as problems is what the service says."""

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from service.app import create_app
from service.key_file import KeyFile
from service.problems import MEDIA_TYPE
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

JSON = {"Content-Type": "application/json"}
LATIN = {"Content-Type": "application/json; charset=latin-1"}
ANNOTATIONS, JOBS = "/v1/annotations", "/v1/jobs"


class Case(NamedTuple):
    """A request, and the operation and status of the example that shows its answer."""

    status: int
    method: str
    path: str
    query: str = ""
    more: Mapping[str, Any] = MappingProxyType({})


def described() -> Any:
    return create_app(ServiceSettings()).openapi()


def example(document: Any, case: Case) -> Any:
    response = document["paths"][case.path][case.method]["responses"][str(case.status)]
    (shown,) = response["content"][MEDIA_TYPE]["examples"].values()
    if "$ref" in shown:
        shown = document["components"]["examples"][shown["$ref"].rpartition("/")[2]]
    return shown["value"]


@pytest.fixture(scope="module")
def client(checkpoint: Path) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as started:
        yield started


def check(client: TestClient, case: Case) -> None:
    path = case.path.format(sentence="x", job="x")
    answer = client.request(case.method, f"{path}{case.query}", **case.more)
    assert answer.status_code == case.status, answer.text
    shown, said = example(described(), case), answer.json()
    assert {**shown, "instance": ""} == {**said, "instance": ""}


@pytest.mark.parametrize(
    "case",
    [
        Case(422, "post", "/v1/classify", more={"json": {"documents": [{"id": "a"}]}}),
        Case(422, "get", "/v1/codebook", "?frame=x"),
        Case(422, "post", ANNOTATIONS, more={"json": {"annotations": [{"document": "d", "frames": [], "actors": []}]}}),
        Case(422, "get", ANNOTATIONS, "?limit=1001"),
        Case(422, "get", f"{ANNOTATIONS}/{{sentence}}/history", "?latest=false"),
        Case(404, "get", f"{ANNOTATIONS}/{{sentence}}/history"),
        Case(422, "delete", f"{ANNOTATIONS}/{{sentence}}", "?annotator=x"),
        Case(422, "post", JOBS, "?text_colum=x", {"content": b"x", "headers": {"Content-Type": "text/csv"}}),
        Case(403, "post", JOBS, more={"json": {"input": ["/x"]}}),
        Case(422, "get", JOBS, "?limit=1001"),
        Case(422, "get", f"{JOBS}/{{job}}", "?table=x"),
        Case(404, "get", f"{JOBS}/{{job}}"),
        Case(422, "delete", f"{JOBS}/{{job}}", "?force=true"),
        Case(404, "delete", f"{JOBS}/{{job}}"),
        Case(422, "get", f"{JOBS}/{{job}}/results", "?tabel=x"),
        Case(404, "get", f"{JOBS}/{{job}}/results"),
        *(Case(422, "post", path, more={"json": {}}) for path in ("/", "/predict", "/classify")),
        *(Case(422, "post", f"/label-studio/{name}", more={"json": json}) for name, json in (
            ("setup", {}), ("predict", {"label_config": "x"}), ("webhook", {}))),
        *(Case(413, "post", path, more={"content": b" " * 8_000_001, "headers": JSON}) for path in (
            "/v1/classify", ANNOTATIONS, "/predict", "/label-studio/setup")),
        *(Case(415, "post", path, more={"content": b"{}", "headers": LATIN}) for path in (
            "/v1/classify", ANNOTATIONS, JOBS, "/", "/label-studio/predict")),
    ],
    ids=lambda case: f"{case.method} {case.path} {case.status}",
)  # fmt: skip
def test_what_is_shown_is_said(client: TestClient, case: Case) -> None:
    check(client, case)


def test_what_contradicts_is_shown_as_it_is_said(client: TestClient) -> None:
    kept = {"id": "d0a5", "document": "d", "text": "One.", "frames": [], "actors": []}
    assert client.post(ANNOTATIONS, json={"annotations": [kept]}).is_success
    other = {"annotations": [{**kept, "text": "Two."}]}
    check(client, Case(409, "post", ANNOTATIONS, more={"json": other}))


@pytest.mark.parametrize(
    ("case", "settings"),
    [
        (Case(404, "get", ANNOTATIONS), {"annotations": False}),
        (Case(501, "get", JOBS), {"jobs": False}),
        (Case(507, "post", JOBS, more={"content": b"xx", "headers": {"Content-Type": "text/csv"}}),
         {"jobs_disk_bytes": 1}),
    ],
    ids=["404", "501", "507"],
)  # fmt: skip
def test_what_is_turned_off_is_shown_as_it_is_said(
    checkpoint: Path, tmp_path: Path, case: Case, settings: dict[str, Any]
) -> None:
    given = {"checkpoint": checkpoint, "jobs_folder": tmp_path / "jobs", **settings}
    with TestClient(create_app(ServiceSettings(**given))) as client:
        check(client, case)


def test_a_key_that_is_missing_is_shown_as_it_is_said(checkpoint: Path, file: KeyFile, key: str) -> None:
    settings = ServiceSettings(checkpoint=checkpoint, require_keys=True, keys_file=file.path)
    with TestClient(create_app(settings)) as client:
        check(client, Case(401, "get", "/v1/codebook"))
        check(client, Case(401, "post", "/v1/classify", more={"json": {"text": "x"}}))
