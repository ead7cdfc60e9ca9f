"""Sentences of a text with their exact offsets."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from sentencex import get_sentence_boundaries

from model.text import find_mention

#: Blank lines, and the tags of HTML that end a paragraph, an item or a cell
_GAP = re.compile(
    r"\n[ \t]*[\r\n]\s*|\r\n?+[ \t]*[\r\n]\s*|\u2029"
    r"|<(?i:/?(?:p|div|br|hr|h[1-6]|[uod]l|li|d[dt]|table|t[rdh]|blockquote|section|article|figcaption)(?:\s[^<>]*)?/?>)"
)
_BLANKS = " \t"
#: Blanks and the signs of quoted e-mail
_BEFORE_LINE = " \t>"
_WORD = re.compile(r"[^\W_]")
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
#: A full stop and the mark of a footnote after it: "in October.1", "in the U.S.[4]", but not "Art.5 of"
_NOTE_AFTER_WORD = (
    r"(?<=[a-z]{2}.|[A-Z]{2}.)(?<!\b(?:[A-Z][a-z]{2}|art|fig|vol).)(?<!\bSept.)(?<!\b[Nn]o.)[\"'”’)]?(?=\d)"
)
_NOTE = re.compile(
    rf"([.!?](?!\s)(?:{_NOTE_AFTER_WORD}|[\"'”’)]?(?=[²³¹⁰-⁹[*])))(\d{{1,2}}|[²³¹⁰-⁹]+|\[\d{{1,3}}\]|\*{{1,3}})(?=\s|$)"
)
#: After an initial, sentencex 1.0.32 panics where white space takes more than one byte.
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
#: Before a word in lower case these are abbreviations; any short word would be too many, as posts are in lower case.
_ABBREVIATION = re.compile(
    r"\b(?:[A-Z][a-z]{0,5}|lbs?|pct|km|kg|hrs?|yrs?|mins?|secs?|bn|mn|tn|mln|bln|govt|dept|est|approx|incl|dist|prov)\.$"
)
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
        "Doc.": re.compile(r"[A-Z]+/"),
        "Abp. Ald. Amb. Atty. Cdr. Cllr. Cols. Cpt. Dep. Flt. Gens. Govs. J.D. Lieut. Messrs. Ms. Ofc. Pte. Revd. "
        "Revs. Spc. Sqn. Sra. -Adm. -Cmdr. -Col. -Gen. -Gov. -Maj. -Sgt. "
        "Approx. approx. Ft. incl. Sta. Ste. Sto.": re.compile(""),
    }.items()
    for word in words.split()
}
#: "1." of a list, "Q." of an interview, "PM." before a name
_MARKER = re.compile(r"(?:^(?:\d{1,3}|[A-Z]|PM)|:\s+1)\.$")
#: An initial behind a hyphen ("Hans-J. Müller", "J.-P. Sartre"), and words before which it is none ("Type-C. They")
_JOINED_INITIAL = re.compile(r"(?:^|[^\w-])(?:[A-Z]\.?|[A-Z][a-z]+)-[A-Z]\.$")
_OPENER = re.compile(r"(?:The|An?|He|She|It|They|We|I|You|This|That|These|But|And|In|On|At|Then)\b")
_QUESTION = re.compile(r"[?!…][\"'”’»]{1,2}$")
_SUBJECT = r"[A-Z][\w.'’-]*(?:\s[\w.'’-]+){0,4}?"
_SAYING = r"(?:said|says|(?:asked|asks)(?!\sto\b)|added|wrote|tweeted|replied|answered|shouted|cried|declared|wondered)"
_TELLING = (
    r"(?:told|tells|asked|asks)\s(?:(?:the|an?|his|her)\s(?:[\w'’-]+\s)?)?[\w'’-]+(?:\s[A-Z][\w'’-]*){0,3}(?!\sto\b)"
)
_CIRCUMSTANCE = r"(?:in|on|at|to|of|during|after|before|as|when|while|last|this|yesterday|later|\w+day)\b"
#: Who spoke the quotation before; "Zelensky said that he would" is a sentence of its own.
_ATTRIBUTION = re.compile(rf"{_SUBJECT}\s(?:{_SAYING}|{_TELLING})(?:[.,;:]|\s{_CIRCUMSTANCE}(?!.*\bthat\b))")
#: "at the U.N.", and a state that begins a sentence behind it: "Israel denied"; but "at the U.S. Senate", "the U.S.
#: China policy", "told the U.N. Israel would"
_PLACE_ABBREVIATED = re.compile(r"(?:\b(?:at|by|for|from|in|of|to|with)\s(?:the\s)?(?:[A-Z]\.){2}|, D\.C\.)$")
_STATE_ACTS = re.compile(
    r"\s+(?:Afghanistan|Argentina|Armenia|Australia|Azerbaijan|Belarus|Brazil|Britain|Canada|China|Colombia|Cuba|Egypt"
    r"|Ethiopia|France|Georgia|Germany|Greece|Hungary|India|Indonesia|Iran|Iraq|Israel|Italy|Japan|Jordan|Kuwait"
    r"|Lebanon|Libya|Mexico|Myanmar|Nigeria|North Korea|Pakistan|Poland|Qatar|Russia|Saudi Arabia|Serbia|Somalia"
    r"|South (?:Africa|Korea|Sudan)|Spain|Sudan|Sweden|Syria|Taiwan|Turkey|Ukraine|Venezuela|Vietnam|Yemen)"
    r"\s(?:also|is|was|has|had|will|would|can(?:not)?|could|may|might|must|should|did|does|said|says|told|wants|made|took|gave|sent|went|came|kept"
    r"|left|lost|won|met|began|struck|hit|saw|[a-z]{2,}ed)\b"
)
#: Words that the library takes for abbreviations wherever they stand ("no. 5", "ill. 5"), so that it never cuts there.
_WORDS = {"art.", "etc.", "fed.", "Fed.", "ill.", "may.", "May.", "me.", "miss.", "no.", "ok.", "OK."}
_OPENING = "\"'“‘([—-"
#: What stands before "No." where it is an answer
_BEFORE_ANSWER = re.compile(r"(?:^|[:—–-]\s+)$")
_CAPITALISED = re.compile(r"[A-Z][A-Za-z'’-]*(?![\w/])")
_AT_START = rf"\s+(?={_CAPITALISED.pattern})"
_ASIDE = r"[^()\[\]\s]+\s[^()\[\]]*[.!?]"
#: The end of a quotation within another one, whose two signs hide the full stop from the library
_NESTED = r"[.!?…](?:['’][\"”]|[\"”]['’])\s+(?=[\"“]?[A-Z])"
#: An ellipsis in one character, which never ends a sentence for the library
_ELLIPSIS = r"(?<=\w)…[\"'”’)]*\s+(?=[\"“]?[A-Z])"
#: A full stop, an ellipsis, the end of a nested quotation, or an aside of several words that ends with a full stop
_STOP = re.compile(
    rf"{_NESTED}|{_ELLIPSIS}|\.{_AT_START}|\({_ASIDE}\)(?:{_AT_START}|\s*$)|\[{_ASIDE}\](?:{_AT_START}|\s*$)"
)
#: What stands before an aside that is no part of a sentence
_ENDED = re.compile(r"(?:^|[.!?…][\"'”’»)\]]*\s+)$")
#: Characters of one block that are searched for sentence ends at a time, at first and at most.
_STRETCH, _LONGEST = 10_000, 80_000
#: Quotation marks, of which sentencex follows each that is never closed to the end of what it sees.
_QUOTATION = re.compile("[\"'“”„‟«»‹›‘’‚‛「」『』《》]")
#: A stretch with more of them is not searched further.
_MOST_QUOTATION = 1_000


class Place(NamedTuple):
    """``text[start:end]``, in Unicode code points."""

    start: int
    end: int


def split(text: str, language: str = "en") -> Iterator[Place]:
    """Yield the sentences of ``text`` in order, without the white space around them.

    A blank line always ends a sentence, and so does a tag of HTML that ends a paragraph, an item or a cell; a line
    break does (headlines, posts, lists) unless the text is hard-wrapped, the line breaks off or the next one goes on
    in lower case. A line that is indented deeper than the one before it begins a paragraph. Within lines the sentencex
    library decides. What has no letter or digit is part of a sentence on its line, if there is one.
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
        if waiting is not None and _WORD.search(text, *waiting):
            yield waiting


