"""Labels documents over and over in a process of its own, as a user's would be, with nothing else loaded in it.

    python -m benchmarks.labelling

The first line of standard input is a JSON list of documents; after each further line they are all labelled once,
and a line of JSON says how many sentences there are and how many seconds it took.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from model.labeller import Labeller
from model.prediction import TextDocument


class LabellingProcess:
    """The process, seen from the benchmark that drives it."""

    def __init__(self, documents: Sequence[TextDocument]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.labelling"],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(json.dumps([document.model_dump() for document in documents]))

    def measure(self) -> float:
        """Sentences a second over all documents."""
        self._send("again")
        if self._process.stdout is None or not (line := self._process.stdout.readline()):
            raise RuntimeError("the labelling process has ended")
        answer = json.loads(line)
        return float(answer["sentences"] / answer["seconds"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def _send(self, line: str) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the labelling process has no input")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def main() -> None:
    """Label what standard input gives, as often as it asks."""
    documents = [TextDocument.model_validate(document) for document in json.loads(sys.stdin.readline())]
    labeller = Labeller.from_checkpoint()
    for _ in sys.stdin:
        start = time.perf_counter()
        sentences = sum(len(document.sentences) for document in labeller.classify_documents(documents))
        print(json.dumps({"sentences": sentences, "seconds": time.perf_counter() - start}), flush=True)
    labeller.close()


if __name__ == "__main__":
    main()
