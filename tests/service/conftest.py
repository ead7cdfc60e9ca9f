"""A file with one key, for the tests of what asks for keys."""

import pytest

from service.key_file import KeyFile


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    return KeyFile(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="module")
def key(file: KeyFile) -> str:
    return file.create("newsroom")[1]
