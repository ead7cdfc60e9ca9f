"""What the service counts and measures, for Prometheus."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable
from functools import partial

from fastapi import APIRouter, Request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response

from model.prediction import Sentence
from service.jobs.job import Status
from service.problems import HUNG_UP
from service.worker_labeller import AnyLabeller

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
#: Why a request was refused, by its status, where nobody knew better.
_REASONS = {
    401: "unauthorised",
    403: "forbidden",
    404: "no_such_route",
    405: "method",
    408: "too_slow",
    413: "body_too_large",
    415: "media_type",
    422: "invalid",
    429: "rate_limited",
    409: "conflict",
    503: "busy",
}
router = APIRouter()


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """The metrics, as Prometheus reads them."""
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    kept: Metrics = request.app.state.metrics
    return Response(encode(kept.registry), headers={"Content-Type": media_type})


class Metrics:
    """The metrics of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._requests = Counter(
            "frameline_requests", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "frameline_request_seconds",
            "Seconds until a request was answered in full.",
            ["route", "method"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._refused = Counter(
            "frameline_refused_requests", "Requests not answered as asked.", ["reason"], registry=registry
        )
        self._queue_seconds = Histogram(
            "frameline_queue_seconds",
            "Seconds that a request waits in the queue.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._sentences = Counter("frameline_sentences", "Sentences labelled.", registry=registry)
        self._tokens = Counter(
            "frameline_tokens",
            "Tokens that the network read, special ones and the overlaps of long sentences included.",
            registry=registry,
        )
        self._frames = Counter("frameline_frames", "Sentences with a frame.", ["frame"], registry=registry)
        self._no_frame = Counter("frameline_sentences_without_frame", "Sentences without any frame.", registry=registry)
        self._stances = Counter("frameline_stances", "Actors with a stance.", ["stance"], registry=registry)
        self._annotations = Counter(
            "frameline_annotations", "Versions of annotations that were kept.", ["action"], registry=registry
        )
        for action in ("annotated", "withdrawn"):
            self._annotations.labels(action)
        self._model = Info("frameline_model", "The model that labels.", registry=registry)
        self._loads = Counter(
            "frameline_model_loads", "Models that the registry put into service.", ["outcome"], registry=registry
        )
        self._outdated = Gauge(
            "frameline_model_outdated", "1 while the version in service cannot be loaded.", registry=registry
        )
        self._queue = Gauge("frameline_queue_sentences", "Sentences that wait.", registry=registry)
        self._busy = Gauge("frameline_busy_threads", "Threads that label.", registry=registry)
        self._threads = Gauge("frameline_threads", "Threads that there are to label.", registry=registry)
        self._jobs = Gauge("frameline_jobs", "Jobs.", ["status"], registry=registry)
        for reason in (*_REASONS.values(), "annotations", "too_slow", "stopping", "other"):
            self._refused.labels(reason)
        for outcome in ("loaded", "failed"):
            self._loads.labels(outcome)

    def introduce(self, labeller: AnyLabeller) -> None:
        """Say which model labels, and let its frames and stances begin at 0."""
        config, codebook = labeller.config, labeller.codebook
        self._model.info({"name": config.name, "version": config.version, "codebook": labeller.codebook_label})
        self._threads.set(labeller.threads)
        for frame in codebook.frame_ids:
            self._frames.labels(frame)
        for stance in codebook.stance_ids:
            self._stances.labels(stance)

    def loaded(self, well: bool) -> None:
        """Count a model that was loaded while the service ran, or could not be."""
        self._loads.labels("loaded" if well else "failed").inc()

    def outdated(self, outdated: bool) -> None:
        """Say whether another model serves than should."""
        self._outdated.set(outdated)

    def watch(self, queued: Callable[[], float], busy: Callable[[], float]) -> None:
        """Read the state of the queue whenever somebody asks for the metrics."""
        self._queue.set_function(queued)
        self._busy.set_function(busy)

    def watch_jobs(self, count: Callable[[Status], float]) -> None:
        """Count the jobs of each status whenever somebody asks for the metrics."""
        for status in Status:
            self._jobs.labels(status.value).set_function(partial(count, status))

    def answered(self, route: str, method: str, status: int, seconds: float, reason: str) -> None:
        """Count an answer; of a refusal also the ``reason``, or that which its status says."""
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route, method).observe(seconds)
        if status == 503 or (400 <= status < 500 and status != HUNG_UP):
            self._refused.labels(reason or _REASONS.get(status, "other")).inc()

    def waited(self, seconds: float) -> None:
        """Note how long a request was in the queue."""
        self._queue_seconds.observe(seconds)

    def labelled(self, sentences: Iterable[Sentence]) -> None:
        """Count sentences and their labels; from any thread."""
        frames, stances = Tally[str](), Tally[str]()
        total = without = 0
        for sentence in sentences:
            present = [score.frame for score in sentence.frames if score.present]
            total += 1
            without += not present
            frames.update(present)
            stances.update(actor.stance for actor in sentence.actors)
        self._sentences.inc(total)
        self._no_frame.inc(without)
        for frame, count in frames.items():
            self._frames.labels(frame).inc(count)
        for stance, count in stances.items():
            self._stances.labels(stance).inc(count)

    def annotated(self, versions: int, action: str) -> None:
        """Count versions of annotations; ``action`` is annotated or withdrawn."""
        self._annotations.labels(action).inc(versions)

    def read(self, tokens: int) -> None:
        """Count tokens that the network read; from any thread."""
        self._tokens.inc(tokens)
