from collections.abc import Iterator
from itertools import count
from threading import Event, Thread

import pytest

from model.prediction import TextDocument
from service.reader import End, Reader

PATIENT = 60.0


def test_documents_come_in_order_and_then_their_end() -> None:
    reader = Reader(TextDocument(id=name, text=name) for name in "ab")
    assert [getattr(reader.take(), "id", None) for _ in "ab"] == ["a", "b"]
    end = reader.take()
    assert isinstance(end, End)
    end.check()


def test_a_document_that_does_not_come_is_waited_for_as_long_as_wanted() -> None:
    go_on = Event()

    def slow() -> Iterator[TextDocument]:
        go_on.wait(PATIENT)
        yield TextDocument(id="late", text="late")

    reader = Reader(slow())
    assert reader.take(0.01) is None
    go_on.set()
    assert getattr(reader.take(), "id", None) == "late"


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_the_end_holds_the_error_that_ended_the_documents(kind: type[BaseException]) -> None:
    def broken() -> Iterator[TextDocument]:
        raise kind("broken")
        yield

    end = Reader(broken()).take(PATIENT)
    assert isinstance(end, End)
    with pytest.raises(kind, match="broken"):
        end.check()


def test_a_closed_reader_stops_and_tells_who_waits() -> None:
    stopped, blocked = Event(), Event()
    seen: list[object] = []

    def endless() -> Iterator[TextDocument]:
        try:
            for _ in count():
                yield TextDocument(text="a")
        finally:
            stopped.set()

    def never() -> Iterator[TextDocument]:
        blocked.wait(PATIENT)
        yield from ()

    reader = Reader(endless())
    assert isinstance(reader.take(), TextDocument)
    reader.close()
    assert stopped.wait(PATIENT)
    silent = Reader(never())
    waiting = Thread(target=lambda: seen.append(silent.take()))
    waiting.start()
    silent.close()
    waiting.join(PATIENT)
    blocked.set()
    assert isinstance(seen[0], End)
