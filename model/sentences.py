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
_ABBREVIATION = re.compile(r"\b(?:[A-Z][a-z]{0,5}|lbs)\.$")
_MONTH = (
    r"(?:Jan(?:uary|\.)|Feb(?:ruary|\.)|Mar(?:ch|\.)|Apr(?:il|\.)|May|June|July|Aug(?:ust|\.)|Sept(?:ember|\.)"
    r"|Oct(?:ober|\.)|Nov(?:ember|\.)|Dec(?:ember|\.))\s\d"
)
_TIME = re.compile(
    rf"\d|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b(?!['’]s)|{_MONTH}|(?:[A-Z][\w-]+\s){{1,3}}[Tt]ime\b"
    r"|Eastern[.,;]|(?:[ECMP][SD]?T|GMT|UTC|BST|IST|CES?T|EES?T|MSK|HKT|JST|KST|PKT|AES?T|AEDT)\b"
)
_NUMERAL = re.compile(r"(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\b")
#: Abbreviations after which the library cuts, and what must follow for the sentence to go on.
_GOES_ON = {
    word: after
    for words, after in {
        "a.m. p.m. A.M. P.M.": _TIME,
        "Mon. Tue. Tues. Wed. Thu. Thurs. Fri. Sat. Sun.": re.compile(_MONTH),
        "Arts. arts. Ch. Est. est. Para. para. Pop. pop. Tel. Vol. vol.": re.compile(r"\d"),
        "No.": _NUMERAL,
        "Ald. Amb. Atty. Cdr. Cllr. Cols. Cpt. Flt. Gens. Govs. Lieut. Messrs. Ms. Ofc. Pte. Revs. Spc. Sqn. Sra. "
        "-Adm. -Cmdr. -Col. -Gen. -Gov. -Maj. -Sgt. Approx. approx. Ft. incl. Sta. Ste. Sto.": re.compile(""),
    }.items()
    for word in words.split()
}
#: "1." of a list, "Q." of an interview
_MARKER = re.compile(r"(?:\d{1,3}|[A-Z])\.")
#: Words that the library takes for abbreviations wherever they stand ("no. 5", "ill. 5"), so that it never cuts there.
_WORDS = {"art.", "fed.", "Fed.", "ill.", "may.", "May.", "me.", "miss.", "no.", "ok.", "OK."}
_OPENING = "\"'“‘([—-"
_NO = re.compile(rf"No\.\s+(?!{_NUMERAL.pattern})")
_ASIDE = re.compile(r"\([^()\s]+\s[^()]*[.!?]\)\s+")
_CAPITALISED = re.compile(r"[A-Z][A-Za-z'’-]*(?![\w/])")
_STOP = re.compile(rf"\.\s+(?={_CAPITALISED.pattern})")
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
        places = _sentences(text, start, end, language)
        for place in _parts(text, places) if language == "en" else places:
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


def _parts(text: str, sentences: Iterable[Place]) -> Iterator[Place]:
    """Yield English ``sentences``, cut where one ends that the library sees going on, but never within a quotation."""
    for start, end in sentences:
        if text[start : start + 1] in ("N", "("):
            match = _NO.match(text, start, end) or _ASIDE.match(text, start, end)
            if match and _CAPITALISED.match(text, match.end(), end):
                yield Place(start, match.end())
                start = match.end()
        seen, quotes, depth = start, 0, 0
        for stop in _STOP.finditer(text, start, end):
            word = _last_word(text, start, stop.start() + 1).lstrip(_OPENING)
            if word not in _WORDS and not text.endswith("War I.", start, stop.start() + 1):
                continue
            before = text[seen : stop.end()]
            quotes += before.count('"')
            depth += before.count("“") + before.count("(") - before.count("”") - before.count(")")
            seen = stop.end()
            if quotes % 2 == 0 and depth <= 0:
                yield Place(start, seen)
                start = seen
        yield Place(start, end)


def _goes_on(text: str, sentence: Place, following: Place) -> bool:
    """Whether the full stop between two sentences was that of an abbreviation ("R-Wis. did not answer")."""
    word = _last_word(text, *sentence)
    if text[following.start].islower() and _ABBREVIATION.search(word):
        return True
    after = _GOES_ON.get(word[max(0, word.rfind("-")) :].lstrip(_OPENING[:-2]))
    if after is not None:
        return after.match(text, following.start) is not None
    return _MARKER.fullmatch(text, *sentence) is not None or (
        sentence.end == following.start and text[following.start + 1 : following.start + 2] == "."  # R-S.C.
    )


def _last_word(text: str, start: int, end: int) -> str:
    """The last characters before a full stop, with it, as far as an abbreviation may reach."""
    return text[max(start, end - 10) : end].split()[-1]


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
