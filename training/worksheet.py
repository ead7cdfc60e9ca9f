"""A worksheet of conflicts that a person fills in: CSV for spreadsheets, or JSON Lines."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from model.annotation import Annotation
from model.annotation_files import check_rereadable
from model.codebook import Codebook, Schema
from model.errors import FaultsError
from training.conflicts import NO, NONE, UNDECIDED, YES, Conflict, compare
from training.formats.intake import Intake
from training.formats.lines import csv_reader, read_objects, read_text, write_objects, write_table

_BY = "by "
_COLUMNS = ("id", "document", "text", "what")
_DECISION = ("decision", "note")


class Row(Schema):
    """One conflict as it stands in a worksheet; ``values`` are those of the raters."""

    id: str
    what: str
    values: dict[str, str]
    decision: str
    note: str


class Placed(NamedTuple):
    """A row and its line."""

    line: int
    row: Row


def write_worksheet(target: Path, sentences: Mapping[str, Mapping[str, Annotation]], codebook: Codebook) -> int:
    """Write every conflict, with an empty decision and note, and return how many there are.

    Args:
        target: a new file, ``.csv`` or ``.jsonl``.
        sentences: by id, each rater's annotation.
        codebook: the labels that there are.

    Raises:
        FaultsError: the suffix is another one, or a rater or a stance is called like a decision.
    """
    if target.suffix not in (".csv", ".jsonl"):
        raise FaultsError([f"{target}: a worksheet is a .csv or .jsonl file; give it such a name"])
    raters = list(dict.fromkeys(rater for rows in sentences.values() for rater in rows))
    faults = [f"{target}: {fault}" for fault in _ambiguous(raters, codebook)]
    if faults:
        raise FaultsError(faults)
    records = [
        _record(next(iter(rows.values())), conflict, raters)
        for rows in sentences.values()
        for conflict in compare(rows, codebook).conflicts
    ]
    if target.suffix == ".jsonl":
        write_objects(target, records)
    else:
        write_table(target, [*_COLUMNS, *(f"{_BY}{rater}" for rater in raters), *_DECISION], records)
    return len(records)


def read_worksheet(path: Path, codebook: Codebook) -> list[Placed]:
    """Read a worksheet back.

    Raises:
        FaultsError: what is no worksheet, every faulty line, and a rater or a stance that is called like a decision.
    """
    check_rereadable(path)
    intake = Intake(codebook)
    is_json = path.suffix == ".jsonl"
    records = list(read_objects(path, intake, may_be_empty=True) if is_json else _read_csv(path, intake))
    raters = dict.fromkeys(name.removeprefix(_BY) for _, record in records for name in record if name.startswith(_BY))
    for fault in _ambiguous(raters, codebook):
        intake.fault(path, 1, fault)
    rows = []
    for line, record in records:
        missing = [name for name in ("id", "what", "decision") if not isinstance(record.get(name), str)]
        for name in missing:
            intake.fault(path, line, f"{name}: missing; keep the worksheet's columns as they are")
        if not missing:
            values = {name.removeprefix(_BY): value for name, value in record.items() if name.startswith(_BY)}
            note = str(record.get("note") or "")
            decision = str(record["decision"]).strip()
            given = {rater: str(value) for rater, value in values.items() if value not in ("", None)}
            rows.append(
                Placed(line, Row(id=record["id"], what=record["what"], values=given, decision=decision, note=note))
            )
    intake.finish()
    return rows


def _ambiguous(raters: Iterable[str], codebook: Codebook) -> list[str]:
    """The raters and stances of whom a decision cannot tell whether it names them or says what else holds."""
    words = {word.lower() for word in (YES, NO, NONE, UNDECIDED, *codebook.stance_ids)}
    remedy = "give the file another name, or import the annotations with another --annotator"
    faults = [f"by {rater}: a rater is called like a decision; {remedy}" for rater in raters if rater.lower() in words]
    return faults + [
        f"the stance {stance!r} of the codebook {codebook.label} is called like the decision that there is no mention, "
        "or that it is undecided; give the stance another id, in the codebook and in the annotations"
        for stance in codebook.stance_ids
        if stance in (NONE, UNDECIDED)
    ]


def _record(annotation: Annotation, conflict: Conflict, raters: Sequence[str]) -> dict[str, str]:
    values = {f"{_BY}{rater}": conflict.values.get(rater, "") for rater in raters}
    where = {"id": annotation.id, "document": annotation.document, "text": annotation.text, "what": conflict.what}
    return {**where, **values, "decision": "", "note": ""}


def _read_csv(path: Path, intake: Intake) -> Iterator[tuple[int, dict[str, object]]]:
    text = read_text(path, intake)
    if text is None:
        return
    reader = csv_reader(text)
    try:
        header = next(reader, [])
        twice = [name for name, count in Counter(header).items() if count > 1 and name]
        for name in twice:
            intake.fault(path, 1, f"{name}: the column stands twice; keep the worksheet's columns as they are")
        if twice:
            return
        line = reader.line_num + 1
        for cells in reader:
            if not any(map(str.strip, cells)):
                pass  # spreadsheets leave such rows at the end
            elif len(cells) == len(header):
                yield line, dict(zip(header, cells, strict=True))
            else:
                intake.fault(path, line, f"the whole row: {len(cells)} cells in a table of {len(header)} columns")
            line = reader.line_num + 1
    except csv.Error as error:
        intake.fault(path, reader.line_num, f"not a CSV table ({error}); save the worksheet again as CSV")
