"""What the mention head marks, made to whole names: grown, trimmed, and without what names nobody."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise

from model.actors import NICKNAME, Match
from model.decoding import MentionSpan
from model.intervals import Intervals
from model.text import DOTTED, MARKS, folded

#: Signs, and what is left of a possessive, before a name ("'s health ministry").
_BEFORE = re.compile(r"(?:['’]s\b|[^\w])+|s (?=[A-Z])")
#: Signs, a possessive and words that lead on behind a name ("Ministry of Defence in"); a full stop may belong to it
#: ("U.S.", "Jr."), and what closes a bracket, and a combining mark does.
_BEHIND = re.compile(
    rf"(?:['’]s|[^\w.)\]{MARKS}]|(?<=[a-z]{{4}})\.|(?<=\s)(?:and|at|by|for|from|in|of|on|or|the|to|with)(?!\w))+$"
)
#: The rest of an office that a span leaves out ("secretary" of "secretary-general")
_REST_OF_OFFICE = re.compile(r"(?<=[a-z])-(?:general|elect|designate|in-chief)\b")
#: A name with a nickname in it ("Benjamin 'Bibi' Netanyahu")
_NICKNAMED = re.compile(rf"[A-Z][\w-]*{NICKNAME.pattern}\s[A-Z][\w-]*")
#: What stands before a span that begins within a surname ("Keeffe" of "O'Keeffe")
_SURNAME = re.compile(r"(?<![\w'’])[A-Z]['’]")
#: What stands behind two joined names that are those of a war ("Israel-Hamas war").
_WAR = re.compile(r"\s+(?:(?:armed|border|trade)\s+)?(?:wars?|conflicts?)\b(?!\s+of\s+words)", re.IGNORECASE)
_JOINTS = ("-", "‐", "‑", "–", "/")
#: Where a span begins within a possessive ("s government").
_WITHIN_POSSESSIVE = re.compile(r"(?<=\w['’])s\s+")


def tidy(
    sentence: str, spans: Sequence[MentionSpan], matches: Sequence[Match], offices: Set[tuple[str, ...]]
) -> list[MentionSpan]:
    """The mentions as they are given out, in order, none overlapping another.

    Args:
        sentence: the sentence.
        spans: what `find_mentions` found in it.
        matches: what the actor list found in it; a span does not begin within a nationality ("North Korean army").
        offices: titles and words for a government, folded; alone and in small letters they name nobody.
    """
    if not spans:
        return []
    kept: list[MentionSpan] = []
    nationalities = Intervals((match.start, match.end) for match in matches if match.kind == "nationality")
    dotted = Intervals(run.span() for run in DOTTED.finditer(sentence))
    for span in _whole(sentence, _without_wars(sentence, spans, matches)):
        if _is_rest(sentence, span):
            if kept and kept[-1].end == span.start - 1:
                kept[-1] = MentionSpan(kept[-1].start, _trim(sentence, *span).end)
            continue
        trimmed = _undivided(dotted, _trim(sentence, _beginning(span, nationalities), span.end))
        mention = sentence[trimmed.start : trimmed.end]
        if any(letter.isalpha() for letter in mention) and not _is_office(mention, offices):
            if kept and _is_title_of(sentence, kept[-1], trimmed, offices):
                kept[-1] = trimmed
            elif not kept or trimmed.start >= kept[-1].end:
                kept.append(trimmed)
            else:
                kept[-1] = MentionSpan(kept[-1].start, max(kept[-1].end, trimmed.end))
    return kept


def _whole(sentence: str, spans: Iterable[MentionSpan]) -> Iterator[MentionSpan]:
    """The spans, grown to whole names with a nickname or an apostrophe in them and to whole hyphenated offices."""
    nicknamed = Intervals(name.span() for name in _NICKNAMED.finditer(sentence))
    before: MentionSpan | None = None
    for start, end in spans:
        for first, last in nicknamed.touching(start, end):
            start, end = min(start, first), max(end, last)
        if start >= 2 and _SURNAME.match(sentence, start - 2, start):
            start -= 2
            if before is not None and sentence[before.end : start] == " ":
                start = before.start
        rest = _REST_OF_OFFICE.match(sentence, end)
        before = MentionSpan(start, end if rest is None else rest.end())
        yield before


def _without_wars(sentence: str, spans: Sequence[MentionSpan], matches: Sequence[Match]) -> Sequence[MentionSpan]:
    """The spans without those in the name of a war, which names no actor.

    The mention head marks an actor once: where one that it marks there is named elsewhere, too, that is its mention.
    """
    pairs = [
        pair
        for pair in pairwise(matches)
        if sentence[pair[0].end : pair[1].start] in _JOINTS and _WAR.match(sentence, pair[1].end) is not None
    ]
    if not pairs:
        return spans
    wars = Intervals((first.start, second.end) for first, second in pairs)
    parties = Intervals((match.start, match.end) for pair in pairs for match in pair)
    actors = {(match.start, match.end): match.actor for pair in pairs for match in pair}
    elsewhere = {
        match.actor: MentionSpan(match.start, match.end)
        for match in reversed(matches)
        if not wars.touching(match.start, match.end)
    }
    kept = {span for span in spans if not wars.touching(*span)}
    marked = {actors[party] for span in spans if span not in kept for party in parties.touching(*span)}
    return sorted(kept | {elsewhere[actor] for actor in marked if actor is not None and actor in elsewhere})


def _is_title_of(sentence: str, title: MentionSpan, name: MentionSpan, offices: Set[tuple[str, ...]]) -> bool:
    """Whether ``title`` is that of the ``name`` right behind it ("Pope" before "Leo XIV")."""
    between = sentence[title.end : name.start]
    return between == " " and folded(sentence[title.start : title.end]) in offices


def _is_rest(sentence: str, span: MentionSpan) -> bool:
    """Whether a span is only what follows a name, in small letters, from within its possessive on."""
    mention = sentence[span.start : span.end]
    return _WITHIN_POSSESSIVE.match(sentence, *span) is not None and mention == mention.lower()


def _beginning(span: MentionSpan, nationalities: Intervals) -> int:
    """Where a span begins, which is not within a nationality ("North Korean")."""
    return next((start for start, _ in nationalities.touching(span.start, span.start + 1)), span.start)


def _trim(sentence: str, start: int, end: int) -> MentionSpan:
    before = _BEFORE.match(sentence, start, end)
    start = before.end() if before is not None else start
    for opening, closing in ("()", "[]"):
        if sentence[start:end].endswith(closing) and opening not in sentence[start:end]:
            end -= 1
    behind = _BEHIND.search(sentence, start, end)
    return MentionSpan(start, behind.start() if behind is not None else end)


def _undivided(dotted: Intervals, span: MentionSpan) -> MentionSpan:
    """The span with the whole of each dotted abbreviation within which it begins or ends ("O." of "P.L.O.")."""
    start, end = span
    for first, last in dotted.touching(start, end) if start < end else ():
        start, end = min(start, first), max(end, last)
    return MentionSpan(start, end)


def _is_office(mention: str, offices: Set[tuple[str, ...]]) -> bool:
    words = folded(mention)
    return mention == mention.lower() and (words[1:] if words[:1] == ("the",) else words) in offices
