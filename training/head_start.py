"""A frame head that starts from logistic regression on what the encoder says already, instead of from nothing."""

import sys
from collections.abc import Container

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from model.codebook import FrameChoice
from model.network import UNKNOWN, FramelineModel
from training.batches import Collator, ExampleSet
from training.torch_runtime import autocast

_BATCH = 32
#: The inverse weight of the regularisation, for sentence vectors whose mean length is 1.
_INVERSE = 10.0
Array = NDArray[np.float64]


def start_frame_head(
    network: FramelineModel,
    examples: ExampleSet,
    pad_id: int,
    choice: FrameChoice,
    new: Container[int] = range(sys.maxsize),
) -> None:
    """Fit the frame head to the sentences that have frame labels, while the encoder stays as it is.

    With few labels a head that starts at random moves the encoder more than the labels do (Kumar et al. 2022,
    Fine-Tuning can Distort Pretrained Features). A frame that all or none of the sentences have is left out. Where
    frames exclude each other their logits are fitted together.

    Args:
        network: the network; its frame head is changed.
        examples: what is to be learned from.
        pad_id: the tokenizer's padding token.
        choice: whether frames exclude each other.
        new: the numbers of the frames whose logits start from it; by default all.
    """
    vectors, labels = _pooled(network, examples, pad_id)
    if not len(vectors):
        return
    length = float(np.linalg.norm(vectors, axis=1).mean())
    weight, bias = network.frame_head.weight, network.frame_head.bias
    with torch.no_grad():
        for number, coefficients, intercept in _regressions(vectors / length, labels, choice):
            if number not in new:
                continue
            weight[number] = torch.from_numpy(coefficients / length).to(weight)
            bias[number] = float(intercept)


def _regressions(vectors: Array, labels: Array, choice: FrameChoice) -> list[tuple[int, Array, float]]:
    """The number of each frame with its coefficients and intercept."""
    if choice == "any":
        fitted = []
        for number, gold in enumerate((labels >= 0.5).T):
            if 0 < gold.sum() < len(gold):
                model = _fit(vectors, gold.astype(np.int64))
                fitted.append((number, model.coef_[0], float(model.intercept_[0])))
        return fitted
    none = labels.shape[1]
    gold = np.where(labels.max(axis=1) >= 0.5, labels.argmax(axis=1), none)
    if len(set(gold.tolist())) < 2:
        return []
    model = _fit(vectors, gold)
    fit, starts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row for both, the logit of the second less that of the first
        fit, starts = np.concatenate([-fit, fit]) / 2, np.concatenate([-starts, starts]) / 2
    rows = {int(number): (fit[row], starts[row]) for row, number in enumerate(model.classes_)}
    coefficients, intercept = rows.pop(none, (np.zeros(vectors.shape[1]), 0.0))
    return [(number, row - coefficients, float(start - intercept)) for number, (row, start) in rows.items()]


def _fit(vectors: Array, gold: NDArray[np.int64]) -> LogisticRegression:
    return LogisticRegression(C=_INVERSE, class_weight="balanced", max_iter=1000).fit(vectors, gold)


def _pooled(network: FramelineModel, examples: ExampleSet, pad_id: int) -> tuple[Array, Array]:
    """The mean token vectors of the sentences with frame labels, and those labels."""
    known = [row for row in (examples[number] for number in range(len(examples))) if UNKNOWN not in row["frame_labels"]]
    known.sort(key=lambda row: len(row["input_ids"]))
    collate = Collator(pad_id)
    training = network.training
    network.eval()
    vectors: list[Array] = []
    for start in range(0, len(known), _BATCH):
        batch = collate(known[start : start + _BATCH])
        inputs = {name: batch[name].to(network.device) for name in ("input_ids", "shape_ids", "list_ids")}
        mask = batch["attention_mask"].to(network.device)
        with torch.inference_mode(), autocast():
            hidden = network(**inputs, attention_mask=mask, return_vectors=True).vectors.float()
        weights = mask.unsqueeze(-1).float()
        vectors += [*((hidden * weights).sum(dim=1) / weights.sum(dim=1)).cpu().numpy().astype(np.float64)]
    network.train(training)
    return np.array(vectors), np.array([row["frame_labels"] for row in known])
