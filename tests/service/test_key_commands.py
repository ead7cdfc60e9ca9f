import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from service.key_file import KeyFile
from service.key_ring import KeyRing


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    path = tmp_path / "folder" / "keys.json"
    monkeypatch.setenv("FRAMELINE_KEYS_FILE", str(path))
    return KeyFile(path)


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["keys", *arguments])


def test_a_key_is_printed_once_and_alone(file: KeyFile) -> None:
    made = keys("create", "--name", "newsroom")
    assert made.exit_code == 0
    assert re.fullmatch(r"fl_[\w-]{43}\n", made.stdout)
    key = made.stdout.strip()
    (kept,) = file.read()
    assert KeyRing(file).find(key.encode()) == kept.caller
    assert f"key {kept.id}" in made.stderr
    assert key not in made.stderr
    listed = keys("list")
    assert kept.id in listed.stdout
    assert "newsroom" in listed.stdout
    assert key not in listed.output
    assert kept.sha256 not in listed.output


def test_the_list_has_ids_names_and_dates(file: KeyFile) -> None:
    empty = keys("list")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "frameline keys create" in empty.stderr
    keys("create", "--name", "Desk, two")
    keys("create")
    first, second = file.read()
    assert keys("revoke", second.id).exit_code == 0
    head, one, two = keys("list").stdout.splitlines()
    date = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert head.split() == ["id", "created", "revoked", "name"]
    assert re.fullmatch(rf"{first.id}  {date} {{24}}Desk, two", one)
    assert re.fullmatch(rf"{second.id}  {date}  {date}", two)


def test_revoking_says_since_when(file: KeyFile) -> None:
    keys("create")
    (kept,) = file.read()
    first, again = keys("revoke", kept.id), keys("revoke", kept.id)
    assert first.exit_code == again.exit_code == 0
    assert re.fullmatch(rf"Key {kept.id} is revoked since \S+Z\.\n", first.stdout)
    assert again.stdout == first.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("revoke", "00000000"), "frameline: no key has the id '00000000'; `frameline keys list` shows them\n"),
        (("create", "--name", "a\nb"), "frameline: name: a name has only printable characters (seen: 'a\\nb')\n"),
        (("create", "--name", "x" * 101), "frameline: name: String should have at most 100 characters"),
    ],
)
def test_what_cannot_be_done_is_explained(file: KeyFile, arguments: tuple[str, ...], message: str) -> None:
    done = keys(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(message)


def test_a_damaged_file_is_named(file: KeyFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text("{", encoding="utf-8")
    for arguments in (("list",), ("create",), ("revoke", "00000000")):
        done = keys(*arguments)
        assert done.exit_code == 2
        assert done.stderr.startswith(f"frameline: {file.path}: the keys are damaged")


def test_without_a_setting_they_are_in_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRAMELINE_KEYS_FILE", raising=False)
    monkeypatch.setattr("click.get_app_dir", lambda name: str(tmp_path / name))
    assert keys("create").exit_code == 0
    assert len(KeyFile(tmp_path / "frameline" / "keys.json").read()) == 1
