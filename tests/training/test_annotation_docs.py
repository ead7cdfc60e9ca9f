"""What docs/annotations.md shows works as shown."""

import csv
import json
import re
import shlex
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from frameline import main
from model.annotation import Annotation
from model.codebook import Codebook
from tests.conftest import ROOT
from training.formats.doccano import Doccano
from training.formats.intake import Intake
from training.formats.registry import NAMES, read_formats

PAGE = (ROOT / "docs/annotations.md").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line) for line in blocks.splitlines() if line.strip()]


def test_the_commands_run(
    annotations: list[Annotation],
    codebook: Codebook,
    codebook_file: Path,
    encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/annotations").mkdir(parents=True)
    (tmp_path / "data/annotations/codebook.yaml").write_bytes(codebook_file.read_bytes())
    Doccano().write(annotations, tmp_path / "exported.jsonl", codebook)
    ben = [
        one.model_copy(update={"annotator": "ben", "frames": () if one.id == "s3" else one.frames})
        for one in annotations
    ]
    for name, rows in (("ben", ben), ("corrected", annotations)):
        lines = "".join(one.model_dump_json() + "\n" for one in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    table = {"sentence_id": [f"s{n}" for n in range(400)], "document": [f"d{n}" for n in range(400)]}
    table |= {
        "text": [f"{n:b} {n:o} {n:x} {n * n} {n * 7}" for n in range(400)],
        "genre": ["ab"[n % 2] for n in range(400)],
    }
    (tmp_path / "scored/sentences").mkdir(parents=True)
    probabilities = {f"{frame}_probability": [n / 400 for n in range(400)] for frame in codebook.frame_ids}
    pq.write_table(pa.table({**table, **probabilities}), tmp_path / "scored/sentences/part-000000.parquet")

    for command in commands():
        if "adjudicate" in command:
            _decide(tmp_path / "conflicts.csv")
        if "estimate" in command:
            done = (tmp_path / "sample.jsonl").read_text(encoding="utf-8").replace('"nobody"', '"ana"')
            (tmp_path / "annotated.jsonl").write_text(done, encoding="utf-8")
        extra = ["--encoder", str(encoder)] if "suggest" in command else []
        result = CliRunner().invoke(main, [*command[1:], *extra])
        assert result.exit_code == 0, (command, result.output)
    (record,) = (
        json.loads(line) for line in Path("adjudicated.record.jsonl").read_text().splitlines() if '"id": "s3"' in line
    )
    assert record["decisions"][0]["decision"] == "ana"


def _decide(sheet: Path) -> None:
    rows = list(csv.reader(sheet.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 2
    rows[1][rows[0].index("decision")] = "ana"
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def test_the_table_of_formats_is_complete() -> None:
    assert all(f"| `{name}` |" in PAGE for name in NAMES)


def test_the_small_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "start.csv"
    path.write_text(re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0], encoding="utf-8")
    intake = Intake(Codebook.load(ROOT / "data/annotations/codebook.yaml"), "ana")
    assert read_formats([path], None, intake) == ["csv"]
    (found,) = intake.finish()
    assert found.frames == ("security_justification",)
