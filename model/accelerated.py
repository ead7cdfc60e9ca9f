"""Running the network on a GPU: many windows at a time, in 16 bits, through ONNX Runtime."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from model.errors import CheckpointError
from model.runtime import Output
from model.tokens import Window

#: Tokens that run at a time; beyond that a GPU gains little and needs more memory.
_BUDGET = 16_384
_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


class AcceleratedRuntime:
    """An ONNX model in floating point, on a GPU where ONNX Runtime finds one.

    Windows of one length run together, up to a budget of tokens, so nothing is padded; nor does a network in
    floating point take a scale from its company, as one that is quantised dynamically would.

    Args:
        file: the model, in float16 or float32.

    Raises:
        CheckpointError: the file is no ONNX model.
    """

    together = 512

    def __init__(self, file: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        available = onnxruntime.get_available_providers()
        try:
            self._session = onnxruntime.InferenceSession(
                str(file), options, providers=[provider for provider in _PROVIDERS if provider in available]
            )
        except Exception as error:  # the library raises many kinds
            raise CheckpointError(f"{file}: cannot be loaded as an ONNX model: {error}") from None

    def run(self, window: Window) -> Output:
        """The logits of one window."""
        return self.run_all([window])[0]

    def run_all(self, windows: Sequence[Window]) -> list[Output]:
        """The logits of each window, in order."""
        outputs: dict[int, Output] = {}
        for batch in _batches(windows):
            inputs = {
                name: np.concatenate([windows[number].inputs[name] for number in batch])
                for name in windows[batch[0]].inputs
            }
            logits = [part.astype(np.float32) for part in self._session.run(list(Output._fields), inputs)]
            for row, number in enumerate(batch):
                outputs[number] = Output(*(part[row] for part in logits))
        return [outputs[number] for number in range(len(windows))]


def _batches(windows: Sequence[Window]) -> Iterator[list[int]]:
    """Which windows run together: those of one length, within the budget."""
    lengths: dict[int, list[int]] = {}
    for number, window in enumerate(windows):
        lengths.setdefault(window.input_ids.shape[1], []).append(number)
    for length, numbers in lengths.items():
        size = max(1, _BUDGET // length)
        for start in range(0, len(numbers), size):
            yield numbers[start : start + size]
