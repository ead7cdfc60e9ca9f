"""WebAnno TSV 3, which WebAnno and INCEpTION write: a line a token, columns for the features of each layer.

The layers are those of `training.formats.layers`, as ``webanno.custom.NAME``. Offsets count UTF-16 units, as in Java.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from model.annotation import Annotation
from model.codebook import Codebook
from training.formats.intake import Intake
from training.formats.layers import LAYERS, FileNames, Label, LayeredText, by_document, from_layers, to_layers
from training.formats.lines import read_text
from training.formats.utf16 import Utf16

FORMAT = "#FORMAT=WebAnno TSV 3"
_TOKEN = re.compile(r"(\d{1,9})-(\d{1,9})(?:\.(\d{1,9}))?")
_PLACE = re.compile(r"(\d{1,9})-(\d{1,9})")
_SLOT = re.compile(r"(?P<value>(?:\\.|[^\\\[])*)(?:\[(?P<id>\d{1,9})\])?", re.DOTALL)
_RESERVED = re.compile(r"->|[\\\[\]|_;*\t\n\r]")
_NAMED = {"\t": "t", "\n": "n", "\r": "r"}
_SPELT = {letter: character for character, letter in _NAMED.items()}


class _Column(NamedTuple):
    """A column of features: its layer and feature, where they are ours."""

    layer: str | None
    feature: str


@dataclass
class _Sentence:
    """A sentence while its lines are read: its text and the offset of its first character in UTF-16 units."""

    line: int
    text: str
    base: int
    start: int | None = None
    offsets: Utf16 = field(init=False)

    def __post_init__(self) -> None:
        self.offsets = Utf16(self.text)


@dataclass
class _Growing:
    """A label that grows with each token on which it stands."""

    layer: str
    start: int
    end: int
    line: int
    features: dict[str, str | None] = field(default_factory=dict)


class WebAnnoTsv:
    """WebAnno TSV 3.x; offsets count UTF-16 units."""

    name = "webanno-tsv"
    summary = "WebAnno TSV 3 of INCEpTION and WebAnno, a folder with a .tsv for each document"
    folder = True

    def recognises(self, path: Path, head: str) -> bool:
        """Whether it says so in its first line."""
        return head.startswith(FORMAT)

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.tsv`` below."""
        return sorted(folder.rglob("*.tsv"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read exported documents."""
        for path in paths:
            text = read_text(path, intake)
            if text is None:
                continue
            if not text.startswith(FORMAT):
                intake.fault(path, 1, f"{text[:40]!r}: a WebAnno TSV file begins with {FORMAT}.3")
                continue
            reader = _Reader(path, intake)
            for number, line in enumerate(text.split("\n"), start=1):
                reader.take(number, line.removesuffix("\r"))
            from_layers(path, reader.layered(), intake)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write a folder for each annotator with a file for each document."""
        names = FileNames()
        for (annotator, document), group in by_document(annotations).items():
            folder = target / names.name(annotator)
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{names.name(document, folder.name)}.tsv"
            file.write_bytes("".join(f"{line}\n" for line in _lines(to_layers(group))).encode())


class _Reader:
    """Reads one file line by line."""

    def __init__(self, path: Path, intake: Intake) -> None:
        self._path = path
        self._intake = intake
        self._columns: list[_Column] = []
        self._sentences: list[_Sentence] = []
        self._labels: dict[tuple[str, object], _Growing] = {}
        self._in_text = False

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        if line.startswith("#Text="):
            self._take_text(number, _unescape(line.removeprefix("#Text=")))
            return
        self._in_text = False
        if line.startswith("#T_"):
            self._take_header(line)
        elif line.strip() and not line.startswith("#"):
            self._take_token(number, line.split("\t"))

    def layered(self) -> LayeredText:
        """What was read; a record covers its whole sentence."""
        text = "\n".join(sentence.text for sentence in self._sentences)
        places = [(sentence.base, sentence.base + len(sentence.text)) for sentence in self._sentences]
        labels = []
        for label in self._labels.values():
            start, end = label.start, label.end
            if label.layer == "Record":
                start = next(begin for begin, stop in places if begin <= start < stop)
                end = next((stop for begin, stop in places if begin < end <= stop), end)
            labels.append(Label(label.layer, start, end, label.features, label.line))
        return LayeredText(text, places, labels)

    def _take_text(self, number: int, text: str) -> None:
        if self._in_text:
            last = self._sentences.pop()
            self._sentences.append(_Sentence(last.line, f"{last.text}\n{text}", last.base))
        else:
            base = self._sentences[-1].base + len(self._sentences[-1].text) + 1 if self._sentences else 0
            self._sentences.append(_Sentence(number, text, base))
        self._in_text = True

    def _take_header(self, line: str) -> None:
        name, _, content = line.partition("=")
        layer, *features = content.split("|")
        short = layer.rsplit(".", 1)[-1]
        ours = name == "#T_SP" and short in LAYERS and ".custom." in f".{layer}"
        self._columns += [_Column(short if ours else None, feature) for feature in features or [""]]

    def _take_token(self, number: int, cells: Sequence[str]) -> None:
        place = _PLACE.fullmatch(cells[1]) if len(cells) > 1 else None
        if _TOKEN.fullmatch(cells[0]) is None or place is None or len(cells) < 3 + len(self._columns):
            what = f"needed are a token's number, offsets, text and {len(self._columns)} columns of features"
            self._intake.fault(self._path, number, f"the whole line: {what}, with tabs between them")
            return
        if not self._sentences:
            self._intake.fault(self._path, number, "a token stands before any line #Text=; export the document again")
            return
        sentence = self._sentences[-1]
        begin, stop = int(place[1]), int(place[2])
        token = _unescape(cells[2])
        if sentence.start is None:
            sentence.start = begin - sentence.offsets.units(max(sentence.text.find(token), 0))
        start, end = (sentence.offsets.point(unit - sentence.start) for unit in (begin, stop))
        if start is None or end is None or sentence.text[start:end] != token:
            what = f"{token!r} does not stand at {cells[1]} of its #Text=; was the file changed?"
            self._intake.fault(self._path, number, f"offsets: {what}")
            return
        self._take_features(number, cells[3:], sentence.base + start, sentence.base + end)

    def _take_features(self, number: int, cells: Sequence[str], start: int, end: int) -> None:
        for column, cell in zip(self._columns, cells, strict=False):
            if column.layer is None or cell in ("_", ""):
                continue
            for slot in _split(cell):
                match = _SLOT.fullmatch(slot)
                if match is None:
                    self._intake.fault(self._path, number, f"{column.layer}.{column.feature}: {slot!r} cannot be read")
                    continue
                name: object = match["id"] or (number,)
                label = self._labels.setdefault((column.layer, name), _Growing(column.layer, start, end, number))
                label.start, label.end = min(label.start, start), max(label.end, end)
                value = None if match["value"] in ("*", "_", "") else _unescape(match["value"])
                if label.features.setdefault(column.feature, value) != value:
                    what = f"{value!r} differs from {label.features[column.feature]!r} on line {label.line}"
                    self._intake.fault(
                        self._path, number, f"{column.layer}.{column.feature}: {what}; one label has one"
                    )


def _split(cell: str) -> list[str]:
    """The stacked values of a cell."""
    return re.findall(r"(?:\\.|[^\\|])+", cell, re.DOTALL)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _SPELT.get(match[1], match[1]), text, flags=re.DOTALL)


def _escape(text: str) -> str:
    return _RESERVED.sub(lambda match: "\\" + _NAMED.get(match[0], match[0]), text)


def _escape_text(text: str) -> str:
    return re.sub(r"[\\\t\r]", lambda match: "\\" + _NAMED.get(match[0], match[0]), text)


def _lines(layered: LayeredText) -> Iterator[str]:
    """The lines of a file."""
    yield f"{FORMAT}.3"
    for layer, features in LAYERS.items():
        yield f"#T_SP=webanno.custom.{layer}|{'|'.join(features)}"
    yield ""
    offsets = Utf16(layered.text)
    numbers: dict[int, int] = {}
    for position, (start, end) in enumerate(layered.sentences, start=1):
        yield ""
        for line in layered.text[start:end].split("\n"):
            yield f"#Text={_escape_text(line)}"
        inside = [label for label in layered.labels if start <= label.start and label.end <= end]
        tokens = layered.tokens(start, end)
        for number, (first, last) in enumerate(tokens, start=1):
            cells = [f"{position}-{number}", f"{offsets.units(first)}-{offsets.units(last)}"]
            cells.append(_escape(layered.text[first:last]))
            for layer, features in LAYERS.items():
                here = [label for label in inside if label.layer == layer and label.start <= first < label.end]
                cells += _cells(here, features or ("",), (first, last), numbers)
            yield "\t".join([*cells, ""])


def _cells(
    labels: Sequence[Label], features: Sequence[str], token: tuple[int, int], numbers: dict[int, int]
) -> Iterator[str]:
    """A layer's cells at a token; labels that are stacked or longer than it get a number to be told apart."""
    names = []
    for label in labels:
        alone = len(labels) == 1 and (label.start, label.end) == token
        names.append("" if alone else f"[{numbers.setdefault(id(label), len(numbers) + 1)}]")
    for feature in features:
        values = [label.features.get(feature) for label in labels]
        slots = [f"{'*' if value is None else _escape(value)}{name}" for value, name in zip(values, names, strict=True)]
        yield "|".join(slots) or "_"
