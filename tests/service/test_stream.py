import json
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from model.labeller import Labeller
from model.prediction import Document
from service.app import create_app
from service.labelling import MODEL_HEADER
from service.line import LineProblem
from service.settings import ServiceSettings
from tests.service.server import serving

TEXT = "Arland said it would guard the border. The people fled with Voss."
HEADERS = {"Content-Type": "application/x-ndjson"}


@contextmanager
def service(checkpoint: Path, **limits: Any) -> Iterator[tuple[FastAPI, str]]:
    app = create_app(ServiceSettings(checkpoint=checkpoint, threads=2, **limits))
    with serving(app) as url:
        yield app, url


@pytest.fixture(scope="module")
def url(checkpoint: Path) -> Iterator[str]:
    with service(checkpoint, max_body=10_000, max_characters=1_000, max_sentences=20) as (_, address):
        yield address


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def post(url: str, body: Any, query: str = "") -> httpx2.Response:
    return httpx2.post(f"{url}/v1/classify{query}", content=body, headers=HEADERS, timeout=120)


def answers(response: httpx2.Response) -> list[Any]:
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(each) for each in response.text.splitlines()]


class Wire:
    """A connection on which a stream's lines are sent and read by hand."""

    def __init__(self, url: str, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        host, port = url.removeprefix("http://").split(":")
        self.socket.connect((host, int(port)))
        self.socket.sendall(
            b"POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        self.file = self.socket.makefile("rb")

    def send(self, content: bytes) -> None:
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(content), content))

    def end(self) -> None:
        self.socket.sendall(b"0\r\n\r\n")

    def head(self) -> None:
        while self.file.readline() != b"\r\n":
            pass

    def line(self) -> Any:
        """The next line, None at the end of the stream."""
        size = int(self.file.readline(), 16)
        content = self.file.read(size + 2)
        return json.loads(content) if size else None

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def wait(condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_every_line_is_labelled_as_by_the_python_api(url: str, labeller: Labeller) -> None:
    body = b"\xef\xbb\xbf" + line(id="a", text=TEXT) + b"\n \r\n" + line(text=TEXT, actors=["Voss"])
    response = post(url, body + b'{"id": "c", "text": ""}')  # without an end of line
    first, second, third = answers(response)
    assert first == {"id": "a", "sentences": json.loads(labeller.classify(TEXT).model_dump_json())["sentences"]}
    assert (second["id"], third) == ("1", {"id": "c", "sentences": []})
    assert second["sentences"] == json.loads(labeller.classify(TEXT, ["Voss"]).model_dump_json())["sentences"]
    assert response.headers[MODEL_HEADER] == f"tiny 1.0 {labeller.codebook.label}"


def test_without_splitting_and_without_lines(url: str) -> None:
    (document,) = answers(post(url, line(text=TEXT), "?split=false"))
    assert [sentence["text"] for sentence in document["sentences"]] == [TEXT]
    assert answers(post(url, b"")) == []
    assert answers(post(url, b"\n\n")) == []
    refused = post(url, line(text=TEXT), "?split=maybe")
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["query", "split"])


@pytest.mark.parametrize(
    ("faulty", "place", "message", "identity"),
    [
        (b"{", ["body"], "JSON", None),
        (b"\xff", ["body"], "JSON", None),
        (b"[1]", ["body"], "object", None),
        (line(id="x"), ["body", "text"], "required", "x"),
        (line(id=7, text=3), ["body", "id"], "string", None),
        (line(id="x", text=TEXT, colour=1), ["body", "colour"], "not permitted", "x"),
        (line(id="x", text=TEXT, actors=["Moss"]), ["body", "actors", 0], "'Moss'", "x"),
        (line(id="x", text="a" * 1_001), ["body", "text"], "at most 1000", "x"),
        (line(id="x", text="It fled. " * 30), ["body"], "30 sentences", "x"),
        (b'{"id": "x", "text": "\\ud800"}', ["body", "text"], "surrogate", "x"),
        (b'{"id": "\\ud800", "text": 3}', ["body", "id"], "surrogate", None),
        (b"[" * 5_000, ["body"], "", None),
        (b'{"id": "x", "text": "NATO left.", "text": "Hamas left."}', ["body", "text"], "stands twice", "x"),
    ],
)
def test_a_faulty_line_is_answered_in_its_place(
    url: str, faulty: bytes, place: list[str | int], message: str, identity: str | None
) -> None:
    body = b"\n" + line(id="before", text=TEXT) + faulty.rstrip() + b"\n" + line(id="after", text=TEXT)
    response = post(url, body)
    before, problem, after = answers(response)
    assert (before["id"], after["id"]) == ("before", "after")
    assert problem["instance"] == response.headers["x-request-id"] != ""
    assert (problem["status"], problem["line"]) == (422, 3)
    assert any(fault["loc"] == place and message in fault["msg"] for fault in problem["errors"]), problem
    assert problem.get("id") == identity
    assert LineProblem.model_validate(problem).type == "about:blank"


