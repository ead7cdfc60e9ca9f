"""A sentence's labels as they go from one process to another: plain values, which travel faster than models."""

from collections.abc import Sequence
from typing import NamedTuple

from model.prediction import Sentence
from model.unlabelled import Unlabelled

_Actor = tuple[str, int, int, str | None, str, tuple[float, ...]]


class Parcel(NamedTuple):
    """The labels of a sentence that stands alone: a probability and a decision a frame, and the actors' fields."""

    frames: tuple[tuple[float, bool], ...]
    actors: tuple[_Actor, ...]


def pack(sentence: Sentence) -> Parcel:
    """The labels of ``sentence``."""
    return Parcel(
        tuple((score.probability, score.present) for score in sentence.frames),
        tuple(
            (actor.mention, actor.start, actor.end, actor.actor, actor.stance, tuple(actor.probabilities.values()))
            for actor in sentence.actors
        ),
    )


def unpack(parcel: Parcel, unlabelled: Unlabelled, frames: Sequence[str], stances: Sequence[str]) -> Sentence:
    """The sentence with its labels, at its place in its text.

    Args:
        parcel: the labels.
        unlabelled: the sentence.
        frames: the ids of the frames, in the codebook's order.
        stances: those of the stances.
    """
    text, (start, end) = unlabelled.text, unlabelled.place
    return Sentence.model_validate(  # of plain values, which takes half as long as to put models together
        {
            "start": start,
            "end": end,
            "text": text[start:end],
            "frames": [
                {"frame": frame, "probability": probability, "present": present}
                for frame, (probability, present) in zip(frames, parcel.frames, strict=True)
            ],
            "actors": [
                {
                    "mention": mention,
                    "start": start + first,
                    "end": start + last,
                    "actor": actor,
                    "stance": stance,
                    "probabilities": dict(zip(stances, probabilities, strict=True)),
                }
                for mention, first, last, actor, stance, probabilities in parcel.actors
            ],
        }
    )
