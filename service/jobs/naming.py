"""What the file of an upload is called: its end is how ``frameline score`` knows the format."""

import re
from urllib.parse import unquote

from service.archive.formats import COMPRESSIONS, describe_suffixes, recognise
from service.problems import ProblemError

#: The ends of names that stand for a media type.
SUFFIXES = {
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.apache.arrow.file": ".arrow",
    "application/vnd.apache.arrow.stream": ".arrow",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/warc": ".warc",
}
_ENDS = {kind: end for end, kind in COMPRESSIONS.items()}
_NAME_BYTES = 200
_ODD = re.compile(r"[^\w.-]+")


def name_file(given: str | None, media_type: str, encoding: str = "") -> str:
    """A safe name for a file, with an end that says its format.

    Args:
        given: what the client calls it, if anything.
        media_type: in lower case, without parameters.
        encoding: the content encoding, which the file keeps.

    Raises:
        ProblemError: 415 if neither name nor media type say a format that is read.
    """
    name = _clean(given)
    if recognise(name) is None:
        name = f"{name or 'upload'}{SUFFIXES.get(media_type, '')}"
    if encoding not in ("", "identity"):
        end = _ENDS.get(encoding.removeprefix("x-"), "?")
        name = name if name.lower().endswith(end) else f"{name}{end}"
    if recognise(name) is None:
        raise ProblemError(
            415,
            "the format is not known: give a media type, or a name as ?name=news.csv.gz or as the file's name in the "
            f"form; known ends are {describe_suffixes()}, media types {', '.join(SUFFIXES)}",
        )
    return name


def _clean(given: str | None) -> str:
    """The last part of a name, of letters, digits and a few signs; its end is kept where it is too long."""
    last = re.split(r"[/\\]", unquote(given or ""))[-1]
    cleaned = _ODD.sub("_", last).lstrip(".-_")
    return cleaned.encode()[-_NAME_BYTES:].decode(errors="ignore").lstrip(".-_")
