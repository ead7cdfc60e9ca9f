"""How far a training is: steps while they go on, and a line about each epoch."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from transformers import TrainerCallback, TrainerState

from training.progress import Steps

#: What an evaluation says of its scores, the first one of them all.
_SCORES = ("score", "frames_average_precision", "mentions_f1", "stances_f1")


class EpochProgress(TrainerCallback):
    """Shows a training's steps with the mean loss of the epoch so far, and says what came of each epoch.

    Args:
        say: takes a line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._steps: Steps | None = None
        self._epoch = ""
        self._loss, self._losses = 0.0, 0
        self._measured = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def add(self, loss: float) -> None:
        """Take the loss of a step."""
        self._loss += loss
        self._losses += 1

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Begin to show steps."""
        self._steps = Steps("training", state.max_steps, state.global_step).__enter__()

    def on_epoch_begin(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Begin with another mean."""
        self._epoch = f"epoch {round(state.epoch or 0) + 1} of {state.num_train_epochs}"
        self._loss, self._losses = 0.0, 0

    def on_step_end(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Show a step."""
        if self._steps is not None:
            self._steps.show(self._epoch, state.global_step, f"loss {self._loss / max(1, self._losses):.3f}")

    def on_prediction_step(
        self, args: Any, state: TrainerState, control: Any, eval_dataloader: Any = None, **given: Any
    ) -> None:
        """Show that the development data are measured on."""
        self._measured += 1
        if self._steps is not None:
            note = f"measuring {self._measured} of {len(eval_dataloader)}"
            self._steps.show(self._epoch, state.global_step, note)

    def on_log(
        self, args: Any, state: TrainerState, control: Any, logs: dict[str, float] | None = None, **given: Any
    ) -> None:
        """Say the loss of an epoch, or its scores."""
        logs = logs or {}
        names = [name for name in _SCORES if f"eval_{name}" in logs]
        said = [f"loss {logs['loss']:.3f}"] if "loss" in logs else []
        said += [f"{name.replace('_', ' ')} {logs[f'eval_{name}']:.3f}" for name in names]
        if not said:
            return
        self._measured = 0
        line = f"{self._epoch}: {', '.join(said)}"
        if self._steps is None:
            self._say(line)
            return
        with self._steps.away():
            self._say(line)

    def on_train_end(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """End; what is measured then is what is kept."""
        self._end()
        self._epoch = "what is kept"

    def _end(self) -> None:
        if self._steps is not None:
            self._steps.__exit__(None, None, None)
            self._steps = None
