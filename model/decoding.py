"""From logits to labels: frames, actor mentions and stances of one sentence."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.actors import Match
from model.codebook import FrameChoice
from model.runtime import Logits, Output
from model.tokens import Tokens

Probabilities = NDArray[np.float64]
#: Forms that name an actor wherever they stand; a capital may be a place and a nationality a people.
_NAMES = frozenset({"state", "organisation", "armed group", "person"})
_OUTSIDE, _BEGIN = 0, 1
#: Beyond it the exponential overflows, and the sigmoid is 0 in any case.
_LARGEST = 700.0


class MentionSpan(NamedTuple):
    """A mention, in code points of the sentence."""

    start: int
    end: int


def merge_windows(tokens: Tokens, outputs: Sequence[Output]) -> Output:
    """Join the outputs of a sentence's overlapping windows.

    A frame's logit is its highest in any window; a token's logits come from the window in which it
    stands farthest from an edge. Returns frames (F,), mentions (N, 3) and stances (N, S), with special
    tokens left out.

    Raises:
        ValueError: there are not as many outputs as windows.
    """
    if len(outputs) == len(tokens.windows) == 1:
        body = slice(tokens.windows[0].prefix, outputs[0].mentions.shape[0] - tokens.windows[0].suffix)
        return Output(outputs[0].frames, outputs[0].mentions[body], outputs[0].stances[body])
    count = len(tokens.offsets)
    mentions = np.zeros((count, 3), dtype=np.float32)
    stances = np.zeros((count, outputs[0].stances.shape[1]), dtype=np.float32)
    distance = np.full(count, -1)
    for window, output in zip(tokens.windows, outputs, strict=True):
        length = output.mentions.shape[0] - window.prefix - window.suffix
        inside = np.arange(length)
        from_edge = np.minimum(inside, length - 1 - inside)
        better = inside[from_edge > distance[window.first : window.first + length]]
        mentions[window.first + better] = output.mentions[window.prefix + better]
        stances[window.first + better] = output.stances[window.prefix + better]
        distance[window.first + better] = from_edge[better]
    return Output(np.max([output.frames for output in outputs], axis=0), mentions, stances)


def frame_probabilities(
    logits: Logits | Probabilities,
    scale: Probabilities | float = 1.0,
    bias: Probabilities | float = 0.0,
    choice: FrameChoice = "any",
) -> Probabilities:
    """Probabilities of frame logits, shape (…, F), times ``scale`` plus ``bias`` (Platt 1999).

    Where ``choice`` is any number of frames, the sigmoid of each; otherwise their softmax, in which having no frame,
    if there may be none, takes part with the logit 0.
    """
    scores = scale * logits.astype(np.float64) + bias
    if choice == "exactly_one":
        return softmax(scores)
    if choice == "at_most_one":
        none = np.zeros((*scores.shape[:-1], 1))
        return softmax(np.concatenate([scores, none], axis=-1))[..., :-1]
    result: Probabilities = 1 / (1 + np.exp(np.minimum(-scores, _LARGEST)))
    return result


def present_frames(probabilities: Sequence[float], thresholds: Sequence[float], choice: FrameChoice) -> list[bool]:
    """Which of the F frames with these probabilities are present; ``thresholds`` count where any may be."""
    if choice == "any":
        return [p >= threshold for p, threshold in zip(probabilities, thresholds, strict=True)]
    return one_frame(np.array(probabilities), choice)


def one_frame(probabilities: Probabilities, choice: FrameChoice) -> list[bool]:
    """Which of the frames, whose probabilities have shape (F,), is present where they exclude each other.

    It is the likeliest; none where having no frame is allowed and likelier still.
    """
    best = int(probabilities.argmax())
    none = choice == "at_most_one" and 1 - probabilities.sum() > probabilities[best]
    return [number == best and not none for number in range(len(probabilities))]


def stance_logits(tokens: Tokens, logits: Logits, start: int, end: int) -> Probabilities:
    """Stance logits (S,) of the mention at ``sentence[start:end]``: the mean over its tokens, all if it has none."""
    if not len(logits):
        return np.zeros(logits.shape[1])
    indices = tokens.within(start, end)
    result: Probabilities = (logits[indices] if len(indices) else logits).astype(np.float64).mean(axis=0)
    return result


def stance_probabilities(
    tokens: Tokens, logits: Logits, start: int, end: int, temperature: float = 1.0
) -> Probabilities:
    """Stance probabilities (S,) of a mention: softmax of its logits over ``temperature`` (Guo et al. 2017)."""
    return softmax(stance_logits(tokens, logits, start, end) / temperature)


def find_mentions(
    sentence: str,
    tokens: Tokens,
    logits: Logits,
    matches: Sequence[Match],
    *,
    threshold: float,
    listed_threshold: float,
) -> list[MentionSpan]:
    """Actor mentions by the token head and the actor list together.

    A word is part of a mention where the head gives it at least ``threshold``, a word of a listed name at
    least ``listed_threshold``; a span grows to the whole listed name that it touches. A word in lower case that is
    rather inside a mention than at its beginning opens none ("office" in "the press office").

    Args:
        sentence: the sentence.
        tokens: its tokens, N of them.
        logits: mention logits, shape (N, 3).
        matches: what the actor list found in the sentence.
        threshold: for words outside the list, as a probability.
        listed_threshold: for words of a listed name.
    """
    if not len(tokens.offsets):
        return []
    first = np.concatenate(([0], np.flatnonzero(tokens.words[1:] != tokens.words[:-1]) + 1))
    bounds = np.concatenate((first[1:], [len(tokens.words)]))
    probabilities = softmax(logits[first].astype(np.float64))
    possible = np.flatnonzero(1 - probabilities[:, 0] >= min(threshold, listed_threshold))
    if not len(possible):
        return []
    starts: list[int] = tokens.offsets[first, 0].tolist()
    ends: list[int] = tokens.offsets[bounds - 1, 1].tolist()
    names = deque(match for match in matches if match.kind in _NAMES)
    spans: list[MentionSpan] = []
    for position, (outside, begin, inside) in zip(possible.tolist(), probabilities[possible].tolist(), strict=True):
        start, end = starts[position], ends[position]
        while names and names[0].end <= start:
            names.popleft()
        name = names[0] if names and names[0].start < end else None
        if 1 - outside < (threshold if name is None else listed_threshold):
            continue
        if name is not None:
            start, end = min(start, name.start), max(end, name.end)
        joins = bool(spans) and _touching(spans[-1], position, starts, ends)
        if joins and (inside > begin or start < spans[-1].end):
            spans[-1] = MentionSpan(spans[-1].start, max(end, spans[-1].end))
        elif name is not None or begin >= inside or not sentence[start:end].islower():
            spans.append(MentionSpan(start, end))
    return spans


def _touching(span: MentionSpan, position: int, starts: Sequence[int], ends: Sequence[int]) -> bool:
    """Whether the word at ``position`` follows directly on ``span``, or lies in it."""
    return position > 0 and ends[position - 1] <= span.end and starts[position - 1] < span.end


def softmax(logits: Probabilities) -> Probabilities:
    """Softmax over the last axis."""
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Probabilities = exponents / exponents.sum(axis=-1, keepdims=True)
    return result