def strip(text: str, start: int, end: int) -> Place:
    """``text[start:end]`` without the white space at its ends."""
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return Place(start, max(start, start + len(part.strip())))


def join_across(text: str, places: Iterable[Place], mentions: Iterable[str]) -> list[Place]:
    """Join neighbouring sentences where a mention that the caller gave would otherwise be cut in two.

    One that stands in none, as it has no letter or digit, becomes a sentence.
    """
    joined = list(places)
    for mention in mentions:
        if any(mention in text[place.start : place.end] for place in joined):
            continue
        start = max(find_mention(text, mention), text.find(mention))
        end = start + len(mention)
        touched = [place for place in joined if place.start < end and place.end > start]
        whole = Place(min([start, *(place.start for place in touched)]), max([end, *(place.end for place in touched)]))
        joined = sorted([whole, *(place for place in joined if place.start >= end or place.end <= start)])
    return joined


def _blocks(text: str) -> Iterator[Place]:
    """Yield the parts of ``text`` that no sentence crosses."""
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


def _sentences(text: str, start: int, end: int, language: str) -> Iterator[Place]:
    """Yield the sentences of one block, which the library sees in stretches, since its time grows with the square."""
    size = _STRETCH
    while start < end:
        stop = min(end, start + size)
        stretch = _NOTE.sub(lambda note: note[2] + note[1], text[start:stop])
        if not stretch.isascii():
            stretch = _WIDE_SPACE.sub(" ", stretch)
        lengths = [len(boundary["text"]) for boundary in get_sentence_boundaries(language, stretch)]
        if stop < end and len(lengths) == 1:
            if size < _LONGEST and len(_QUOTATION.findall(stretch)) <= _MOST_QUOTATION:
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
        seen, quotes, depth = start, 0, 0
        for stop in _STOP.finditer(text, start, end):
            before = text[seen : stop.end()]
            quotes += before.count('"')
            depth += before.count("“") + before.count("(") - before.count("”") - before.count(")")
            seen = stop.end()
            if quotes % 2 or depth > 0:
                continue
            if stop[0][0] in "([":
                if _ENDED.search(text[max(start, stop.start() - 10) : stop.start()]):
                    yield Place(start, stop.start())
                    yield Place(stop.start(), seen)
                    start = seen
            elif stop[0].rstrip() != "." or _ends(text, start, stop.start() + 1):
                yield Place(start, seen)
                start = seen
        yield Place(start, end)


