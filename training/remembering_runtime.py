"""Labelling the same sentences several times, at the cost of once."""

from collections.abc import Iterable

from model.runtime import Output, Runtime
from model.tokens import Window


class RememberingRuntime:
    """A runtime that runs each window once; calibration and thresholds do not change the logits.

    Args:
        runtime: what runs the network; None where every window that will be asked for is remembered.
    """

    def __init__(self, runtime: Runtime | None) -> None:
        self._runtime = runtime
        self._known: dict[tuple[bytes, ...], Output] = {}

    def remember(self, runtime: Runtime, windows: Iterable[Window]) -> None:
        """Run some windows with another network, and say the same of them from then on."""
        for window in windows:
            self._known[_key(window)] = runtime.run(window)

    def run(self, window: Window) -> Output:
        """The logits of one window."""
        key = _key(window)
        if key not in self._known:
            if self._runtime is None:
                raise KeyError("a window that no network has run")
            self._known[key] = self._runtime.run(window)
        return self._known[key]


def _key(window: Window) -> tuple[bytes, ...]:
    return tuple(ids.tobytes() for ids in window.inputs.values())
