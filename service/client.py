"""Labelling by a running service."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from types import TracebackType
from typing import NamedTuple, Self

import httpx2

from model.codebook import Codebook
from model.prediction import Document, Sentence, TextDocument
from service.batches import Batches, BatchLimits
from service.connection import Connection, status
from service.errors import RefusedDocumentError, ServiceError
from service.notices import Notices
from service.parallel import in_order
from service.patience import Patience
from service.problem import Problem
from service.wire import ClassifyRequest, ClassifyResponse, ModelInfo, RequestDocument

#: Requests at a time, so that the service has the next at hand when it has finished one.
_REQUESTS = 4
_REFUSED = frozenset({413, 422})


class _Labelled(NamedTuple):
    """What came of a batch: the documents up to a failure, if there was one."""

    documents: list[Document]
    failure: Exception | None


class Client:
    """Labels documents by a running service, as a ``Labeller`` does by itself.

    Args:
        url: where the service is, for instance ``https://example.org/frameline``.
        api_key: the service's key, if it asks for one; sent as a bearer token.
        patience: how long a request is tried while the service cannot be reached or is busy.
        limits: the size of a request.
        notify: is told, once each, why requests are tried again and that the service's model has changed;
            from any thread.
        transport: what carries requests, instead of the network.

    Raises:
        InputError: ``url`` or ``api_key`` cannot be one.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        *,
        patience: Patience | None = None,
        limits: BatchLimits | None = None,
        notify: Callable[[str], None] = lambda message: None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._limits = BatchLimits() if limits is None else limits
        self._notices = Notices(notify)
        self._connection = Connection(
            url, api_key, Patience() if patience is None else patience, self._notices, transport
        )
        self._codebook: Codebook | None = None
        self._codebook_label: str | None = None
        self._model: ModelInfo | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; nothing can be labelled afterwards."""
        self._connection.close()

    @property
    def codebook(self) -> Codebook:
        """The service's labelling schema, asked for at first use.

        Raises:
            ServiceError: the service cannot be used, or has not answered within the patience.
        """
        if self._codebook is None:
            self._codebook = self._connection.read(Codebook, self._connection.send("GET", "v1/codebook"))
            self._codebook_label = self._codebook.label
        return self._codebook

    def classify_documents(
        self,
        documents: Iterable[TextDocument],
        *,
        split: bool = True,
        on_sentence: Callable[[Sentence], None] | None = None,
    ) -> Iterator[Document]:
        """Label documents one after the other, in the order in which they come.

        A thread reads the documents, a little ahead of what is labelled, so that they may be endless; each is sent
        soon after it has come. Where ``documents`` raises, or one of them is refused, those that came before are still
        labelled and yielded first.

        Args:
            documents: what to label.
            split: False takes each text as one sentence.
            on_sentence: is told of each sentence when its document is labelled, in order.

        Raises:
            RefusedDocumentError: the service does not take a document.
            ServiceError: the service cannot be used, or has not answered within the patience.
        """
        with (
            closing(Batches(documents, self._limits)) as batches,
            closing(in_order(partial(self._label, split), batches, _REQUESTS)) as results,
        ):
            for labelled, failure in results:
                for document in labelled:
                    if on_sentence is not None:
                        for sentence in document.sentences:
                            on_sentence(sentence)
                    yield document
                if failure is not None:
                    raise failure

    def _label(self, split: bool, batch: Sequence[TextDocument]) -> _Labelled:
        documents: list[Document] = []
        try:
            for document in self._ask(split, batch):
                documents.append(document)
        except Exception as error:  # raised again when the documents before it have been yielded
            return _Labelled(documents, error)
        return _Labelled(documents, None)

    def _ask(self, split: bool, batch: Sequence[TextDocument]) -> Iterator[Document]:
        """Label a batch; one that is refused without a document being named is sent again in halves.

        Documents are sent without their ids, which need not be unique, and get them back afterwards.
        """
        sent = tuple(RequestDocument(text=document.text, actors=document.actors) for document in batch)
        request = ClassifyRequest(documents=sent, split=split)
        answer = self._connection.send("POST", "v1/classify", request.model_dump_json(exclude_none=True))
        if answer.status_code not in _REFUSED:
            yield from self._unpack(answer, batch)
            return
        problem = Problem.read(answer.content)
        faulty = problem.first_document(len(batch))
        if faulty is not None:
            if faulty > 0:
                yield from self._ask(split, batch[:faulty])
            raise RefusedDocumentError(batch[faulty], *problem.describe(faulty))
        if len(batch) == 1:
            field, message = problem.describe_only()
            raise RefusedDocumentError(batch[0], field, message or f"the service answers {status(answer)}")
        middle = len(batch) // 2
        yield from self._ask(split, batch[:middle])
        yield from self._ask(split, batch[middle:])

    def _unpack(self, answer: httpx2.Response, batch: Sequence[TextDocument]) -> Iterator[Document]:
        response = self._connection.read(ClassifyResponse, answer)
        if [document.id for document in response.documents] != [str(number) for number in range(len(batch))]:
            raise ServiceError(
                f"{self._connection.url}: sent {len(batch)} documents, and {len(response.documents)} came back, "
                "or in another order"
            )
        self._compare(response.model)
        for given, document in zip(batch, response.documents, strict=True):
            yield document.model_copy(update={"id": given.id})

    def _compare(self, model: ModelInfo) -> None:
        """Notice that another model answers than at first."""
        if self._codebook_label not in (None, model.codebook):
            raise ServiceError(
                f"{self._connection.url}: the codebook changed from {self._codebook_label} to {model.codebook} "
                "meanwhile; start again"
            )
        if self._model is None:
            self._model = model
        if self._model != model:
            self._notices.tell(
                f"the service's model changed from {_name(self._model)} to {_name(model)}; "
                "labels before and after need not agree"
            )


def _name(model: ModelInfo) -> str:
    return f"{model.name} {model.version} ({model.codebook})"
