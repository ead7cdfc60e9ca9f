"""How often Python changes between threads."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

#: Seconds; by default Python waits for 5 ms, in which two sentences could be labelled.
_INTERVAL = 0.0002
_lock = Lock()
_users = 0
_usual = 0.0


@contextmanager
def frequent_switches() -> Iterator[None]:
    """Let threads take turns more often until all who asked for it are done.

    A thread whose network is done needs Python to go on, and waits for the interval (`sys.setswitchinterval`) while
    another one prepares its sentences.
    """
    global _users, _usual
    with _lock:
        if not _users:
            _usual = sys.getswitchinterval()
            sys.setswitchinterval(min(_usual, _INTERVAL))
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                sys.setswitchinterval(_usual)
