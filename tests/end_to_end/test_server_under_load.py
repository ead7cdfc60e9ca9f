import http.client
import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.end_to_end.server import Server

HEADERS = {"Content-Type": "application/json"}
SHORT = json.dumps({"text": "Russia said NATO had failed."}).encode()
LONG = json.dumps({"text": "Russia said NATO had failed. " * 400}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(FRAMELINE_DRAIN_SECONDS="0.5") as started:
        yield started


def ask(server: Server, note: Callable[[str], None], stop: threading.Event) -> None:
    """One client with one connection, which asks until the server refuses a new one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    while not stop.is_set():
        try:
            connection.connect() if connection.sock is None else None
        except OSError:
            return
        try:
            connection.request("POST", "/v1/classify", SHORT, HEADERS)
            answer = connection.getresponse()
            answer.read()
        except OSError:
            note("lost")
            return
        note(str(answer.status))


def test_no_request_is_lost_when_it_is_told_to_stop(server: Server) -> None:
    counts: Counter[str] = Counter()
    stop = threading.Event()
    with ThreadPoolExecutor(16) as pool:
        for _ in range(16):
            pool.submit(ask, server, lambda status: counts.update([status]), stop)
        time.sleep(2)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
    assert counts["200"] > 16
    assert set(counts) <= {"200", "503"}, counts


def test_beyond_its_bound_it_refuses_and_says_when_to_come_back() -> None:
    with Server(FRAMELINE_MAX_WAIT="0.05") as server:
        _, alone = server.post(SHORT)
        statuses: Counter[int] = Counter()

        def ask_once(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("POST", "/v1/classify", SHORT if number % 2 else LONG, HEADERS)
            answer = connection.getresponse()
            content = json.loads(answer.read())
            statuses.update([answer.status])
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) >= 1
            elif number % 2:
                assert content == alone
            connection.close()

        with ThreadPoolExecutor(48) as pool:
            list(pool.map(ask_once, range(96)))
        assert set(statuses) == {200, 503}
        assert server.post(SHORT) == (200, alone)


def test_what_labels_for_it_ends_with_it(server: Server) -> None:
    assert server.post(SHORT)[0] == 200
    labelling = [pid for pid in children(server.process.pid) if "spawn_main" in command(pid)]
    assert labelling
    server.process.kill()
    server.process.wait(30)
    deadline = time.monotonic() + 30
    while any(command(pid) for pid in labelling) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(command(pid) for pid in labelling)


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            content = stat.read_text()
            if int(content.rpartition(")")[2].split()[1]) == parent:
                found.append(int(content.split()[0]))
    return found


def command(pid: int) -> str:
    """What a process was started with; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
