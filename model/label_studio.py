"""How Label Studio holds labels: the tags of Frameline's labelling configuration, and the results that they give.

A result is one entry of an annotation's or a prediction's ``result``. Offsets count Unicode code points, as ours.
"""

from collections.abc import Iterable
from typing import Any

#: The tags' names: the text, its frames, the spans in it, and what is said of each span.
TEXT, FRAMES, SPANS, STANCE, ACTOR_ID = "text", "frames", "span", "stance", "actor_id"
#: What a span can be.
ACTOR, UNDECIDED = "actor", "undecided"


def frame_results(frames: Iterable[str], score: float | None = None) -> list[dict[str, Any]]:
    """The result that holds a sentence's frames; none if it has none."""
    chosen = list(frames)
    return [_result(FRAMES, FRAMES, "choices", {"choices": chosen}, score)] if chosen else []


def actor_results(
    text: str, start: int, end: int, stance: str, actor: str | None, score: float | None = None
) -> list[dict[str, Any]]:
    """The results that hold an actor named at ``text[start:end]``, the stance toward it and its id, if it has one."""
    region = _region(start, end)
    place = {"start": start, "end": end}
    quoted = {**place, "text": text[start:end]}
    results = [
        _result(region, SPANS, "labels", {**quoted, "labels": [ACTOR]}, score),
        _result(region, STANCE, "choices", {**quoted, "choices": [stance]}, score),
    ]
    return results if actor is None else [*results, _result(region, ACTOR_ID, "textarea", {**place, "text": [actor]})]


def undecided_results(text: str, start: int, end: int) -> list[dict[str, Any]]:
    """The result that holds a span on which the annotators could not agree."""
    value = {"start": start, "end": end, "text": text[start:end], "labels": [UNDECIDED]}
    return [_result(_region(start, end, UNDECIDED), SPANS, "labels", value)]


def _region(start: int, end: int, kind: str = ACTOR) -> str:
    """The id that the results of one span share."""
    return f"{kind}-{start}-{end}"


def _result(region: str, tag: str, kind: str, value: dict[str, Any], score: float | None = None) -> dict[str, Any]:
    result = {"id": region, "from_name": tag, "to_name": TEXT, "type": kind, "value": value}
    return result if score is None else {**result, "score": round(score, 4)}
