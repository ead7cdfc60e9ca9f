"""Stands in for the process of a job: it does what the file that it is given says, and does it at once."""

import json
import os
import signal
import sys
from pathlib import Path

from service.archive.errors import DiskError


def say(event: str, **values: object) -> None:
    sys.stderr.write(json.dumps({"event": event, **values}) + "\n")
    sys.stderr.flush()


def main() -> None:
    arguments = json.loads(sys.stdin.buffer.readline())
    Path("../arguments.json").write_text(json.dumps(arguments), encoding="utf-8")
    with Path("../pids").open("a", encoding="utf-8") as pids:
        pids.write(f"{os.getpid()}\n")
    deed = json.loads(Path(arguments[-1]).read_text(encoding="utf-8"))["text"]
    sys.stderr.write("a line that is no event, and quotes Zanzibarcanary\n")
    say("progress", documents=1, documents_total=4, sentences=3, rejected=0, saved=1, share=0.25, seconds_left=9.5)
    out = Path("../out")
    out.mkdir(exist_ok=True)
    if deed == "wait":
        sys.stdin.buffer.read()
        sys.exit(130)
    if deed == "grow":
        (out / "large").write_bytes(bytes(300_000))
        sys.stdin.buffer.read()
    if deed == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if deed == "change":  # the model is another one when the run goes on
        plan, runs = out / "plan.json", len(Path("../pids").read_text(encoding="utf-8").splitlines())
        if plan.exists():
            say("failed", message="../out: holds another run")
            sys.exit(2)
        plan.touch()
        if runs == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    if deed == "stop":
        say("failed", message=str(DiskError("../out", "No space left on device")))
        sys.exit(1)
    if deed == "fail":
        say("failed", message="news.jsonl: has no column 'body'")
        sys.exit(2)
    counts = {"documents": 3, "sentences": 8, "saved": 1, "rejected": {"fault": 1, "language": 0}}
    if deed == "aside":
        counts = {"documents": 0, "sentences": 0, "saved": 0, "rejected": {"fault": 1, "language": 3}}
    manifest = {"counts": counts, "options": {"model": "/srv/model", "codebook": "/srv/codebook", "language": "en"}}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    sys.exit(3 if deed in ("aside", "strict") else 0)


main()
