"""No Docker engine is at hand in the tests, so they follow the Dockerfile's steps in a clean environment."""

import json
import os
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
    _, stage, image = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
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
    (command,) = re.findall(r"^CMD (.*)$", image, re.MULTILINE)
    without_key = subprocess.run(
        [str(prefix / "bin/frameline"), *json.loads(command)],
        env={**os.environ, "FRAMELINE_KEYS_FILE": str(tmp_path / "keys.json")},
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert without_key.returncode == 2
    assert b"`frameline keys create`" in without_key.stderr


def test_the_images_keys_are_where_the_guide_puts_its_volume() -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[-1]
    (file,) = re.findall(r"^ENV FRAMELINE_KEYS_FILE=(.*)$", image, re.MULTILINE)
    folder = str(Path(file).parent)
    assert re.search(rf"install -d -o frameline .* {folder}$", image, re.MULTILINE)
    guide = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    assert set(re.findall(r"-v \S+?:(\S+)", guide)) == {folder}
