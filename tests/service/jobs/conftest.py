"""A service whose jobs are done by a process that only pretends, and what is asked of it."""

import json
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from service.app import create_app
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

Client: TypeAlias = TestClient
Start: TypeAlias = Callable[..., Any]
LIVE = ("queued", "running")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, checkpoint: Path, folder: Path) -> Start:
    """Starts a service with further settings."""
    monkeypatch.setattr("service.jobs.process.PROGRAM", (str(Path(__file__).parent / "pretend.py"),))

    @contextmanager
    def started(**settings: Any) -> Iterator[TestClient]:
        given = {"checkpoint": checkpoint, "jobs_folder": folder, "threads": 1, **settings}
        with TestClient(create_app(ServiceSettings(**given))) as client:
            yield client

    return started


@pytest.fixture
def client(start: Start) -> Iterator[TestClient]:
    with start() as started:
        yield started


def send(client: TestClient, deed: str, **query: Any) -> Any:
    """Send a file that asks for something to be done; the job, as it was answered."""
    body = json.dumps({"id": "a", "text": deed})
    answer = client.post("/v1/jobs", content=body, params=query, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    return answer.json()


def wait(client: TestClient, job: Any, done: Callable[[Any], bool] = lambda job: job["status"] not in LIVE) -> Any:
    """The job, once it is as it should be."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = client.get(f"/v1/jobs/{job['id']}").json()
        if done(found):
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def begun(job: Any) -> bool:
    """Whether its process has said how far it is."""
    return bool(job["progress"]["documents"])
