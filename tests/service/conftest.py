"""What the tests of the service share: no worker processes unless a test wants them, a
folder of jobs, and a file with one key."""

from collections.abc import Iterator

import pytest

from service.key_file import KeyFile


@pytest.fixture(scope="package", autouse=True)
def in_one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMELINE_PROCESSES", "false")
        patch.setenv("FRAMELINE_JOBS_FOLDER", str(tmp_path_factory.mktemp("data") / "jobs"))
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    return KeyFile(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="module")
def key(file: KeyFile) -> str:
    return file.create("newsroom")[1]
