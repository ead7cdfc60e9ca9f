"""A labeller whose sentences are labelled in worker processes."""

import weakref
from collections.abc import Iterable, Iterator
from queue import SimpleQueue
from typing import TypeAlias

from model.checkpoint import TOKENIZER, Checkpoint
from model.codebook import Codebook
from model.cores import cores
from model.labeller import Labelled, Labeller
from model.prediction import TextDocument
from model.runtime import TOGETHER
from model.tokens import SentenceTokenizer
from model.unlabelled import Unlabelled, find_sentences
from service.parcel import unpack
from service.worker import Worker


class WorkerLabeller:
    """Labels sentences in processes, one a thread that asks.

    Threads of one process take turns at the interpreter, and while they label nobody answers requests; processes don't.
    They end when the labeller is closed or forgotten.

    Args:
        checkpoint: the checkpoint, whose network runs on the CPU.
        codebook: a codebook with further actors, or None for the checkpoint's own.
        threads: how many processes there are; by default one a core.

    Raises:
        CheckpointError: a process could not load the checkpoint.
    """

    def __init__(self, checkpoint: Checkpoint, codebook: Codebook | None = None, threads: int | None = None) -> None:
        self.codebook = checkpoint.codebook if codebook is None else codebook
        self.codebook_label = self.codebook.label
        self.config = checkpoint.config
        self.threads = cores() if threads is None else threads
        self.together = TOGETHER
        self.tokenizer = SentenceTokenizer(checkpoint.folder / TOKENIZER, self.config.window, self.config.overlap)
        self._frames, self._stances = self.codebook.frame_ids, self.codebook.stance_ids
        self._free: SimpleQueue[Worker] = SimpleQueue()
        self._workers = [Worker(checkpoint.folder, codebook) for _ in range(self.threads)]
        weakref.finalize(self, _hang_up, self._workers)
        for worker in self._workers:
            worker.wait_ready()
            self._free.put(worker)

    def sentences(self, document: TextDocument, *, split: bool = True) -> Iterator[Unlabelled]:
        """The sentences of a document."""
        return find_sentences(document, self.codebook.language, splitting=split)

    def label_counted(self, sentences: Iterable[Unlabelled]) -> Labelled:
        """Label sentences in a process that is free; the calling thread waits.

        Raises:
            WorkerError: it failed, or died twice.
        """
        asked = list(sentences)
        worker = self._free.get()
        try:
            parcels, tokens = worker.label(asked)
        finally:
            self._free.put(worker)
        labelled = [
            unpack(parcel, one, self._frames, self._stances) for parcel, one in zip(parcels, asked, strict=True)
        ]
        return Labelled(labelled, tokens)

    def close(self) -> None:
        """End the processes; nothing can be labelled afterwards."""
        for worker in self._workers:
            worker.close()


#: Both kinds label alike.
AnyLabeller: TypeAlias = Labeller | WorkerLabeller


def open_labeller(
    checkpoint: Checkpoint, codebook: Codebook | None, threads: int | None, processes: bool | None
) -> AnyLabeller:
    """Load a checkpoint for a service.

    Args:
        checkpoint: the checkpoint.
        codebook: a codebook with further actors, or None for the checkpoint's own.
        threads: sentences that are labelled at a time; by default one a core.
        processes: whether each is labelled in a process of its own; by default where the network runs on the CPU.

    Raises:
        CheckpointError: the checkpoint cannot be loaded.
        CodebookError: ``codebook`` has other frames or stances than the checkpoint.
    """
    if codebook is not None:
        codebook.check_labels(checkpoint.codebook)
    if checkpoint.config.precision == "int8" if processes is None else processes:
        return WorkerLabeller(checkpoint, codebook, threads)
    return Labeller.from_checkpoint(checkpoint.folder, codebook, threads)


def _hang_up(workers: Iterable[Worker]) -> None:
    for worker in workers:
        worker.hang_up()
