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

from model.labeller import Labelled, Labeller
from model.unlabelled import Unlabelled
from service.app import create_app
from service.server import Server
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient


@contextmanager
def running(app: FastAPI) -> Iterator[tuple[Server, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(app, "127.0.0.1", port, drain_seconds=5)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server, port
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


def test_a_server_that_skips_the_start_is_not_ready(checkpoint: Path) -> None:
    client = TestClient(create_app(ServiceSettings(checkpoint=checkpoint)))  # not entered, so nothing is loaded
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["detail"]) == (503, "the model is being loaded")
    client.close()
