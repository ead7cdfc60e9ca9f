from pathlib import Path

import pytest

from service.archive.errors import DiskError
from service.archive.folder import Folder, LocalFolder, open_folder


@pytest.fixture(params=["disk", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    if request.param == "disk":
        return open_folder((tmp_path / "out").as_uri())
    return open_folder(f"memory://{tmp_path}/out")


def test_both_kinds_have_the_same_verbs(folder: Folder) -> None:
    assert (folder.read("a"), folder.names(), folder.names("done")) == (None, [], [])
    folder.write("a", b"one\ntwo\n")
    folder.write("done/1", b"")
    with folder.writing("done/0") as stream:
        stream.write(b"x")
        stream.write(b"y")
    assert (folder.read("a"), folder.read("done/0")) == (b"one\ntwo\n", b"xy")
    assert list(folder.lines("a")) == [b"one\n", b"two\n"]
    assert (folder.names(), folder.names("done")) == (["a", "done"], ["0", "1"])
    for name in ("a", "done", "absent"):
        folder.remove(name)
    assert folder.names() == []


def test_a_file_that_is_not_finished_does_not_appear(folder: Folder) -> None:
    folder.write("a", b"before")
    with pytest.raises(RuntimeError), folder.writing("a") as stream:
        stream.write(b"half")
        raise RuntimeError
    assert (folder.read("a"), folder.names()) == (b"before", ["a"])


def test_a_full_disk_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = LocalFolder(str(tmp_path))
    with pytest.raises(DiskError, match=r"(?s)cannot be written \(No space left.*make room"), folder.writing("a"):
        raise OSError(28, "No space left on device")
    assert folder.names() == []
