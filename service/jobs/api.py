"""``/v1/jobs``: archives that are scored in the background."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive

from service.body import read_json
from service.jobs.description import BODY, LOCATION, RESULTS, problems
from service.jobs.desk import Desk
from service.jobs.form import DEFAULTS, Form, Table
from service.jobs.job import Job, JobList, JobRequest, UploadOptions
from service.jobs.jobs import Jobs
from service.key_guard import CALLER
from service.problems import ProblemError, fault
from service.refusal import discard
from service.request import parse
from service.settings import ServiceSettings
from service.wire import JSON

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
_Most = Annotated[int, Query(ge=1, le=1_000, description="So many at the most.")]


@router.post(
    "",
    status_code=202,
    response_model=Job,
    openapi_extra=BODY,
    responses={202: LOCATION, **problems(401, 403, 408, 413, 415, 422, 429, 501, 503, 507)},
)
async def create(request: Request, asked: Annotated[UploadOptions, Query()]) -> Response:
    """Take an archive to be scored in the background.

    The body is the file itself, or a form with one file and the options as fields; its formats are those of
    `frameline score`. A body of `application/json` names files that the service reads by itself, and holds the
    options.
    """
    noted = _Noted(request.receive)
    try:
        job = await _take(Request(request.scope, noted), asked)
    except ProblemError:
        if not noted.ended and (noted.begun or "expect" not in request.headers):
            await discard(noted)
        raise
    return Response(job.model_dump_json(), 202, {"Location": f"/v1/jobs/{job.id}"}, JSON)


@router.get("", responses=problems(401, 422, 429, 501, 503))
async def list_jobs(request: Request, limit: _Most = 100) -> JobList:
    """The jobs of the caller's key, the newest first."""
    return JobList(jobs=tuple(await _desk(request).mine(_owner(request), limit)))


@router.get("/{job}", responses=problems(401, 404, 422, 429, 501, 503))
async def find(request: Request, job: str) -> Job:
    """A job, and how far it is."""
    return await _desk(request).find(job, _owner(request))


@router.delete("/{job}", status_code=204, responses=problems(401, 404, 422, 429, 501, 503))
async def remove(request: Request, job: str) -> Response:
    """Cancel a job that waits or runs; forget one that has ended, with its results.

    When this is answered, nothing of the job runs any more, and its disk space is free.
    """
    await _desk(request).remove(job, _owner(request))
    return Response(status_code=204)


@router.get(
    "/{job}/results",
    response_class=StreamingResponse,
    responses={200: RESULTS, **problems(401, 404, 409, 410, 422, 429, 501, 503)},
)
async def results(
    request: Request,
    job: str,
    table: Annotated[Table, Query(description="Which of them.")] = Table.SENTENCES,
    form: Annotated[
        Form | None,
        Query(
            alias="format",
            description="Default: parquet for sentences and stances, jsonl for what was set aside, json for the "
            "manifest, which has no other.",
        ),
    ] = None,
) -> Response:
    """A table of a job that has finished, as one file."""
    chosen = DEFAULTS[table] if form is None else form
    from service.jobs.results import Results  # of an extra that may be missing

    found = Results(await _desk(request).results(job, _owner(request)))
    name = f"{table}.{chosen}"
    return StreamingResponse(
        found.stream(table, chosen),
        media_type=chosen.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


class _Noted:
    """``receive`` that notes how much of a body was received."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.begun = self.ended = False

    async def __call__(self) -> Message:
        self.begun = True
        message = await self._receive()
        self.ended = not message.get("more_body", False)
        return message


async def _take(request: Request, asked: UploadOptions) -> Job:
    settings: ServiceSettings = request.app.state.settings
    desk, owner = _desk(request), _owner(request)
    if request.headers.get("content-type", "").lower().partition(";")[0].strip() != JSON:
        return await desk.upload(request, owner, asked)
    if asked.model_fields_set:
        raise fault(("query", min(asked.model_fields_set)), "query", "stands in the body where that is JSON")
    return await desk.read(owner, parse(JobRequest, await read_json(request, settings.max_body)))


def _desk(request: Request) -> Desk:
    jobs: Jobs = request.app.state.jobs
    return jobs.desk()


def _owner(request: Request) -> str:
    """The id of the caller's key; empty where no keys are asked for."""
    caller = request.scope.get("state", {}).get(CALLER)
    return "" if caller is None else str(caller.id)
