import http.client
import json
import socket
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from model.errors import FramelineError
from model.labeller import Labelled, Labeller
from model.unlabelled import Unlabelled
from service.app import create_app
from service.host import bind
from service.server import Server
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient


@contextmanager
def running(app: FastAPI) -> Iterator[tuple[Server, int]]:
    sockets = bind("127.0.0.1", 0)
    server = Server(app, drain_seconds=5)
    thread = threading.Thread(target=server.run, args=[sockets])
    thread.start()
    try:
        yield server, sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)


def ask(connection: http.client.HTTPConnection) -> tuple[int, str]:
    connection.request("GET", "/health/ready")
    answer = connection.getresponse()
    content = json.loads(answer.read())
    return answer.status, content.get("detail", content["status"])


def until(condition: threading.Event | None, server: Server) -> None:
    for _ in range(1000):
        if server.started if condition is None else condition.is_set():
            return
        time.sleep(0.01)
    raise TimeoutError


def test_it_is_ready_from_the_first_labelled_sentence_until_it_is_stopped(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warming, warm = threading.Event(), threading.Event()
    label = Labeller.label_counted

    def slowly(labeller: Labeller, sentences: Iterable[Unlabelled]) -> Labelled:
        warming.set()
        assert warm.wait(20)
        return label(labeller, sentences)

    monkeypatch.setattr(Labeller, "label_counted", slowly)
    app = create_app(ServiceSettings(checkpoint=checkpoint))
    with running(app) as (server, port):
        until(warming, server)
        with pytest.raises(ConnectionRefusedError):
            ask(http.client.HTTPConnection("127.0.0.1", port))
        warm.set()
        until(None, server)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        assert ask(connection) == (200, "ready")
        server.should_exit = True
        while not app.state.stopping:
            time.sleep(0.01)
        assert ask(connection) == (503, "the service is stopping")
        connection.close()
        with pytest.raises(ConnectionRefusedError):
            ask(http.client.HTTPConnection("127.0.0.1", port))
    assert app.state.metrics.registry.get_sample_value("frameline_refused_requests_total", {"reason": "stopping"}) == 1


def test_while_it_stops_it_says_when_to_ask_again(checkpoint: Path) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as client:
        client.app.state.stopping = True  # type: ignore[attr-defined]
        for path in ("/health", "/health/ready"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5")


def test_it_says_that_it_is_ready_once_it_answers(checkpoint: Path) -> None:
    sockets = bind("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    said = []

    def on_ready() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=5):  # refused before the port is open
            said.append(app.state.scheduler.labeller)
        server.should_exit = True

    app = create_app(ServiceSettings(checkpoint=checkpoint))
    server = Server(app, 0, on_ready)
    server.run(sockets)
    assert len(said) == 1


def half_a_request(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(b'POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"te')
    return connection


def test_a_body_that_does_not_come_is_given_up(checkpoint: Path) -> None:
    app = create_app(ServiceSettings(checkpoint=checkpoint, max_seconds=0.2))
    with running(app) as (server, port):
        until(None, server)
        with half_a_request(port) as connection:
            answer = connection.recv(10_000)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"nothing of the body came for 0.2 seconds" in answer


def test_a_request_that_is_not_sent_to_its_end_does_not_keep_the_service_from_stopping(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(ServiceSettings(checkpoint=checkpoint, max_seconds=600))
    with running(app) as (server, port):
        until(None, server)
        server._max_seconds = 0.2
        with half_a_request(port):
            while not server.server_state.tasks:
                time.sleep(0.01)
            server.should_exit = True
            while server.server_state.connections:
                time.sleep(0.01)
            assert app.state.stopping


def test_a_server_that_skips_the_start_is_not_ready(checkpoint: Path) -> None:
    client = TestClient(create_app(ServiceSettings(checkpoint=checkpoint)))  # not entered, so nothing is loaded
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["detail"]) == (503, "the model is being loaded")
    client.close()


def test_who_comes_second_to_a_port_is_told(checkpoint: Path) -> None:
    first = bind("127.0.0.1", 0)
    port = first[0].getsockname()[1]
    second = bind("127.0.0.1", port)
    first[0].listen()
    with pytest.raises(FramelineError, match=f"port {port} of 127.0.0.1 is in use"):
        Server(create_app(ServiceSettings(checkpoint=checkpoint)), drain_seconds=0).run(second)
    first[0].close()
    second[0].close()


def test_a_model_that_cannot_be_loaded_stops_the_start(tmp_path: Path) -> None:
    sockets = bind("127.0.0.1", 0)
    with pytest.raises(SystemExit) as caught:
        Server(create_app(ServiceSettings(checkpoint=tmp_path)), drain_seconds=0).run(sockets)
    assert caught.value.code == 2
    sockets[0].close()
