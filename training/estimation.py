"""Shares of frames in the whole, from an annotated random sample (Horvitz and Thompson 1952)."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from model.annotation import NOBODY, Annotation
from model.codebook import Codebook, Schema
from model.errors import FaultsError
from training.random_sample import ORIGIN, Design

#: Bounds the middle 95 % of a normal distribution.
NORMAL = 1.959964


class Share(Schema):
    """The estimated share of sentences that carry a frame, with its 95 % interval, and how many of the sample do."""

    frame: str
    share: float
    low: float
    high: float
    sentences: int


def check_sample(path: Path, annotations: Sequence[Annotation], design: Design, *, incomplete: bool) -> None:
    """Check that annotations are those of a random sample.

    Args:
        path: the design's file, to name it in faults.
        annotations: what was annotated.
        design: how it was drawn.
        incomplete: True lets sentences of the sample be missing.

    Raises:
        FaultsError: every sentence that was not drawn at random, is not of this sample or is annotated twice, and
            the number of those that are missing.
    """
    faults, seen = [], set()
    for annotation in annotations:
        if annotation.annotator == NOBODY:
            continue
        if annotation.origin != ORIGIN:
            what = f"origin: {annotation.origin!r}: not drawn at random, and so no ground for an estimate; leave it out"
            faults.append(f"{annotation.id}: {what}")
        elif annotation.id not in design.sentences:
            faults.append(f"{annotation.id}: id: not in the sample of {path}; leave it out, or give its own sample")
        elif annotation.id in seen:
            faults.append(f"{annotation.id}: id: annotated twice; adjudicate first")
        seen.add(annotation.id)
    missing = [name for name in design.sentences if name not in seen]
    if missing and not incomplete:
        faults.append(
            f"{path}: {len(missing)} of {len(design.sentences)} sentences are not annotated yet ({missing[0]}, …); "
            "annotate them, or give --incomplete if which ones are missing has nothing to do with what they say"
        )
    for stratum in design.strata:
        inside = sum(name in seen for name, one in design.sentences.items() if one.stratum == stratum.name)
        if inside < min(2, stratum.population):
            faults.append(f"{path}: stratum {stratum.name!r}: {inside} sentences annotated; an interval needs two")
    if faults:
        raise FaultsError(faults)


def estimate(annotations: Iterable[Annotation], design: Design, codebook: Codebook) -> list[Share]:
    """Estimate the share of each frame; see `check_sample` for what must hold.

    The weight of a sentence is one over its probability; of an incomplete sample, over that of being drawn and
    annotated.
    The interval is Wilson's with the effective size of the sample, so that it holds for rare frames, too.
    """
    rows = [annotation for annotation in annotations if annotation.annotator != NOBODY]
    return [_share(frame, rows, design) for frame in codebook.frame_ids]


def _share(frame: str, rows: Sequence[Annotation], design: Design) -> Share:
    total = design.population
    share = variance = 0.0
    uniform = False
    for stratum in design.strata:
        inside = [row for row in rows if design.sentences[row.id].stratum == stratum.name]
        number, weight = len(inside), stratum.population / total
        mean = sum(frame in row.frames for row in inside) / number
        share += weight * mean
        if number > 1:
            spread = mean * (1 - mean) * number / (number - 1)
            variance += weight**2 * (1 - number / stratum.population) * spread / number
        uniform = uniform or (number < stratum.population and mean in (0, 1))
    if len(rows) == total:
        low, high = share, share
    else:
        simple = len(rows) / (1 - len(rows) / total)
        low, high = _wilson(share, _effective(share, variance, simple, uniform=uniform))
    return Share(frame=frame, share=share, low=low, high=high, sentences=sum(frame in row.frames for row in rows))


def _effective(share: float, variance: float, simple: float, *, uniform: bool) -> float:
    """The size of the simple sample with replacement that would be as precise.

    At most ``simple``, that of a sample without strata, where a stratum is ``uniform``: all or none of its annotated
    sentences carry the frame, so that its variance is taken for 0.
    """
    if variance > 0:
        size = share * (1 - share) / variance
        return min(size, simple) if uniform else size
    return simple


def _wilson(share: float, size: float) -> tuple[float, float]:
    square = NORMAL**2
    middle = (share + square / (2 * size)) / (1 + square / size)
    half = NORMAL / (1 + square / size) * math.sqrt(share * (1 - share) / size + square / (4 * size**2))
    return max(0.0, middle - half), min(1.0, middle + half)
