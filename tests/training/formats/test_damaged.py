"""Every fault of a hundred damaged files is named, with the file and the place, and none is a traceback."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from frameline import main
from model.codebook import Codebook
from model.errors import FaultsError
from tests.training.formats.damage import write_damaged
from training.formats.intake import Intake
from training.formats.registry import NAMES, read_formats

_FORMAT = re.compile("|".join(sorted(NAMES, key=len, reverse=True)))


def faults_of(path: Path, folder: Path, codebook: Codebook) -> list[str]:
    named = _FORMAT.match(str(path.relative_to(folder)))
    intake = Intake(codebook)
    read_formats([path], None if named is None else named[0], intake)
    with pytest.raises(FaultsError) as caught:
        intake.finish()
    return caught.value.faults


def test_every_fault_is_named(codebook: Codebook, tmp_path: Path) -> None:
    damaged = write_damaged(tmp_path, codebook)
    assert len({path for path, _ in damaged}) == 100
    unnamed = []
    for path, fault in damaged:
        faults = faults_of(path, tmp_path, codebook)
        assert all(line.startswith(str(path)) for line in faults)
        if not any(fault in line for line in faults):
            unnamed.append((path.name, fault, faults))
    assert not unnamed


def test_the_command_names_the_faults_of_all_files_at_once(
    codebook: Codebook, codebook_file: Path, tmp_path: Path
) -> None:
    damaged = [pair for pair in write_damaged(tmp_path, codebook) if pair[0].name.startswith(("jsonl-", "csv-"))]
    out = tmp_path / "out.jsonl"
    arguments = [*(str(path) for path, _ in damaged), "--out", str(out), "--codebook", str(codebook_file)]
    result = CliRunner().invoke(main, ["annotations", "import", *arguments])
    assert result.exit_code == 2
    assert not out.exists()
    for path, _ in damaged:
        assert str(path) in result.output
    assert "nothing was written" in result.output
    assert "Traceback" not in result.output
