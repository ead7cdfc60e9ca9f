import json
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest

from model.errors import InputError
from model.labeller import Labeller
from model.prediction import Document, Sentence, TextDocument
from service.app import create_app
from service.batches import BatchLimits
from service.client import Client
from service.errors import RefusedDocumentError, ServiceError
from service.settings import ServiceSettings
from tests.service.server import serving
from tests.service.test_patience import Time

TEXT = "Arland said it would guard the border. The people fled with Voss."
MODEL = {"name": "tiny", "version": "1", "codebook": "tiny-1+0"}


@pytest.fixture(scope="module")
def url(checkpoint: Path) -> Iterator[str]:
    settings = ServiceSettings(checkpoint=checkpoint, max_documents=20, max_characters=2_000)
    with serving(create_app(settings)) as address:
        yield address


def documents(*texts: str) -> list[TextDocument]:
    return [TextDocument(id=f"d{number}", text=text) for number, text in enumerate(texts)]


def answer(request: httpx2.Request, model: dict[str, str] = MODEL) -> httpx2.Response:
    """What a service answers that takes each text as one sentence."""
    labelled = [
        {
            "id": str(number),
            "sentences": [{"start": 0, "end": len(one["text"]), "text": one["text"], "frames": [], "actors": []}],
        }
        for number, one in enumerate(json.loads(request.content)["documents"])
    ]
    return httpx2.Response(200, json={"model": model, "documents": labelled})


class Fake:
    """A client of a service that gives prepared answers, and then good ones."""

    def __init__(self, *prepared: httpx2.Response | Exception, seconds: float = 120, **limits: int) -> None:
        self.prepared = list(prepared)
        self.requests: list[httpx2.Request] = []
        self.notices: list[str] = []
        self.time = Time()
        self.client = self.connect("http://fake.example", None, seconds, self._handle, **limits)

    def connect(
        self,
        url: str,
        key: str | None,
        seconds: float,
        handle: Callable[[httpx2.Request], httpx2.Response],
        **limits: int,
    ) -> Client:
        return Client(
            url,
            key,
            patience=self.time.patience(seconds),
            limits=BatchLimits(**limits, seconds=10),
            notify=self.notices.append,
            transport=httpx2.MockTransport(handle),
        )

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if not self.prepared:
            return answer(request)
        prepared = self.prepared.pop(0)
        if isinstance(prepared, Exception):
            raise prepared
        return prepared

    def texts(self, given: list[TextDocument]) -> list[str]:
        return [document.sentences[0].text for document in self.client.classify_documents(given)]

    def refusal(self, given: list[TextDocument]) -> tuple[list[str], Exception]:
        """The texts that were labelled before the error, and the error."""
        seen: list[str] = []
        try:
            for document in self.client.classify_documents(given):
                seen.append(document.sentences[0].text)
        except (ServiceError, RefusedDocumentError) as error:
            return seen, error
        raise AssertionError("nothing was refused")


def test_labels_are_those_of_a_labeller(url: str, labeller: Labeller) -> None:
    given = [
        TextDocument(id="a", text=TEXT, actors=("Voss",)),
        *documents(*[TEXT * n for n in range(30)]),
        *documents("x"),
    ]
    told: list[Sentence] = []
    with Client(url) as client:
        answers = list(client.classify_documents(given, on_sentence=told.append))
        assert answers == list(labeller.classify_documents(given))
        assert told == [sentence for document in answers for sentence in document.sentences]
        assert list(client.classify_documents(given, split=False)) == list(
            labeller.classify_documents(given, split=False)
        )
        assert client.codebook == labeller.codebook
        assert list(client.classify_documents([])) == []


