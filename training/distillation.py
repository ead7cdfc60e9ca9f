"""Soft labels: what a larger network, the teacher, says of sentences with and without labels.

The student learns the teacher's probabilities beside the annotators' labels, and alone where there are none
(Hinton, Vinyals and Dean 2015, Distilling the Knowledge in a Neural Network).
"""

import heapq
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from model.actors import ActorList, Match
from model.annotation import Span
from model.codebook import Codebook, FrameChoice
from model.decoding import find_mentions, frame_probabilities, merge_windows, softmax, stance_probabilities
from model.runtime import Output
from model.sentences import split
from model.tokens import SentenceTokenizer, Tokens, Window
from training.base import Base
from training.candidates import uncertainty
from training.compilation import compile_encoder
from training.examples import Example, SoftLabels
from training.progress import Steps
from training.torch_runtime import autocast

_BATCH = 32
TokenVectors = NDArray[np.float16]


class Teacher:
    """The network of a finished run or a checkpoint, which labels sentences softly.

    Args:
        base: the run or checkpoint.
        compiled: whether its encoder is compiled first (torch.compile), which pays where there is much to label.
    """

    def __init__(self, base: Base, *, compiled: bool = False) -> None:
        self.codebook = base.codebook
        self._config = base.config
        self._network = base.network().eval()
        self._network.to("cuda" if torch.cuda.is_available() else "cpu")
        if compiled:
            compile_encoder(self._network)
        self._tokenizer = SentenceTokenizer(base.tokenizer, self._config.window, self._config.overlap)
        self._actors = ActorList(self.codebook)

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._config.name

    @property
    def size(self) -> int:
        """The size of the token vectors."""
        return int(self._network.config.encoder.hidden_size)

    def teach(self, examples: Sequence[Example], *, vectors: bool = False) -> list[Example]:
        """The same examples with soft labels; where not all mentions are known, the teacher's own are added.

        Args:
            examples: the sentences.
            vectors: whether the token vectors (of a sentence's first window) are wanted, too.
        """
        matches = [self._actors.find(example.text) for example in examples]
        tokens = [self._tokenizer(example.text, found) for example, found in zip(examples, matches, strict=True)]
        outputs = self._run([window for one in tokens for window in one.windows], vectors)
        taught = []
        for example, found, one in zip(examples, matches, tokens, strict=True):
            runs = [next(outputs) for _ in one.windows]
            output = merge_windows(one, [logits for logits, _ in runs])
            if example.mentions is None:
                example = replace(example, stances=example.stances + self._further(example, found, one, output))
            soft = _soft(example, one, output, runs[0][1], self.codebook.frames_per_sentence)
            taught.append(replace(example, soft=soft))
        return taught

    def keep_actors(self, examples: Sequence[Example]) -> list[Example]:
        """The examples with what the teacher says of actors and stances, and nothing of the frames.

        Training on frames alone would move the encoder away under the other heads (Li and Hoiem 2016, Learning
        without Forgetting).
        """
        taught = self.teach(examples)
        return [replace(one, soft=None if one.soft is None else replace(one.soft, frames=None)) for one in taught]

    def _further(
        self, example: Example, matches: list[Match], tokens: Tokens, output: Output
    ) -> tuple[tuple[Span, None], ...]:
        """The mentions that the teacher finds beside those of the example."""
        thresholds = self._config.thresholds
        spans = find_mentions(
            example.text,
            tokens,
            output.mentions,
            matches,
            threshold=thresholds.mention,
            listed_threshold=thresholds.listed,
        )
        return tuple(
            (Span(start=start, end=end), None)
            for start, end in spans
            if not any(start < known.end and known.start < end for known, _ in example.stances)
        )

    def _run(self, windows: Sequence[Window], vectors: bool) -> Iterator[tuple[Output, TokenVectors | None]]:
        """What every window gives, in order; windows of one length run together, so that none is padded."""
        lengths: dict[int, list[int]] = {}
        for number, window in enumerate(windows):
            lengths.setdefault(window.input_ids.shape[1], []).append(number)
        batches = [
            numbers[start : start + _BATCH]
            for _, numbers in sorted(lengths.items())
            for start in range(0, len(numbers), _BATCH)
        ]
        outputs: dict[int, tuple[Output, TokenVectors | None]] = {}
        with Steps("teacher", len(batches)) as steps:
            for batch in batches:
                inputs = {
                    name: torch.from_numpy(np.concatenate([windows[number].inputs[name] for number in batch]))
                    for name in windows[batch[0]].inputs
                }
                with torch.inference_mode(), autocast():
                    device = {name: ids.to(self._network.device) for name, ids in inputs.items()}
                    output = self._network(**device, return_vectors=vectors)
                parts = [part.float().cpu().numpy() for part in (output.frames, output.mentions, output.stances)]
                hidden = output.vectors.half().cpu().numpy() if vectors else [None] * len(batch)
                for row, number in enumerate(batch):
                    outputs[number] = Output(*(part[row] for part in parts)), hidden[row]
                steps.advance()
        return (outputs.pop(number) for number in range(len(windows)))


def read_unlabelled(documents: Iterable[tuple[str, str]], language: str) -> list[Example]:
    """The sentences of documents (id and text), with no label."""
    return [
        Example(text[place.start : place.end], name, ()) for name, text in documents for place in split(text, language)
    ]


def least_sure(examples: Sequence[Example], most: int, judge: Teacher) -> list[Example]:
    """At most ``most`` different examples, those of which ``judge`` is least sure.

    What a network is sure of teaches it little (uncertainty sampling, Lewis and Gale 1994, A Sequential Algorithm for
    Training Text Classifiers).
    """
    different = list({example.text: example for example in examples}.values())
    judged = [(_unsure(one.soft), number) for number, one in enumerate(judge.teach(different)) if one.soft is not None]
    return [different[number] for number in sorted(number for _, number in heapq.nlargest(most, judged))]


def draw_named(examples: Sequence[Example], most: int, codebook: Codebook, seed: int) -> list[Example]:
    """At most ``most`` of the examples that name a listed actor, drawn at random."""
    actors = ActorList(codebook)
    named = [example for example in examples if actors.find(example.text)]
    return random.Random(seed).sample(named, min(most, len(named)))  # noqa: S311 - nothing secret


def _unsure(soft: SoftLabels) -> float:
    frames = [(probability, 1 - probability) for probability in soft.frames or ()]
    return uncertainty([*frames, *soft.stances])


def _soft(
    example: Example, tokens: Tokens, output: Output, vectors: TokenVectors | None, choice: FrameChoice
) -> SoftLabels:
    starts = tokens.offsets[:, 0].tolist()
    body: Iterable[TokenVectors] = () if vectors is None else vectors[tokens.windows[0].prefix :]
    mentions = softmax(output.mentions.astype(np.float64)).tolist() if starts else []
    return SoftLabels(
        frames=tuple(frame_probabilities(output.frames, choice=choice).tolist()),
        mentions={start: tuple(row) for start, row in zip(reversed(starts), reversed(mentions), strict=True)},
        stances=tuple(
            tuple(stance_probabilities(tokens, output.stances, span.start, span.end).tolist())
            for span, _ in example.stances
        ),
        vectors=dict(zip(starts, body, strict=False)),
    )
