"""``frameline serve``, but the labeller fails in the way that a text names, and quotes it in its message.

python -m tests.service.faulty_server [OPTIONS OF frameline serve]
"""

import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable

from model.labeller import Labelled, Labeller
from model.prediction import Sentence
from model.unlabelled import Unlabelled
from service.serve import serve

_label_counted = Labeller.label_counted


class Unraisable:
    def __init__(self, text: str) -> None:
        self.text = text

    def __del__(self) -> None:
        raise ValueError(self.text)


def chain(text: str) -> None:
    try:
        raise KeyError(text)
    except KeyError as error:
        raised = ValueError(text)
        raised.add_note(text)
        raise raised from error


def group(text: str) -> None:
    raise ExceptionGroup(text, [TypeError(text), OSError(text)])


def late(text: str) -> None:
    time.sleep(0.6)
    raise ValueError(text)


def validation(text: str) -> None:
    Sentence.model_validate({"start": text, "text": text})


def thread(text: str) -> None:
    threading.Thread(target=chain, args=(text,)).start()


def library(text: str) -> None:
    logging.getLogger("library").error("cannot read %s", text)


FAULTS: dict[str, Callable[[str], object]] = {
    "CHAIN": chain,
    "GROUP": group,
    "LATE": late,
    "VALIDATION": validation,
    "WARNING": lambda text: warnings.warn(text, stacklevel=1),
    "THREAD": thread,
    "LIBRARY": library,
    "UNRAISABLE": Unraisable,
}


def faulty(labeller: Labeller, sentences: Iterable[Unlabelled]) -> Labelled:
    asked = list(sentences)
    for sentence in asked:
        for name, fail in FAULTS.items():
            if name in sentence.text:
                fail(sentence.text)
    return _label_counted(labeller, asked)


if __name__ == "__main__":
    Labeller.label_counted = faulty  # type: ignore[method-assign, assignment]
    serve.main(sys.argv[1:])