def test_what_a_real_service_does_not_take_is_named_after_what_came_before(url: str) -> None:
    given = documents(*["Voss fled."] * 30, "x" * 2_001, "Voss paid.")
    seen: list[Document] = []
    with Client(url) as client, pytest.raises(RefusedDocumentError) as caught:
        seen.extend(client.classify_documents(iter(given)))
    assert [document.id for document in seen] == [f"d{number}" for number in range(30)]
    assert caught.value.document.id == "d30"
    assert "'d30': text: 2001 characters; send at most 2000" in str(caught.value)


def test_an_answer_does_not_wait_for_the_next_document(url: str) -> None:
    answered = Event()

    def slow() -> Iterator[TextDocument]:
        yield TextDocument(id="a", text=TEXT)
        assert answered.wait(30)
        yield TextDocument(id="b", text=TEXT)

    with Client(url) as client:
        labelled = client.classify_documents(slow())
        assert next(labelled).id == "a"
        answered.set()
        assert [document.id for document in labelled] == ["b"]


def test_endless_input_is_taken_as_it_is_needed() -> None:
    taken = 0

    def endless() -> Iterator[TextDocument]:
        nonlocal taken
        for taken in count():
            yield TextDocument(text=str(taken))

    labelled = Fake(documents=5).client.classify_documents(endless())
    assert [one.sentences[0].text for one in islice(labelled, 100)] == [str(number) for number in range(100)]
    labelled.close()  # type: ignore[attr-defined]
    assert taken < 200


def test_a_faulty_input_ends_it_after_what_came_before() -> None:
    def broken() -> Iterator[TextDocument]:
        yield from documents("a", "b", "c")
        raise InputError("in.jsonl:4", "broken")

    labelled = Fake(documents=2).client.classify_documents(broken())
    assert [next(labelled).id for _ in range(3)] == ["d0", "d1", "d2"]
    with pytest.raises(InputError, match=r"in\.jsonl:4: broken"):
        next(labelled)


def test_requests_are_bounded_and_ids_need_not_be_unique() -> None:
    fake = Fake(documents=2)
    given = [TextDocument(id="same", text=text) for text in "abcde"]
    assert [document.id for document in fake.client.classify_documents(given, split=False)] == ["same"] * 5
    bodies = sorted((json.loads(request.content) for request in fake.requests), key=str)
    assert bodies[0] == {"documents": [{"text": "a"}, {"text": "b"}], "split": False}
    assert [len(body["documents"]) for body in bodies] == [2, 2, 1]


