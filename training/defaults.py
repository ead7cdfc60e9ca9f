"""Settings that suit an amount of data, so that nobody has to guess them; each can be overridden."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from model.annotation import Annotation

#: Up to so many sentences every one is learned from, and a cross-validation chooses thresholds.
FEW = 2_000
_FOLDS = 3
#: Epochs and batch size up to so many sentences.
_STEPS = ((300, 10, 32), (1_000, 8, 32), (FEW, 6, 32), (5_000, 5, 32))


def default_settings(
    annotations: Sequence[Annotation],
    supplements: Sequence[Annotation] = (),
    *,
    has_base: bool,
    has_development: bool,
) -> dict[str, Any]:
    """The settings that `TrainingSettings` should have for some annotations; empty where its own will do.

    Args:
        annotations: what is learned from, and chooses.
        supplements: what is only learned from.
        has_base: whether a trained network is trained further, which takes smaller steps.
        has_development: whether other sentences choose the thresholds.
    """
    found: dict[str, Any] = {}
    for most, epochs, batch_size in _STEPS:
        if len(annotations) + len(supplements) <= most:
            found = {"epochs": epochs, "batch_size": batch_size, "contrastive": 1.0, "head_start": True}
            found |= {"learning_rate": 5e-5} if has_base else {}
            break
    if len(annotations) <= FEW:
        folds = min(_FOLDS, len({annotation.document for annotation in annotations}))
        found |= {"held_out": 0.0, "folds": 0 if has_development else folds}
    return found


def describe_amount(annotations: Sequence[Annotation]) -> str:
    """How much there is to learn from, in a line; sentences that stand there more than once are told apart."""
    counts = Counter(frame for annotation in annotations for frame in annotation.frames)
    frames = ", ".join(f"{name} {count}" for name, count in counts.most_common())
    none = sum(not annotation.frames for annotation in annotations)
    mentions = sum(len(annotation.actors) for annotation in annotations)
    documents = len({annotation.document for annotation in annotations})
    given: dict[tuple[str, str], set[frozenset[str]]] = {}
    for annotation in annotations:
        given.setdefault((annotation.document, annotation.text), set()).add(frozenset(annotation.frames))
    amount = f"{len(annotations)} sentences"
    if len(given) < len(annotations):
        unlike = sum(len(labels) > 1 for labels in given.values())
        amount = f"{len(annotations)} annotations of {len(given)} sentences, {unlike} of them with frames that differ,"
    return (
        f"{amount} of {documents} documents; frames: {frames or 'none'}; "
        f"{none} sentences without a frame; {mentions} mentions of actors"
    )
