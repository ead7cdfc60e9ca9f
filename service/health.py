"""``/health``: for whoever starts, watches and stops the service."""

from fastapi import APIRouter, Request

from service.annotations.keeper import Keeper
from service.labelling import model_info
from service.problems import SOON, ProblemError
from service.record import current
from service.scheduler import Scheduler
from service.wire import Health

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> Health:
    """Whether the process answers."""
    return Health(status="alive")


@router.get("/ready")
async def ready(request: Request) -> Health:
    """Whether requests may be sent: the model has labelled a first sentence, and the service is not stopping."""
    state = request.app.state
    scheduler: Scheduler | None = getattr(state, "scheduler", None)
    if scheduler is None:
        raise ProblemError(503, "the model is being loaded", headers=SOON)
    if state.stopping:
        current().reason = "stopping"
        raise ProblemError(503, "the service is stopping", headers=SOON)
    keeper: Keeper | None = state.keeper
    annotations = None if keeper is None else keeper.health
    return Health(
        status="ready", model=model_info(scheduler.labeller), notice=state.watch.notice, annotations=annotations
    )