def test_a_busy_service_is_asked_again_when_it_says() -> None:
    date = {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT", "Date": "Sun, 06 Nov 1994 08:49:07 GMT"}
    fake = Fake(
        httpx2.Response(503, headers={"Retry-After": "7"}),
        httpx2.Response(429, headers=date),
        httpx2.Response(502),
        httpx2.Response(504, html="<html>"),
        httpx2.ConnectError("[Errno 111] Connection refused"),
        httpx2.RemoteProtocolError("Server disconnected without sending a response."),
        httpx2.ReadTimeout(""),
    )
    assert fake.texts(documents("a")) == ["a"]
    assert fake.time.slept == [7, 30, 2, 4, 8, 16, 20]
    assert len(fake.notices) == 7
    again = "http://fake.example: the service answers 503 Service Unavailable; trying again for up to 120 s"
    assert fake.notices[0] == again
    assert "ReadTimeout" in fake.notices[-1]


def test_that_a_service_is_busy_with_what_it_was_sent_is_no_news() -> None:
    refused = Event()

    def one_at_a_time(request: httpx2.Request) -> httpx2.Response:
        (text,) = (one["text"] for one in json.loads(request.content)["documents"])
        if text == "a":
            assert refused.wait(30)
        elif not refused.is_set():
            refused.set()
            return httpx2.Response(503, headers={"Retry-After": "1"})
        return answer(request)

    fake = Fake()
    client = fake.connect("http://fake.example", None, 120, one_at_a_time, documents=1)
    assert [document.id for document in client.classify_documents(documents(*"abcd"))] == ["d0", "d1", "d2", "d3"]
    assert fake.time.slept == [1]
    assert fake.notices == []


def test_that_a_service_takes_none_of_several_requests_is_news() -> None:
    fake = Fake(*[httpx2.Response(503)] * 999, documents=1)
    assert fake.refusal(documents(*"abcd"))[0] == []
    assert len(fake.notices) == 1


def test_patience_ends() -> None:
    fake = Fake(*[httpx2.Response(503)] * 99, seconds=30)
    seen, error = fake.refusal(documents("a"))
    assert (seen, sum(fake.time.slept)) == ([], 30)
    assert str(error).startswith("http://fake.example: the service answers 503 Service Unavailable; given up")
    assert "--patience" in str(error)
    assert len(fake.notices) == 1
    asks = Fake(httpx2.Response(429, headers={"Retry-After": "3600"}))
    assert "asks to wait 3600 s" in str(asks.refusal(documents("a"))[1])
    assert asks.time.slept == []


PROBLEM = {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "no such key"}


@pytest.mark.parametrize(
    ("response", "parts"),
    [
        (httpx2.Response(401, json=PROBLEM), ["401 Unauthorized (no such key); give its key", "FRAMELINE_API_KEY"]),
        (httpx2.Response(403, json={"detail": "Forbidden"}), ["answers 403 Forbidden; give its key", "--api-key"]),
        (httpx2.Response(404, json={"detail": "Not Found"}), ["404 Not Found to /v1/classify; is this a Frameline"]),
        (httpx2.Response(405), ["is this a Frameline service?"]),
        (httpx2.Response(200, html="<html>Welcome"), ["is this a Frameline service?"]),
        (httpx2.Response(301, headers={"Location": "https://fake.example/"}), ["names https://fake.example/; give"]),
        (httpx2.Response(500, json={"title": "Oops"}), ["answers 500 Internal Server Error (Oops)"]),
        (httpx2.Response(200, content=b"{"), ["not understood", "Invalid JSON"]),
        (httpx2.Response(200, json={"model": MODEL}), ["not understood", "documents: Field required"]),
        (httpx2.Response(200, json={"model": MODEL, "documents": []}), ["sent 1 documents, and 0 came back"]),
        (
            httpx2.Response(200, json={"model": MODEL, "documents": [{"id": "7", "sentences": []}]}),
            ["in another order"],
        ),
    ],
)
def test_what_is_no_answer_is_explained(response: httpx2.Response, parts: list[str]) -> None:
    fake = Fake(response)
    seen, error = fake.refusal(documents("a"))
    assert seen == []
    assert isinstance(error, ServiceError)
    assert all(part in str(error) for part in ["http://fake.example: ", *parts]), str(error)
    assert len(fake.requests) == 1


def test_a_key_is_sent_and_not_shown() -> None:
    seen: list[httpx2.Request] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(401)

    client = Fake().connect("http://fake.example", "s3cret", 9, refuse)
    with pytest.raises(ServiceError, match="see that the key is right") as caught:
        list(client.classify_documents(documents("a")))
    assert seen[0].headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(caught.value)


def too_large(limit: int, status: int, body: Any) -> Callable[[httpx2.Request], httpx2.Response]:
    def handle(request: httpx2.Request) -> httpx2.Response:
        texts = [one["text"] for one in json.loads(request.content)["documents"]]
        if sum(map(len, texts)) > limit:
            return httpx2.Response(status, json=body) if body is not None else httpx2.Response(status, html="<html>")
        return answer(request)

    return handle


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (413, None, "text: the service answers 413"),
        (413, {"title": "Too large", "status": 413, "detail": "at most 4 bytes"}, "at most 4 bytes"),
        (
            422,
            {"detail": [{"loc": ["body", "documents"], "msg": "too many", "type": "too_many"}]},
            "text: too many",
        ),
        (422, {"title": "x", "errors": [{"loc": ["documents"], "msg": "long", "type": "too_long"}]}, "text: long"),
    ],
)
def test_a_request_that_is_too_large_is_sent_in_parts(status: int, body: Any, message: str) -> None:
    fake = Fake()
    client = fake.connect("http://fake.example", None, 9, too_large(4, status, body))
    given = documents("a", "bb", "cc", "d", "eeee", "f", "ggggg", "h")
    assert len(list(client.classify_documents(given[:6]))) == 6
    seen = []
    with pytest.raises(RefusedDocumentError) as caught:
        for document in client.classify_documents(given):
            seen.append(document.id)
    assert seen == [f"d{number}" for number in range(6)]
    assert caught.value.document.id == "d6"
    assert message in str(caught.value)


