"""From a filled worksheet to adjudicated annotations, with a record of who decided what."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from model.annotation import ActorSpan, Annotation, Span, check
from model.codebook import Codebook, Schema
from model.errors import FaultsError
from training.conflicts import NO, YES, Agreed, Conflict, compare, marked, read_spans
from training.worksheet import Placed


class Decision(Schema):
    """One conflict and how it was decided."""

    what: str
    values: dict[str, str]
    decision: str
    note: str


class Adjudicated(Schema):
    """The record of one sentence: who decided, when, whose annotations were compared and what was decided."""

    id: str
    adjudicator: str
    decided: datetime
    raters: tuple[str, ...]
    decisions: tuple[Decision, ...]


class Outcome(Schema):
    """Adjudicated annotations and the record of each, in the same order."""

    annotations: tuple[Annotation, ...]
    records: tuple[Adjudicated, ...]


def adjudicate(
    path: Path,
    rows: Sequence[Placed],
    sentences: Mapping[str, Mapping[str, Annotation]],
    codebook: Codebook,
    adjudicator: str,
    decided: datetime,
) -> Outcome:
    """Put together what raters agree on and what was decided.

    Args:
        path: the worksheet, to name it in faults.
        rows: its rows.
        sentences: by id, the annotations of the raters; each gets an adjudicated one.
        codebook: the labels that there are.
        adjudicator: who decided; becomes the annotator.
        decided: when.

    Raises:
        FaultsError: every row without a decision or with one that means nothing, rows that fit no conflict of the
            annotations, and conflicts without a row.
    """
    compared = {name: compare(annotations, codebook) for name, annotations in sentences.items()}
    known = {(name, one.what): one for name, agreed in compared.items() for one in agreed.conflicts}
    decisions: dict[tuple[str, str], Placed] = {}
    refused: set[tuple[str, str]] = set()
    faults = []
    for placed in rows:
        key = (placed.row.id, placed.row.what)
        found = _row_faults(placed, known.get(key), decisions.get(key))
        refused |= {key} if found else set()
        faults += [f"{path}:{placed.line}: {fault}" for fault in found]
        decisions.setdefault(key, placed)
    faults += [
        f"{path}: {name!r}: no row for the conflict {what!r}; make the worksheet anew"
        for name, what in known
        if (name, what) not in decisions
    ]
    clear = {key: placed for key, placed in decisions.items() if key not in refused}
    annotations = []
    for name, agreed in compared.items():
        annotation, found = _decide(path, sentences[name], agreed, clear, codebook, adjudicator)
        faults += found
        annotations.append(annotation)
    if faults:
        raise FaultsError(faults)
    records = [_record(name, sentences[name], one, clear, adjudicator, decided) for name, one in compared.items()]
    return Outcome(annotations=tuple(annotations), records=tuple(records))


def _row_faults(placed: Placed, conflict: Conflict | None, before: Placed | None) -> list[str]:
    row = placed.row
    if conflict is None:
        return [f"what: {row.what!r} is no conflict of {row.id!r} in the annotations; make the worksheet anew"]
    if dict(conflict.values) != row.values:
        return ["the raters' labels are not those of the annotations any more; make the worksheet anew"]
    if before is not None:
        return [f"what: the same conflict stands on line {before.line} already; keep one"]
    return [] if row.decision else ["decision: empty; decide, or strike the sentence from the annotations"]


def _decide(
    path: Path,
    rows: Mapping[str, Annotation],
    agreed: Agreed,
    decisions: Mapping[tuple[str, str], Placed],
    codebook: Codebook,
    adjudicator: str,
) -> tuple[Annotation, list[str]]:
    """The adjudicated annotation of one sentence, and what is wrong with those decisions on it that there are."""
    first = next(iter(rows.values()))
    frames, spans, faults = {*agreed.frames}, list(agreed.spans), []
    lines = []
    placed = [(one, decisions[first.id, one.what]) for one in agreed.conflicts if (first.id, one.what) in decisions]
    for conflict, (line, row) in placed:
        lines.append(line)
        rater = _rater(row.decision, rows)
        decision = row.decision if rater is None else conflict.values[rater]
        kind, _, label = conflict.what.partition(" ")
        if kind == "actor" and rater is not None:
            spans += marked([rows[rater]], conflict)
        elif kind == "actor":
            try:
                spans += read_spans(decision, rows, conflict, codebook)
            except ValueError as error:
                faults.append(f"{path}:{line}: decision: {error}")
        elif decision.lower() == YES:
            frames.add(label)
        elif decision.lower() != NO:
            what = f"{row.decision!r} is none of {YES}, {NO} and the raters ({', '.join(rows)})"
            faults.append(f"{path}:{line}: decision: {what}")
    spans.sort(key=lambda span: (span.start, span.end))
    annotation = first.model_copy(
        update={
            "frames": tuple(frame for frame in codebook.frame_ids if frame in frames),
            "actors": tuple(span for span in spans if isinstance(span, ActorSpan)),
            "undecided": tuple(Span(start=s.start, end=s.end) for s in spans if not isinstance(s, ActorSpan)),
            "annotator": adjudicator,
        }
    )
    if not faults and len(placed) == len(agreed.conflicts):
        place = f"{path}:{', '.join(map(str, lines))}" if lines else first.id
        faults = [f"{place}: decision: {fault}" for fault in check(annotation, codebook)]
    return annotation, faults


def _rater(decision: str, raters: Iterable[str]) -> str | None:
    """The rater whom a decision names; in any case where one alone is called so, since spreadsheets write capitals."""
    names = [rater for rater in raters if rater.casefold() == decision.casefold()]
    return decision if decision in names else names[0] if len(names) == 1 else None


def _record(
    name: str,
    rows: Mapping[str, Annotation],
    agreed: Agreed,
    decisions: Mapping[tuple[str, str], Placed],
    adjudicator: str,
    decided: datetime,
) -> Adjudicated:
    made = [decisions[name, conflict.what].row for conflict in agreed.conflicts]
    return Adjudicated(
        id=name,
        adjudicator=adjudicator,
        decided=decided,
        raters=tuple(rows),
        decisions=tuple(Decision(what=r.what, values=r.values, decision=r.decision, note=r.note) for r in made),
    )
