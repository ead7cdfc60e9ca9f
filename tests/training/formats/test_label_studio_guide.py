"""What docs/label-studio.md shows of Frameline's own commands is run as it stands there."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from frameline import main
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "label-studio.md").read_text(encoding="utf-8")


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines():
        command, *arguments = shlex.split(line)
        assert command == "frameline"
        assert CliRunner().invoke(main, arguments).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"data", "label-studio.xml", "tasks.json"}
