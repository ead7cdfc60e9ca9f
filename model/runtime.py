"""Running the network on one window: ONNX Runtime, without torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model.errors import CheckpointError
from model.tokens import Window

Logits = NDArray[np.float32]
#: Optimisers that make a single-threaded call slower: the joined node takes six times as long as its two parts.
_SLOWER = ["SkipLayerNormFusion"]


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

    #: Sentences that are best labelled at a time.
    together: int

    def run_all(self, windows: Sequence[Window]) -> list[Output]:
        """The logits of each window, in order."""


class OnnxRuntime:
    """An ONNX model, one window a call, each call on one thread.

    Several threads may call at once: that keeps every core busy with no batch and no padding, so a
    sentence's logits cannot depend on its company, as they would with a dynamically quantised model
    whose activation scale is taken over a whole batch.

    Raises:
        CheckpointError: the file is no ONNX model.
    """

    def __init__(self, file: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
            )
        except Exception as error:  # the library raises many kinds
            raise CheckpointError(f"{file}: cannot be loaded as an ONNX model: {error}") from None

    def run(self, window: Window) -> Output:
        """The logits of one window."""
        frames, mentions, stances = self._session.run(list(Output._fields), window.inputs)
        return Output(frames[0], mentions[0], stances[0])
