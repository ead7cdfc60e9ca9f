"""From examples to the tensors that the network takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from model.actors import ActorList
from model.annotation import Span
from model.codebook import Codebook
from model.network import MENTION_LABELS, UNKNOWN
from model.tokens import SentenceTokenizer, Tokens
from training.examples import Example

_OUTSIDE, _BEGIN, _INSIDE = range(3)
LABEL_NAMES = ["frame_labels", "mention_labels", "stance_labels"]
Probabilities = list[float]


class ExampleSet(Dataset[dict[str, Any]]):
    """Tokenized examples; of a sentence longer than one window the first window is used.

    Args:
        examples: the sentences and their labels.
        codebook: gives the order of frames and stances.
        tokenizer: the tokenizer of the encoder.
        soft_weight: how much a teacher's probabilities count where an annotator's label is known, too.
    """

    def __init__(
        self, examples: Sequence[Example], codebook: Codebook, tokenizer: SentenceTokenizer, soft_weight: float = 0.5
    ) -> None:
        actors = ActorList(codebook)
        self._rows = [
            _encode(example, codebook, tokenizer(example.text, actors.find(example.text)), soft_weight)
            for example in examples
        ]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self._rows[index]


class Collator:
    """Pads examples to a batch.

    Args:
        pad_id: the id of the padding token.
        list_dropout: share of the sentences from which the actor list's features are taken, so that a network that is
            trained does not come to rely on the list.
    """

    def __init__(self, pad_id: int, list_dropout: float = 0.0) -> None:
        self.pad_id = pad_id
        self.list_dropout = list_dropout

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Pad and stack ``rows``; the result holds what `FramelineModel.forward` takes."""
        length = max(len(row["input_ids"]) for row in rows)
        mentions = max(1, *(len(row["spans"]) for row in rows))
        batch = {
            "input_ids": _pad([row["input_ids"] for row in rows], length, self.pad_id),
            "shape_ids": _pad([row["shape_ids"] for row in rows], length, 0),
            "list_ids": _pad([row["list_ids"] for row in rows], length, 0),
            "attention_mask": _pad([[1] * len(row["input_ids"]) for row in rows], length, 0),
            "frame_labels": torch.tensor([row["frame_labels"] for row in rows]),
            "mention_labels": _pad_rows([row["mention_labels"] for row in rows], length, len(MENTION_LABELS)),
            "stance_labels": _pad_rows([row["stance_labels"] for row in rows], mentions, rows[0]["stances"]),
            "spans": torch.zeros(len(rows), mentions, length),
        }
        size = next((len(vector) for row in rows for vector in row["teacher_vectors"] if vector is not None), 0)
        if size:
            batch["teacher_vectors"] = _stack([row["teacher_vectors"] for row in rows], length, size)
        for number, row in enumerate(rows):
            for position, tokens in enumerate(row["spans"]):
                batch["spans"][number, position, tokens] = 1
        if self.list_dropout:
            kept = torch.rand(len(rows), 1) >= self.list_dropout
            batch["list_ids"] = batch["list_ids"] * kept
        return batch


def _pad(rows: Sequence[Sequence[int]], length: int, value: int) -> torch.Tensor:
    return torch.tensor([[*row, *[value] * (length - len(row))] for row in rows])


def _stack(rows: Sequence[Sequence[NDArray[np.float16] | None]], length: int, size: int) -> torch.Tensor:
    stacked = np.zeros((len(rows), length, size), np.float16)
    for row, vectors in zip(stacked, rows, strict=True):
        for place, vector in zip(row, vectors, strict=False):
            if vector is not None:
                place[:] = vector
    return torch.from_numpy(stacked)


def _pad_rows(rows: Sequence[Sequence[Probabilities]], length: int, width: int) -> torch.Tensor:
    return torch.tensor([[*row, *[[float(UNKNOWN)] * width] * (length - len(row))] for row in rows])


def _encode(example: Example, codebook: Codebook, tokens: Tokens, weight: float) -> dict[str, Any]:
    window = tokens.windows[0]
    size = window.input_ids.shape[1]
    body = size - window.prefix - window.suffix
    spans, stances = [], []
    for number, (span, stance) in enumerate(example.stances):
        indices = [window.prefix + index for index in tokens.within(span.start, span.end).tolist() if index < body]
        if indices:
            spans.append(indices)
            hard = None if stance is None else _one_hot(codebook.stance_ids.index(stance), len(codebook.stances))
            soft = None if example.soft is None else example.soft.stances[number]
            stances.append(_blend(hard, soft, weight, len(codebook.stances)))
    unknown = _blend(None, None, weight, len(MENTION_LABELS))
    return {
        "input_ids": window.input_ids[0].tolist(),
        "shape_ids": window.shape_ids[0].tolist(),
        "list_ids": window.list_ids[0].tolist(),
        "frame_labels": _frame_labels(example, codebook, weight),
        "mention_labels": [unknown] * window.prefix
        + _mention_labels(example, tokens, weight)[:body]
        + [unknown] * window.suffix,
        "spans": spans,
        "stance_labels": stances,
        "stances": len(codebook.stances),
        "teacher_vectors": [None] * window.prefix + _vectors(example, tokens)[:body] + [None] * window.suffix,
    }


def _blend(hard: Sequence[float] | None, soft: Sequence[float] | None, weight: float, width: int) -> Probabilities:
    """The annotator's label and the teacher's probabilities as one target; `UNKNOWN` where there is neither."""
    if hard is None:
        return [float(UNKNOWN)] * width if soft is None else list(soft)
    if soft is None:
        return list(hard)
    return [(1 - weight) * one + weight * other for one, other in zip(hard, soft, strict=True)]


def _one_hot(index: int, width: int) -> Probabilities:
    return [float(number == index) for number in range(width)]


def _frame_labels(example: Example, codebook: Codebook, weight: float) -> Probabilities:
    hard = None if example.frames is None else [float(frame in example.frames) for frame in codebook.frame_ids]
    soft = None if example.soft is None else example.soft.frames
    return _blend(hard, soft, weight, len(codebook.frames))


def _mention_labels(example: Example, tokens: Tokens, weight: float) -> list[Probabilities]:
    """Outside, begin or inside for the first token of each word; the rest of a word is left out."""
    hard = _hard_mentions(example, tokens)
    words = tokens.words.tolist()
    starts = tokens.offsets[:, 0].tolist()
    width = len(MENTION_LABELS)
    labels = []
    for index, label in enumerate(hard):
        first = not index or words[index] != words[index - 1]
        soft = example.soft.mentions.get(starts[index]) if first and example.soft is not None else None
        known = _one_hot(label, width) if first and label != UNKNOWN else None
        labels.append(_blend(known, soft, weight, width))
    return labels


def _vectors(example: Example, tokens: Tokens) -> list[NDArray[np.float16] | None]:
    """The teacher's vectors of the tokens that start where one of its own does."""
    known = {} if example.soft is None else example.soft.vectors
    return [known.get(start) for start in tokens.offsets[:, 0].tolist()]


def _hard_mentions(example: Example, tokens: Tokens) -> list[int]:
    count = len(tokens.offsets)
    if example.mentions is None:
        return [UNKNOWN] * count
    labels = [_OUTSIDE] * count
    for span in example.mentions:
        for position, index in enumerate(tokens.within(span.start, span.end).tolist()):
            labels[index] = _INSIDE if position else _BEGIN
    for span in example.undecided:
        _set(labels, tokens, span, UNKNOWN)
    return labels


def _set(labels: list[int], tokens: Tokens, span: Span, value: int) -> None:
    for index in tokens.within(span.start, span.end).tolist():
        labels[index] = value
