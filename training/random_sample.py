"""A random sample of sentences, with the probability with which each got into it.

Only such a sample says something about the whole: what was suggested because a model is unsure does not.
"""

import heapq
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import Field, ValidationError

from model.codebook import Schema
from model.errors import FaultsError, FramelineError
from model.faults import describe
from training.candidates import Candidate

ORIGIN = "random"
#: A stratum needs two sentences for an interval.
_LEAST = 2


class Stratum(Schema):
    """A part of the whole from which sentences were drawn by themselves."""

    name: str
    population: int = Field(gt=0)
    drawn: int = Field(gt=0)

    @property
    def probability(self) -> float:
        """With which each of its sentences got into the sample."""
        return self.drawn / self.population


class Sampled(Schema):
    """A sentence of the sample."""

    stratum: str
    probability: float


class Design(Schema):
    """How a sample was drawn: without replacement, from each stratum at random; a simple sample has one stratum."""

    column: str | None
    seed: int
    sources: tuple[str, ...]
    left_out: int
    strata: tuple[Stratum, ...]
    sentences: dict[str, Sampled]

    @property
    def population(self) -> int:
        """How many sentences could have been drawn."""
        return sum(stratum.population for stratum in self.strata)


class Sample(NamedTuple):
    """Sentences in random order, and how they were drawn."""

    candidates: list[Candidate]
    design: Design


def draw(
    candidates: Iterable[Candidate],
    number: int,
    annotated: Iterable[str],
    *,
    column: str | None,
    seed: int,
    sources: Iterable[str],
) -> Sample:
    """Draw ``number`` sentences at random, in one pass over any number of them.

    Each sentence gets a random number, and those with the smallest are taken; from strata in proportion to their
    size, at least two of each.

    Args:
        candidates: the whole; near duplicates stay, since they are a part of it.
        number: how many to draw.
        annotated: texts that are annotated already; left out, so that the sample speaks for the others alone.
        column: what the strata are, or None for a simple random sample.
        seed: of the random numbers.
        sources: where the candidates come from, for the record.

    Raises:
        FramelineError: fewer sentences than wanted, an id that stands twice, or more strata than the sample can serve.
    """
    texts = {*annotated}
    random = np.random.default_rng(seed)
    smallest: dict[str, list[tuple[float, str, Candidate]]] = {}
    sizes: dict[str, int] = {}
    left_out = 0
    for candidate in candidates:
        if candidate.text in texts:
            left_out += 1
            continue
        sizes[candidate.stratum] = sizes.get(candidate.stratum, 0) + 1
        heap = smallest.setdefault(candidate.stratum, [])
        entry = (-float(random.random()), candidate.id, candidate)
        if len(heap) < number:
            heapq.heappush(heap, entry)
        elif entry[0] > heap[0][0]:
            heapq.heapreplace(heap, entry)
    shares = _allocate(sizes, number)
    strata = [Stratum(name=name, population=sizes[name], drawn=shares[name]) for name in sorted(sizes)]
    drawn = [entry for name in sorted(sizes) for entry in sorted(smallest[name], reverse=True)[: shares[name]]]
    chosen = [candidate for _, _, candidate in sorted(drawn, reverse=True)]
    probabilities = {stratum.name: stratum.probability for stratum in strata}
    sentences = {one.id: Sampled(stratum=one.stratum, probability=probabilities[one.stratum]) for one in chosen}
    if len(sentences) < len(chosen):
        raise FramelineError("two of the sentences drawn have one id; give each document an id of its own")
    design = Design(
        column=column,
        seed=seed,
        sources=tuple(sources),
        left_out=left_out,
        strata=tuple(strata),
        sentences=sentences,
    )
    return Sample(chosen, design)


def design_file(out: Path) -> Path:
    """Where the design of a sample stands: beside the sentences."""
    return out.with_suffix(".sample.json")


def read_design(path: Path) -> Design:
    """Read the design of a sample.

    Raises:
        FaultsError: it cannot be read, or its fields are faulty.
    """
    try:
        return Design.model_validate_json(path.read_bytes())
    except OSError as error:
        raise FaultsError(
            [f"{path}: cannot be read: {error.strerror}; give the file that suggest --random wrote"]
        ) from None
    except ValidationError as error:
        raise FaultsError([f"{path}: {fault}" for fault in describe(error)]) from None


def _allocate(sizes: Mapping[str, int], number: int) -> dict[str, int]:
    """How many to draw from each stratum: in proportion, by largest remainders, at least two of each."""
    total = sum(sizes.values())
    if total < number:
        raise FramelineError(f"only {total} sentences to draw from; ask for at most so many with -n")
    least = {name: min(size, _LEAST) for name, size in sizes.items()} if len(sizes) > 1 else dict.fromkeys(sizes, 0)
    if sum(least.values()) > number:
        raise FramelineError(f"{len(sizes)} strata need at least {sum(least.values())} sentences; raise -n")
    shares = dict(least)
    while sum(shares.values()) < number:
        open_ = [name for name in sizes if shares[name] < sizes[name]]
        name = max(open_, key=lambda name: (number * sizes[name] / total - shares[name], name))
        shares[name] += 1
    return shares
