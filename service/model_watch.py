"""Following a registry: the version that it puts into service serves, without a pause."""

import asyncio
import signal
import threading
import weakref
from contextlib import suppress

from model.errors import FramelineError
from service.labelling import model_info
from service.logs import get_logger
from service.memory import give_back
from service.metrics import Metrics
from service.model_in_service import ModelInService
from service.model_source import ModelSource, Served, describe_failure
from service.scheduler import Scheduler
from service.worker_labeller import AnyLabeller

#: Seconds between two looks at the registry.
_POLL = 0.5
_logger = get_logger("models")


class ModelWatch:
    """Looks at the registry every half second, and when it is told to.

    A version that was put into service is loaded in a thread, beside the one that serves, and labels a sentence; then
    it takes over what is asked from then on. One that cannot be loaded leaves the other where it is, and is tried
    again when the registry changes or when the process gets SIGHUP.

    Args:
        source: loads the models.
        scheduler: labels by them.
        metrics: are told.
        served: what serves at first.
    """

    def __init__(self, source: ModelSource, scheduler: Scheduler, metrics: Metrics, served: Served) -> None:
        #: Why not the version that is in service serves; None if it does.
        self.notice = served.notice
        self._version = served.version
        self._source = source
        self._scheduler = scheduler
        self._metrics = metrics
        self._seen: tuple[int, ...] | None = None
        self._woken = asyncio.Event()
        self._before: list[weakref.ref[AnyLabeller]] = []
        metrics.outdated(self.notice is not None)

    async def run(self) -> None:
        """Follow the registry, if there is one, until cancelled."""
        registry = self._source.registry
        if registry is None:
            return
        if not registry.exists:
            _logger.warning("no registry there yet", folder=str(registry.folder))
        self._listen()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._woken.wait()
            await self._tidy()
            stamp = await asyncio.to_thread(registry.stamp)
            if stamp != self._seen or self._woken.is_set():
                self._woken.clear()
                self._seen = stamp
                await self._follow(gone=stamp is None and self._version is not None)

    def look(self) -> None:
        """Look at the registry now, and try again what failed; in the event loop."""
        self._woken.set()

    async def model(self) -> ModelInService:
        """The model that serves at this moment, for others who label by it, too.

        Raises:
            FramelineError: its checkpoint is damaged, or there no longer.
        """
        labeller, version = self._scheduler.labeller, self._version
        codebook, served_as = labeller.codebook, None if version is None else labeller.config.version
        del labeller  # another one may take over meanwhile
        folder = await asyncio.to_thread(self._source.folder, version)
        return ModelInService(folder.absolute(), codebook, served_as)

    def _listen(self) -> None:
        if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.look)

    async def _follow(self, *, gone: bool) -> None:
        if gone:  # as when a disk is missing; to have no version in service is something else
            self._complain("the registry is gone, the model stays as it was", None, self._version)
            return
        try:
            wanted = (await asyncio.to_thread(self._source.pointer)).version
        except Exception as error:  # whatever it is, here and below, the service goes on
            self._complain("the registry cannot be read, the model stays as it was", error, self._version)
            return
        try:
            if wanted != self._version:
                self._take_over(await asyncio.to_thread(self._source.load, wanted), wanted)
        except Exception as error:
            self._complain(describe_failure(wanted, self._version), error, wanted)
            return
        self.notice = None
        self._metrics.outdated(False)

    def _take_over(self, labeller: AnyLabeller, version: str | None) -> None:
        before, self._scheduler.labeller = self._scheduler.labeller, labeller
        self._version = version
        self._metrics.introduce(labeller)
        self._metrics.loaded(True)
        self._before.append(weakref.ref(before))
        # not closed: what was asked of it is still to be labelled, and it ends when nobody holds it any more
        _logger.info("model changed", **model_info(labeller).model_dump(), before=before.config.version)

    async def _tidy(self) -> None:
        """Give back the memory of models by which nothing is labelled any more."""
        if any(before() is None for before in self._before):
            self._before = [before for before in self._before if before() is not None]
            await asyncio.to_thread(give_back)

    def _complain(self, notice: str, error: Exception | None, version: str | None) -> None:
        self.notice = notice
        self._metrics.loaded(False)
        self._metrics.outdated(True)
        if isinstance(error, FramelineError):
            _logger.error("model not loaded", version=version, reason=str(error))
        else:
            _logger.error("model not loaded", version=version, reason=notice, exc_info=error)
