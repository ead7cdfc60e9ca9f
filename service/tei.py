"""The form of Text Embeddings Inference, and of the Hugging Face client, for single sentences."""

from importlib.metadata import version
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from model.codebook import Schema
from model.text import UnicodeText
from service.body import read_json
from service.predictions import Asked, Prediction, predict
from service.problems import fault
from service.request import BODY, parse
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from service.wire import JSON

router = APIRouter(tags=["compatible with Text Embeddings Inference"])
Answer = list[Prediction] | list[list[Prediction]]
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
_TEXT = "Eleven families are still under the rubble."
_Single = Annotated[tuple[UnicodeText], Field(description="A text in a list of its own.")]


def _say_forms(value: object, check: ValidatorFunctionWrapHandler) -> object:
    """Say once what texts may be; otherwise each form would be named that they have not, as it is written here."""
    try:
        return check(value)
    except ValidationError as error:
        for each in error.errors():
            if each["type"] == "lone_surrogate":
                raise PydanticCustomError("lone_surrogate", "{fault}", {"fault": each["msg"]}) from None
        raise PydanticCustomError(
            "texts", "give a text or a list of texts, each as it is or in a list of its own"
        ) from None


def _refuse_flag(value: object) -> object:
    """JSON tells true from 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


class Parameters(Asked):
    """What the Hugging Face client may ask for."""

    top_k: Annotated[int, Field(gt=0), BeforeValidator(_refuse_flag)] | None = Field(
        default=None, description="The most frames that are given."
    )
    function_to_apply: Literal["sigmoid", "softmax", "none"] | None = Field(
        default=None,
        description='"none" gives log-odds. Else it is "softmax" if frames exclude each other, and "sigmoid" if not.',
    )


class PredictRequest(Asked):
    """One text, or several; each is taken as one sentence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"inputs": _TEXT}, {"inputs": [_TEXT, _TEXT]}]})

    inputs: Annotated[UnicodeText | tuple[UnicodeText | _Single, ...], WrapValidator(_say_forms)]
    raw_scores: bool = Field(default=False, strict=True, description="Give log-odds instead of probabilities.")
    truncate: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Of no effect: a long text is read in windows, and nothing is cut off."
    )
    parameters: Parameters | None = Field(
        default=None, description="As the Hugging Face client sends it; one text is then answered as several are."
    )

    def texts(self) -> list[str]:
        """The texts, whichever form was used."""
        given = (self.inputs,) if isinstance(self.inputs, str) else self.inputs
        return [text if isinstance(text, str) else text[0] for text in given]


class Classes(Schema):
    """The frames by their position, and back."""

    id2label: dict[str, str]
    label2id: dict[str, int]


class Kind(Schema):
    """What the model does."""

    classifier: Classes


class Info(Schema):
    """The model and the limits."""

    model_id: str
    model_sha: str | None = None
    model_dtype: str
    model_type: Kind
    max_concurrent_requests: int = Field(description="Sentences that may wait.")
    max_input_length: int = Field(description="Characters of a request.")
    max_batch_tokens: int = Field(description="Characters of a request.")
    max_client_batch_size: int = Field(description="Texts of a request.")
    auto_truncate: bool
    tokenization_workers: int
    version: str


@router.post("/predict", response_model=Answer)
@router.post("/", response_model=Answer)
async def predict_frames(request: Request) -> Response:
    """Score every frame for each text, the highest first.

    One text as `inputs` is answered with a list of scores, several with a list of such lists. The scores are
    probabilities of their own, one a frame, and do not add up to 1, unless the codebook's frames exclude each other.
    """
    settings: ServiceSettings = request.app.state.settings
    asked = parse(PredictRequest, await read_json(request, settings.max_body))
    parameters = asked.parameters or Parameters()
    raw = asked.raw_scores or parameters.function_to_apply == "none"
    scheduler: Scheduler = request.app.state.scheduler
    labeller = scheduler.labeller
    function = "sigmoid" if labeller.codebook.frames_per_sentence == "any" else "softmax"
    if parameters.function_to_apply not in (function, "none", None):
        raise fault((*BODY, "parameters", "function_to_apply"), "function", f'this model has "{function}"; give that')
    predictions = await predict(request, labeller, asked.texts(), (*BODY, "inputs"), raw=raw)
    shown = [each[: parameters.top_k] for each in predictions]
    single = isinstance(asked.inputs, str) and asked.parameters is None
    return Response(_ANSWER.dump_json(shown[0] if single else shown), media_type=JSON)


@router.get("/info")
async def info(request: Request) -> Info:
    """The model and the limits."""
    settings: ServiceSettings = request.app.state.settings
    scheduler: Scheduler = request.app.state.scheduler
    labeller = scheduler.labeller
    frames = labeller.codebook.frame_ids
    return Info(
        model_id=labeller.config.name,
        model_sha=None,
        model_dtype=labeller.config.precision,
        model_type=Kind(
            classifier=Classes(
                id2label={str(number): frame for number, frame in enumerate(frames)},
                label2id={frame: number for number, frame in enumerate(frames)},
            )
        ),
        max_concurrent_requests=settings.max_queue,
        max_input_length=settings.max_characters,
        max_batch_tokens=settings.max_characters,
        max_client_batch_size=settings.max_documents,
        auto_truncate=False,
        tokenization_workers=labeller.threads,
        version=version("frameline"),
    )
