from pathlib import Path

import pytest

from model import atomic
from model.version import METRICS, RUN
from training.claim import claim
from training.run_folder import RunError, RunRecord, read_record


@pytest.fixture
def record(run_folder: Path) -> RunRecord:
    return read_record(run_folder)


def test_a_damaged_record_is_called_damaged(record: RunRecord, codebook_file: Path, tmp_path: Path) -> None:
    claim(tmp_path, record, codebook_file)
    whole = (tmp_path / RUN).read_bytes()
    (tmp_path / RUN).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RunError, match=rf"{RUN}: damaged .*EOF"):
        claim(tmp_path, record, codebook_file)


def test_damaged_metrics_are_called_damaged(record: RunRecord, codebook_file: Path, tmp_path: Path) -> None:
    claim(tmp_path, record, codebook_file)
    (tmp_path / METRICS).write_text('{"history": [', encoding="utf-8")
    with pytest.raises(RunError, match=f"{METRICS}: damaged .*remove it"):
        claim(tmp_path, record, codebook_file)
    (tmp_path / METRICS).write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="this very run, finished"):
        claim(tmp_path, record, codebook_file)


def test_the_record_is_written_as_a_whole_or_not_at_all(
    record: RunRecord, codebook_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, content: bytes) -> None:
        path.write_bytes(content[:50])
        raise OSError("no space left")

    monkeypatch.setattr(atomic, "write_through", fail)
    with pytest.raises(OSError, match="no space left"):
        claim(tmp_path, record, codebook_file)
    assert not list(tmp_path.iterdir())


def test_a_run_of_an_earlier_version_that_listed_other_documents_goes_on(
    record: RunRecord, codebook_file: Path, tmp_path: Path
) -> None:
    claim(tmp_path, record.model_copy(update={"documents": {"train": ("a", "dropped")}}), codebook_file)
    claim(tmp_path, record.model_copy(update={"documents": {"train": ("a",)}}), codebook_file)
    assert read_record(tmp_path).documents == {"train": ("a",)}
