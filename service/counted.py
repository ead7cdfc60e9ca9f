"""A network whose input is counted."""

from collections.abc import Callable

from model.runtime import Output, Runtime
from model.tokens import Window


class CountedRuntime:
    """Runs another runtime and tells how many tokens it read, the cheapest place to know: a window's own length."""

    def __init__(self, runtime: Runtime, read: Callable[[int], None]) -> None:
        self._runtime = runtime
        self._read = read

    def run(self, window: Window) -> Output:
        """The logits of one window."""
        output = self._runtime.run(window)
        self._read(window.input_ids.shape[1])
        return output
