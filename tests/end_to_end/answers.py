"""What the service answers to the examples of its description; the shipped checkpoint labels them.

    python -m tests.end_to_end.answers

writes these answers, and the description with them.
"""

import json
import re
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from service.annotations.wire import SentAnnotation
from service.answers import FILE
from service.app import create_app
from service.settings import ServiceSettings
from service.wire import JSON, LINES
from tests.conftest import ROOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

DESCRIPTION = ROOT / "docs" / "openapi.json"
_SHORTENED = "Shortened: of each list the first two items"
_CSV = "id,text,outlet\n1,Ankara blamed NATO.,Herald\n,,Courier\n"
#: Processors differ in how they round the products of eight bits.
NEAR = 0.03
_BEGUN = "2026-11-30T09:30:00Z"
#: What is another each time, by its key.
_VARYING: dict[str, Any] = {
    "unix": 1_796_031_000.25,
    "tokenization_workers": 2,
    "sentences_per_second": 0.5,
    "time": _BEGUN,
    "started": "2026-11-30T09:30:01Z",
    "ended": "2026-11-30T09:30:03Z",
    "finished": "2026-11-30T09:30:03Z",
    "expires": "2026-12-07T09:30:03Z",
    "frameline": "0.11.0",
    "inputs_digest": "4d2fb5659edef2c67750b0408a27e3c549789dfb45be34bb6504ac24f80ac015",
    "stamp": "54-1796035168884468632",
}
_IDS = (
    (re.compile("[0-9a-f]{32}"), "0f6c8c1be2a24b5f9f5d1a4c3e7b9d20"),
    (re.compile("frameline-.{36}"), "frameline-5b0e7c1a-3d7f-4a53-9a3e-6f2d1c8b7e40"),
)
_Answers = dict[str, dict[str, dict[str, list[dict[str, Any]]]]]


class _Recorder:
    """Asks a service, and keeps what it answers in the form of the file."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.answers: _Answers = {}

    def ask(
        self, method: str, path: str, *, summary: str = "", query: dict[str, str] | None = None, **more: Any
    ) -> Any:
        """The answer, which is kept."""
        places = more.pop("places", {})
        response = self.client.request(method, path.format(**places), params=query, **more)
        assert response.is_success, response.text
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if not response.content:
            return None
        value = _read(media_type, response.text)
        example = {"value": _steady(_shorten(value) if summary == _SHORTENED else value)}
        kept = self.answers.setdefault(f"{method} {path}", {}).setdefault(str(response.status_code), {})
        kept.setdefault(media_type, []).append(({"summary": summary} if summary else {}) | example)
        return value


def record() -> _Answers:
    """Every operation's answers that are no problems, by operation, status and media type."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        settings = ServiceSettings(
            threads=2,
            processes=False,
            database=f"sqlite:///{folder}/annotations.db",
            jobs_folder=folder / "jobs",
            jobs_workers=1,
        )
        with TestClient(create_app(settings)) as client:
            recorder = _Recorder(client)
            _bodies(recorder, client.app.openapi())  # type: ignore[attr-defined]
            _annotations(recorder)
            _job(recorder)
            for path in ("/health/live", "/health/ready", "/health", "/info", "/models", "/"):
                recorder.ask("get", path)
            for path in ("health", "versions", "state"):
                recorder.ask("get", f"/label-studio/{path}")
            recorder.ask("get", "/v1/codebook", summary=_SHORTENED)
    return recorder.answers


def _bodies(recorder: _Recorder, description: Any) -> None:
    """The examples of bodies, but of those that follow."""
    for path, operations in description["paths"].items():
        if "post" not in operations or path in ("/v1/jobs", "/v1/annotations"):
            continue
        for media_type, content in operations["post"]["requestBody"]["content"].items():
            for example in content["examples"].values():
                recorder.ask(
                    "post", path, content=_write(media_type, example["value"]), headers={"Content-Type": media_type}
                )