def test_a_line_that_is_too_long_ends_the_stream(url: str) -> None:
    for end in (b"\n" + line(text=TEXT) * 50, b"", b"x" * 500_000):
        response = post(url, line(id="before", text=TEXT) + b"\n" + b"x" * 10_001 + end)
        before, problem = answers(response)
        assert before["id"] == "before"
        assert problem["instance"] == response.headers["x-request-id"]
        assert (problem["status"], problem["line"]) == (413, 3)
        assert problem["detail"] == ("line 3 has more than 10000 bytes: split its text; send the lines from 3 on again")


def test_what_is_inside_is_not_shown_and_does_not_end_the_stream(checkpoint: Path) -> None:
    with service(checkpoint) as (app, url):
        labeller = app.state.scheduler.labeller
        label = labeller.label_counted

        def fail(sentences: Any) -> Any:
            if "secret" in sentences[0].text:
                raise RuntimeError("secret")
            return label(sentences)

        labeller.label_counted = fail
        problem, after = answers(post(url, line(text="A secret.") + line(text=TEXT)))
    assert (problem["status"], problem["line"], after["id"]) == (500, 1, "1")
    assert "secret" not in json.dumps(problem)


def test_a_line_is_answered_before_the_next_one_is_sent(url: str) -> None:
    wire = Wire(url)
    wire.head()
    for number in range(5):
        content = line(id=str(number), text=TEXT)
        wire.send(content[:10])
        wire.send(content[10:])
        assert wire.line()["id"] == str(number)
    wire.end()
    assert wire.line() is None
    wire.close()


def test_order_is_kept_whatever_takes_longest(url: str) -> None:
    texts = [TEXT * (10 if number % 7 == 0 else 1) for number in range(200)]
    body = b"".join(line(text=text) for text in texts)
    assert [document["id"] for document in answers(post(url, body))] == [str(number) for number in range(200)]


def test_a_client_that_does_not_read_is_not_read(checkpoint: Path) -> None:
    with service(checkpoint) as (app, url):
        wire = Wire(url, receive_buffer=4096)
        wire.socket.settimeout(1)
        piece = line(text=TEXT) * 100
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < 200_000:
                wire.send(piece)
                sent += 100
        assert app.state.scheduler.queued <= 2 * 4 * 2
        wire.close()
        wait(lambda: app.state.streams.open == 0)
    assert sent < 200_000


def test_who_sends_everything_before_reading_gets_what_was_labelled_and_is_told_the_rest(checkpoint: Path) -> None:
    with service(checkpoint, max_seconds=1) as (_, url):
        wire = Wire(url, receive_buffer=4096)
        for _ in range(400):
            wire.send(line(text=TEXT) * 1_000)  # far more than two sockets hold, and nothing is read meanwhile
        wire.end()
        wire.head()
        read = []
        while (answer := wire.line()) is not None:
            read.append(answer)
        wire.close()
    *documents, problem = read
    assert (problem["status"], problem["line"]) == (408, len(documents) + 1)
    assert problem["detail"] == (f"nothing was read for 1 seconds; send the lines from {len(documents) + 1} on again")
    assert [document["id"] for document in documents] == [str(number) for number in range(len(documents))]


def test_who_sends_nothing_for_long_is_told(checkpoint: Path) -> None:
    with service(checkpoint, max_seconds=1) as (_, url):
        wire = Wire(url)
        wire.head()
        wire.send(line(text=TEXT) + b'{"text')
        assert wire.line()["id"] == "0"
        problem = wire.line()
        assert (problem["status"], problem["line"]) == (408, 2)
        wire.end()
        assert wire.line() is None
        wire.close()


