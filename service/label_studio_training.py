"""What happens with the annotations that Label Studio's webhook tells of: they are kept, and trained on."""

from collections.abc import Mapping
from pathlib import Path
from threading import RLock
from typing import Any

from filelock import FileLock, Timeout
from pydantic import Field

from model.codebook import Schema
from model.errors import FramelineError
from service.label_studio_events import TRAINED, LabelStudioEvents
from service.logs import get_logger
from service.settings import ServiceSettings, split_command
from service.training_runs import TrainingRun, TrainingRuns

_ASKED = "START_TRAINING"
_logger = get_logger("training")


class LabelStudioState(Schema):
    """What is kept of Label Studio's annotations, and how the training stands."""

    enabled: bool = Field(description="Whether what the webhook sends is kept.")
    annotations: int = Field(default=0, description="Annotations that are kept.")
    changed: int = Field(default=0, description="Those that were made, changed or deleted since the last run began.")
    train_after: int | None = Field(default=None, description="Changes after which training starts; null: never.")
    run: TrainingRun | None = Field(default=None, description="The run that is going on, or the last one.")


class LabelStudioTraining:
    """Keeps events, and starts the command whenever enough annotations have changed.

    Args:
        folder: where everything is kept; it is made, and belongs to one service at a time.
        settings: the command and when to start it.

    Raises:
        FramelineError: another service has the folder, its events are damaged, or no command can be run here.
    """

    def __init__(self, folder: Path, settings: ServiceSettings) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._owned = FileLock(folder / "service.lock", timeout=0, thread_local=False)
        try:
            self._owned.acquire()
        except Timeout:
            raise FramelineError(
                f"FRAMELINE_LABEL_STUDIO_FOLDER: {folder} belongs to another running service; give this one its own"
            ) from None
        self._lock = RLock()
        self._after = settings.label_studio_changes
        try:
            self._events = LabelStudioEvents(folder)
            command = settings.label_studio_command
            self._runs = None if command is None else TrainingRuns(folder, split_command(command), self._consider)
        except BaseException:
            self._owned.release()
            raise
        self._consider()

    @property
    def state(self) -> LabelStudioState:
        """How it stands now."""
        with self._lock:
            return LabelStudioState(
                enabled=True,
                annotations=self._events.annotations,
                changed=self._events.changed,
                train_after=None if self._runs is None else self._after,
                run=None if self._runs is None else self._runs.last,
            )

    def add(self, event: Mapping[str, Any]) -> None:
        """Keep an event, and train if it is time to, or if that is what the event asks for."""
        with self._lock:
            if event["action"] == _ASKED:
                self._train()
            elif self._events.add(event):
                self._consider()

    def close(self) -> None:
        """Stop training and give the folder back."""
        if self._runs is not None:
            self._runs.close()
        self._owned.release()

    def _consider(self) -> None:
        with self._lock:
            if self._events.changed >= self._after:
                self._train()

    def _train(self) -> None:
        """Start a run; where the system cannot, the events stay kept, and the next one tries again."""
        try:
            if self._runs is not None and self._runs.start(self._events.tasks):
                self._events.add({"action": TRAINED})
        except OSError as error:
            _logger.error("training cannot start", error=str(error))
