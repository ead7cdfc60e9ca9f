"""What docs/jobs.md shows is run as it stands there, with real processes and the tiny model."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from model.labeller import Labeller
from service.app import create_app
from service.jobs.job import JobOptions, Status
from service.settings import ServiceSettings
from tests.conftest import ROOT
from tests.service.server import serving

GUIDE = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def url(checkpoint: Path, tmp_path: Path) -> Iterator[str]:
    settings = ServiceSettings(checkpoint=checkpoint, jobs_folder=tmp_path / "data" / "jobs", jobs_workers=1)
    with serving(create_app(settings)) as address:
        yield address


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_are_answered(url: str, tmp_path: Path, labeller: Labeller) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    commands = [f"set -e\n{block}".replace(ADDRESS, url).replace("curl -s ", "curl -sf ") for block in blocks]
    for command in commands:
        subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=120, cwd=tmp_path)  # noqa: S607
    sentences = pq.read_table(tmp_path / "sentences.parquet").to_pylist()
    assert [(row["document"], row["text"], row["outlet"]) for row in sentences] == [
        ("1", "Ankara blamed NATO.", "Herald"),
        ("1", "Talks go on.", "Herald"),
        ("2", "Families fled the town.", "Courier"),
    ]
    for row in sentences:
        (expected,) = labeller.classify(row["text"]).sentences
        assert {score.frame: row[score.frame] for score in expected.frames} == {
            score.frame: score.present for score in expected.frames
        }
    stances = [json.loads(line) for line in (tmp_path / "stances.jsonl").read_bytes().splitlines()]
    assert {row["sentence_id"] for row in stances} <= {row["sentence_id"] for row in sentences}
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    assert [one["url"] for one in manifest["inputs"]] == ["news.csv"]
    assert manifest["counts"]["documents"] == 2
    assert (tmp_path / "rejected.jsonl").read_bytes() == b""
    assert not (tmp_path / "data" / "jobs" / "jobs" / json.loads((tmp_path / "job.json").read_bytes())["id"]).exists()


def test_every_status_and_option_is_in_the_guide() -> None:
    for name in (*Status, *JobOptions.model_fields):
        assert f"`{name}`" in GUIDE
