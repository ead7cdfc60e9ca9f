"""``/v1/annotations``: corrections go in, and out again."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from model.codebook import Codebook
from service.annotations.annotator import Annotator
from service.annotations.checking import check_all, check_number
from service.annotations.export import lines_of
from service.annotations.keeper import Keeper
from service.annotations.query import Cursor
from service.annotations.query import Query as Filters
from service.annotations.wire import NO_NUL, AnnotationsRequest, AnnotationsResponse, SentenceId, Version
from service.body import read_json
from service.metrics import Metrics
from service.problems import Fault, ProblemError, invalid
from service.request import parse
from service.settings import ServiceSettings
from service.wire import JSON, LINES

if TYPE_CHECKING:
    from service.annotations.store import Kept, Store

_Sentence = Annotated[SentenceId, Path(description="The sentence's id.")]
_Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=NO_NUL,
        description="A name of your own for this request; sent again under it, it changes nothing.",
    ),
]
router = APIRouter(prefix="/v1/annotations", tags=["annotations"])


@router.post("", response_model=AnnotationsResponse, status_code=201)
async def annotate(request: Request, idempotency_key: _Key = None) -> Response:
    """Keep the labels that somebody gives to sentences; all of them, or none.

    Each becomes the annotator's newest version of that sentence. What that version says already is not kept again, so
    that the same request may be sent twice; the answer is 201 if there is something new, else 200. The annotator is the
    name of the API key, or `anonymous` where none is needed.
    """
    keeper, by = _keeper(request), Annotator.of(request)
    settings: ServiceSettings = request.app.state.settings
    codebook: Codebook = request.app.state.scheduler.labeller.codebook
    asked = parse(AnnotationsRequest, await read_json(request, settings.max_body))
    check_number(asked.annotations, settings.max_annotations)

    def keep(store: "Store") -> "Kept":
        check_all(asked.annotations, codebook)
        return store.add(asked.annotations, by, codebook.label, idempotency_key)

    kept = await keeper.ask(keep)
    _count(request, kept.new, "annotated")
    return _answer(by, kept.versions, status=201 if kept.new else 200)


@router.get("", response_model=AnnotationsResponse)
async def list_annotations(request: Request, query: Annotated[Filters, Query()]) -> Response:
    """List annotations, the oldest first; by default what holds now.

    With `Accept: application/x-ndjson` all that the filters find come as lines of the form that is trained on, without
    pages.
    """
    keeper = _keeper(request)
    if LINES in request.headers.get("accept", ""):
        _check_lines(query)
        parts = keeper.lines(query)
        first = await anext(parts)  # so that a database which cannot be read is a 503 and no broken answer
        return StreamingResponse(_stream(first, parts), media_type=LINES, headers={"Cache-Control": "no-store"})
    cursor = None if query.cursor is None else Cursor.parse(query.cursor)
    versions, following = await keeper.ask(lambda store: store.find(query, cursor))
    return _answer(Annotator.of(request), versions, following)


@router.get("/{sentence}/history", response_model=AnnotationsResponse)
async def history(request: Request, sentence: _Sentence) -> Response:
    """Every version of a sentence's annotation, by every annotator, the oldest first."""
    versions = await _keeper(request).ask(lambda store: store.history(sentence))
    if not versions:
        raise ProblemError(404, "no annotation is kept of a sentence with this id")
    return _answer(Annotator.of(request), versions)


@router.delete("/{sentence}")
async def withdraw(request: Request, sentence: _Sentence) -> Version:
    """Take your own annotation of a sentence back. It stays in the history; the withdrawal is a further version."""
    by = Annotator.of(request)
    kept = await _keeper(request).ask(lambda store: store.withdraw(sentence, by))
    if kept is None:
        raise ProblemError(404, f"{by.name!r} has annotated no sentence with this id")
    _count(request, kept.new, "withdrawn")
    return kept.versions[0]


def _keeper(request: Request) -> Keeper:
    keeper: Keeper | None = request.app.state.keeper
    if keeper is None:
        raise ProblemError(404, "annotations are not kept here; FRAMELINE_ANNOTATIONS=true turns that on")
    return keeper


def _check_lines(query: Filters) -> None:
    wrong = sorted(query.model_fields_set & {"limit", "cursor"}) + ([] if query.latest else ["latest"])
    if wrong:
        message = "lines hold all that is found and holds now; ask for JSON to have pages or all versions"
        raise invalid(Fault(loc=("query", name), msg=message, type="lines") for name in wrong)


async def _stream(first: list[Version], parts: AsyncIterator[list[Version]]) -> AsyncIterator[bytes]:
    yield lines_of(first)
    async for part in parts:
        yield lines_of(part)


def _count(request: Request, number: int, action: str) -> None:
    metrics: Metrics = request.app.state.metrics
    metrics.annotated(number, action)
    request.app.state.keeper.added(number)


def _answer(by: Annotator, versions: list[Version], following: Cursor | None = None, status: int = 200) -> Response:
    cursor = None if following is None else str(following)
    answer = AnnotationsResponse(annotator=by.name, annotations=tuple(versions), next=cursor)
    return Response(answer.model_dump_json(), status, media_type=JSON, headers={"Cache-Control": "no-store"})
