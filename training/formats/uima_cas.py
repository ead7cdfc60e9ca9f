"""UIMA CAS, which INCEpTION writes as XMI or JSON: read and written with dkpro-cassis.

The layers are those of `training.formats.layers`, as ``webanno.custom.NAME``. The files count UTF-16 units, as in Java;
dkpro-cassis converts them. INCEpTION puts each annotator's file into the folder ``annotation/DOCUMENT``.
"""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FaultsError
from training.formats.intake import Intake
from training.formats.layers import LAYERS, FileNames, Label, LayeredText, by_document, from_layers, to_layers

if TYPE_CHECKING:
    from cassis import Cas, TypeSystem

_SEGMENTATION = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
_CUSTOM = ("webanno.custom.", "custom.")
_TYPES = "TypeSystem.xml"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Serialisation(Protocol):
    """One of the two kinds of file."""

    def load(self, path: Path) -> "Cas":
        """Read a CAS."""

    def save(self, cas: "Cas", path: Path) -> None:
        """Write a CAS."""


class UimaXmi:
    """INCEpTION's XMI with its ``TypeSystem.xml``; offsets count UTF-16 units."""

    name = "inception-xmi"
    summary = "UIMA CAS XMI of INCEpTION, a folder with an .xmi for each document and TypeSystem.xml"
    folder = True

    def recognises(self, path: Path, head: str) -> bool:
        """Whether it is called ``*.xmi`` or begins like XMI."""
        return path.suffix.lower() == ".xmi" or "<xmi:XMI" in head

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.xmi`` below."""
        return sorted(folder.rglob("*.xmi"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read exported documents."""
        _read(self, paths, intake)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write the folders of an INCEpTION project, a file for each document and annotator."""
        faults = [
            f"{target}: {annotation.id!r}: {name}: XML cannot carry the control character {found[0]!r}; remove it, "
            "or choose inception-json"
            for annotation in annotations
            for name in ("text", "id", "document", "annotator", "origin")
            if (found := _NOT_XML.search(getattr(annotation, name))) is not None
        ]
        if faults:
            raise FaultsError(faults)
        _write(self, ".xmi", annotations, target)

    def load(self, path: Path) -> "Cas":
        """Read a CAS with the type system that lies beside it or up to three folders above."""
        from cassis import load_cas_from_xmi, load_typesystem

        types = next((folder / _TYPES for folder in path.parents[:4] if (folder / _TYPES).is_file()), None)
        if types is None:
            raise FaultsError([f"{_TYPES} lies neither beside it nor above; put the one of the export there"])
        return load_cas_from_xmi(_xml(path), typesystem=load_typesystem(_xml(types)))

    def save(self, cas: "Cas", path: Path) -> None:
        """Write a CAS."""
        cas.to_xmi(path)


class UimaJson:
    """INCEpTION's JSON CAS; offsets count UTF-16 units."""

    name = "inception-json"
    summary = "UIMA CAS JSON of INCEpTION, a folder with a .json for each document"
    folder = True

    def recognises(self, path: Path, head: str) -> bool:
        """Whether it begins with the type system of a CAS."""
        return "%TYPES" in head or "%FEATURE_STRUCTURES" in head

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.json`` below."""
        return sorted(folder.rglob("*.json"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read exported documents."""
        _read(self, paths, intake)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write the folders of an INCEpTION project, a file for each document and annotator."""
        _write(self, ".json", annotations, target)

    def load(self, path: Path) -> "Cas":
        """Read a CAS."""
        from cassis import load_cas_from_json

        return load_cas_from_json(path.read_text(encoding="utf-8"))

    def save(self, cas: "Cas", path: Path) -> None:
        """Write a CAS."""
        cas.to_json(path)


def _xml(path: Path) -> io.BytesIO:
    """The content of an XML file, which must not define entities."""
    content = path.read_bytes()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise FaultsError([f"{path.name} holds a document type definition, which no CAS needs; remove it"])
    return io.BytesIO(content)


def _read(serialisation: _Serialisation, paths: Sequence[Path], intake: Intake) -> None:
    for path in paths:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what fits nothing is named below, with its place
                layered = _layered(serialisation.load(path))
        except FaultsError as error:
            for fault in error.faults:
                intake.fault(path, "", fault)
        except Exception as error:  # dkpro-cassis lets through whatever its parsers raise
            intake.fault(path, "", f"not a UIMA CAS ({type(error).__name__}: {error}); export it again")
        else:
            from_layers(path, layered, intake, _annotator(path, layered))


def _annotator(path: Path, layered: LayeredText) -> str | None:
    """Who annotated: the name of the file, in the folders of an INCEpTION project."""
    return unquote(path.stem) if path.parent.parent.name in ("annotation", "curation") else None


def _layered(cas: "Cas") -> LayeredText:
    text = cas.sofa_string
    if not text:
        raise FaultsError(["the CAS has no text; export the document again"])
    sentence = f"{_SEGMENTATION}.Sentence"
    known = {kind.name for kind in cas.typesystem.get_types()}
    sentences = [(one.begin, one.end) for one in cas.select(sentence)] if sentence in known else []
    labels, faults = [], []
    for name in sorted(known):
        layer = name.rsplit(".", 1)[-1]
        if layer not in LAYERS or not name.startswith(_CUSTOM):
            continue
        for one in cas.select(name):
            at = f"{layer} {one.xmiID}"
            if not (isinstance(one.begin, int) and isinstance(one.end, int) and 0 <= one.begin <= one.end <= len(text)):
                faults.append(f"{at}: {one.begin}-{one.end} is no part of the text; export the document again")
                continue
            features = {feature: getattr(one, feature, None) for feature in LAYERS[layer]}
            labels.append(Label(layer, one.begin, one.end, features, at))
    if faults:
        raise FaultsError(faults)
    return LayeredText(text, sorted(sentences), labels)


def _write(serialisation: _Serialisation, suffix: str, annotations: Sequence[Annotation], target: Path) -> None:
    names = FileNames()
    target.mkdir(parents=True, exist_ok=True)
    for (annotator, document), group in by_document(annotations).items():
        folder = target / "annotation" / names.name(document)
        folder.mkdir(parents=True, exist_ok=True)
        serialisation.save(_make(to_layers(group)), folder / f"{names.name(annotator, folder.name)}{suffix}")
    (target / _TYPES).write_bytes(_type_system().to_xml().encode())


def _make(layered: LayeredText) -> "Cas":
    from cassis import Cas

    types = _type_system()
    cas = Cas(typesystem=types)
    cas.sofa_string = layered.text
    cas.sofa_mime = "text/plain"
    for name, begin, end in _segments(layered):
        cas.add(types.get_type(f"{_SEGMENTATION}.{name}")(begin=begin, end=end))
    for label in layered.labels:
        layer = types.get_type(f"{_CUSTOM[0]}{label.layer}")
        cas.add(layer(begin=label.start, end=label.end, **label.features))
    return cas


def _segments(layered: LayeredText) -> Iterator[tuple[str, int, int]]:
    """The sentences and tokens, without which INCEpTION opens no document."""
    for start, end in layered.sentences:
        yield "Sentence", start, end
        for first, last in layered.tokens(start, end):
            yield "Token", first, last


@cache
def _type_system() -> "TypeSystem":
    """The types of what is written; making them costs more than a document."""
    from cassis import TypeSystem

    types = TypeSystem()
    for name in ("Sentence", "Token"):
        types.create_type(f"{_SEGMENTATION}.{name}", supertypeName="uima.tcas.Annotation")
    for layer, features in LAYERS.items():
        kind = types.create_type(f"{_CUSTOM[0]}{layer}", supertypeName="uima.tcas.Annotation")
        for feature in features:
            types.create_feature(kind, name=feature, rangeType="uima.cas.String")
    return types
