import json
from pathlib import Path

import pytest

from model.checkpoint import DEFAULT
from model.errors import FramelineError
from model.registry import Registry
from tests.checkpoints import vary
from training.contender import find_contender


def made_of(run: Path, documents: dict[str, list[str]], base: Path | None = None) -> Path:
    run.mkdir()
    record = {"settings": {}, "data": {}, "documents": documents, "base": None if base is None else str(base)}
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (run / "metrics.json").write_text("{}", encoding="utf-8")
    return run


def test_what_a_version_was_made_from_has_been_seen_by_it_too(checkpoint: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    first = made_of(tmp_path / "one", {"train": ["a", "b"], "development": ["c"], "test": ["d"]})
    second = made_of(tmp_path / "two", {"train": ["d"], "development": ["b"]}, first)
    registry.add(checkpoint, first, by="ada")
    registry.add(vary(checkpoint, tmp_path / "other", 1.0), second, by="ada")
    registry.add(vary(checkpoint, tmp_path / "third", 0.5), by="ada", parent="v2")
    learned = [find_contender(name, registry).learned for name in ("v1", "v2", "v3", "default")]
    assert learned[0] == {"a": "train", "b": "train", "c": "development"}
    assert learned[1] == {"a": "train", "b": "development", "c": "development", "d": "train"}
    assert learned[2:] == [None, None]


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
