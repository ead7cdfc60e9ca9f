"""What the mention head marks, made to whole names: grown, trimmed, and without what names nobody."""

import re
from collections.abc import Iterable, Sequence, Set

from model.actors import Match
from model.decoding import MentionSpan
from model.text import DOTTED, folded

#: Signs, and what is left of a possessive, before a name ("'s health ministry").
_BEFORE = re.compile(r"(?:['’]s\b|[^\w])+|s (?=[A-Z])")
#: Signs and a possessive behind a name; a full stop may belong to it ("U.S.", "Jr."), and what closes a bracket.
_BEHIND = re.compile(r"(?:['’]s|[^\w.)\]]|(?<=[a-z]{4})\.)+$")

#: Where a span begins within a possessive ("s government").
_WITHIN_POSSESSIVE = re.compile(r"(?<=\w['’])s\s+")


def tidy(
    sentence: str, spans: Iterable[MentionSpan], matches: Sequence[Match], offices: Set[tuple[str, ...]]
) -> list[MentionSpan]:
    """The mentions as they are given out, in order, none overlapping another.

    Args:
        sentence: the sentence.
        spans: what `find_mentions` found in it.
        matches: what the actor list found in it; a span does not begin within a nationality ("North Korean army").
        offices: titles and words for a government, folded; alone and in small letters they name nobody.
    """
    kept: list[MentionSpan] = []
    for span in spans:
        if _is_rest(sentence, span):
            if kept and kept[-1].end == span.start - 1:
                kept[-1] = MentionSpan(kept[-1].start, _trim(sentence, *span).end)
            continue
        trimmed = _undivided(sentence, _trim(sentence, _beginning(span, matches), span.end))
        mention = sentence[trimmed.start : trimmed.end]
        if any(letter.isalpha() for letter in mention) and not _is_office(mention, offices):
            if not kept or trimmed.start >= kept[-1].end:
                kept.append(trimmed)
            else:
                kept[-1] = MentionSpan(kept[-1].start, max(kept[-1].end, trimmed.end))
    return kept


def _is_rest(sentence: str, span: MentionSpan) -> bool:
    """Whether a span is only what follows a name, in small letters, from within its possessive on."""
    mention = sentence[span.start : span.end]
    return _WITHIN_POSSESSIVE.match(sentence, *span) is not None and mention == mention.lower()


def _beginning(span: MentionSpan, matches: Sequence[Match]) -> int:
    """Where a span begins, which is not within a nationality ("North Korean")."""
    within = (match.start for match in matches if match.kind == "nationality" and match.start < span.start < match.end)
    return next(within, span.start)


def _trim(sentence: str, start: int, end: int) -> MentionSpan:
    before = _BEFORE.match(sentence, start, end)
    start = before.end() if before is not None else start
    for opening, closing in ("()", "[]"):
        if sentence[start:end].endswith(closing) and opening not in sentence[start:end]:
            end -= 1
    behind = _BEHIND.search(sentence, start, end)
    return MentionSpan(start, behind.start() if behind is not None else end)


def _undivided(sentence: str, span: MentionSpan) -> MentionSpan:
    """The span with the whole of each dotted abbreviation within which it begins or ends ("O." of "P.L.O.")."""
    start, end = span
    for run in DOTTED.finditer(sentence) if start < end else ():
        if run.start() < span.start < run.end():
            start = run.start()
        if run.start() < span.end < run.end():
            end = run.end()
    return MentionSpan(start, end)


def _is_office(mention: str, offices: Set[tuple[str, ...]]) -> bool:
    words = folded(mention)
    return mention == mention.lower() and (words[1:] if words[:1] == ("the",) else words) in offices
