"""Running the network on windows: ONNX Runtime, without torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model.errors import CheckpointError
from model.tokens import Window

Logits = NDArray[np.float32]
#: Sentences that a thread takes at a time where few wait: a hand-over of each alone costs more.
TOGETHER = 8
#: Sentences that a thread takes at a time where many wait: of so many, most have company of their length. With more,
#: little is gained, and whoever stops has longer to wait.
_IN_BULK = 256
#: Optimisers that make a single-threaded call slower: the joined node takes six times as long as its two parts.
_SLOWER = ["SkipLayerNormFusion"]
#: Tokens of a call on the CPU, about; with more, what one layer gives no longer stays near the core for the next.
_BUDGET = 512


class Output(NamedTuple):
    """Logits of one window of T tokens, special ones included.

    ``frames`` has shape (F,), ``mentions`` (T, 3) for outside, beginning and inside, ``stances`` (T, S).
    """

    frames: Logits
    mentions: Logits
    stances: Logits


class Runtime(Protocol):
    """Whatever turns a window into logits."""

    def run(self, window: Window) -> Output:
        """The logits of one window."""


@runtime_checkable
class BatchingRuntime(Runtime, Protocol):
    """One that is faster with many windows at a time, and gives each the logits that it has alone, up to rounding."""

    #: Sentences that are best labelled at a time where others wait for their turn, and where nobody does.
    together: int
    in_bulk: int

    def run_all(self, windows: Sequence[Window]) -> list[Output]:
        """The logits of each window, in order."""


class OnnxRuntime:
    """An ONNX model on the CPU, each call on one thread; several threads may call at once.

    Windows of one length run together, so that nothing is padded. A network in int8 whose activations have fixed scales
    gives each window exactly the logits that it has alone, one in float32 the same up to rounding.

    Args:
        file: the model.
        batching: False runs each window by itself, as a network needs whose activations take their scale from
            whatever is run together (dynamic quantisation).

    Raises:
        CheckpointError: the file is no ONNX model.
    """

    together = TOGETHER

    def __init__(self, file: Path, *, batching: bool = True) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        self.in_bulk = _IN_BULK if batching else self.together
        self._budget = _BUDGET if batching else 0
        self._session = open_session(file, options, ["CPUExecutionProvider"], _SLOWER)

    def run(self, window: Window) -> Output:
        """The logits of one window."""
        return self.run_all([window])[0]

    def run_all(self, windows: Sequence[Window]) -> list[Output]:
        """The logits of each window, in order."""
        return run_batches(self._session, windows, self._budget)


def open_session(
    file: Path, options: onnxruntime.SessionOptions, providers: Sequence[str], without: Sequence[str] = ()
) -> onnxruntime.InferenceSession:
    """Load an ONNX model.

    Args:
        file: the model.
        options: how it is to run.
        providers: where, the first that can.
        without: optimisers that are not to be used.

    Raises:
        CheckpointError: the file is no ONNX model.
    """
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(file), options, providers=list(providers), disabled_optimizers=list(without)
        )
    except Exception as error:  # the library raises many kinds
        raise CheckpointError(f"{file}: cannot be loaded as an ONNX model: {error}") from None


def run_batches(session: onnxruntime.InferenceSession, windows: Sequence[Window], budget: int) -> list[Output]:
    """The logits of each window in float32, in order; windows of one length run together.

    Args:
        session: the network.
        windows: what it is to read.
        budget: how many tokens may run at a time; a window runs whatever its length.
    """
    names = list(Output._fields)
    outputs: dict[int, Output] = {}
    for batch in _batches(windows, budget):
        first = windows[batch[0]].inputs
        inputs = (
            first
            if len(batch) == 1
            else {name: np.concatenate([windows[number].inputs[name] for number in batch]) for name in first}
        )
        logits = [part.astype(np.float32, copy=False) for part in session.run(names, inputs)]
        for row, number in enumerate(batch):
            outputs[number] = Output(*(part[row] for part in logits))
    return [outputs[number] for number in range(len(windows))]


def _batches(windows: Sequence[Window], budget: int) -> Iterator[list[int]]:
    """Which windows run together: those of one length, within the budget."""
    lengths: dict[int, list[int]] = {}
    for number, window in enumerate(windows):
        lengths.setdefault(window.input_ids.shape[1], []).append(number)
    for length, numbers in lengths.items():
        size = max(1, budget // length)
        for start in range(0, len(numbers), size):
            yield numbers[start : start + size]
