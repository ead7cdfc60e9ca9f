from pathlib import Path

import pytest

from model.checkpoint import DEFAULT
from model.errors import FramelineError
from model.registry import Registry
from training.contender import find_contender


def test_versions_folders_and_the_shipped_one(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    registry = Registry(tmp_path / "registry")
    folder = find_contender(str(checkpoint), registry)
    assert (folder.folder, folder.version) == (checkpoint, None)
    version, _ = registry.add(checkpoint, by="ada")
    (tmp_path / "v1").symlink_to(DEFAULT)
    assert find_contender("v1", registry).version == version
    assert find_contender(str(checkpoint), registry).version == version  # whatever it is called
    assert find_contender("./v1", registry).digest == find_contender("default", registry).digest
    with pytest.raises(FramelineError, match="nor is 'nowhere' a checkpoint's folder or 'default'"):
        find_contender("nowhere", registry)
