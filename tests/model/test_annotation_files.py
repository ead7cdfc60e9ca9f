from pathlib import Path

import pytest

from model.annotation_files import annotation_files
from model.errors import FaultsError


@pytest.mark.parametrize("again", ["some.jsonl", "other/../some.jsonl", "link.jsonl", ""])
def test_a_file_counts_once(again: str, tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    file.touch()
    (tmp_path / "other").mkdir()
    if again.startswith("link"):
        (tmp_path / again).symlink_to(file)
    with pytest.raises(FaultsError) as caught:
        annotation_files([file, tmp_path / again])
    assert caught.value.faults == [f"{one}: is given twice; give it once" for one in (file, tmp_path / (again or file))]