def test_who_hangs_up_frees_everything(checkpoint: Path) -> None:
    with service(checkpoint) as (app, url):
        labeller = app.state.scheduler.labeller
        label, gate, seen = labeller.label_counted, Event(), []

        def slow(sentences: Any) -> Any:
            seen.append(sentences)
            gate.wait(10)
            return label(sentences)

        labeller.label_counted = slow
        wire = Wire(url)
        wire.head()
        wire.send(line(text="It fled. " * 100))
        wait(lambda: len(seen) == 2)
        wire.close()
        wait(lambda: app.state.streams.open == 0)
        assert app.state.scheduler.queued == 0
        gate.set()
        labeller.label_counted = label
        assert len(answers(post(url, line(text=TEXT)))) == 1


def test_when_the_service_stops_what_was_taken_is_answered(checkpoint: Path) -> None:
    with service(checkpoint) as (app, url):
        wire = Wire(url)
        wire.head()
        wire.send(line(text=TEXT) * 3 + b'{"text"')
        first = wire.line()
        app.state.stopping = True
        read = [first, wire.line(), wire.line(), wire.line()]
        assert [one.get("id") for one in read] == ["0", "1", "2", None]
        assert read[3]["status"] == 503
        assert read[3]["detail"] == "the service is stopping; send the lines from 4 on again"
        wire.send(b': "x"}\n')
        wire.end()
        assert wire.line() is None
        wire.close()
        assert post(url, line(text=TEXT)).status_code == 503


def test_streams_have_a_bound(checkpoint: Path) -> None:
    with service(checkpoint, max_streams=1) as (_, url):
        wire = Wire(url)
        wire.head()
        refused = post(url, line(text=TEXT))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        wire.end()
        assert wire.line() is None
        wire.close()
        assert len(answers(post(url, line(text=TEXT)))) == 1


def test_a_document_that_takes_too_long_does_not_end_the_stream(checkpoint: Path) -> None:
    with service(checkpoint, max_seconds=1) as (app, url):
        labeller = app.state.scheduler.labeller
        label = labeller.label_counted

        def slow(sentences: Any) -> Any:
            if "slow" in sentences[0].text:
                time.sleep(2)
            return label(sentences)

        labeller.label_counted = slow
        problem, after = answers(post(url, line(text="It is slow.") + line(text=TEXT)))
    assert (problem["status"], problem["line"], after["id"]) == (503, 1, "1")


def test_others_are_served_meanwhile(checkpoint: Path) -> None:
    with service(checkpoint) as (_, url), ThreadPoolExecutor(1) as pool:
        streaming = pool.submit(post, url, line(text=TEXT) * 500)
        for _ in range(10):
            began = time.monotonic()
            assert httpx2.post(f"{url}/v1/classify", json={"text": TEXT}, timeout=30).status_code == 200
            assert time.monotonic() - began < 5
        assert len(answers(streaming.result(60))) == 500


@pytest.mark.parametrize("way", ["--data-binary", "-T"])
def test_curl(url: str, tmp_path: Path, way: str) -> None:
    file = tmp_path / "documents.jsonl"
    file.write_bytes(line(text=TEXT) * 3_000)
    given = f"@{file}" if way == "--data-binary" else str(file)
    command = ["curl", "-sS", "-N", "-X", "POST", f"{url}/v1/classify", "-H", "Content-Type: application/x-ndjson"]
    try:
        done = subprocess.run([*command, way, given], capture_output=True, timeout=60, check=True)
    except FileNotFoundError:
        pytest.skip("curl is not installed")
    assert [Document.model_validate_json(each).id for each in done.stdout.splitlines()] == [
        str(number) for number in range(3_000)
    ]


def test_httpx_that_sends_a_generator_and_reads_line_by_line(url: str) -> None:
    def lines() -> Iterator[bytes]:
        for _ in range(500):
            yield line(text=TEXT)

    with httpx2.stream("POST", f"{url}/v1/classify", content=lines(), headers=HEADERS, timeout=30) as response:
        assert sum(1 for _ in response.iter_lines()) == 500
