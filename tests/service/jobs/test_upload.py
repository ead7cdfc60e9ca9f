from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.archive.formats import recognise
from service.jobs.naming import SUFFIXES, name_file
from service.problems import ProblemError
from tests.service.jobs.conftest import Client, Start, wait

LINE = b'{"id": "a", "text": "finish"}\n'
JSONL = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def small(start: Start) -> Iterator[Client]:
    with start(jobs_max_upload=1_000) as client:
        yield client


def form(*parts: tuple[str, str | None, bytes]) -> tuple[bytes, dict[str, str]]:
    """A form's body and headers, of parts of a name, perhaps a file name, and what is in it."""
    body = b""
    for name, file, content in parts:
        of_file = "" if file is None else f'; filename="{file}"'
        body += f'--cut\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n\r\n'.encode() + content + b"\r\n"
    return body + b"--cut--\r\n", {"Content-Type": "multipart/form-data; boundary=cut"}


FILE = ("file", "news.jsonl", LINE)


@pytest.mark.parametrize(
    ("body", "headers", "query", "status", "said"),
    [
        (LINE, {"Content-Type": "application/octet-stream"}, "", 415, "?name=news.csv.gz"),
        (LINE, {"Content-Type": "text/csv; charset=latin-1"}, "", 415, "UTF-8"),
        (LINE, {**JSONL, "Content-Encoding": "br"}, "", 415, "format"),
        (LINE, JSONL, "?name=news.parquet.gz", 202, ""),  # the media type says what it is
        (b"", JSONL, "", 422, "empty"),
        (LINE * 100, JSONL, "", 413, "1000 bytes"),
        (LINE, JSONL, "?colour=red", 422, "query.colour"),
        (LINE, JSONL, "?language=English", 422, "query.language"),
        (LINE, JSONL, "?language=en&any_language=true", 422, "exclude each other"),
        (*form(FILE), "", 202, ""),
        (*form(("no_text", None, b"true"), FILE, ("strict", None, b"false")), "?id_column=key", 202, ""),
        (*form(("other", "news.foo", LINE)), "", 415, "known ends"),
        (*form(("file", "news.jsonl", b"")), "", 422, "empty"),
        (*form(("file", "news.jsonl", LINE * 100)), "", 413, "1000 bytes"),
        (*form(FILE, FILE), "", 422, "second file"),
        (*form(("no_text", None, b"true")), "", 422, "curl -F file=@"),
        (*form(("no_text", None, b"perhaps"), FILE), "", 422, "body.no_text"),
        (*form(("colour", None, b"red"), FILE), "", 422, "body.colour"),
        (*form(("strict", None, b"1"), FILE), "?strict=true", 422, "in the query, too"),
        (*form(("strict", None, b"1"), ("strict", None, b"1"), FILE), "", 422, "given twice"),
        (*form(("id_column", None, b"x" * 20_000), FILE), "", 413, "1000 bytes"),
        (form(FILE)[0][:-20], form()[1], "", 422, "is no form"),
        (form(FILE)[0].replace(b"name=", b"n\xffme=", 1), form()[1], "", 422, "is no form with headers in UTF-8"),
        (*form(("text_column", None, b"f\xfcr"), FILE), "", 422, "body.text_column: is not UTF-8"),
        (form(FILE)[0], {**form()[1], "Content-Encoding": "gzip"}, "", 415, "compressed"),
        (b"no form", {"Content-Type": "multipart/form-data"}, "", 422, "is no form"),
        (b'{"input": ["/etc/passwd"]}', {"Content-Type": "application/json"}, "", 403, "FRAMELINE_JOBS_ROOTS"),
        (b'{"input": ["/x"]}', {"Content-Type": "application/json"}, "?strict=true", 422, "query.strict"),
        (b'{"input": []}', {"Content-Type": "application/json"}, "", 422, "body.input"),
    ],
)
def test_uploads_are_taken_or_refused(
    small: Client, folder: Path, body: bytes, headers: dict[str, str], query: str, status: int, said: str
) -> None:
    answer = small.post(f"/v1/jobs{query}", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert "Error(" not in answer.text
    if status == 202:
        assert wait(small, answer.json())["status"] == "finished"
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert said in answer.json()["detail"]
        assert small.get("/v1/jobs").json() == {"jobs": []}
        assert list((folder / "jobs").iterdir()) == []
    assert list((folder / "incoming").iterdir()) == []


def test_a_body_of_no_declared_length_is_bounded_as_well(small: Client, folder: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [LINE] * 100

    assert small.post("/v1/jobs", content=pieces(), headers=JSONL).status_code == 413
    assert list((folder / "incoming").iterdir()) == []


def test_the_query_and_the_form_make_the_options_together(small: Client) -> None:
    body, headers = form(("no_text", None, b"true"), FILE)
    job = small.post("/v1/jobs?id_column=key&name=other.ndjson", content=body, headers=headers).json()
    assert (job["name"], job["options"]["no_text"], job["options"]["id_column"]) == ("other.ndjson", True, "key")


@pytest.mark.parametrize(
    ("given", "media_type", "encoding", "name"),
    [
        ("news.csv.gz", "", "", "news.csv.gz"),
        ("C:\\mine\\Müll 2024.CSV", "", "", "Müll_2024.CSV"),
        ("../../etc/passwd", "text/plain", "", "passwd.txt"),
        ("a%2Fb.jsonl", "", "", "b.jsonl"),
        ("--out=x.jsonl", "", "", "out_x.jsonl"),
        ("s3://bucket/x::y.jsonl", "", "", "x_y.jsonl"),
        (None, "text/csv", "gzip", "upload.csv.gz"),
        ("news.csv.gz", "", "gzip", "news.csv.gz"),
        ("news.csv", "", "zstd", "news.csv.zst"),
        (".jsonl", "application/x-ndjson", "", "jsonl.jsonl"),
    ],
)
def test_names_say_the_format(given: str | None, media_type: str, encoding: str, name: str) -> None:
    assert name_file(given, media_type, encoding) == name


@settings(max_examples=60)
@given(
    given=st.none() | st.text(max_size=300) | st.builds("{}.csv".format, st.text(max_size=300)),
    media_type=st.sampled_from(["", *SUFFIXES, "image/png"]),
    encoding=st.sampled_from(["", "gzip", "zstd", "br"]),
)
def test_every_name_is_a_safe_one(given: str | None, media_type: str, encoding: str) -> None:
    try:
        name = name_file(given, media_type, encoding)
    except ProblemError as error:
        assert error.problem.status == 415
        return
    assert recognise(name) is not None
    assert len(name.encode()) < 255
    assert name[0] not in ".-"
    assert not set(name) & set("/\\:\0*?[]~$ ")


def test_an_upload_that_breaks_off_leaves_nothing(start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with start(max_seconds=0.2) as client:
        app: Any = client.app
        messages = iter([{"type": "http.request", "body": LINE, "more_body": True}, {"type": "http.disconnect"}])
        sent: list[dict[str, Any]] = []

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/jobs",
            "query_string": b"",
            "headers": [(b"content-type", b"application/x-ndjson")],
            "app": app,
        }
        assert client.portal is not None
        client.portal.call(app, scope, receive, send)
        assert sent[0]["status"] == 499
        assert client.get("/v1/jobs").json() == {"jobs": []}
    assert list((folder / "incoming").iterdir()) == list((folder / "jobs").iterdir()) == []
