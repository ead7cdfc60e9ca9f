"""The log of a registry: one decision a line, and nothing is ever taken out."""

import os
from pathlib import Path

from pydantic import ValidationError

from model.atomic import write
from model.errors import RegistryError
from model.faults import describe
from model.promotion import Decision


class DecisionLog:
    """Decisions in a file.

    The last of them stands in the pointer before it stands here, so that the log can be completed after a crash.

    Args:
        file: it is made with the first decision.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self, last: Decision | None) -> list[Decision]:
        """Every decision, the oldest first.

        Args:
            last: the one of the pointer.

        Raises:
            RegistryError: the log is damaged.
        """
        decisions = []
        for number, line in enumerate(self._whole_lines(), start=1):
            try:
                decisions.append(Decision.model_validate_json(line))
            except ValidationError as error:
                raise RegistryError(f"{self._file}:{number}: damaged: {'; '.join(describe(error))}") from None
        if last is not None and last.number > len(decisions):  # a crash came between the pointer and the log
            decisions.append(last)
        return decisions

    def append(self, decision: Decision) -> None:
        """Note a decision, and wait until the disk has it."""
        with self._file.open("ab") as stream:
            stream.write(decision.model_dump_json().encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def complete(self, last: Decision | None) -> None:
        """Take out the beginning of a line that a crash has left, and note the pointer's decision if it lacks."""
        whole = self._whole_lines()
        if self._file.is_file() and self._file.stat().st_size != sum(len(line) + 1 for line in whole):
            write(self._file, b"".join(line + b"\n" for line in whole))
        if last is not None and last.number > len(whole):
            self.append(last)

    def _whole_lines(self) -> list[bytes]:
        """The lines without the last one's beginning, if a crash left no more of it."""
        return self._file.read_bytes().split(b"\n")[:-1] if self._file.is_file() else []
