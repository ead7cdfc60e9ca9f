"""Where a run's data comes from."""

from dataclasses import dataclass
from pathlib import Path

from model.annotation import annotation_files
from model.checkpoint import digest
from model.standoff import corpus_files
from training.base import weights_of

_NEWSMTSC_PARTS = ("train", "rw_dev", "mt_dev")


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

    def checksums(self) -> dict[str, str]:
        """SHA-256 of every file that goes in, by its path."""
        files = [*annotation_files(self.annotations), *annotation_files(self.development), self.codebook]
        files += annotation_files(self.supplements)
        files += [*annotation_files(self.reserved), *self.tables]
        files += [file for source in self.unlabelled for file in corpus_files(source)]
        files += [weights_of(run) for run in (self.base, self.teacher) if run is not None]
        if self.newsmtsc is not None and Path(self.newsmtsc).is_dir():
            files += [Path(self.newsmtsc) / f"{part}.jsonl" for part in _NEWSMTSC_PARTS]
        return {str(file): digest(file) for file in files if file.is_file()}
