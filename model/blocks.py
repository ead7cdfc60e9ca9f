"""The parts of a text that no sentence crosses, as blank lines, tags of HTML and line breaks show them."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from model.place import Place, strip
from model.text import LETTER

#: Blank lines, and the tags of HTML that end a paragraph, an item or a cell
_GAP = re.compile(
    r"\n[ \t]*[\r\n]\s*|\r\n?+[ \t]*[\r\n]\s*|\u2029"
    r"|<(?i:/?(?:p|div|br|hr|h[1-6]|[uod]l|li|d[dt]|table|t[rdh]|blockquote|section|article|figcaption)(?:\s[^<>]*)?/?>)"
)
_BLANKS = " \t"
#: Blanks and the signs of quoted e-mail
_BEFORE_LINE = " \t>"
_LINE_BREAK = re.compile(r"\r\n|\r|\n|\u2028|\x0b|\x0c")
_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")
#: Where a line begins in lower case and yet does not go on with a sentence: "al-Shabab", "iPhone", "a) ", "ii. "
_NAME_OR_ITEM = re.compile(r"(?:a[a-z]h?|el)-[A-Z]|[a-z]{1,2}[A-Z]|(?:[a-z]|[ivx]+)[.)]\s")
#: Words that no headline ends with
_UNFINISHED = re.compile(r"\b(?:the|of|and|from|with|that|which|whose|its|their|his)$")
#: How long the longest line of hard-wrapped text may be, in characters, and by how much another may be longer
_WIDTHS, _SLACK = range(30, 131), 5
#: Paragraphs with so few line breaks may be wrapped without showing it.
_FEW = 3


def find_blocks(text: str) -> Iterator[Place]:
    """Yield the parts of ``text`` that no sentence crosses, in order; some are empty.

    A blank line and a tag of HTML that ends a paragraph, an item or a cell always end one, a line break does unless
    the text is hard-wrapped, the line breaks off or the next one goes on in lower case.
    """
    gaps = (gap.span() for gap in _GAP.finditer(text))
    blocks = [strip(text, *block) for block in _between(gaps, 0, len(text))]
    breaks = [_breaks(text, *block) for block in blocks]
    usual = _width([line for lines in breaks for line in lines])
    for (start, end), lines in zip(blocks, breaks, strict=True):
        lower = [line for line in lines if line.lower]
        as_usual = (lower or len(lines) <= _FEW) and all(line.is_full(usual) for line in lower)
        width = usual if as_usual else _width(lines)
        for line in lines:
            if not (line.goes_on or line.is_full(width)):
                yield Place(start, line.end)
                start = line.end
        yield Place(start, end)


def _between(gaps: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What is left of a text's part without ``gaps``."""
    for gap in gaps:
        yield start, gap[0]
        start = gap[1]
    yield start, end


class _Break(NamedTuple):
    """A line break: where it ends, and the line before it.

    ``length`` is that of the line, ``longer`` with the next word (0 where no sentence crosses the break). ``goes_on``
    says whether a sentence crosses it in any text, ``lower`` that this shows in the next line's lower case.
    """

    end: int
    length: int
    longer: int
    goes_on: bool
    lower: bool

    def is_full(self, width: int) -> bool:
        """Whether the line may have ended because the next word would have made it longer than ``width``."""
        return 0 < width < self.longer and width / 2 < self.length <= width + _SLACK


def _breaks(text: str, start: int, end: int) -> list[_Break]:
    """The line breaks of one block."""
    gaps = [gap.span() for gap in _LINE_BREAK.finditer(text, start, end)]
    breaks = []
    for (first, stop), (after, last) in pairwise(_between(gaps, start, end)) if gaps else ():
        line, following = text[first:stop].strip(), text[after:last].lstrip(_BEFORE_LINE)
        indent = _indent(text, first)
        length = indent + len(line)
        if _indent(text, after) > indent or not (LETTER.search(line) and LETTER.search(following)):
            breaks.append(_Break(after, length, 0, goes_on=False, lower=False))
            continue
        lower = following[0].islower() and not (_NAME_OR_ITEM.match(following) or _SENTENCE_END.search(line))
        goes_on = lower or _UNFINISHED.search(line) is not None
        breaks.append(_Break(after, length, length + 1 + len(following.split(None, 1)[0]), goes_on, lower))
    return breaks


def _width(breaks: list[_Break]) -> int:
    """The width that lines were wrapped to, as those show that go on in lower case, or 0 if they were not wrapped."""
    lower = [line for line in breaks if line.lower]
    if not lower:
        return 0
    width = max(line.length for line in lower)
    full = sum(line.is_full(width) for line in breaks)
    wrapped = width in _WIDTHS and 5 * sum(line.is_full(width) for line in lower) >= 4 * len(lower) >= full
    return width if wrapped else 0


def _indent(text: str, place: int) -> int:
    """How many blanks stand around ``place``, which is the beginning of a line or the first character in it."""
    first = last = place
    while first and text[first - 1] in _BLANKS:
        first -= 1
    while last < len(text) and text[last] in _BLANKS:
        last += 1
    return last - first
