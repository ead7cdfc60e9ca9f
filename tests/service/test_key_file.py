import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from model.errors import FramelineError, InputError
from service.api_key import digest
from service.key_file import KeyFile
from tests.conftest import ROOT


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "new" / "keys.json")


def test_only_the_owner_reads_it_and_only_hashes_are_in_it(file: KeyFile) -> None:
    _, key = file.create("newsroom")
    content = file.path.read_text(encoding="utf-8")
    assert key not in content
    assert digest(key.encode()) in content
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    file.path.chmod(0o644)
    file.create()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_what_was_created_is_read(file: KeyFile) -> None:
    assert file.read() == ()
    assert file.version() is None
    first, _ = file.create("newsroom")
    second, _ = file.create()
    assert file.read() == (first, second)
    assert [key.name for key in file.read()] == ["newsroom", ""]


def test_revoking_marks_one_key_and_only_once(file: KeyFile) -> None:
    first, _ = file.create("a")
    second, _ = file.create("b")
    revoked = file.revoke(first.id)
    assert revoked.revoked is not None
    assert file.read() == (revoked, second)
    version = file.version()
    assert file.revoke(first.id) == revoked
    assert file.version() == version
    with pytest.raises(InputError, match="'0'; `frameline keys list`"):
        file.revoke("0")


def test_writers_at_once_lose_no_key(file: KeyFile) -> None:
    code = "from pathlib import Path; from service.key_file import KeyFile; import sys\n"
    code += "for _ in range(10): KeyFile(Path(sys.argv[1])).create('process')"
    command = [sys.executable, "-c", code, str(file.path)]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: KeyFile(file.path).create(str(number))[0], range(24)))
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert set(made) <= set(file.read())
    assert len(file.read()) == 24 + 30
    assert {each.name for each in file.path.parent.iterdir()} <= {"keys.json", "keys.json.lock"}


def test_readers_never_see_half_a_file(file: KeyFile) -> None:
    file.create()
    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(file.create, "x" * 100) for _ in range(40)]
        sizes = []
        while not all(future.done() for future in writing):
            sizes.append(len(file.read()))
    assert sizes == sorted(sizes)
    assert len(file.read()) == 41


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"keys": [{"id": "0"}]}',
        b'{"keys": [], "key": "fl_pasted-by-mistake"}',
        b"[" * 5_000,
    ],
)
def test_a_damaged_file_is_named_and_left_alone(file: KeyFile, content: bytes) -> None:
    file.path.parent.mkdir()
    file.path.write_bytes(content)
    for act in (file.read, file.create, lambda: file.revoke("0")):
        with pytest.raises(InputError) as caught:
            act()
        assert str(caught.value).startswith(f"{file.path}: the keys are damaged")
        assert "fl_pasted" not in str(caught.value)
    assert file.path.read_bytes() == content


def test_two_keys_with_one_id_are_damage(file: KeyFile) -> None:
    file.create()
    (row,) = json.loads(file.path.read_text(encoding="utf-8"))["keys"]
    file.path.write_text(json.dumps({"keys": [row, row]}), encoding="utf-8")
    with pytest.raises(InputError, match="two keys have the same id"):
        file.read()


def test_a_bad_name_is_refused_before_anything_is_written(file: KeyFile) -> None:
    with pytest.raises(InputError, match="^name: a name has only printable characters"):
        file.create("a\nb")
    assert not file.path.parent.exists()


def test_a_failed_write_leaves_what_was_there(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = file.create()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        file.create()
    assert file.read() == (first,)
    assert {each.name for each in file.path.parent.iterdir()} <= {"keys.json", "keys.json.lock"}


def test_a_link_stays_a_link(file: KeyFile, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.json"
    KeyFile(target).create()
    file.path.parent.mkdir()
    file.path.symlink_to(target)
    file.create()
    assert file.path.is_symlink()
    assert len(KeyFile(target).read()) == 2


def test_a_writer_that_waits_in_vain_says_so(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.key_file._WAIT", 0.05)
    file.path.parent.mkdir()
    with FileLock(f"{file.path}.lock"), pytest.raises(FramelineError, match=r"keys\.json\.lock is held by another"):
        file.create()
