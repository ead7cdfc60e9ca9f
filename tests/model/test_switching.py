import sys
from collections.abc import Iterator

import pytest

from model.labeller import Labeller
from model.prediction import TextDocument
from model.switching import frequent_switches


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.004)
    yield
    sys.setswitchinterval(before)


def test_threads_take_turns_often_until_the_last_is_done() -> None:
    with frequent_switches():
        with frequent_switches():
            assert sys.getswitchinterval() < 0.001
        assert sys.getswitchinterval() < 0.001
    assert sys.getswitchinterval() == pytest.approx(0.004)


def test_a_shorter_interval_stays() -> None:
    sys.setswitchinterval(0.00005)
    with frequent_switches():
        assert sys.getswitchinterval() == pytest.approx(0.00005, abs=1e-5)
    assert sys.getswitchinterval() == pytest.approx(0.00005, abs=1e-5)


def test_it_is_as_before_after_an_error() -> None:
    with pytest.raises(ValueError, match="no"), frequent_switches():
        raise ValueError("no")
    assert sys.getswitchinterval() == pytest.approx(0.004)


def test_while_documents_are_labelled_and_no_longer(labeller: Labeller) -> None:
    documents = labeller.classify_documents(TextDocument(text="The army fled.") for _ in range(3))
    next(documents)
    assert sys.getswitchinterval() < 0.001
    list(documents)
    assert sys.getswitchinterval() == pytest.approx(0.004)
    abandoned = labeller.classify_documents(TextDocument(text="The army fled.") for _ in range(3))
    next(abandoned)
    del abandoned
    assert sys.getswitchinterval() == pytest.approx(0.004)
