"""Label Studio's machine-learning backend: pre-annotations for its tasks, and a webhook for its annotations."""

import asyncio
import hmac
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Header, Request
from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter, WrapValidator, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from model.codebook import Schema
from model.prediction import TextDocument
from model.text import UnicodeText
from service.body import media_type, read_json
from service.label_studio_prediction import LabelStudioPrediction, make_prediction
from service.label_studio_project import Project
from service.label_studio_training import LabelStudioState, LabelStudioTraining
from service.labelling import label, while_connected
from service.predictions import Asked
from service.problems import ProblemError, fault
from service.request import BODY, Place, check_size, parse
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from service.wire import JSON, RequestDocument
from service.worker_labeller import AnyLabeller

router = APIRouter(prefix="/label-studio", tags=["Label Studio"])
SECRET = "X-Frameline-Secret"  # noqa: S105 - the header's name
_CONFIG = (
    '<View><Text name="text" value="$text"/><Labels name="span" toName="text"><Label value="actor"/></Labels></View>'
)
_TASK: JsonValue = {"id": 1, "data": {"text": "Ankara blamed NATO."}}
_ANNOTATION: JsonValue = {"id": 7, "task": 1, "completed_by": 1, "result": []}


def _check_number(value: object) -> object:
    """A number of JSON, which true and "1" are not, though Python reads them as one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


_Id = Annotated[int, Field(ge=0), BeforeValidator(_check_number)]


class LabelStudioSetup(Asked):
    """What Label Studio says of the project to which it connects this service."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"project": "1.1700000000", "schema": _CONFIG}]})

    label_config: UnicodeText = Field(alias="schema", description="The project's labelling configuration, XML.")


class LabelStudioTask(Asked):
    """A task; what its text is, the labelling configuration says."""

    data: dict[str, Any]


class LabelStudioRequest(Asked):
    """Tasks that are to be labelled, each as one sentence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tasks": [_TASK], "label_config": _CONFIG}]})

    tasks: tuple[LabelStudioTask, ...]
    label_config: UnicodeText


class LabelStudioModel(Schema):
    """Which model answers."""

    model_version: str


class LabelStudioVersions(Schema):
    """The models that can be asked for."""

    versions: tuple[str, ...]


class LabelStudioHealth(Schema):
    """Whether the model is there."""

    status: Literal["UP"] = "UP"


class LabelStudioPredictions(Schema):
    """A prediction a task, in the order of the request."""

    results: tuple[LabelStudioPrediction, ...]
    model_version: str


class _Known(Schema):
    model_config = ConfigDict(extra="allow", frozen=True)

    id: _Id


class _Annotation(_Known):
    task: _Id


def _one_or_many(one: TypeAdapter[Any], many: TypeAdapter[Any]) -> WrapValidator:
    """Reads an object, or a list of some; what is wrong with it is told of that form alone, without names of types."""
    return WrapValidator(lambda value, _: (many if isinstance(value, list | tuple) else one).validate_python(value))


_Annotations = Annotated[
    _Annotation | tuple[_Annotation, ...],
    _one_or_many(TypeAdapter(_Annotation), TypeAdapter(tuple[_Annotation, ...])),
]
_Tasks = Annotated[_Known | tuple[_Known, ...], _one_or_many(TypeAdapter(_Known), TypeAdapter(tuple[_Known, ...]))]


class LabelStudioEvent(Schema):
    """What Label Studio's webhook tells."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={"examples": [{"action": "ANNOTATION_CREATED", "annotation": _ANNOTATION, "task": _TASK}]},
    )

    action: str
    annotation: _Annotations | None = None
    task: _Tasks | None = None
    annotations: tuple[_Known, ...] | None = None
    tasks: tuple[_Known, ...] | None = None

    @model_validator(mode="after")
    def _check_complete(self) -> Self:
        needed = {
            "ANNOTATION_CREATED": ("annotation", "task"),
            "ANNOTATIONS_CREATED": ("annotation", "task"),
            "ANNOTATION_UPDATED": ("annotation", "task"),
            "ANNOTATIONS_DELETED": ("annotations",),
            "TASKS_DELETED": ("tasks",),
        }.get(self.action, ())
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            message = "{action} comes without {missing}; let the webhook send its payload"
            raise PydanticCustomError("event", message, {"action": self.action, "missing": " and ".join(missing)})
        if "annotation" in needed:
            tasks = {task.id for task in (self.task if isinstance(self.task, tuple) else (self.task,)) if task}
            given = self.annotation if isinstance(self.annotation, tuple) else (self.annotation,)
            if any(annotation and annotation.task not in tasks for annotation in given):
                raise PydanticCustomError("event", "an annotation comes without its task")
        return self