def _ends(text: str, start: int, stop: int) -> bool:
    """Whether a sentence ends with the word before ``stop`` that the library takes for an abbreviation."""
    word = _last_word(text, start, stop).lstrip(_OPENING)
    if word == "No.":
        return (
            _BEFORE_ANSWER.search(text[max(start, stop - 10) : stop - 3]) is not None
            and _NUMERAL.match(text, stop + 1) is None
        )
    if word in _WORDS or text.endswith("War I.", start, stop):
        return True
    return (
        text[stop - 3 : stop - 2] == "."
        and _STATE_ACTS.match(text, stop) is not None
        and _PLACE_ABBREVIATED.search(text[max(start, stop - 20) : stop]) is not None
    )


def _goes_on(text: str, sentence: Place, following: Place) -> bool:
    """Whether two sentences are one: the full stop was that of an abbreviation ("R-Wis. did not answer"), say."""
    if not _WORD.search(text, max(sentence.start, sentence.end - 1_000), sentence.end):
        return True
    if not _WORD.search(text, *following):
        return not text[following.end : following.end + 1].strip()
    end = text[max(sentence.start, sentence.end - 3) : sentence.end]
    if _QUESTION.search(end) and _ATTRIBUTION.match(text, *following):
        return True
    word = _last_word(text, *sentence)
    if text[following.start].islower() and _ABBREVIATION.search(word):
        return True
    if _JOINED_INITIAL.search(word) and not _OPENER.match(text, following.start):
        return True
    after = _GOES_ON.get(word[max(0, word.rfind("-")) :].lstrip(_OPENING[:-2]))
    if after is not None:
        return after.match(text, following.start) is not None
    return _MARKER.search(text[max(sentence.start, sentence.end - 10) : sentence.end]) is not None or (
        sentence.end == following.start and text[following.start + 1 : following.start + 2] == "."  # R-S.C.
    )


def _last_word(text: str, start: int, end: int) -> str:
    """The last characters before a full stop, with it, as far as an abbreviation may reach."""
    return text[max(start, end - 10) : end].split()[-1]


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
        if _indent(text, after) > indent or not (_WORD.search(line) and _WORD.search(following)):
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