def _annotations(recorder: _Recorder) -> None:
    path = "/v1/annotations"
    (example,) = SentAnnotation.model_json_schema()["examples"]
    kept = recorder.ask("post", path, json={"annotations": [example]})
    recorder.ask("post", path, json={"annotations": [example]})
    recorder.ask("get", path)
    recorder.ask("get", path, headers={"Accept": LINES})
    places = {"sentence": kept["annotations"][0]["id"]}
    recorder.ask("delete", f"{path}/{{sentence}}", places=places)
    recorder.ask("get", f"{path}/{{sentence}}/history", places=places)


def _job(recorder: _Recorder) -> None:
    path = "/v1/jobs"
    query = {"name": "news.csv", "any_language": "true"}
    job = recorder.ask("post", path, query=query, content=_CSV, headers={"Content-Type": "text/csv"})
    one, places = f"{path}/{{job}}", {"job": job["id"]}
    while recorder.client.get(one.format(**places)).json()["status"] in ("queued", "running"):
        time.sleep(0.1)
    assert recorder.ask("get", one, places=places)["status"] == "finished"
    recorder.ask("get", path)
    for table in ("sentences", "stances", "rejected"):
        recorder.ask(
            "get", f"{one}/results", summary=f"table={table}", query={"table": table, "format": "jsonl"}, places=places
        )
    recorder.ask("get", f"{one}/results", summary=_SHORTENED, query={"table": "manifest"}, places=places)
    recorder.ask("delete", one, places=places)


def _write(media_type: str, value: Any) -> bytes:
    if media_type == LINES:
        return b"".join(json.dumps(each).encode() + b"\n" for each in value)
    return json.dumps(value).encode()


def _read(media_type: str, content: str) -> Any:
    if media_type == LINES:
        return [json.loads(each) for each in content.splitlines()]
    return json.loads(content) if media_type == JSON else f"{content[:60].rstrip()}…"


def _shorten(value: Any) -> Any:
    """The same with the first two items of each list alone."""
    if isinstance(value, list):
        return [_shorten(each) for each in value[:2]]
    return {key: _shorten(each) for key, each in value.items()} if isinstance(value, dict) else value


def _steady(value: Any, key: str = "") -> Any:
    """The same with figures of two decimals, and with what is another each time as it was once."""
    if not value:
        return value
    if key == "created":
        return _BEGUN if isinstance(value, str) else 1_796_031_000
    if key in _VARYING:
        return _VARYING[key]
    if key == "id" and isinstance(value, str):
        return next((steady for pattern, steady in _IDS if pattern.fullmatch(value)), value)
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, list):
        return [_steady(each) for each in value]
    if isinstance(value, dict):
        version = {"version": _VARYING["frameline"]} if "auto_truncate" in value else {}
        return {name: _steady(each, name) for name, each in (value | version).items()}
    return value


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two answers differ: in anything but figures that lie as near as those of two processors do.

    Scores may have changed places if they are that near.
    """
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        for key in one:
            yield from differences(one[key], other[key], f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(_by_label(one), _by_label(other), strict=True)):
            yield from differences(*pair, f"{place}[{number}]")
    elif isinstance(one, float) and isinstance(other, float):
        if abs(one - other) > NEAR:
            yield f"{place}: {one} and {other}"
    elif one != other:
        yield f"{place}: {one!r} and {other!r}"


def _by_label(items: list[Any]) -> list[Any]:
    scores = all(isinstance(each, dict) and "score" in each and "label" in each for each in items)
    return sorted(items, key=lambda score: str(score["label"])) if scores else items


def main() -> None:
    """Write the answers, then the description."""
    FILE.write_text("{}\n", encoding="utf-8")  # older answers may be of operations that are gone
    FILE.write_text(json.dumps(record(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    described = json.dumps(create_app(ServiceSettings()).openapi(), indent=2, ensure_ascii=False)
    DESCRIPTION.write_text(described + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
