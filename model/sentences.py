"""Sentences of a text with their exact offsets."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sentencex import get_sentence_boundaries

from model.text import find_mention

_BLANK_LINES = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)\s*|\u2029")
_BLANKS = " \t"
_LINE_BREAK = re.compile(r"\r\n|\r|\n|\u2028|\x0b|\x0c")
_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")
#: After an initial, sentencex 1.0.32 panics where white space takes more than one byte.
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
_ABBREVIATION = re.compile(r"\b[A-Z][a-z]{0,5}\.$")
#: Lines of hard-wrapped text are about this long, in characters.
_WRAPPED = range(50, 101)
#: Characters of one block that are searched for sentence ends at a time, at first and at most.
_STRETCH, _LONGEST = 10_000, 80_000


class Place(NamedTuple):
    """``text[start:end]``, in Unicode code points."""

    start: int
    end: int


def split(text: str, language: str = "en") -> Iterator[Place]:
    """Yield the sentences of ``text`` in order, without the white space around them.

    A blank line always ends a sentence; a line break does (headlines, posts, lists) unless the paragraph
    is hard-wrapped or the next line goes on in lower case. A line that is indented deeper than the one before it
    begins a paragraph. Within lines the sentencex library decides.
    """
    for start, end in _blocks(text):
        waiting: Place | None = None
        for place in _sentences(text, start, end, language):
            sentence = strip(text, *place)
            if sentence.start == sentence.end:
                continue
            if waiting is not None and _goes_on(text, waiting, sentence):
                sentence = Place(waiting.start, sentence.end)
            elif waiting is not None:
                yield waiting
            waiting = sentence
        if waiting is not None:
            yield waiting


def strip(text: str, start: int, end: int) -> Place:
    """``text[start:end]`` without the white space at its ends."""
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return Place(start, max(start, start + len(part.strip())))


def join_across(text: str, places: Iterable[Place], mentions: Iterable[str]) -> list[Place]:
    """Join neighbouring sentences where a mention that the caller gave would otherwise be cut in two."""
    joined = list(places)
    for mention in mentions:
        if any(mention in text[place.start : place.end] for place in joined):
            continue
        start = max(find_mention(text, mention), text.find(mention))
        touched = [place for place in joined if place.start < start + len(mention) and place.end > start]
        if touched:
            first = joined.index(touched[0])
            end = max(touched[-1].end, start + len(mention))
            joined[first : first + len(touched)] = [Place(min(touched[0].start, start), end)]
    return joined


def _blocks(text: str) -> Iterator[Place]:
    """Yield the parts of ``text`` that no sentence crosses."""
    start, end = strip(text, 0, len(text))
    for gap in _BLANK_LINES.finditer(text, start, end):
        yield from _lines(text, start, gap.start())
        start = gap.end()
    yield from _lines(text, start, end)


def _sentences(text: str, start: int, end: int, language: str) -> Iterator[Place]:
    """Yield the sentences of one block, which the library sees in stretches, since its time grows with the square."""
    size = _STRETCH
    while start < end:
        stop = min(end, start + size)
        stretch = _WIDE_SPACE.sub(" ", text[start:stop])
        lengths = [len(boundary["text"]) for boundary in get_sentence_boundaries(language, stretch)]
        if stop < end and len(lengths) == 1:
            if size < _LONGEST:
                size *= 2
                continue
            lengths = [text.rfind(" ", start, stop) + 1 - start]
            if lengths[0] <= 0:
                lengths = [stop - start]
        for length in lengths if stop == end or len(lengths) == 1 else lengths[:-1]:
            yield Place(start, start + length)
            start += length
        size = _STRETCH


def _goes_on(text: str, sentence: Place, following: Place) -> bool:
    """Whether the full stop between two sentences was that of an abbreviation ("R-Wis. did not answer")."""
    ending = text[max(sentence.start, sentence.end - 8) : sentence.end]
    return text[following.start].islower() and _ABBREVIATION.search(ending) is not None


def _lines(text: str, start: int, end: int) -> Iterator[Place]:
    """Yield the lines of one block, with those that go on in the next joined to it."""
    indented = False
    breaks: list[tuple[int, int]] = []
    last = _indent(text, start)
    for gap in _LINE_BREAK.finditer(text, start, end):
        indent = _indent(text, gap.end())
        if indent > last:
            yield from _paragraph(text, start, gap.start(), breaks, 1 if indented else 2)
            indented, breaks, start = True, [], gap.end()
        else:
            breaks.append(gap.span())
        last = indent
    yield from _paragraph(text, start, end, breaks, 1 if indented else 2)


def _paragraph(text: str, start: int, end: int, breaks: list[tuple[int, int]], fewest: int) -> Iterator[Place]:
    """The same of one paragraph; from ``fewest`` lines of the usual length on it is taken as hard-wrapped."""
    edges = [start, *(after for _, after in breaks)]
    lines = [text[edge:before] for edge, (before, _) in zip(edges, breaks, strict=False)]
    wrapped = len(lines) >= fewest and all(len(line.strip()) in _WRAPPED for line in lines)
    for line, (_, after) in zip(lines, breaks, strict=True):
        goes_on = text[after : after + 1].islower() and not _SENTENCE_END.search(line.rstrip())
        if not wrapped and not goes_on:
            yield Place(start, after)
            start = after
    yield Place(start, end)


def _indent(text: str, place: int) -> int:
    """How many blanks stand around ``place``, which is the beginning of a line or the first character in it."""
    first = last = place
    while first and text[first - 1] in _BLANKS:
        first -= 1
    while last < len(text) and text[last] in _BLANKS:
        last += 1
    return last - first
