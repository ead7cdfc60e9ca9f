"""Where a service's models come from: a registry, or the checkpoint of its settings."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from model.checkpoint import Checkpoint
from model.codebook import Codebook
from model.errors import FramelineError
from model.prediction import TextDocument
from model.promotion import Pointer
from model.registry import Registry
from service.logs import get_logger
from service.settings import ServiceSettings
from service.worker_labeller import AnyLabeller, open_labeller

_WARM_UP = "Both delegations left the hall before noon."
_logger = get_logger("models")
_Result = TypeVar("_Result")


class Served(NamedTuple):
    """A model, its version in the registry (None: it is that of the settings), and why it is not the one wanted."""

    labeller: AnyLabeller
    version: str | None
    notice: str | None = None


class ModelSource:
    """Loads models.

    Args:
        settings: name the registry, the checkpoint, and further actors.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.registry = None if settings.registry is None else Registry(settings.registry)
        self._settings = settings

    def pointer(self) -> Pointer:
        """The version that is wanted.

        Raises:
            RegistryError: the registry is damaged.
        """
        return Pointer() if self.registry is None else self.registry.pointer()

    def folder(self, version: str | None) -> Path:
        """The folder of the checkpoint of a version, whose files are checked, or for None of the settings.

        Raises:
            FramelineError: the version is missing or damaged.
        """
        if self.registry is None or version is None:
            return self._settings.checkpoint
        return self.registry.checkpoint(self.registry.version(version))

    def describe(self, version: str | None) -> str:
        """Name and version of the model of a version, or for None of the settings; its files are checked.

        Raises:
            FramelineError: it is missing or damaged, or the codebook of the settings has other labels.
        """
        checkpoint, served_as = self._find(version)
        return f"{checkpoint.config.name} {served_as}"

    def load(self, version: str | None) -> AnyLabeller:
        """Load the same, and let it label a sentence, so that the first request does not wait.

        Raises:
            FramelineError: as before.
        """
        checkpoint, served_as = self._find(version)
        labeller = open_labeller(checkpoint, self._codebook(), self._settings.threads, self._settings.processes)
        labeller.config = labeller.config.model_copy(update={"version": served_as})
        labeller.label_counted(labeller.sentences(TextDocument(text=_WARM_UP)))
        return labeller

    def describe_first(self) -> str:
        """Name and version of the model with which a service begins.

        Raises:
            FramelineError: there is none; what is wrong with each that could be.
        """
        return self._first(self.describe)[0]

    def load_first(self) -> Served:
        """Load what is in service, or if that cannot be loaded the last version before it that can.

        Raises:
            FramelineError: none can be loaded; what is wrong with each.
        """
        wanted = self.pointer().version
        labeller, version = self._first(self.load)
        return Served(labeller, version, None if version == wanted else describe_failure(wanted, version))

    def _first(self, attempt: Callable[[str | None], _Result]) -> tuple[_Result, str | None]:
        """What comes of the first version with which something can be done, and which that was."""
        pointer = self.pointer()
        faults = []
        for version in dict.fromkeys((pointer.version, *reversed(pointer.before))):
            try:
                return attempt(version), version
            except FramelineError as error:
                faults.append(error)
                if self.registry is not None:
                    _logger.error("model not loaded", version=version, reason=str(error))
        raise faults[0] if len(faults) == 1 else FramelineError("\n".join(map(str, faults)))

    def _find(self, version: str | None) -> tuple[Checkpoint, str]:
        """A checkpoint, and what answers call its version."""
        checkpoint = Checkpoint.open(self.folder(version))
        served_as = checkpoint.config.version
        if self.registry is not None and version is not None:
            served_as = self.registry.version(version).served_as
        codebook = self._codebook()
        if codebook is not None:
            codebook.check_labels(checkpoint.codebook)
        return checkpoint, served_as

    def _codebook(self) -> Codebook | None:
        return None if self._settings.codebook is None else Codebook.load(self._settings.codebook)


def describe_failure(wanted: str | None, serving: str | None) -> str:
    """What those who watch the service are told when a model cannot be loaded."""
    names = ["the checkpoint of the settings" if name is None else name for name in (wanted, serving)]
    return f"{names[0]} could not be loaded, {names[1]} serves in its place; the log has the reason"
