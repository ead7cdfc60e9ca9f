"""The labeller: from texts to frames and stances, on every core."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple, Self

from model.accelerated import AcceleratedRuntime
from model.actors import ActorList
from model.checkpoint import CODEBOOK, DEFAULT, MODEL, TOKENIZER, Checkpoint, CheckpointConfig
from model.codebook import Codebook
from model.cores import cores
from model.decoder import Decoder, Prepared
from model.decoding import merge_windows
from model.errors import CheckpointError, InputError
from model.homonyms import Homonyms
from model.place import Place
from model.prediction import Document, Sentence, TextDocument, make_document
from model.reading import Reading
from model.runtime import TOGETHER, BatchingRuntime, OnnxRuntime, Output, Runtime
from model.stream import Stream
from model.tokens import SentenceTokenizer, Window
from model.unlabelled import Unlabelled, find_sentences


class Labelled(NamedTuple):
    """Sentences with their labels, and how many tokens the network read for them, special ones included."""

    sentences: list[Sentence]
    tokens: int


class Labeller:
    """Labels texts with the frames and stances of a codebook.

    A sentence's labels and probabilities depend on that sentence alone (and on the mentions asked for), whatever is
    labelled beside it. Each call of the network is on one thread; there are as many as cores.

    Args:
        runtime: what runs the network.
        tokenizer: the tokenizer that belongs to it.
        codebook: the labelling schema; its frames and stances are those of the network.
        config: name, version, calibration and thresholds of the model.
        threads: sentences that run at once; by default one a core.
    """

    def __init__(
        self,
        runtime: Runtime,
        tokenizer: SentenceTokenizer,
        codebook: Codebook,
        config: CheckpointConfig,
        threads: int | None = None,
    ) -> None:
        self.codebook = codebook
        self.codebook_label = codebook.label
        self.config = config
        self.threads = cores() if threads is None else threads
        self.runtime = runtime
        self.tokenizer = tokenizer
        self._actors = ActorList(codebook)
        self._homonyms = Homonyms(codebook, self._actors)
        self._decoder = Decoder(codebook, config, self._homonyms.offices)
        self._executor = ThreadPoolExecutor(self.threads, thread_name_prefix="frameline")

    @classmethod
    def from_checkpoint(
        cls, folder: Path | str = DEFAULT, codebook: Codebook | Path | str | None = None, threads: int | None = None
    ) -> Self:
        """Load a checkpoint.

        Args:
            folder: the checkpoint's folder; by default the one that ships with Frameline.
            codebook: a codebook with further actors, or its file; by default the one in the checkpoint.
            threads: sentences that run at once; by default one a core.

        Raises:
            InputError: an argument is nothing of that kind.
            CheckpointError: the checkpoint is missing or damaged, or its network has other numbers of frames or stances
                than its codebook.
            CodebookError: ``codebook`` has other frames or stances than the checkpoint.
        """
        if not isinstance(folder, (Path, str)):
            raise InputError("folder", f"a checkpoint's folder is needed, not {folder!r}")
        if threads is not None and (type(threads) is not int or threads < 1):
            raise InputError("threads", f"a whole number from 1 is needed, not {threads!r}")
        if isinstance(codebook, (Path, str)):
            codebook = Codebook.load(Path(codebook))
        if codebook is not None and not isinstance(codebook, Codebook):
            raise InputError("codebook", f"a Codebook or its file is needed, not {type(codebook).__name__}")
        checkpoint = Checkpoint.open(Path(folder))
        if codebook is not None:
            codebook.check_labels(checkpoint.codebook)
        config = checkpoint.config
        labeller = cls(
            _open(checkpoint.folder / MODEL, config),
            SentenceTokenizer(checkpoint.folder / TOKENIZER, config.window, config.overlap),
            checkpoint.codebook if codebook is None else codebook,
            config,
            threads,
        )
        labeller._check_outputs(checkpoint.folder)
        return labeller

    def classify(self, text: str, actors: Sequence[str] | None = None, *, split: bool = True) -> Document:
        """Label one text.

        Args:
            text: the text.
            actors: mentions to judge instead of those that would be found.
            split: False takes the whole text as one sentence.

        Raises:
            InputError: the text is no string or holds a lone surrogate, a mention does not occur in it, or another
                argument is nothing of its kind.
        """
        if isinstance(actors, str):
            raise InputError("actors", f"a list of mentions is needed, not one string: [{actors!r}]")
        if actors is not None and (isinstance(actors, bytes | Mapping) or not isinstance(actors, Iterable)):
            raise InputError("actors", f"a list of mentions is needed, not {type(actors).__name__}")
        document = make_document({"text": text, "actors": None if actors is None else tuple(actors)})
        return next(self.classify_documents([document], split=split))

    def classify_documents(
        self,
        documents: Iterable[TextDocument | None],
        *,
        split: bool = True,
        on_sentence: Callable[[Sentence], None] | None = None,
    ) -> Iterator[Document]:
        """Label documents one after the other, in the order in which they come.

        Documents are taken from ``documents`` only as they are needed, so that it may be endless. Where it
        raises, the documents that came before are still labelled and yielded first.

        Args:
            documents: what to label. None says that no other is there at the moment, so that those before are
                yielded before more are taken.
            split: False takes each text as one sentence.
            on_sentence: is told of each sentence when it is done, in order.

        Raises:
            InputError: one of them is no `TextDocument`, or ``split`` is neither True nor False.
        """
        if not isinstance(split, bool):
            raise InputError("split", f"True or False is needed, not {split!r}")
        if not isinstance(documents, Iterable):
            raise InputError("documents", f"a list of TextDocument is needed, not {type(documents).__name__}")
        items = (
            None if document is None else (document, self.sentences(document, split=split))
            for document in map(_check_document, documents, count())
        )
        return self._stream().run(items, on_sentence)

    def judge(self, texts: Iterable[tuple[str, Sequence[Place] | None]]) -> Iterator[Document]:
        """Label texts, each as one sentence, with the mentions at given places.

        Args:
            texts: each with the places of its mentions, which are judged in that order; None lets them be found.
        """
        documents = ((TextDocument(id=str(number), text=text), spans) for number, (text, spans) in enumerate(texts))
        items = (
            (document, [sentence._replace(spans=spans) for sentence in self.sentences(document, split=False)])
            for document, spans in documents
        )
        return self._stream().run(items)

    @property
    def together(self) -> int:
        """Sentences that are best handed to `label` at a time where others wait for their turn."""
        return self.runtime.together if isinstance(self.runtime, BatchingRuntime) else TOGETHER

    @property
    def in_bulk(self) -> int:
        """The same where nobody waits."""
        return self.runtime.in_bulk if isinstance(self.runtime, BatchingRuntime) else TOGETHER

    def sentences(self, document: TextDocument, *, split: bool = True) -> Iterator[Unlabelled]:
        """The sentences of a document, for those who schedule them by themselves; `label` labels them."""
        return find_sentences(document, self.codebook.language, splitting=split)

    def label(self, sentences: Iterable[Unlabelled]) -> list[Sentence]:
        """Label sentences on the calling thread."""
        return self.label_counted(sentences).sentences

    def label_counted(self, sentences: Iterable[Unlabelled]) -> Labelled:
        """The same, with the number of tokens that the network read."""
        prepared = [self._prepare(sentence) for sentence in sentences]
        windows = [window for one in prepared for window in one.tokens.windows]
        outputs = self._run(windows)
        labelled = [
            self._decoder.decode(one, merge_windows(one.tokens, [next(outputs) for _ in one.tokens.windows]))
            for one in prepared
        ]
        return Labelled(labelled, sum(window.input_ids.shape[1] for window in windows))

    def close(self) -> None:
        """Stop the threads; nothing can be labelled afterwards."""
        self._executor.shutdown()

    def _stream(self) -> Stream:
        return Stream(self.label, self._executor, self.threads, self.together, self.in_bulk)

    def _check_outputs(self, folder: Path) -> None:
        """Let the network read an empty sentence, and compare what it gives with the codebook."""
        output = self.runtime.run(self.tokenizer("", []).windows[0])
        faults = [
            f"its network gives {logits.shape[-1]} {what}, {CODEBOOK} has {len(ids)}"
            for what, logits, ids in (
                ("frames", output.frames, self.codebook.frame_ids),
                ("stances", output.stances, self.codebook.stance_ids),
            )
            if logits.shape[-1] != len(ids)
        ]
        if faults:
            remedy = "put back the codebook that it was exported with, or train a model on this one"
            raise CheckpointError(f"{folder}: {'; '.join(faults)}; {remedy} (`frameline train`)")

    def _prepare(self, unlabelled: Unlabelled) -> Prepared:
        text, place, mentions, spans = unlabelled
        sentence = text[place.start : place.end]
        matches = self._actors.find(sentence)
        reading = Reading(self._homonyms, sentence, matches)
        return Prepared(sentence, place, mentions, spans, matches, reading, self.tokenizer(sentence, matches))

    def _run(self, windows: Sequence[Window]) -> Iterator[Output]:
        if isinstance(self.runtime, BatchingRuntime):
            return iter(self.runtime.run_all(windows))
        return map(self.runtime.run, windows)


def _check_document(document: TextDocument | None, number: int) -> TextDocument | None:
    if document is not None and not isinstance(document, TextDocument):
        kind = type(document).__name__
        raise InputError(f"documents[{number}]", f"a TextDocument(id=…, text=…) is needed, not {kind}")
    return document


def _open(file: Path, config: CheckpointConfig) -> BatchingRuntime:
    if config.precision == "int8":
        return OnnxRuntime(file, batching=config.fixed_scales)
    return AcceleratedRuntime(file)
