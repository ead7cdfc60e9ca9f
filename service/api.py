"""``/v1``: labels for documents, and the codebook."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from model.codebook import Codebook
from service.body import media_type, read_body
from service.direct_route import DirectRoute
from service.labelling import MODEL_HEADER, label, model_header, model_info, while_connected
from service.problems import ProblemError
from service.request import check, parse
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from service.stream import Stream
from service.streams import Streams
from service.wire import JSON, LINES, ClassifyRequest, ClassifyResponse

_Split = Annotated[bool, Query(description="False takes each text as one sentence, whatever the body says.")]
router = APIRouter(prefix="/v1", tags=["labels"])


async def classify(request: Request, split: _Split = True) -> Response:
    """Label every sentence of the documents, by framing and by stance toward each actor.

    A body of `application/json` is answered as a whole. A body of `application/x-ndjson`, one document a line, is
    answered with one labelled document a line, in the same order and while it still comes in.
    """
    declared = media_type(request)
    if declared == LINES:
        streams: Streams = request.app.state.streams
        streams.check()
        return Stream(streams, split)
    if declared not in ("", JSON):
        raise ProblemError(415, f"{declared!r} is not read here; send Content-Type: {JSON} or {LINES}")
    settings: ServiceSettings = request.app.state.settings
    scheduler: Scheduler = request.app.state.scheduler
    asked = parse(ClassifyRequest, await read_body(request, settings.max_body))
    documents = check(asked, settings)
    labeller = scheduler.labeller
    work = label(scheduler, documents, asked.split and split, settings, labeller=labeller)
    answer = ClassifyResponse(model=model_info(labeller), documents=await while_connected(request, work))
    return Response(answer.model_dump_json(), media_type=JSON)


router.add_api_route(
    "/classify", classify, methods=["POST"], response_model=ClassifyResponse, route_class_override=DirectRoute
)


@router.get("/codebook")
async def codebook(request: Request, response: Response) -> Codebook:
    """The labelling schema in use: frames, stances and known actors."""
    scheduler: Scheduler = request.app.state.scheduler
    labeller = scheduler.labeller
    response.headers[MODEL_HEADER] = model_header(labeller)
    return labeller.codebook
