import os
import sys
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace

import pytest

from training.progress import Steps


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time."""
    now = 0.0

    def put(time: float) -> None:
        nonlocal now
        now = time

    monkeypatch.setattr("training.progress.time", SimpleNamespace(monotonic=lambda: now))
    return put


def test_without_a_terminal_there_is_a_line_now_and_then(
    clock: Callable[[float], None], capfd: pytest.CaptureFixture[str]
) -> None:
    with Steps("teacher", 1_000, done=100) as steps:
        for second in range(1, 91):
            clock(second)
            steps.advance()
        with steps.away():
            print("something else")  # noqa: T201
        clock(130)
        steps.show("pupil", 500, "loss 0.250")
    assert capfd.readouterr() == (
        "something else\n",
        "teacher: 130 of 1,000, 0:14:30 left\n"
        "teacher: 160 of 1,000, 0:14:00 left\n"
        "teacher: 190 of 1,000, 0:13:30 left\n"
        "pupil: 500 of 1,000, loss 0.250, 0:02:42 left\n",
    )


def _read_all(terminal: int) -> bytes:
    """What was written to a terminal that is closed; it comes in pieces, and then there is an error or nothing."""
    pieces = []
    with suppress(OSError):
        while piece := os.read(terminal, 1 << 16):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces)


def test_a_terminal_has_one_bar_which_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Steps("epoch 1 of 2", 10) as steps:
            steps.show("epoch 1 of 2", 4, "loss 0.250")
    shown = _read_all(ours).decode()
    assert "4/10" in shown
    assert "loss 0.250" in shown
    assert shown.endswith("\x1b[1A\x1b[2K")
