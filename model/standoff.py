"""Stand-off annotations: labels of a public corpus's sentences, without their text.

They are joined with the reader's own copy of the corpus: JSON Lines of ``{"id", "text"}``, a table (CSV) with these
columns, a JSON array of such objects or a folder of such arrays; or NewsMTSC's training part, the table of News
Articles (Dai 2017), Reuters-21578 (Lewis 1997) as JSON arrays.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import Field, PrivateAttr, ValidationError

from model.annotation import Annotation, Labels, Places, check, check_labels
from model.codebook import Codebook
from model.errors import FaultsError
from model.faults import describe
from model.json_text import each_once, explain
from model.record_lines import read_labels
from model.text import FilledText

#: What a corpus calls a document's id and text: in general, and in NewsMTSC's training part.
_FIELDS = (("id", "text"), ("primary_gid", "sentence_normalized"))
#: News Articles numbers its documents; here they get its name besides.
_NUMBER, _NUMBERED = "article_id", "news_articles"
#: Reuters-21578 calls the text of an article so, and numbers its articles, too.
_BODY, _REUTERS = "body", "reuters_21578"
#: The most characters of a table's cell, and of a sentence.
_LONGEST_CELL, _LONGEST_SENTENCE = 100_000_000, 1_000_000


class StandoffAnnotation(Labels):
    """An annotation whose text is ``corpus_document[start:end]`` of a corpus.

    ``start`` and ``end`` count Unicode code points of the corpus's document, the spans those of the sentence;
    ``sha256`` is that of the sentence in UTF-8.
    """

    corpus: FilledText
    corpus_document: FilledText
    start: int = Field(ge=0, strict=True)
    end: int = Field(gt=0, strict=True)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    #: File and line, to name them in faults.
    _place: str = PrivateAttr("")

    def with_text(self, text: str) -> Annotation:
        """The same annotation with the sentence's text."""
        fields = self.model_dump(include=set(Labels.model_fields))
        return Annotation.model_validate({**fields, "text": text})


@dataclass(frozen=True)
class Hydrated:
    """Annotations with text, and the ids of those whose document the reader's copy lacks."""

    annotations: list[Annotation]
    missing: list[str]


def read_standoff(files: Iterable[Path], codebook: Codebook) -> list[StandoffAnnotation]:
    """Read stand-off annotations and check them against the codebook, as far as that goes without the text.

    Raises:
        FaultsError: every fault, with file, line and field.
    """
    found, faults = [], []
    places = Places()
    for file in files:
        for line in read_labels(file, StandoffAnnotation):
            faults += line.faults
            if line.record is None:
                continue
            faults += line.known(_check(line.record, codebook))
            faults += places.add_line(line, line.record.sha256)
            line.record._place = line.place
            found.append(line.record)
    if faults:
        raise FaultsError(faults)
    return found


def _check(annotation: StandoffAnnotation, codebook: Codebook) -> list[str]:
    """What is wrong with an annotation, as far as that can be told without the text."""
    length = annotation.end - annotation.start
    if 0 < length <= _LONGEST_SENTENCE:
        return check(annotation.with_text("x" * length), codebook)
    fault = (
        f"end: a sentence of {length} characters; at most {_LONGEST_SENTENCE} are read"
        if length > 0
        else f"end: {annotation.end} is not behind the start, {annotation.start}"
    )
    return [fault, *check_labels(annotation, codebook)]


def hydrate(standoffs: Sequence[StandoffAnnotation], corpus: Path, codebook: Codebook) -> Hydrated:
    """Join stand-off annotations with the reader's copy of their corpus.

    Raises:
        FaultsError: the corpus cannot be read, a sentence in it is not the one that was annotated, or a label
            does not fit the text.
    """
    wanted = {standoff.corpus_document for standoff in standoffs}
    texts: dict[str, str] = {}
    annotations, missing, faults = [], [], []
    for record in read_corpus(corpus):
        if record["id"] in wanted and texts.setdefault(record["id"], record["text"]) != record["text"]:
            faults.append(
                f"{corpus}: id: {record['id']!r} stands there with two texts; keep the document that was annotated"
            )
    for standoff in standoffs:
        text = texts.get(standoff.corpus_document)
        if text is None:
            missing.append(standoff.id)
            continue
        found = _fault(standoff, text, corpus)
        if found is not None:
            faults.append(f"{standoff._place}: {found}; use the same edition of the corpus")
            continue
        try:
            annotation = standoff.with_text(text[standoff.start : standoff.end])
        except ValidationError as error:
            faults += [f"{standoff._place}: {fault}" for fault in describe(error)]
            continue
        annotations.append(annotation)
        faults += [f"{standoff._place}: {fault}" for fault in check(annotation, codebook)]
    if faults:
        raise FaultsError(faults)
    return Hydrated(annotations, missing)


