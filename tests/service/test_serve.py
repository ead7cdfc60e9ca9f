import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from frameline import main
from service.host import bind
from service.key_file import KeyFile


class Served:
    """Where something would be served, instead of a server."""

    at: tuple[str, int] | None = None

    def __init__(self, app: Any, drain_seconds: float, on_ready: Callable[[], None]) -> None:
        self.on_ready = on_ready

    def run(self, sockets: list[socket.socket]) -> None:
        """Serve nothing."""
        self.on_ready()
        Served.at = sockets[0].getsockname()
        sockets[0].close()


class Held(socket.socket):
    """A socket that says it is bound to an address, which another may use or nobody may."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self.address = (host, port)

    def getsockname(self) -> tuple[str, int]:
        return self.address


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    for name in ("HOST", "PORT", "REQUIRE_KEYS"):
        monkeypatch.delenv(f"FRAMELINE_{name}", raising=False)
    monkeypatch.setenv("FRAMELINE_KEYS_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setattr("service.serve.Server", Served)
    monkeypatch.setattr("service.serve.bind", lambda host, port: [Held(host, port)])
    Served.at = None
    return KeyFile(tmp_path / "keys.json")


def serve(checkpoint: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["serve", "--checkpoint", str(checkpoint), *arguments])


def test_alone_on_its_machine_it_asks_for_no_key(checkpoint: Path, file: KeyFile) -> None:
    done = serve(checkpoint)
    assert done.exit_code == 0
    assert "http://127.0.0.1:8000/docs" in done.stdout
    assert "Authorization" not in done.stdout
    assert Served.at == ("127.0.0.1", 8000)


@pytest.mark.parametrize("by", ["option", "environment"])
def test_where_others_reach_it_it_starts_only_with_a_key(
    checkpoint: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    arguments = ("--host", "0.0.0.0") if by == "option" else ()
    if by == "environment":
        monkeypatch.setenv("FRAMELINE_HOST", "0.0.0.0")
    refused = serve(checkpoint, *arguments)
    assert (refused.exit_code, Served.at) == (2, None)
    assert f"frameline: {file.path} holds no valid key" in refused.stderr
    assert "`frameline keys create`" in refused.stderr
    assert "FRAMELINE_REQUIRE_KEYS=false" in refused.stderr
    _, key = file.create()
    done = serve(checkpoint, *arguments, "--port", "81")
    assert done.exit_code == 0
    assert "-H 'Authorization: Bearer YOUR-KEY'" in done.stdout
    assert key not in done.output
    assert Served.at == ("0.0.0.0", 81)


def test_a_wrong_setting_stops_the_start(checkpoint: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMELINE_RATE_LIMIT", "often")
    done = serve(checkpoint)
    assert (done.exit_code, Served.at) == (2, None)
    assert done.stderr.startswith("frameline: FRAMELINE_RATE_LIMIT: a rate is a count")


def test_a_port_in_use_stops_the_start_before_the_model_is_loaded(
    checkpoint: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.serve.bind", bind)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = serve(checkpoint, "--port", str(port))
    assert (done.exit_code, done.stdout, Served.at) == (2, "", None)
    assert done.stderr == (
        f"frameline: port {port} of 127.0.0.1 is in use: stop what listens there, or give another with --port or "
        "FRAMELINE_PORT\n"
    )


def test_a_free_port_is_told(checkpoint: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.serve.bind", bind)
    done = serve(checkpoint, "--port", "0")
    assert Served.at is not None
    assert Served.at[1] != 0
    assert {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", done.stdout)} == {Served.at[1]}
