import json
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from model import Labeller
from tests.conftest import ROOT
from tests.end_to_end.server import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as started:
        yield started


def test_the_example_is_answered_as_by_the_python_api(server: Server, example_text: str) -> None:
    status, answer = server.post((ROOT / "service/example.json").read_bytes())
    assert status == 200
    (document,) = answer["documents"]
    labeller = Labeller.from_checkpoint()
    expected = json.loads(labeller.classify(example_text).model_dump_json())
    labeller.close()
    assert document["sentences"] == expected["sentences"]


def test_many_clients_get_what_one_gets(server: Server) -> None:
    bodies = [json.dumps({"text": f"NATO met {number} times. Russia left."}).encode() for number in range(16)]
    alone = [server.post(body) for body in bodies]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(server.post, bodies * 4)) == alone * 4


def test_ten_megabytes_are_refused_with_the_field(server: Server) -> None:
    status, answer = server.post(json.dumps({"text": "word " * 2_000_000}).encode())
    assert status == 413
    assert answer["errors"][0]["loc"] == ["body"]
    assert "more than 8000000 bytes" in answer["detail"]


def test_a_long_text_is_refused_with_the_field(server: Server) -> None:
    status, answer = server.post(json.dumps({"text": "word " * 250_000}).encode())
    assert status == 422
    assert answer["errors"][0]["loc"] == ["body", "text"]
    assert "at most" in answer["errors"][0]["msg"]


def test_a_long_sentence_is_answered(server: Server) -> None:
    status, answer = server.post(json.dumps({"text": "word " * 9_999 + "NATO."}).encode())
    assert status == 200
    assert answer["documents"][0]["sentences"][0]["end"] == 50_000


@pytest.mark.parametrize("asked", ["GET / HTTP/1.1", "GET /docs HTTP/1.1", "GET /nothing HTTP/1.1", "no request"])
def test_no_answer_is_taken_for_another_type_or_shown_within_another_page(server: Server, asked: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{asked}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        head = b"".join(iter(lambda: connection.recv(65_536), b"")).partition(b"\r\n\r\n")[0].lower()
    for header in (b"x-content-type-options: nosniff", b"x-frame-options: deny", b"referrer-policy: no-referrer"):
        assert head.count(header) == 1


def test_it_tells_how_to_post_and_stops_on_request() -> None:
    started = Server()
    started.wait()
    started.process.send_signal(signal.SIGTERM)
    out, _ = started.process.communicate(timeout=30)
    assert started.process.returncode in (0, -signal.SIGTERM)
    said = out.decode()
    assert f"http://127.0.0.1:{started.port}/docs" in said
    assert "curl -s" in said
    assert "service/example.json" in said
