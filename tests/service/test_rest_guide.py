"""What docs/rest.md shows is run as it stands there, on a server of the tests."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import close_session

from service.app import create_app
from service.settings import ServiceSettings
from tests.conftest import ROOT
from tests.service.server import serving

GUIDE = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def url(checkpoint: Path) -> Iterator[str]:
    with serving(create_app(ServiceSettings(checkpoint=checkpoint))) as address:
        yield address


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_are_answered(url: str) -> None:
    answers = []
    for block in blocks("sh"):
        command = f"set -e\n{block}".replace(ADDRESS, url).replace("curl -s ", "curl -s -w '\\n' ")
        done = subprocess.run(command, shell=True, capture_output=True, check=True, timeout=60)  # noqa: S602
        answers += [json.loads(line) for line in done.stdout.splitlines() if line]
    refused = [answer["status"] for answer in answers if isinstance(answer, dict) and "title" in answer]
    assert refused == [422, 422, 422]
    assert len(answers) == 2 + 3 + 2 + 6


def test_the_python_example_runs(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    for block in blocks("python"):
        exec(compile(block.replace(ADDRESS, url), "rest.md", "exec"), {})  # noqa: S102
    close_session()
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {"guarding", "fleeing"}
