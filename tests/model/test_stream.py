import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from model.place import Place
from model.prediction import Sentence, TextDocument
from model.stream import Stream
from model.unlabelled import Unlabelled

Item = tuple[TextDocument, list[Unlabelled]]


def document(name: str, count: int) -> Item:
    text = name * max(count, 1)
    return TextDocument(id=name, text=text), [Unlabelled(text, Place(at, at + 1), None) for at in range(count)]


def labelled(unlabelled: Unlabelled) -> Sentence:
    text, place = unlabelled.text, unlabelled.place
    return Sentence(start=place.start, end=place.end, text=text[place.start : place.end], frames=(), actors=())


class Labels:
    """Labels sentences, and notes how many come at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, sentences: Sequence[Unlabelled]) -> list[Sentence]:
        self.sizes.append(len(sentences))
        time.sleep(0.001 * len(sentences))
        return [labelled(one) for one in sentences]


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def test_documents_come_out_whole_and_in_order(executor: ThreadPoolExecutor) -> None:
    items = [document(chr(97 + number % 26), number * 7 % 23) for number in range(60)]
    told: list[Sentence] = []
    answers = list(Stream(Labels(), executor, 2, 4, 32).run(iter(items), told.append))
    assert [answer.id for answer in answers] == [given.id for given, _ in items]
    for answer, (given, sentences) in zip(answers, items, strict=True):
        assert [sentence.start for sentence in answer.sentences] == list(range(len(sentences)))
        assert {sentence.text for sentence in answer.sentences} <= {given.id}
    assert told == [sentence for answer in answers for sentence in answer.sentences]


def test_short_documents_share_a_group_where_many_wait(executor: ThreadPoolExecutor) -> None:
    labels = Labels()
    list(Stream(labels, executor, 2, 4, 32).run([document("a", 3) for _ in range(200)], None))
    assert sum(labels.sizes) == 600
    assert labels.sizes[0] <= 4
    assert 12 < max(labels.sizes) <= 32
    assert min(labels.sizes[-3:]) <= 4  # towards the end they get smaller again


def test_groups_grow_so_that_the_first_sentences_are_done_soon(executor: ThreadPoolExecutor) -> None:
    labels = Labels()
    list(Stream(labels, executor, 1, 4, 16).run([document("a", 1_000)], None))
    assert sum(labels.sizes) == 1_000
    assert labels.sizes[0] <= 4
    assert max(labels.sizes) == 16
    for number, size in enumerate(labels.sizes):
        assert size <= max(4, sum(labels.sizes[:number]))


def test_sentences_of_one_document_are_shared_among_threads() -> None:
    barrier = Barrier(2)

    def label(sentences: Sequence[Unlabelled]) -> list[Sentence]:
        barrier.wait(10)
        return [labelled(one) for one in sentences]

    with ThreadPoolExecutor(2) as threads:
        (answer,) = Stream(label, threads, 2, 4, 32).run([document("a", 8)], None)
    assert len(answer.sentences) == 8


def test_documents_are_taken_only_as_needed(executor: ThreadPoolExecutor) -> None:
    taken = 0

    def endless() -> Iterator[Item]:
        nonlocal taken
        while True:
            taken += 1
            yield document("a", 5)

    answers = Stream(Labels(), executor, 2, 4, 8).run(endless(), None)
    for _ in range(20):
        assert len(next(answers).sentences) == 5
    assert taken < 20 + 2 * 64 / 6 + 2
    answers.close()


def test_what_came_before_a_pause_is_yielded_in_it(executor: ThreadPoolExecutor) -> None:
    taken: list[str] = []

    def pausing() -> Iterator[Item | None]:
        for name in "abc":
            taken.append(name)
            yield document(name, 3)
        yield None
        taken.append("d")
        yield document("d", 3)
        yield None
        yield None

    answers = Stream(Labels(), executor, 2, 4, 8).run(pausing())
    assert [next(answers).id for _ in range(3)] == list("abc")
    assert taken == list("abc")
    assert [answer.id for answer in answers] == ["d"]


def test_what_came_before_an_error_is_yielded_first(executor: ThreadPoolExecutor) -> None:
    def broken() -> Iterator[Item]:
        yield document("a", 9)
        yield document("b", 2)
        raise ValueError("broken")

    answers = Stream(Labels(), executor, 2, 4, 8).run(broken(), None)
    assert [next(answers).id, next(answers).id] == ["a", "b"]
    with pytest.raises(ValueError, match="broken"):
        next(answers)


def test_an_error_is_that_of_the_sentence_for_which_it_comes(executor: ThreadPoolExecutor) -> None:
    class PanicError(BaseException):
        """As a library in another language raises it."""

    def label(sentences: Sequence[Unlabelled]) -> list[Sentence]:
        if any(one.text.startswith("c") for one in sentences):
            raise PanicError("no network")
        return [labelled(one) for one in sentences]

    answers = Stream(label, executor, 2, 4, 32).run([document(name, 2) for name in "abcd"], None)
    assert [next(answers).id, next(answers).id] == ["a", "b"]
    with pytest.raises(PanicError, match="no network"):
        next(answers)


def test_one_sentence_may_be_longer_than_all_that_is_read_ahead(executor: ThreadPoolExecutor) -> None:
    text = "a" * 1_000_000
    item = (TextDocument(text=text), [Unlabelled(text, Place(0, len(text)), None)] * 2)
    (answer,) = Stream(Labels(), executor, 2, 4, 8).run([item])
    assert [len(sentence.text) for sentence in answer.sentences] == [len(text)] * 2


def test_long_sentences_make_small_groups(executor: ThreadPoolExecutor) -> None:
    labels = Labels()
    long = [TextDocument(id=str(number), text="a" * 1_500) for number in range(60)]
    whole = ((one, [Unlabelled(one.text, Place(0, 1_500), None)]) for one in long)
    assert len(list(Stream(labels, executor, 2, 4, 32).run(whole, None))) == 60
    assert max(labels.sizes) <= 3


def test_two_streams_share_the_threads(executor: ThreadPoolExecutor) -> None:
    endless = Stream(Labels(), executor, 2, 4, 8).run((document("a", 40) for _ in iter(int, 1)), None)
    next(endless)
    (answer,) = Stream(Labels(), executor, 2, 4, 8).run([document("b", 30)], None)
    assert len(answer.sentences) == 30
    endless.close()


def test_whoever_waits_is_told_that_the_threads_were_stopped() -> None:
    began, ended = Event(), Event()

    def label(sentences: Sequence[Unlabelled]) -> list[Sentence]:
        began.set()
        ended.wait(10)
        return [labelled(one) for one in sentences]

    threads = ThreadPoolExecutor(1)
    with ThreadPoolExecutor(1) as caller:
        answers = caller.submit(lambda: list(Stream(label, threads, 1, 4, 4).run([document("a", 12)], None)))
        began.wait(10)
        threads.shutdown(wait=False)
        ended.set()
        with pytest.raises(RuntimeError, match="closed"):
            answers.result(10)


def test_an_abandoned_stream_labels_no_more(executor: ThreadPoolExecutor) -> None:
    labels = Labels()
    answers = Stream(labels, executor, 2, 4, 8).run(document("a", 30) for _ in iter(int, 1))
    next(answers)
    answers.close()
    executor.shutdown()
    done = sum(labels.sizes)
    time.sleep(0.05)
    assert sum(labels.sizes) == done < 90
