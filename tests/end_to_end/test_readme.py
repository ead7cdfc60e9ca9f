"""The commands that the README shows are run as they stand there."""

import os
import re
import subprocess

import pytest

from tests.conftest import ROOT
from tests.end_to_end.conftest import BIN

QUICK = re.compile(r"^(echo .*\| )?frameline (classify|annotations|codebook)\b.*$", re.MULTILINE)


def commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [match.group() for block in blocks for match in QUICK.finditer(block) if "PATH" not in match.group()]


@pytest.mark.parametrize("command", commands())
def test_command(command: str) -> None:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, env=environment, check=False)  # noqa: S602
    assert done.returncode == 0, done.stderr.decode()


def test_there_are_commands_to_run() -> None:
    assert len(commands()) >= 3


def test_the_python_example_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102


def test_what_the_readme_shows_is_what_is_answered() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = next(block for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) if block.startswith("example.txt"))
    command = [str(BIN / "frameline"), "classify", "docs/example.txt"]
    environment = {**os.environ, "COLUMNS": "120"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    number = re.compile(r"\d\.\d\d")
    words, said = (" ".join(number.sub("#", part).split()) for part in (shown, run.stdout))
    assert words == said
    # processors differ in how they round the products of eight bits
    for one, other in zip(number.findall(shown), number.findall(run.stdout), strict=True):
        assert abs(float(one) - float(other)) <= 0.03
