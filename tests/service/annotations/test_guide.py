"""What docs/correcting.md shows of the REST service is run as it stands there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from service.app import create_app
from service.settings import ServiceSettings
from tests.conftest import ROOT
from tests.service.server import serving

GUIDE = (ROOT / "docs" / "correcting.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_are_answered(checkpoint: Path, tmp_path: Path) -> None:
    (block,) = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    settings = ServiceSettings(checkpoint=checkpoint, database=f"sqlite:///{tmp_path / 'a.db'}")
    with serving(create_app(settings)) as url:
        command = f"set -e\n{block}".replace("http://127.0.0.1:8000", url).replace("curl -s", "curl -s -w '\\n'")
        done = subprocess.run(command, shell=True, capture_output=True, check=True, timeout=60)  # noqa: S602
    kept, listed, line = (json.loads(each) for each in done.stdout.splitlines() if each)
    assert kept["annotations"] == listed["annotations"]
    assert line["text"] == "The minister left."
