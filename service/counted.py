"""A network whose input is counted."""

from collections.abc import Callable, Sequence

from model.runtime import BatchingRuntime, Output, Runtime
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


class CountedBatchingRuntime(CountedRuntime):
    """The same for one that runs many windows at a time."""

    def __init__(self, runtime: BatchingRuntime, read: Callable[[int], None]) -> None:
        super().__init__(runtime, read)
        self._batching = runtime
        self.together = runtime.together

    def run_all(self, windows: Sequence[Window]) -> list[Output]:
        """The logits of each window, in order."""
        outputs = self._batching.run_all(windows)
        self._read(sum(window.input_ids.shape[1] for window in windows))
        return outputs


def count_tokens(runtime: Runtime, read: Callable[[int], None]) -> CountedRuntime:
    """``runtime``, which tells ``read`` how many tokens it has read."""
    if isinstance(runtime, BatchingRuntime):
        return CountedBatchingRuntime(runtime, read)
    return CountedRuntime(runtime, read)
