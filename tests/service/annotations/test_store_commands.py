from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.annotation import read_annotations
from model.codebook import Codebook
from service.annotations.store import Store
from tests.service.annotations.sent import ADA, BO, sent


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "annotations.db"
    monkeypatch.setenv("FRAMELINE_DATABASE", f"sqlite:///{file}")
    return file


def export(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["store", "export", *arguments])


def test_what_holds_is_written_as_training_reads_it(database: Path, tmp_path: Path, codebook: Codebook) -> None:
    store = Store.open(f"sqlite:///{database}")
    store.add([sent(id="s"), sent(id="t")], ADA, "tiny-1")
    store.add([sent(id="s", frames=[]), sent(id="t")], BO, "tiny-1")
    store.withdraw("t", ADA)
    out = tmp_path / "out.jsonl"
    result = export("--out", str(out))
    assert (result.exit_code, result.stdout) == (0, f"{out}: 3 annotations\n")
    assert f"Next: frameline annotations hold-out {out}" in result.stderr
    found = [(one.id, one.annotator) for one in read_annotations([out], codebook)]
    assert found == [("s", "Ada"), ("s", "Bo"), ("t", "Bo")]
    result = export("--out", str(out))
    assert result.exit_code == 2
    assert "is there already" in result.output
    for arguments, number in (["--annotator", "Ada"], 1), (["--document", "x"], 0), (["--since", "2000-01-01"], 3):
        result = export("--out", str(tmp_path / f"{arguments[0]}.jsonl"), *arguments)
        assert result.stdout.endswith(f": {number} annotations\n")
    assert export("--out", str(tmp_path / "new"), "--annotator", "").exit_code == 2
    store.close()


def test_no_database_is_made_to_export_from_it(database: Path, tmp_path: Path) -> None:
    result = export("--out", str(tmp_path / "out.jsonl"))
    assert result.exit_code == 2
    assert "nothing was corrected yet" in result.output
    assert not database.exists()
    assert not (tmp_path / "out.jsonl").exists()


def forget(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["store", "forget", *arguments], input=answer)


def test_what_must_not_be_kept_is_removed_once_that_is_confirmed(database: Path) -> None:
    assert "nothing was corrected yet" in forget("--document", "d").output
    store = Store.open(f"sqlite:///{database}")
    store.add([sent(id="s"), sent(id="t")], ADA, "tiny-1")
    store.add([sent(id="s", frames=[])], ADA, "tiny-1")
    assert "say of what" in forget().output
    assert "nothing of that is kept" in forget("--document", "x", "--yes").output
    assert forget("--document", "").exit_code == 2
    assert forget("--document", "d", answer="n\n").exit_code == 1
    assert store.count() == 3
    result = forget("--document", "d", answer="y\n")
    assert (result.exit_code, store.count()) == (0, 0)
    assert "Remove 3 versions of 2 sentences for good?" in result.output
    assert result.output.endswith("3 versions of 2 sentences removed\n")
    store.close()
