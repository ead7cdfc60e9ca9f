"""Streams of a real process: their memory, and how they end when it stops."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ROOT
from tests.service.test_stream import Wire, answers, line, post

TEXT = "The Kremlin said it had acted in self-defence. Families fled the shelling of Kharkiv."
LARGE = json.dumps({"text": TEXT * 20}).encode() + b"\n"


@contextmanager
def started(**settings: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "frameline", "serve", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **settings},
    )
    try:
        for _ in range(600):
            assert process.poll() is None
            try:
                httpx2.get(f"{url}/health/ready")
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield process, url
    finally:
        process.kill()
        process.wait()


def resident(process: "subprocess.Popen[bytes]") -> int:
    """Peak resident memory, in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM")) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_twenty_thousand_documents_take_no_more_memory_than_two_thousand(checkpoint: Path) -> None:
    with started(FRAMELINE_CHECKPOINT=str(checkpoint)) as (process, url):
        assert len(answers(post(url, line(text=TEXT) * 2_000))) == 2_000
        before = resident(process)
        received = answers(post(url, line(text=TEXT) * 20_000))
        assert [document["id"] for document in received] == [str(number) for number in range(20_000)]
        assert resident(process) - before < 5_000_000  # of more than 10 MB that came back


def test_a_stop_finishes_what_was_taken() -> None:
    with started() as (process, url):
        wire = Wire(url)
        wire.head()
        wire.send(line(text=TEXT) * 2)
        read = [wire.line()]
        process.send_signal(signal.SIGTERM)
        while (answer := wire.line()) is not None:
            read.append(answer)
        wire.close()
        assert [one.get("status") for one in read] == [None, None, 503]
        assert read[-1]["detail"] == "the service is stopping; send the lines from 3 on again"
        process.wait(10)


def test_a_stop_does_not_wait_for_who_does_not_read() -> None:
    with started(FRAMELINE_MAX_SECONDS="2") as (process, url):
        wire = Wire(url, receive_buffer=4096)
        wire.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            for _ in range(100_000):
                wire.send(LARGE)
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        wire.close()
