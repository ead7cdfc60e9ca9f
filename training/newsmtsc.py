"""NewsMTSC (Hamborg and Donnay, EACL 2021): news sentences with targets and the polarity toward each.

The corpus has stances only; its frames and the completeness of its mentions are unknown.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, RootModel, ValidationError
from pydantic_core import PydanticCustomError

from model.annotation import Span
from model.codebook import Codebook
from model.errors import FaultsError, FramelineError
from model.faults import describe
from model.record_lines import read_records
from model.text import UnicodeText
from training.examples import Example

Stances = tuple[tuple[Span, str | None], ...]
#: A line or row, the place where it stands and, where it cannot be read, its faults.
Row = tuple[str, dict[str, Any] | None, list[str]]

HUB_ID = "fhamborg/news_sentiment_newsmtsc"
#: The training part of the original files counts polarity as 2, 4 and 6, the other parts as -1, 0 and 1.
_STANCES = {2: "critical", 4: "neutral", 6: "supportive", -1: "critical", 0: "neutral", 1: "supportive"}


def _check_polarity(polarity: int) -> int:
    if polarity not in _STANCES:
        known = ", ".join(map(str, sorted(_STANCES)))
        raise PydanticCustomError("unknown_polarity", "Polarity should be one of {known}", {"known": known})
    return polarity


class _Target(BaseModel):
    """What a sentence's polarity is toward: ``sentence[start:end]``."""

    start: int = Field(alias="from", ge=0)
    end: int = Field(alias="to")
    polarity: Annotated[int, AfterValidator(_check_polarity)]


class _Sentence(BaseModel):
    """A sentence as the original training part has it, with all of its targets."""

    id: str = Field(alias="primary_gid")
    text: UnicodeText = Field(alias="sentence_normalized")
    targets: tuple[_Target, ...]


class _Mention(_Target):
    """A sentence with one target, as the other parts and the hub have it."""

    id: str
    text: UnicodeText = Field(alias="sentence")


class _Line(RootModel[dict[str, Any]]):
    """A line of an original file."""


def check_stances(codebook: Codebook) -> None:
    """Check that a codebook has the stances that the corpus has.

    Raises:
        FramelineError: some are missing.
    """
    missing = [stance for stance in dict.fromkeys(_STANCES.values()) if stance not in codebook.stance_ids]
    if missing:
        raise FramelineError(
            f"--newsmtsc: the codebook {codebook.label} lacks {', '.join(missing)} of NewsMTSC's stances (its own are "
            f"{', '.join(codebook.stance_ids)}); leave --newsmtsc out, or take a codebook that has their ids"
        )


def read_newsmtsc(source: str, part: str) -> list[Example]:
    """Read one part of the corpus.

    A target that stands twice in a sentence, under two names of one person, is learned from once, but measured as often
    as it stands there, as published figures are (one in ``mt_test``, two in ``mt_dev``).

    Args:
        source: a folder with the original JSON Lines files, or a hub id.
        part: ``train``, ``rw_dev``, ``mt_dev``, ``rw_test`` or ``mt_test``.

    Raises:
        FaultsError: a file is missing, the hub does not give it, or it holds faulty lines; each is named.
    """
    folder = Path(source)
    rows = _read(folder / f"{part}.jsonl") if folder.exists() else _download(source, part)
    spans: dict[tuple[str, str], list[tuple[Span, str]]] = defaultdict(list)
    faults: list[str] = []
    for place, row, broken in rows:
        faults += broken
        if row is None:
            continue
        try:
            sentence = _parse(row)
        except ValidationError as error:
            faults += [f"{place}: {fault}" for fault in describe(error)]
            continue
        for number, target in enumerate(sentence.targets):
            field = f"targets[{number}]." if "targets" in row else ""
            faults += [f"{place}: {field}{fault}" for fault in _check(target, sentence.text)]
            found = Span(start=target.start, end=target.end), _STANCES[target.polarity]
            # allsides_1000_401_25_…: the outlet's collection and the article come first
            spans["_".join(sentence.id.split("_")[:3]), sentence.text].append(found)
    if faults:
        raise FaultsError([*faults, f"{source}: correct what is named, or take NewsMTSC's own files, which are sound"])
    if part == "train":
        spans = {key: list(dict.fromkeys(found)) for key, found in spans.items()}
    return [Example(text, document, tuple(found)) for (document, text), found in spans.items()]


def rows_digest(examples: Iterable[Example]) -> str:
    """SHA-256 of what was read, to know it again where there is no file."""
    rows = [
        [one.document, one.text, [[span.start, span.end, stance] for span, stance in one.stances]] for one in examples
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def with_polarities(annotated: Sequence[Example], corpus: Sequence[Example]) -> list[Example]:
    """The annotated sentences; of those that are NewsMTSC's, its targets have its polarities as their stances.

    More than half of the targets that NewsMTSC calls positive are neutral under the codebook. A network learns both, as
    it tells the corpora apart, but hardly where a part of one is labelled like the other.

    Args:
        annotated: sentences annotated under the codebook, of this corpus or others.
        corpus: the corpus.
    """
    targets: dict[str, Stances] = {}
    for example in corpus:
        targets[example.text] = (*targets.get(example.text, ()), *example.stances)
    return [replace(one, stances=_joined(targets.get(one.text, ()), one.stances)) for one in annotated]


def _joined(targets: Stances, stances: Stances) -> Stances:
    """The targets, and the mentions that overlap none of them."""
    others = (
        (span, stance)
        for span, stance in stances
        if not any(span.start < target.end and target.start < span.end for target, _ in targets)
    )
    return (*targets, *others)


def _parse(row: dict[str, Any]) -> _Sentence:
    if "targets" in row:
        return _Sentence.model_validate(row)
    mention = _Mention.model_validate(row)
    return _Sentence.model_construct(id=mention.id, text=mention.text, targets=(mention,))


def _check(target: _Target, text: str) -> Iterator[str]:
    """What is wrong with a target's place in its sentence, beginning with the field."""
    if not target.start < target.end <= len(text):
        yield f"to: {target.start} to {target.end} does not lie in the sentence, which has {len(text)} characters"
    elif not text[target.start : target.end].strip():
        yield f"to: {target.start} to {target.end} is blank; give the place of the target's name"


def _read(file: Path) -> Iterable[Row]:
    if not file.is_file():
        raise FaultsError([f"{file}: missing; --newsmtsc takes the folder that holds NewsMTSC's original files"])
    return ((place, None if line is None else line.root, faults) for place, line, faults in read_records(file, _Line))


def _download(hub_id: str, part: str) -> Iterable[Row]:
    """The same from the hub, which names the parts by configuration (rw, mt) and split."""
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    setting, split = ("rw", "train") if part == "train" else part.split("_")
    split = {"dev": "validation"}.get(split, split)
    try:
        dataset = load_dataset(hub_id, setting, split=split)
    except Exception as error:  # the library raises many kinds
        raise FaultsError(
            [
                f"--newsmtsc {hub_id}: neither a folder nor to be had from the hub ({' '.join(str(error).split())}); "
                f"give the folder with NewsMTSC's original files, or {HUB_ID} and a connection"
            ]
        ) from None
    return ((f"{hub_id} {part}, row {number}", record, []) for number, record in enumerate(dataset, start=1))
