"""The REST service, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from model.codebook import Codebook
from model.labeller import Labeller
from service import api, health, infinity, tei
from service.head import Heads
from service.openapi import describe
from service.problems import add_problem_handlers
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from service.streams import Streams

_WARM_UP = "Both delegations left the hall before noon."


def create_app(settings: ServiceSettings) -> FastAPI:
    """Make the service; its model is loaded when it starts, and has labelled a sentence before it answers."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        codebook = None if settings.codebook is None else Codebook.load(settings.codebook)
        labeller = Labeller.from_checkpoint(settings.checkpoint, codebook, settings.threads)
        labeller.classify(_WARM_UP)
        app.state.scheduler = Scheduler(labeller, settings.max_queue, settings.max_wait)
        app.state.streams = Streams(app.state.scheduler, settings, lambda: app.state.stopping)
        yield
        app.state.scheduler.close()
        labeller.close()

    app = FastAPI(
        title="Frameline",
        summary="Labels every sentence of a news text by framing and by stance toward each political actor.",
        version="1",
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.stopping = False
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    app.add_middleware(Heads)
    add_problem_handlers(app)
    app.include_router(api.router)
    app.include_router(health.router)
    app.include_router(tei.router)
    app.include_router(infinity.router)
    return app
