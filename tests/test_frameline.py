"""What the command says where a subcommand fails."""

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