class LabelStudioReceipt(Schema):
    """Whether what the webhook sent was kept."""

    kept: bool


@router.get("/health")
async def label_studio_health(request: Request) -> LabelStudioHealth:
    """Whether the model is there."""
    return LabelStudioHealth()


@router.post("/setup", response_model=LabelStudioModel)
async def label_studio_setup(request: Request) -> Response:
    """Check that the project's labelling configuration has the tags that this service fills."""
    settings: ServiceSettings = request.app.state.settings
    asked = parse(LabelStudioSetup, await read_json(request, settings.max_body))
    _project(request.app.state.scheduler.labeller, asked.label_config, (*BODY, "schema"))
    return Response(
        LabelStudioModel(model_version=_version(request.app.state.scheduler.labeller)).model_dump_json(),
        media_type=JSON,
    )


@router.get("/versions")
async def label_studio_versions(request: Request) -> LabelStudioVersions:
    """The model's version, as it stands in the predictions."""
    return LabelStudioVersions(versions=(_version(request.app.state.scheduler.labeller),))


@router.post("/predict", response_model=LabelStudioPredictions)
async def label_studio_predict(request: Request) -> Response:
    """Label tasks: the text of each, as one sentence."""
    settings: ServiceSettings = request.app.state.settings
    scheduler: Scheduler = request.app.state.scheduler
    labeller = scheduler.labeller  # another one may take over meanwhile
    asked = parse(LabelStudioRequest, await read_json(request, settings.max_body))
    project = _project(labeller, asked.label_config, (*BODY, "label_config"))
    texts = [_text(task, project, number) for number, task in enumerate(asked.tasks)]
    place = (*BODY, "tasks")
    check_size([RequestDocument(text=text) for text in texts], settings, place, place)
    documents = [TextDocument(id=str(number), text=text) for number, text in enumerate(texts)]
    labelled = await while_connected(request, label(scheduler, documents, False, settings, labeller=labeller))
    version = _version(labeller)
    answer = LabelStudioPredictions(
        results=tuple(
            make_prediction(document, text, project, version) for document, text in zip(labelled, texts, strict=True)
        ),
        model_version=version,
    )
    return Response(answer.model_dump_json(), media_type=JSON)


@router.post("/webhook", response_model=LabelStudioReceipt)
async def label_studio_webhook(request: Request, x_frameline_secret: Annotated[str, Header()] = "") -> Response:
    """Take note of annotations that were made, changed or deleted, if the service is set to keep them."""
    settings: ServiceSettings = request.app.state.settings
    training: LabelStudioTraining | None = request.app.state.label_studio
    if media_type(request) != JSON:  # what a page of another origin could send without being asked
        raise ProblemError(415, f"send Content-Type: {JSON}")
    secret = settings.label_studio_secret
    if secret is not None and not hmac.compare_digest(
        secret.get_secret_value().encode(), x_frameline_secret.encode("latin-1")
    ):
        raise ProblemError(401, f"send the secret of this service as {SECRET}", headers={"WWW-Authenticate": SECRET})
    event = parse(LabelStudioEvent, await read_json(request, settings.max_body))
    if training is not None:
        await asyncio.to_thread(training.add, event.model_dump(mode="json", exclude_unset=True))
    return Response(LabelStudioReceipt(kept=training is not None).model_dump_json(), media_type=JSON)


@router.get("/state")
async def label_studio_state(request: Request) -> LabelStudioState:
    """The annotations that the webhook told of, and the last training run."""
    training: LabelStudioTraining | None = request.app.state.label_studio
    if training is None:
        return LabelStudioState(enabled=False)
    return await asyncio.to_thread(lambda: training.state)


def _version(labeller: AnyLabeller) -> str:
    return f"{labeller.config.name} {labeller.config.version}"


def _project(labeller: AnyLabeller, config: str, place: Place) -> Project:
    """What a project asks for; one of which nothing can be filled is a 422."""
    try:
        return Project.read(config, labeller.codebook)
    except PydanticCustomError as error:
        raise fault(place, error.type, error.message()) from None


def _text(task: LabelStudioTask, project: Project, number: int) -> str:
    text = task.data.get(project.field)
    place = (*BODY, "tasks", number, "data", project.field)
    if not isinstance(text, str):
        raise fault(place, "task_text", "the labelling configuration says that the text is here, and it is not")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise fault(place, "lone_surrogate", "half of a surrogate pair stands alone") from None
    return text