@pytest.mark.parametrize("key", ["detail", "errors"])
def test_a_document_at_fault_is_named_and_those_before_it_are_labelled(key: str) -> None:
    faults = [{"loc": ["body", "documents", 2, "actors", 0], "msg": "does not occur", "type": "actors"}]
    fake = Fake(httpx2.Response(422, json={key: faults}))
    seen, error = fake.refusal(documents("a", "b", "c", "d"))
    assert seen == ["a", "b"]
    assert str(error) == "document 'd2': actors[0]: does not occur"
    assert len(fake.requests) == 2


def test_another_model_is_told_once() -> None:
    versions = iter("1212")
    fake = Fake()
    client = fake.connect(
        "http://fake.example",
        None,
        9,
        lambda request: answer(request, {**MODEL, "version": next(versions)}),
        documents=1,
    )
    for text in "abcd":
        list(client.classify_documents(documents(text)))
    assert fake.notices == [
        "the service's model changed from tiny 1 (tiny-1+0) to tiny 2 (tiny-1+0); "
        "labels before and after need not agree"
    ]


def test_another_codebook_than_the_one_that_was_shown_ends_it(labeller: Labeller) -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, text=labeller.codebook.model_dump_json())
        return answer(request)

    client = Fake().connect("http://fake.example", None, 9, handle)
    assert client.codebook == labeller.codebook
    with pytest.raises(ServiceError, match=r"the codebook changed from tiny-1\+.* to tiny-1\+0 meanwhile"):
        list(client.classify_documents(documents("a")))


@pytest.mark.parametrize("url", ["https://fake.example/a/b", "https://fake.example/a/b/"])
def test_the_url_may_have_a_path(url: str) -> None:
    paths = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        paths.append(str(request.url))
        return answer(request)

    list(Fake().connect(url, None, 9, handle).classify_documents(documents("a")))
    assert paths == ["https://fake.example/a/b/v1/classify"]


def test_a_password_in_the_url_is_not_shown() -> None:
    client = Fake().connect("http://me:s3cret@fake.example", None, 9, lambda request: httpx2.Response(404))
    with pytest.raises(ServiceError, match="http://fake.example: "):
        list(client.classify_documents(documents("a")))


@pytest.mark.parametrize(
    ("url", "key", "field"),
    [
        ("fake.example", None, "url"),
        ("localhost:8000", None, "url"),
        ("ftp://fake.example", None, "url"),
        ("http://", None, "url"),
        ("http://fake.example:port", None, "url"),
        ("http://fake.example:99999", None, "url"),
        ("http://fake.example:0", None, "url"),
        ("http://fake.example/\udcff", None, "url"),
        ("http://fake.example/?a=1", None, "url"),
        ("http://fake.example", "", "api_key"),
        ("http://fake.example", "two words", "api_key"),
        ("http://fake.example", "line\n", "api_key"),
        ("http://fake.example", "ключ", "api_key"),
        ("http://me:too@fake.example", "key", "api_key"),
    ],
)
def test_what_can_be_no_service_is_refused(url: str, key: str | None, field: str) -> None:
    with pytest.raises(InputError) as caught:
        Client(url, key)
    assert caught.value.field == field
