"""Jobs of a real service, which is killed on the way."""

import io
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from tests.end_to_end.server import Server

_DEEDS = ("blamed NATO for the hunger of children", "fled the shelling", "will defend the border", "thanked Ankara")


@pytest.fixture
def archive() -> bytes:
    """Articles enough for several shards; each sentence stands in four of them."""
    lines = []
    for number in range(1_600):
        text = " ".join(f"The minister of district {number // 4} {deed}." for deed in _DEEDS)
        lines.append(json.dumps({"id": f"a{number}", "text": text, "outlet": ("Herald", "Courier")[number % 2]}))
    return "\n".join(lines).encode()


def ask(server: Server, path: str, data: bytes | None = None, method: str | None = None) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/v1/jobs{path}",
        data=data,
        method=method,
        headers={"Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def wait(server: Server, job: str, done: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        found = json.loads(ask(server, f"/{job}"))
        if done(found):
            return found
        assert found["status"] not in ("failed", "expired"), found
        time.sleep(0.05)
    raise TimeoutError(found)


def processes(folder: Path) -> list[psutil.Process]:
    """Those that work in the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def finished(job: Any) -> bool:
    return bool(job["status"] == "finished")


def begun(job: Any) -> bool:
    return bool(0 < job["progress"]["share"] < 1)


@pytest.mark.slow
def test_a_service_that_is_killed_goes_on_with_its_job_and_the_tables_are_the_same(
    archive: bytes, tmp_path: Path
) -> None:
    folder = tmp_path / "jobs"
    settings = {"FRAMELINE_JOBS": "true", "FRAMELINE_JOBS_FOLDER": str(folder), "FRAMELINE_THREADS": "1"}
    with Server(**settings) as server:
        job = json.loads(ask(server, "?any_language=true", archive))["id"]
        wait(server, job, begun)
        scoring = processes(folder)
        assert scoring
        assert all(process.nice() > psutil.Process(server.process.pid).nice() for process in scoring)
        assert server.post(b'{"text": "Ankara blamed NATO."}')[0] == 200
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        # nobody else reads the folder now, and its processes end by themselves
        psutil.wait_procs(scoring, timeout=60)
        assert processes(folder) == []
    with Server(**settings) as server:
        other = json.loads(ask(server, "?any_language=true", archive))["id"]
        interrupted, undisturbed = (wait(server, each, finished) for each in (job, other))
        assert interrupted["progress"]["sentences"] == undisturbed["progress"]["sentences"] == 6_400
        for table in ("sentences", "stances"):
            first, second = (
                pq.read_table(io.BytesIO(ask(server, f"/{each}/results?table={table}"))) for each in (job, other)
            )
            assert first.num_rows > 0
            assert first.equals(second)

        last = json.loads(ask(server, "?any_language=true", archive))["id"]
        wait(server, last, begun)
        ask(server, f"/{last}", method="DELETE")
        assert processes(folder) == []
        assert not (folder / "jobs" / last).exists()
