import re
import shlex
from collections.abc import Iterator

import click
import pytest

from frameline import main
from tests.conftest import ROOT

_GUIDES = ("your-own-codebook.md", "retraining.md")


def commands() -> Iterator[str]:
    """The lines that a guide has people type."""
    for guide in _GUIDES:
        text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            yield from (line for line in block.splitlines() if line.startswith("frameline "))


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_of_the_guides_is_one(line: str) -> None:
    """The flow itself is run in test_own_codebook; here every option is one that there is."""
    words = shlex.split(line)[1:]
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, line
        command = found
    command.make_context(command.name, words)
