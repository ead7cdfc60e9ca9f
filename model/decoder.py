"""The labels of one sentence, out of what the network gave for it."""

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

import numpy as np

from model.actors import Match
from model.checkpoint import CheckpointConfig
from model.codebook import Codebook
from model.decoding import MentionSpan, find_mentions, frame_probabilities, present_frames, stance_probabilities
from model.mentions import tidy
from model.place import Place
from model.prediction import ActorStance, FrameScore, Sentence
from model.reading import Reading
from model.runtime import Logits, Output
from model.text import find_mention, fold
from model.tokens import Tokens

#: A mention with the id of the actor that it names, where it is a listed one.
_Named = tuple[MentionSpan, str | None]


class Prepared(NamedTuple):
    """A sentence that is ready for the network.

    ``mentions`` are those that the caller gave, as `Unlabelled` has them, ``spans`` the places of those to judge in
    their stead; where both are None, the mentions are found.
    """

    sentence: str
    place: Place
    mentions: dict[str, bool] | None
    spans: Sequence[Place] | None
    matches: list[Match]
    reading: Reading
    tokens: Tokens


class Decoder:
    """Turns the network's output for a sentence into its labels.

    Args:
        codebook: the labelling schema.
        config: calibration and thresholds of the model.
        offices: titles and words for a government, folded; alone they name nobody.
    """

    def __init__(self, codebook: Codebook, config: CheckpointConfig, offices: Set[tuple[str, ...]]) -> None:
        self._codebook = codebook
        self._config = config
        self._offices = offices
        calibrations = [config.calibration.frame(frame) for frame in codebook.frame_ids]
        self._scales = np.array([calibration.scale for calibration in calibrations])
        self._biases = np.array([calibration.bias for calibration in calibrations])
        self._thresholds = [config.thresholds.frames[frame] for frame in codebook.frame_ids]

    def decode(self, prepared: Prepared, output: Output) -> Sentence:
        """The sentence with its labels.

        Args:
            prepared: the sentence.
            output: logits of frames (F,), mentions (N, 3) and stances (N, S), as `merge_windows` gives them.
        """
        sentence, place, tokens = prepared.sentence, prepared.place, prepared.tokens
        temperature = self._config.calibration.temperature
        return Sentence(
            start=place.start,
            end=place.end,
            text=sentence,
            frames=self._frames(output.frames),
            actors=tuple(
                self._actor(
                    sentence,
                    place.start,
                    span,
                    stance_probabilities(tokens, output.stances, *span, temperature).tolist(),
                    actor,
                )
                for span, actor in self._mentions(prepared, output.mentions)
            ),
        )

    def _mentions(self, prepared: Prepared, logits: Logits) -> list[_Named]:
        """The mentions that are judged, in order of appearance."""
        reading = prepared.reading
        if prepared.spans is not None:
            return [(MentionSpan(*span), reading.resolve(*span)) for span in prepared.spans]
        if prepared.mentions is not None:
            return _occurring(reading, prepared.mentions)
        thresholds = self._config.thresholds
        spans = find_mentions(
            prepared.sentence,
            prepared.tokens,
            logits,
            prepared.matches,
            threshold=thresholds.mention,
            listed_threshold=thresholds.listed,
        )
        return _one_each(reading, tidy(prepared.sentence, spans, prepared.matches, self._offices))

    def _frames(self, logits: Logits) -> tuple[FrameScore, ...]:
        choice = self._codebook.frames_per_sentence
        probabilities: list[float] = frame_probabilities(logits, self._scales, self._biases, choice).tolist()
        present = present_frames(probabilities, self._thresholds, choice)
        return tuple(
            FrameScore(frame=frame, probability=probability, present=there)
            for frame, probability, there in zip(self._codebook.frame_ids, probabilities, present, strict=True)
        )

    def _actor(
        self, sentence: str, offset: int, span: MentionSpan, probabilities: list[float], actor: str | None
    ) -> ActorStance:
        stances = dict(zip(self._codebook.stance_ids, probabilities, strict=True))
        return ActorStance(
            mention=sentence[span.start : span.end],
            start=offset + span.start,
            end=offset + span.end,
            actor=actor,
            stance=max(stances, key=stances.__getitem__),
            probabilities=stances,
        )


def _one_each(reading: Reading, spans: Iterable[MentionSpan]) -> list[_Named]:
    """The first mention of each actor, with its id where it is a known one.

    Of somebody unknown a later surname or first name ("Ana Petrov … Petrov") is the same actor.
    """
    kept: list[_Named] = []
    known: set[str] = set()
    others: set[str] = set()
    for span in spans:
        mention = reading.sentence[span.start : span.end]
        actor = reading.resolve(span.start, span.end)
        words = mention.split()
        name, seen = (fold(" ".join(words)), others) if actor is None else (actor, known)
        if name not in seen:
            kept.append((span, actor))
        seen.add(name)
        if actor is None:
            others.update((fold(words[0]), fold(words[-1])))
    return kept


def _occurring(reading: Reading, given: dict[str, bool]) -> list[_Named]:
    """The caller's mentions that occur in a sentence, in order of appearance."""
    sentence = reading.sentence
    found = set()
    for mention, whole in given.items():
        start = find_mention(sentence, mention) if whole else sentence.find(mention)
        if start != -1:
            found.add(MentionSpan(start, start + len(mention)))
    return [(span, reading.resolve(span.start, span.end)) for span in sorted(found)]
