"""A report on invented tables, made once."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from frameline import main
from tests.service.archive_report.tables import write_tables

REJECTIONS: list[dict[str, Any]] = [
    *(
        {"input": "a.jsonl", "record": n, "line": n + 1, "id": None, "kind": "fault", "reason": f"no JSON: column {n}"}
        for n in range(7)
    ),
    *(
        {"input": "b.csv", "record": n, "line": None, "id": f"d{n}", "kind": "language", "reason": f"'de' (0.9{n})"}
        for n in range(3)
    ),
    {"input": "c.warc", "record": None, "line": None, "id": None, "kind": "fault", "reason": "<b>cut</b> off"},
]


def run(*arguments: object) -> Result:
    """Run ``frameline report``."""
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


@pytest.fixture(scope="package")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tables with its report."""
    folder = write_tables(tmp_path_factory.mktemp("archive") / "scored", rejections=REJECTIONS)
    result = run(folder)
    assert result.exit_code == 0, result.output
    return folder
