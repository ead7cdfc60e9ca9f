import hmac
import logging
import os
from pathlib import Path

import pytest

from model.errors import InputError
from service.key_file import KeyFile
from service.key_ring import KeyRing


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


def test_several_keys_are_known_each_by_its_holder(file: KeyFile) -> None:
    made = [file.create(name) for name in ("a", "b", "c")]
    ring = KeyRing(file)
    assert [ring.find(key.encode()) for _, key in made] == [kept.caller for kept, _ in made]
    for wrong in (
        b"",
        b"fl_",
        made[0][1].encode()[:-1],
        made[0][1].encode() + b"x",
        made[0][0].sha256.encode(),
        b"\xff",
    ):
        assert ring.find(wrong) is None


def test_what_is_done_to_the_file_counts_at_once(file: KeyFile) -> None:
    ring = KeyRing(file)
    assert not ring.has_valid
    kept, key = file.create("a")
    assert ring.find(key.encode()) == kept.caller
    assert ring.has_valid
    other, second = file.create("b")
    file.revoke(kept.id)
    assert ring.find(key.encode()) is None
    assert ring.find(second.encode()) == other.caller
    file.revoke(other.id)
    assert not KeyRing(file).has_valid


def test_every_key_is_compared_in_constant_time(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [file.create()[1] for _ in range(4)]
    file.revoke(file.read()[2].id)
    ring = KeyRing(file)
    compared: list[str] = []
    compare = hmac.compare_digest

    def recorded(known: str, sent: str) -> bool:
        compared.append(known)
        return compare(known, sent)

    monkeypatch.setattr(hmac, "compare_digest", recorded)
    for key in (keys[0], keys[2], keys[3], "unknown"):
        compared.clear()
        ring.find(key.encode())
        assert compared == [each.sha256 for each in file.read()]


def test_an_unchanged_file_is_not_read_again(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, key = file.create()
    ring = KeyRing(file)
    monkeypatch.setattr(KeyFile, "read", lambda self: pytest.fail("read again"))
    assert ring.find(key.encode()) == kept.caller


@pytest.mark.parametrize("content", [b"", b"{", b'{"keys": 3}'])
def test_damage_leaves_the_keys_as_they_were_and_is_logged_once(
    file: KeyFile, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    gone, revoked = file.create("gone")
    file.revoke(gone.id)
    kept, key = file.create("a")
    ring = KeyRing(file)
    whole = file.path.read_bytes()
    file.path.write_bytes(content)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert ring.find(key.encode()) == kept.caller
            assert ring.find(revoked.encode()) is None
            assert ring.find(b"anything") is None
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "the keys stay as they were" in record.getMessage()
    caplog.clear()
    file.path.write_bytes(whole)
    with caplog.at_level(logging.INFO):
        assert ring.find(key.encode()) == kept.caller
    assert [record.levelno for record in caplog.records] == [logging.INFO]
    assert key not in caplog.text


def test_a_file_that_cannot_be_read_for_a_while_is_read_when_it_can(
    file: KeyFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept, key = file.create()
    ring = KeyRing(file)
    file.revoke(kept.id)

    def denied(self: KeyFile) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(KeyFile, "read", denied)
        assert ring.find(key.encode()) == ring.find(key.encode()) == kept.caller
    assert caplog.text.count("Permission denied") == 1
    assert ring.find(key.encode()) is None


def test_without_its_file_no_key_is_taken(file: KeyFile, caplog: pytest.LogCaptureFixture) -> None:
    _, key = file.create()
    ring = KeyRing(file)
    file.path.unlink()
    assert ring.find(key.encode()) is None
    assert "valid ones: 0" in caplog.text


def test_a_file_of_the_same_size_and_time_is_noticed(file: KeyFile) -> None:
    _, key = file.create("a")
    ring = KeyRing(file)
    before = file.path.stat()
    other = KeyFile(file.path.with_name("other.json"))
    other.create("b")
    os.utime(other.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.path.replace(file.path)
    assert file.path.stat().st_size == before.st_size
    assert ring.find(key.encode()) is None


def test_damage_from_the_start_stops_the_start(file: KeyFile) -> None:
    file.path.write_bytes(b"{")
    with pytest.raises(InputError, match="damaged"):
        KeyRing(file)
