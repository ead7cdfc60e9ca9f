"""The REST service, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from service import api, health, infinity, label_studio, metrics, tei
from service.annotations import router as annotations
from service.annotations.keeper import Keeper
from service.head import Heads
from service.jobs import api as jobs_api
from service.jobs.jobs import Jobs
from service.key_guard import DOCUMENTATION
from service.label_studio_training import LabelStudioTraining
from service.labelling import model_info
from service.log_output import log_forgotten
from service.logs import get_logger
from service.metrics import Metrics
from service.model_source import ModelSource
from service.model_watch import ModelWatch
from service.observation import Observation
from service.observer import RequestObserver
from service.openapi import describe
from service.page import page_router
from service.problems import add_problem_handlers
from service.protection import protect
from service.query import check_query
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from service.streams import Streams
from service.tracing import Tracing, make_tracing

_logger = get_logger("service")


def create_app(settings: ServiceSettings) -> FastAPI:
    """Make the service; its model is loaded when it starts, and has labelled a sentence before it answers."""
    counted = Metrics()
    tracing = make_tracing(settings)
    keeper = Keeper(settings.database_url) if settings.keeps_annotations else None
    jobs = Jobs(settings, lambda: app.state.watch.model())
    app = FastAPIOffline(
        static_url=DOCUMENTATION,
        title="Frameline",
        summary="Labels every sentence of a news text by framing and by stance toward each political actor.",
        version="1",
        lifespan=_lifespan(settings, counted, tracing, keeper, jobs),
    )
    app.state.settings = settings
    app.state.metrics = counted
    app.state.keeper = keeper
    app.state.jobs = jobs
    counted.watch_jobs(jobs.count)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    app.add_middleware(Heads)
    add_problem_handlers(app)
    for router in (api.router, annotations.router, jobs_api.router):
        app.include_router(router, dependencies=[Depends(check_query)])
    for router in (health.router, tei.router, infinity.router, label_studio.router, metrics.router, page_router()):
        app.include_router(router)
    protect(app, settings)
    app.add_middleware(Observation, metrics=counted, tracing=tracing)  # the last one added is the outermost
    return app


def _lifespan(
    settings: ServiceSettings, counted: Metrics, tracing: Tracing, keeper: Keeper | None, jobs: Jobs
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What the service does when it starts and when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        started = perf_counter()
        app.state.stopping = False
        asyncio.get_running_loop().set_exception_handler(log_forgotten)
        source = ModelSource(settings)
        served = source.load_first()
        labeller = served.labeller
        folder = settings.label_studio_folder
        app.state.label_studio = kept = None if folder is None else LabelStudioTraining(folder, settings)
        app.state.scheduler = scheduler = Scheduler(
            labeller, settings.max_queue, settings.max_wait, RequestObserver(counted, tracing)
        )
        counted.introduce(labeller)
        counted.watch(lambda: scheduler.queued, lambda: scheduler.busy)
        app.state.watch = ModelWatch(source, scheduler, counted, served)
        watching = asyncio.create_task(app.state.watch.run())
        model = model_info(labeller).model_dump()
        _logger.info("ready", **model, threads=labeller.threads, seconds=round(perf_counter() - started, 3))
        if keeper is not None:
            keeper.start()
        app.state.streams = Streams(scheduler, settings, lambda: app.state.stopping)
        del served, labeller  # another one may take over, and nothing is to be kept of this one
        jobs.start()
        yield
        app.state.stopping = True
        await jobs.close()
        watching.cancel()
        scheduler.close()
        if keeper is not None:
            await asyncio.to_thread(keeper.close)
        scheduler.labeller.close()
        if kept is not None:
            await asyncio.to_thread(kept.close)
        await asyncio.to_thread(tracing.close)
        _logger.info("stopped", seconds=round(perf_counter() - started, 3))

    return lifespan
