from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from frameline import main
from service.key_file import KeyFile


class Served:
    """What a server was made of, instead of a server."""

    made: tuple[Any, ...] | None = None

    def __init__(self, *made: Any) -> None:
        Served.made = made

    def run(self) -> None:
        """Serve nothing."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    for name in ("HOST", "PORT", "REQUIRE_KEYS"):
        monkeypatch.delenv(f"FRAMELINE_{name}", raising=False)
    monkeypatch.setenv("FRAMELINE_KEYS_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setattr("service.serve.Server", Served)
    Served.made = None
    return KeyFile(tmp_path / "keys.json")


def serve(checkpoint: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["serve", "--checkpoint", str(checkpoint), *arguments])


def test_alone_on_its_machine_it_asks_for_no_key(checkpoint: Path, file: KeyFile) -> None:
    done = serve(checkpoint)
    assert done.exit_code == 0
    assert "http://127.0.0.1:8000/docs" in done.stdout
    assert "Authorization" not in done.stdout
    assert Served.made is not None
    assert Served.made[1:3] == ("127.0.0.1", 8000)


@pytest.mark.parametrize("by", ["option", "environment"])
def test_where_others_reach_it_it_starts_only_with_a_key(
    checkpoint: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    arguments = ("--host", "0.0.0.0") if by == "option" else ()
    if by == "environment":
        monkeypatch.setenv("FRAMELINE_HOST", "0.0.0.0")
    refused = serve(checkpoint, *arguments)
    assert (refused.exit_code, Served.made) == (2, None)
    assert f"frameline: {file.path} holds no valid key" in refused.stderr
    assert "`frameline keys create`" in refused.stderr
    assert "FRAMELINE_REQUIRE_KEYS=false" in refused.stderr
    _, key = file.create()
    done = serve(checkpoint, *arguments, "--port", "81")
    assert done.exit_code == 0
    assert "-H 'Authorization: Bearer YOUR-KEY'" in done.stdout
    assert key not in done.output
    assert Served.made is not None
    assert Served.made[1:3] == ("0.0.0.0", 81)


def test_a_wrong_setting_stops_the_start(checkpoint: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMELINE_RATE_LIMIT", "often")
    done = serve(checkpoint)
    assert (done.exit_code, Served.made) == (2, None)
    assert done.stderr.startswith("frameline: FRAMELINE_RATE_LIMIT: a rate is a count")
