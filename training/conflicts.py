"""Where raters differ on a sentence, label by label."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.annotation import ActorSpan, Annotation, Span
from model.codebook import Codebook

YES, NO = "yes", "no"
NONE, UNDECIDED = "none", "undecided"
_CHOICE = re.compile(r"(?:(\d{1,6})-(\d{1,6})(?: “.*?”)? )?([^\s()]+)(?: \(([^\s()]+)\))?", re.DOTALL)
_TOGETHER = " + "
#: The same outside of quotations, which may hold a plus, too.
_BETWEEN = re.compile(r" \+ (?![^“]*”)")


@dataclass(frozen=True)
class Conflict:
    """One thing on which raters differ.

    Attributes:
        what: ``frame FRAME``, or ``actor START-END`` with the part of the sentence that the marked spans cover.
        values: what each rater said, in the notation that a decision has, too.
    """

    what: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Agreed:
    """What raters agree on in a sentence, and where they differ."""

    frames: tuple[str, ...]
    spans: tuple[Span, ...]
    conflicts: tuple[Conflict, ...]


def compare(rows: Mapping[str, Annotation], codebook: Codebook) -> Agreed:
    """Compare the annotations of one sentence by its raters."""
    frames, conflicts = [], []
    for frame in codebook.frame_ids:
        given = {rater: frame in annotation.frames for rater, annotation in rows.items()}
        if all(given.values()):
            frames.append(frame)
        elif any(given.values()):
            values = {rater: YES if found else NO for rater, found in given.items()}
            conflicts.append(Conflict(f"frame {frame}", values))
    agreed: list[Span] = []
    text = next(iter(rows.values())).text
    for spans in _clusters(rows):
        values = {rater: write_spans(spans.get(rater, ()), text) for rater in rows}
        if len(set(values.values())) == 1:
            agreed += next(iter(spans.values()))
        else:
            every = [span for one in spans.values() for span in one]
            place = f"actor {min(span.start for span in every)}-{max(span.end for span in every)}"
            conflicts.append(Conflict(place, values))
    return Agreed(tuple(frames), tuple(agreed), tuple(conflicts))


def write_spans(spans: Iterable[Span], text: str) -> str:
    """Spans in the worksheet's notation: ``0-6 “Arland” critical (arland)``; several with a plus between them."""
    written = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        mention = f"{span.start}-{span.end} “{text[span.start : span.end]}”"
        if not isinstance(span, ActorSpan):
            written.append(f"{mention} {UNDECIDED}")
        else:
            written.append(f"{mention} {span.stance}" + (f" ({span.actor})" if span.actor else ""))
    return _TOGETHER.join(written) or NONE


def read_spans(decision: str, rows: Mapping[str, Annotation], conflict: Conflict, codebook: Codebook) -> list[Span]:
    """The spans that a decision means: ``none``, a stance alone, or the notation of `write_spans`.

    A stance alone stands for the span, and the actor, that all raters who marked something there agree on. A span
    without an actor has the one that all raters who marked the very span agree on.

    Raises:
        ValueError: what is wrong with the decision, and the remedy.
    """
    if decision == NONE:
        return []
    return [_read_span(choice.strip(), rows, conflict, codebook) for choice in _BETWEEN.split(decision)]


def _read_span(choice: str, rows: Mapping[str, Annotation], conflict: Conflict, codebook: Codebook) -> Span:
    stances = (*codebook.stance_ids, UNDECIDED)
    match = _CHOICE.fullmatch(choice)
    if match is None or match[3] not in stances:
        raise ValueError(
            f"{choice!r} is no decision; write a rater ({', '.join(rows)}), {NONE}, {', '.join(stances)}, "
            "or START-END STANCE (ACTOR)"
        )
    found = marked(rows.values(), conflict)
    places = {(span.start, span.end) for span in found}
    if match[1] is None and len(places) > 1:
        raise ValueError(f"{choice!r}: the raters marked different spans; write START-END in front of it")
    start, end = (int(match[1]), int(match[2])) if match[1] is not None else next(iter(places))
    first, last = _place(conflict)
    if start >= last or first >= end:
        raise ValueError(f"{choice!r}: the span does not overlap {first}-{last}, which the conflict is about; mend it")
    if match[3] == UNDECIDED:
        return Span(start=start, end=end)
    same = [span for span in found if match[1] is None or (span.start, span.end) == (start, end)]
    names = {span.actor for span in same if isinstance(span, ActorSpan)}
    if match[4] is None and match[1] is None and len(names) > 1:
        raise ValueError(f"{choice!r}: the raters name different actors; write START-END STANCE (ACTOR)")
    actor = match[4] if match[4] is not None else next(iter(names)) if len(names) == 1 else None
    return ActorSpan(start=start, end=end, stance=match[3], actor=actor)


def marked(rows: Iterable[Annotation], conflict: Conflict) -> list[Span]:
    """The spans of some raters that a conflict is about."""
    start, end = _place(conflict)
    return [
        span
        for annotation in rows
        for span in (*annotation.actors, *annotation.undecided)
        if start <= span.start and span.end <= end
    ]


def _place(conflict: Conflict) -> tuple[int, int]:
    """Start and end of the part of the sentence that a conflict is about."""
    start, end = map(int, conflict.what.split(" ")[1].split("-"))
    return start, end


def _clusters(rows: Mapping[str, Annotation]) -> list[dict[str, Sequence[Span]]]:
    """Spans that hang together by overlap, by rater; in order of appearance."""
    every = sorted(
        ((span, rater) for rater, one in rows.items() for span in (*one.actors, *one.undecided)),
        key=lambda pair: (pair[0].start, pair[0].end),
    )
    clusters: list[dict[str, list[Span]]] = []
    reach = -1
    for span, rater in every:
        if span.start >= reach:
            clusters.append({})
        clusters[-1].setdefault(rater, []).append(span)
        reach = max(reach, span.end)
    return [{rater: tuple(spans) for rater, spans in cluster.items()} for cluster in clusters]
