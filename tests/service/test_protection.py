import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from frameline import main
from model.errors import FramelineError
from service.app import create_app
from service.key_file import KeyFile
from service.settings import ServiceSettings
from tests.service.server import serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

ORIGIN = "https://news.example"
OPEN = ("/health", "/health/live", "/health/ready")


@pytest.fixture(scope="module")
def settings(checkpoint: Path, file: KeyFile, key: str) -> dict[str, Any]:
    return {"checkpoint": checkpoint, "keys_file": file.path, "require_keys": True}


@pytest.fixture(scope="module")
def client(settings: dict[str, Any]) -> Iterator[TestClient]:
    every = ServiceSettings(**settings, cors_origins=(ORIGIN,), rate_limit="2/hour")
    with TestClient(create_app(every)) as started:
        yield started


def preflight(client: TestClient, origin: str) -> Any:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, x-api-key",
    }
    return client.options("/v1/classify", headers=headers)


def test_a_preflight_needs_no_key(client: TestClient) -> None:
    answer = preflight(client, ORIGIN)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://news.example", f"{ORIGIN}.evil.example", "null"])
def test_other_origins_stay_out(client: TestClient, origin: str) -> None:
    assert preflight(client, origin).status_code == 400
    assert "access-control-allow-origin" not in client.get("/health/live", headers={"Origin": origin}).headers


def test_a_page_of_a_named_origin_reads_labels_and_refusals_too(client: TestClient, key: str) -> None:
    with_key = {"Origin": ORIGIN, "Authorization": f"Bearer {key}"}
    statuses = []
    for headers in ({"Origin": ORIGIN}, with_key, with_key, with_key):
        answer = client.get("/v1/codebook", headers=headers)
        statuses.append(answer.status_code)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert statuses == [401, 200, 200, 429]
    assert 3500 < int(answer.headers["retry-after"]) <= 3600


def test_by_default_nothing_is_asked_and_no_origin_is_let_in(checkpoint: Path) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as client:
        answer = client.get("/v1/codebook", headers={"Origin": ORIGIN})
        assert answer.status_code == 200
        assert not {"access-control-allow-origin", "ratelimit"} & set(answer.headers)
        assert preflight(client, ORIGIN).status_code == 405
        document = client.get("/openapi.json").json()
    assert {} in document["paths"]["/v1/classify"]["post"]["security"]  # a key may be left out


def test_the_description_says_what_is_asked_for(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"] == {"type": "http", "scheme": "bearer"}
    assert schemes["header"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            guarded = path not in OPEN and (path, method) != ("/", "get")
            asked = ["bearer", "header", *(["basic"] if path.startswith("/label-studio/") else [])]
            assert operation.get("security", []) == ([{name: []} for name in asked] if guarded else [])
            assert ("401" in operation["responses"]) == ("429" in operation["responses"]) == guarded
    assert "Retry-After" in document["paths"]["/v1/classify"]["post"]["responses"]["429"]["headers"]


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({"host": "127.0.0.1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "frameline.example"}, True),
        ({"host": "0.0.0.0", "require_keys": False}, False),
        ({"host": "127.0.0.1", "require_keys": True}, True),
    ],
)
def test_keys_are_needed_where_strangers_may_come(tmp_path: Path, given: dict[str, Any], needed: bool) -> None:
    settings = ServiceSettings(**given, keys_file=tmp_path / "keys.json")
    assert settings.needs_keys == needed
    if not needed:
        create_app(settings)
        return
    for _ in range(2):
        with pytest.raises(FramelineError, match=r"keys\.json holds no valid key.* `frameline keys create`"):
            create_app(settings)
        kept, _key = KeyFile(settings.keys_file).create()
        create_app(settings)
        KeyFile(settings.keys_file).revoke(kept.id)


def test_the_command_line_labels_with_a_key_and_not_without(
    settings: dict[str, Any], file: KeyFile, tmp_path: Path
) -> None:
    kept, key = file.create("desk")
    with serving(create_app(ServiceSettings(**settings))) as url:

        def classify(*arguments: str) -> tuple[int, str]:
            done = CliRunner().invoke(main, ["classify", "--server", url, *arguments], input="Voss fled.")
            assert key not in done.output
            return done.exit_code, done.stderr

        assert classify("--api-key", key) == (0, "")
        code, said = classify()
        assert (code, "a key is needed" in said, "give its key" in said) == (3, True, True)
        file.revoke(kept.id)
        code, said = classify("--api-key", key)
        assert (code, "the key is unknown, or it was revoked" in said) == (3, True)
