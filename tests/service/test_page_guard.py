import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.key_file import KeyFile
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

ORIGIN = "https://news.example"
BODY = {"text": "Arland fled."}


@pytest.fixture(scope="module")
def client(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    database = f"sqlite:///{tmp_path_factory.mktemp('database') / 'a.db'}"
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, database=database))) as started:
        yield started


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8888"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/annotations", "/v1/jobs", "/v1/classify"])
def test_a_page_of_another_origin_has_nothing_kept(client: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = client.post(path, content=b'{"annotations": []}', headers=headers)
    assert answer.status_code == 403
    assert "FRAMELINE_CORS_ORIGINS" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://frameline.example"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver"},
    ],
)
def test_its_own_page_and_programs_are_answered(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/classify", json=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("localhost:8000", 200),
        ("frameline.localhost", 200),
        ("newsroom-7", 200),
        ("host.docker.internal:8000", 200),
        ("192.168.0.7", 200),
        ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example.", 421),
        ("[evil.example", 421),
    ],
)
def test_alone_on_its_machine_it_answers_to_no_name_that_somebody_may_own(
    client: TestClient, host: str, status: int
) -> None:
    headers = {"Host": host, "Sec-Fetch-Site": "same-origin"}
    assert client.get("/v1/codebook", headers=headers).status_code == status
    assert client.post("/v1/classify", json=BODY, headers=headers).status_code == status


@pytest.mark.parametrize("given", [{"require_keys": False}, {"require_keys": True}])
def test_whoever_decides_about_keys_may_call_it_anything(
    checkpoint: Path, file: KeyFile, key: str, given: dict[str, Any]
) -> None:
    settings = ServiceSettings(checkpoint=checkpoint, keys_file=file.path, cors_origins=(ORIGIN,), **given)
    headers = {"Host": "frameline.example", "X-API-Key": key, "Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}
    with TestClient(create_app(settings)) as client:
        assert client.post("/v1/classify", json=BODY, headers=headers).status_code == 200