def _fault(standoff: StandoffAnnotation, text: str, corpus: Path) -> str | None:
    """What is wrong if the sentence does not stand in its document's text."""
    there = f"{standoff.corpus_document} in {corpus}"
    if standoff.end > len(text):
        return f"end: {standoff.end} lies outside {there}, which has {len(text)} characters"
    if sentence_digest(text[standoff.start : standoff.end]) != standoff.sha256:
        what = f"is not the sentence that was annotated as {standoff.id} (its checksum differs)"
        return f"sha256: {standoff.start} to {standoff.end} of {there} {what}"
    return None


def sentence_digest(sentence: str) -> str:
    """The checksum of a sentence, by which a stand-off annotation knows it again."""
    return hashlib.sha256(sentence.encode(errors="surrogatepass")).hexdigest()


def corpus_files(source: Path) -> list[Path]:
    """The files of a corpus: ``source`` itself, or what it holds as a folder of JSON arrays (``.json``)."""
    return sorted(source.glob("*.json")) if source.is_dir() else [source]


def read_corpus(source: Path) -> Iterable[dict[str, Any]]:
    """The documents of a corpus as ``{"id", "text"}``, from any file or folder that can be joined.

    Raises:
        FaultsError: a file cannot be read, or a line, row or object of it is no such document.
    """
    files = corpus_files(source)
    if not files:
        raise FaultsError([f"{source}: holds no .json file; name a corpus file, or a folder of JSON arrays"])
    readers = {".csv": _read_table, ".json": _read_array}
    for file in files:
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                yield from readers.get(file.suffix.lower(), _read_lines)(file, stream)
        except (OSError, UnicodeDecodeError) as error:
            raise FaultsError([f"{file}: cannot be read as a corpus: {error}"]) from None


def _read_array(file: Path, stream: IO[str]) -> Iterable[dict[str, Any]]:
    """The objects of a JSON array; articles of Reuters-21578 that are a headline alone are left out."""
    content = stream.read()
    try:
        records = json.loads(content, object_pairs_hook=each_once)
    except (ValueError, RecursionError) as error:
        if content.lstrip().startswith("{"):
            yield from _read_lines(file, content.split("\n"))
            return
        raise FaultsError([f"{file}: {explain(error)}"]) from None
    records = records if isinstance(records, list) else [records]
    headlines = 0
    for number, record in enumerate(records, start=1):
        fields = dict(record) if isinstance(record, dict) else {}
        if "text" not in fields and {"id", "date"} <= fields.keys():
            if _BODY not in fields:
                headlines += 1
                continue
            fields |= {"id": f"{_REUTERS}:{fields['id']}", "text": fields[_BODY]}
        found = _document(fields)
        if found is None:
            raise FaultsError([f"{file}: object {number}: id, text: a corpus has one document an object with these"])
        yield found
    if records and headlines == len(records):
        raise FaultsError([f"{file}: no object has a text; a corpus has documents with id and text"])


def _read_lines(file: Path, lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line.rstrip(), object_pairs_hook=each_once)
        except (ValueError, RecursionError) as error:
            raise FaultsError([f"{file}:{number}: {explain(error)}"]) from None
        found = _document(record) if isinstance(record, dict) else None
        if found is None:
            raise FaultsError([f"{file}:{number}: id, text: a corpus has one document a line with these two strings"])
        yield found


def _read_table(file: Path, lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    csv.field_size_limit(_LONGEST_CELL)
    table = csv.DictReader(lines, strict=True)
    try:
        twice = [name for name, count in Counter(map(str.strip, table.fieldnames or ())).items() if count > 1 and name]
        if twice:
            raise FaultsError([f"{file}:1: {name}: the column stands twice; rename or remove one" for name in twice])
        for record in table:
            if "id" not in record and _NUMBER in record:
                record = {**record, "id": f"{_NUMBERED}:{record[_NUMBER]}"}
            found = None if None in record else _document(record)
            if found is None:
                raise FaultsError(
                    [f"{file}:{table.line_num}: id, text: a corpus has one document a row with these columns"]
                )
            yield found
    except csv.Error as error:
        raise FaultsError([f"{file}:{table.line_num + 1}: not a table (CSV): {error}"]) from None


def _document(record: dict[str, Any]) -> dict[str, Any] | None:
    for names in _FIELDS:
        values = [record.get(name) for name in names]
        if all(isinstance(value, str) for value in values):
            return {**record, "id": values[0], "text": values[1]}
    return None
