"""Where a run's data comes from."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from model.annotation_files import annotation_files
from model.checkpoint import digest
from model.errors import FaultsError
from model.standoff import corpus_files
from training.base import Base
from training.encoders import Encoder, weights_files
from training.examples import Example
from training.newsmtsc import rows_digest

_NEWSMTSC_PARTS = ("train", "rw_dev", "mt_dev")
#: What the names of checksums begin with that earlier versions did not record.
ENCODER, HUB = "encoder: ", "hub: "


@dataclass(frozen=True)
class Sources:
    """Where a run's data comes from.

    Attributes:
        annotations: files or folders with annotated sentences; they are split by document.
        codebook: the codebook file.
        newsmtsc: folder or hub id of NewsMTSC, or None.
        development: further annotated sentences that choose epoch and thresholds and are never trained on.
        reserved: annotated sentences, with or without text, that are measured on later; nothing is learned from
            any sentence of their documents.
        base: a finished run or a checkpoint whose network is trained further, instead of an encoder.
        teacher: a finished run or a checkpoint whose network labels all that is learned from softly.
        unlabelled: corpora of id and text (`model.standoff.read_corpus`), from which only the teacher's soft labels
            are learned.
        tables: files from which annotations were read into the run folder; they stand in the record.
        supplements: files or folders with annotated sentences that are unlike those to be labelled, such as ones
            written for training; they are learned from, and none of them chooses or measures.
    """

    annotations: tuple[Path, ...]
    codebook: Path
    newsmtsc: str | None = None
    development: tuple[Path, ...] = ()
    reserved: tuple[Path, ...] = ()
    base: Path | None = None
    teacher: Path | None = None
    unlabelled: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()
    supplements: tuple[Path, ...] = ()

    def checksums(self, encoder: Encoder, polarities: Iterable[Example]) -> dict[str, str]:
        """SHA-256 of every file that goes in, by its path; of an encoder's weights and a hub's rows by their names.

        Args:
            encoder: what is trained where there is no ``base``; of a base's encoder no weights are read.
            polarities: what was read from ``newsmtsc``.

        Raises:
            FaultsError: every file that is missing.
            EncoderError: the encoder has no weights.
            RunError: the teacher is neither a run nor a checkpoint.
        """
        files = [*annotation_files(self.annotations), *annotation_files(self.development), self.codebook]
        files += annotation_files(self.supplements)
        files += [*annotation_files(self.reserved), *self.tables]
        files += [file for source in self.unlabelled for file in corpus_files(source)]
        files += [Base.open(run).weights for run in (self.base, self.teacher) if run is not None]
        named: dict[str, str] = {}
        if self.newsmtsc is not None and Path(self.newsmtsc).is_dir():
            files += [Path(self.newsmtsc) / f"{part}.jsonl" for part in _NEWSMTSC_PARTS]
        elif self.newsmtsc is not None:
            named[f"{HUB}{self.newsmtsc}"] = rows_digest(polarities)
        missing = [
            f"{file}: no file there; give one that can be read again, since a run records its checksum"
            for file in files
            if not file.is_file()
        ]
        if missing:
            raise FaultsError(missing)
        if self.base is None:
            named |= {f"{ENCODER}{encoder.name}/{file.name}": digest(file) for file in weights_files(encoder)}
        return {str(file): digest(file) for file in files} | named
