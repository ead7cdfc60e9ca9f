"""The process of a job: it runs ``frameline score``, yields to whatever is more urgent, and ends with the service.

The first line of standard input is a JSON list of the arguments. When standard input ends afterwards, because the
service wants the process to stop or is gone, the run is interrupted as by SIGTERM, which keeps what is finished.
"""

import json
import os
import runpy
import signal
import sys
import time
from threading import Thread

from filelock import FileLock

#: Held by the process of a job, in the folder above that in which it works.
LOCK = "../lock"
_NICENESS = 10
#: Seconds that a run gets to stop in an orderly way.
_PATIENCE = 10.0


def main() -> None:
    """Score."""
    if os.name == "posix":
        os.setpgid(0, 0)  # Ctrl-C is for the service
        os.nice(_NICENESS)
    arguments = json.loads(_read_line())
    Thread(target=_watch, daemon=True).start()
    # The process of the same job whose service was killed may need a moment to notice.
    with FileLock(LOCK):
        sys.argv = ["frameline", *arguments]
        runpy.run_module("frameline", run_name="__main__", alter_sys=True)


def _read_line() -> bytes:
    """The first line, byte by byte below Python's buffers, on which a thread that is never joined must not wait."""
    line = bytearray()
    while (piece := os.read(0, 1 << 16)) and not piece.endswith(b"\n"):
        line += piece
    return bytes(line + piece)


def _watch() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE)
    os._exit(1)


if __name__ == "__main__":
    main()
