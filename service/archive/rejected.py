"""What was set aside, as it stands in ``rejected.jsonl``."""

import json
from collections.abc import Iterator

from service.archive.article import Article, Place, Rejection
from service.archive.folder import Folder
from service.archive.plan import listed_inputs

REJECTED = "rejected.jsonl"
_PARTS = "rejected"


def as_line(rejection: Rejection) -> str:
    """A line of the file; ``record`` is null where a whole input is meant."""
    place = rejection.place
    return (
        json.dumps(
            {
                "input": place.url,
                "record": None if place.record < 0 else place.record,
                "line": place.line,
                "id": rejection.id,
                "kind": rejection.kind,
                "reason": rejection.reason,
            },
            ensure_ascii=False,
        )
        + "\n"
    )


def foreign(article: Article, language: str, probability: float, wanted: str) -> Rejection:
    """An article in another language than the wanted one."""
    reason = (
        f"its language is {language!r}, not {wanted!r}; probability {probability:.2f}; --language names another one, "
        "--any-language labels all"
    )
    return Rejection(article.place, "language", reason, article.id)


def join_rejected(folder: Folder) -> None:
    """Write the one file, inputs that could not be read to their end first."""
    with folder.writing(REJECTED) as stream:
        for line in _whole_inputs(folder):
            stream.write(line.encode())
        for name in folder.names(_PARTS):
            if name.startswith(".") or not name.endswith(".jsonl"):
                continue  # a worker was killed while it wrote that
            stream.write(folder.read(f"{_PARTS}/{name}") or b"")


def _whole_inputs(folder: Folder) -> Iterator[str]:
    for one in listed_inputs(folder):
        if one.fault is not None:
            yield as_line(Rejection(Place(one.url, -1), "fault", one.fault))
