"""Running the network on a GPU: many windows at a time, in 16 bits, through ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path

import onnxruntime

from model.runtime import Output, open_session, run_batches
from model.tokens import Window

#: Tokens that run at a time; beyond that a GPU gains little and needs more memory.
_BUDGET = 16_384
_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


class AcceleratedRuntime:
    """An ONNX model in floating point, on a GPU where ONNX Runtime finds one.

    Windows of one length run together, up to a budget of tokens, so nothing is padded.

    Args:
        file: the model, in float16 or float32.

    Raises:
        CheckpointError: the file is no ONNX model.
    """

    together = in_bulk = 512

    def __init__(self, file: Path) -> None:
        available = onnxruntime.get_available_providers()
        providers = [provider for provider in _PROVIDERS if provider in available]
        self._session = open_session(file, onnxruntime.SessionOptions(), providers)

    def run(self, window: Window) -> Output:
        """The logits of one window."""
        return self.run_all([window])[0]

    def run_all(self, windows: Sequence[Window]) -> list[Output]:
        """The logits of each window, in order."""
        return run_batches(self._session, windows, _BUDGET)
