"""No Docker engine is at hand in the tests, so they follow the Dockerfile's steps in a clean environment."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def test_the_images_install_steps_give_a_service_without_torch(tmp_path: Path) -> None:
    _, stage, _ = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
    source, prefix = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    for line in stage.splitlines():
        if line.startswith("COPY "):
            *names, target = line.removeprefix("COPY ").split()
            for name in names:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, source / target)
                else:
                    shutil.copy(ROOT / name, source / target)
        elif line.startswith("RUN "):
            command = line.removeprefix("RUN ").replace("/opt/frameline", str(prefix))
            command = re.sub(r"^python ", f"{sys.executable} ", command)
            subprocess.run(shlex.split(command), cwd=source, check=True, capture_output=True)
    python = prefix / "bin/python"
    found = subprocess.run([str(python), "-c", "import torch"], capture_output=True, cwd=tmp_path, check=False)
    assert b"ModuleNotFoundError" in found.stderr
    labelled = subprocess.run(
        [str(prefix / "bin/frameline"), "classify", "--output", "jsonl"],
        input=b"NATO met.",
        capture_output=True,
        cwd=tmp_path,
        check=True,
    )
    assert b'"actor":"nato"' in labelled.stdout
    refused = subprocess.run(
        [str(prefix / "bin/frameline"), "train", "--out", "x"], capture_output=True, cwd=tmp_path, check=False
    )
    assert refused.returncode == 2
    assert b"install the 'train' extra" in refused.stderr
