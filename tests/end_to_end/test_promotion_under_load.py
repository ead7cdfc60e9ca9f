import http.client
import json
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from model.registry import Registry
from tests.checkpoints import vary
from tests.end_to_end.server import Server

CLIENTS = 32
HEADERS = {"Content-Type": "application/json"}
BODY = json.dumps({"text": "Arland said it would guard the border. " * 12}).encode()
#: What each version gives: v1 every frame, v2 none, v3 every frame, by other names.
GIVEN = {"v1": ("guarding", True), "v2": ("guarding", False), "v3": ("holding", True)}


class Clients:
    """Clients with a connection each, which ask all the time and look at every answer."""

    def __init__(self, port: int) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: list[object] = []
        self.stop = threading.Event()
        self._port = port

    def ask(self, _number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            while not self.stop.is_set():
                connection.request("POST", "/v1/classify", BODY, HEADERS)
                answer = connection.getresponse()
                content = json.loads(answer.read())
                if answer.status == 200:
                    self._check(content)
                else:
                    self.wrong.append((answer.status, content))
        except OSError as error:
            self.wrong.append(repr(error))
        finally:
            connection.close()

    def _check(self, content: Any) -> None:
        version = content["model"]["version"].split("+")[1]
        sentences = content["documents"][0]["sentences"]
        seen = {(one["frames"][0]["frame"], score["present"]) for one in sentences for score in one["frames"]}
        self.counts[version] += 1
        if seen != {GIVEN[version]}:
            self.wrong.append((version, seen))


def wait_for(server: Server, version: str) -> None:
    deadline = time.monotonic() + 120
    while server.get("/health/ready")["model"]["version"].split("+")[1] != version:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_promotions_and_rollbacks_under_load_lose_nothing_and_mix_nothing(checkpoint: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    for number, (threshold, renamed) in enumerate([(0.0, {}), (1.0, {}), (0.0, {"guarding": "holding"})]):
        registry.add(vary(checkpoint, tmp_path / str(number), threshold, **renamed), by="ada")
    versions = {version.id: version for version in registry.versions()}
    registry.promote(versions["v1"], None, by="ada")
    with Server(FRAMELINE_REGISTRY=str(registry.folder), FRAMELINE_MAX_WAIT="60") as server:
        clients = Clients(server.port)
        with ThreadPoolExecutor(CLIENTS) as pool:
            for number in range(CLIENTS):
                pool.submit(clients.ask, number)
            try:
                for name in ("v2", "v3", "back", "back", "v3", "v2", "back", "v1"):
                    if name == "back":
                        registry.rollback(by="ada")
                    else:
                        registry.promote(versions[name], registry.pointer().version, by="ada")
                    served = registry.pointer().version
                    assert served is not None
                    wait_for(server, served)
                    before = clients.counts[served]
                    server.process.send_signal(signal.SIGHUP)  # to look again, not to stop
                    while clients.counts[served] < before + CLIENTS:  # each of them has an answer of it
                        time.sleep(0.01)
            finally:
                clients.stop.set()
    assert clients.wrong == []
    assert all(clients.counts[version] >= CLIENTS for version in GIVEN)
