"""Whatever is damaged is named, ends nothing, and costs no sound record."""

from pathlib import Path

import pytest

from service.archive.article import Article, Columns, Rejection
from service.archive.articles import read
from service.archive.inputs import find_inputs
from service.archive.surveys import survey
from tests.service.archive.damage import SOUND, write_damaged


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, str]]:
    return write_damaged(tmp_path_factory.mktemp("damaged"))


def test_two_hundred_inputs_are_named_and_none_is_fatal(damaged: list[tuple[Path, str]]) -> None:
    unnamed, lost = [], []
    for path, named in damaged:
        reasons, records = _read_all(path)
        if not any(named in reason for reason in reasons):
            unnamed.append((path.name, named, reasons))
        sound = sum(isinstance(record, Article) for record in records)
        if len(records) == SOUND + 1 and sound < SOUND:
            lost.append((path.name, sound))
    assert (unnamed, lost) == ([], [])
    assert len(damaged) >= 200


def test_they_are_the_same_whenever_they_are_made(damaged: list[tuple[Path, str]], tmp_path: Path) -> None:
    for (one, _), (other, _) in zip(damaged, write_damaged(tmp_path), strict=True):
        assert one.name == other.name
        assert one.read_bytes() == other.read_bytes()


def _read_all(path: Path) -> tuple[list[str], list[Article | Rejection]]:
    (source,) = find_inputs([str(path)])
    found = survey(source, Columns(), records=7, size=1 << 20)
    records = [record for extent in found.extents for record in read(extent, Columns(), found.columns)]
    assert len(records) == found.records
    reasons = [record.reason for record in records if isinstance(record, Rejection)]
    return [*([found.fault] if found.fault else []), *reasons], records
