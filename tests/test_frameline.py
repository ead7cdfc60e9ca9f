"""What the command says where a subcommand fails."""

import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import frameline


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("no connection\nand no copy"), "frameline: no connection\nframeline: and no copy\n"),
        (ConnectionError(), "frameline: ConnectionError\n"),
        (FileNotFoundError(2, "No such file", "x.json"), "frameline: x.json: No such file\n"),
        (OSError(28, "No space left"), "frameline: the system: No space left\n"),
    ],
)
def test_errors_of_the_system_are_shown_by_what_they_say(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def fail() -> None:
        raise error

    monkeypatch.setattr(frameline._Lazy, "get_command", lambda *_: fail)
    result = CliRunner().invoke(frameline.main, ["fail"])
    assert (result.exit_code, result.stderr) == (2, said)


def test_a_reader_that_goes_away_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stops half-way, such as training whose output `head` reads, does not say that all went well."""

    @click.command()
    def fail() -> None:
        raise BrokenPipeError

    monkeypatch.setattr(frameline._Lazy, "get_command", lambda *_: fail)
    monkeypatch.setattr("os.dup2", lambda *_: None)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        monkeypatch.setattr("sys.stdout", nowhere)
        with pytest.raises(SystemExit) as left:
            frameline.main(["fail"])
    assert left.value.code == 1
