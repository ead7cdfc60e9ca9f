"""Scoring an archive with the shipped checkpoint, and the questions that docs/archives.md puts to its tables."""

import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs/archives.md").read_text(encoding="utf-8")
_TEXTS = (
    "NATO looks away when it is our coast, the minister said. Families fled the shelling and slept in a school.",
    "The minister blamed NATO for the hunger of the children in the besieged town. Talks go on in Geneva.",
    "Ankara threatened Athens again and blamed NATO. Turkey must guard its border against the threat, it said.",
    "The Red Cross says that the United States let the wounded civilians die in the ruins of the hospital.",
    "Washington betrayed its allies, the president of Ukraine complained. Troops will defend the frontier from attack.",
    "The European Union abandoned the starving refugees at the border, a disgrace, doctors said.",
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    rows = [
        {"id": str(n), "text": text, "outlet": ("Herald", "Courier")[n % 2], "date": f"2024-0{1 + n // 4}-11"}
        for n, text in enumerate(_TEXTS)
    ]
    (folder / "news.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    command = [sys.executable, "-m", "frameline", "score", str(folder / "news.jsonl"), "--out", str(folder / "scored")]
    done = subprocess.run([*command, "--workers", "1"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{len(_TEXTS)} documents, ")
    return folder / "scored"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_five_questions_have_the_same_answers_in_duckdb_and_pandas(
    tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tables)
    (block,) = _blocks("sql")
    with duckdb.connect() as connection:
        shares, criticised, frames, most, critics = (
            connection.execute(query).df() for query in block.split(";") if query.strip()
        )
    (code,) = (block for block in _blocks("python") if "pandas" in block)
    theirs: dict[str, pd.DataFrame] = {}
    exec(compile(code, "archives.md", "exec"), theirs)  # noqa: S102

    assert len(shares) == 4
    pd.testing.assert_frame_equal(
        shares.set_index(["outlet", "month"]), theirs["share"], check_dtype=False, check_index_type=False
    )
    assert criticised["critical"].sum() > 0
    pd.testing.assert_frame_equal(
        criticised.set_index(["outlet", "actor"]).sort_index(),
        theirs["criticised"],
        check_dtype=False,
        check_index_type=False,
    )
    assert "nato" in set(frames["actor"])
    pd.testing.assert_frame_equal(
        frames.set_index("actor").drop(columns="mentions").sort_index(),
        theirs["frames"],
        check_dtype=False,
        check_index_type=False,
    )
    assert most.to_dict("records") == theirs["most"].to_dict("records") != []
    assert critics.to_dict("records") == theirs["critics"].to_dict("records") != []


def test_the_example_in_python_runs(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    import gzip

    with gzip.open("news.jsonl.gz", "wb") as stream:
        stream.write((tables.parent / "news.jsonl").read_bytes())
    (code,) = (block for block in _blocks("python") if "import LocalEngine" in block)
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    exec(compile(code, "archives.md", "exec"), {})  # noqa: S102
    for name in ("sentences", "stances"):
        one, other = (pd.read_parquet(folder / name) for folder in (Path("scored"), tables))
        pd.testing.assert_frame_equal(one.drop(columns="sentence_id"), other.drop(columns="sentence_id"))


def test_the_page_names_every_option() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "frameline", "score", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    options = set(re.findall(r"--[a-z-]+", help_text)) - {"--help"}
    assert len(options) > 10
    assert not [option for option in options if f"`{option}" not in PAGE]
