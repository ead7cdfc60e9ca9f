"""Whether suggested sentences teach more than random ones: a linear model on embeddings, at equal budgets.

    python -m benchmarks.suggestions --annotations runs/news_pool.jsonl --test runs/news_pool_test.jsonl

The files are annotations with their text (`frameline annotations hydrate` makes them of stand-off ones). Each run
begins with the same random sentences and then takes as many more in each round, at random, by uncertainty alone, or as
`frameline annotations suggest` does; a logistic regression for each frame judges the rest and is measured on the test
file. Figures are macro F1, means over the runs; the interval is Student's, of the paired differences from random.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from model.annotation import Annotation, read_annotations
from model.codebook import Codebook
from training.candidates import uncertainty
from training.embeddings import embed
from training.options import PATHS, codebook_option
from training.suggestions import choose

_POOL = 10
Vectors = NDArray[np.float32]
Labels = NDArray[np.bool_]
Pick = Callable[[Vectors, NDArray[np.float64], int, np.random.Generator], Sequence[int]]


def _at_random(vectors: Vectors, unsure: NDArray[np.float64], number: int, random: np.random.Generator) -> list[int]:
    return [int(place) for place in random.choice(len(vectors), number, replace=False)]


def _most_uncertain(
    vectors: Vectors, unsure: NDArray[np.float64], number: int, random: np.random.Generator
) -> list[int]:
    return [int(place) for place in np.argsort(-unsure, kind="stable")[:number]]


def _suggested(vectors: Vectors, unsure: NDArray[np.float64], number: int, random: np.random.Generator) -> list[int]:
    pool = np.argsort(-unsure, kind="stable")[: number * _POOL]
    seed = int(random.integers(2**31))
    return [int(pool[place]) for place in choose(vectors[pool], unsure[pool], number, seed)]


WAYS: dict[str, Pick] = {"random": _at_random, "uncertainty": _most_uncertain, "suggest": _suggested}


def _probabilities(vectors: Vectors, labels: Labels, others: Vectors) -> NDArray[np.float64]:
    """(others, frames): by a logistic regression for each frame; constant where all labels are alike."""
    columns = []
    for frame in labels.T:
        if len(set(frame.tolist())) < 2:
            columns.append(np.full(len(others), float(frame[0])))
            continue
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000).fit(vectors, frame)
        columns.append(model.predict_proba(others)[:, 1])
    return np.stack(columns, axis=1)


def _curve(
    pick: Pick, pool: tuple[Vectors, Labels], test: tuple[Vectors, Labels], rounds: int, step: int, seed: int
) -> list[float]:
    """Macro F1 on the test part after each round."""
    vectors, labels = pool
    start, random = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    known = [int(place) for place in start.choice(len(vectors), step, replace=False)]
    scores = []
    for _ in range(rounds):
        found = _probabilities(vectors[known], labels[known], np.concatenate([test[0], vectors]))
        scores.append(float(f1_score(test[1], found[: len(test[0])] >= 0.5, average="macro", zero_division=0)))
        rest = np.setdiff1d(np.arange(len(vectors)), known)
        judged = found[len(test[0]) :][rest]
        unsure = np.array([uncertainty([(p, 1 - p) for p in row]) for row in judged])
        known += [int(rest[place]) for place in pick(vectors[rest], unsure, step, random)]
    return scores


def _prepare(annotations: Sequence[Annotation], codebook: Codebook, encoder: str) -> tuple[Vectors, Labels]:
    vectors = embed([annotation.text for annotation in annotations], encoder)
    return vectors, np.array([[frame in one.frames for frame in codebook.frame_ids] for one in annotations])


@click.command()
@click.option("--annotations", type=PATHS, multiple=True, required=True, help="What is chosen from. Repeatable.")
@click.option("--test", type=PATHS, multiple=True, required=True, help="What is measured on. Repeatable.")
@click.option("--step", default=50, show_default=True, help="Sentences a round.")
@click.option("--rounds", default=8, show_default=True)
@click.option("--runs", default=10, show_default=True)
@click.option("--encoder", default="minilm", show_default=True)
@codebook_option
def main(
    annotations: Sequence[Path],
    test: Sequence[Path],
    step: int,
    rounds: int,
    runs: int,
    encoder: str,
    codebook: Path,
) -> None:
    """Compare suggested with random sentences."""
    schema = Codebook.load(codebook)
    pool = _prepare(read_annotations(annotations, schema), schema, encoder)
    held_out = _prepare(read_annotations(test, schema), schema, encoder)
    print(f"{len(pool[0])} sentences to choose from, {len(held_out[0])} to measure on, {runs} runs")
    curves = {
        name: np.array([_curve(pick, pool, held_out, rounds, step, seed) for seed in range(runs)])
        for name, pick in WAYS.items()
    }
    print("sentences  " + "  ".join(f"{name:>11}" for name in WAYS) + "  suggest - random (95 % interval)")
    for number in range(rounds):
        difference = curves["suggest"][:, number] - curves["random"][:, number]
        low, high = mean_interval(difference)
        means = "  ".join(f"{curve[:, number].mean():11.3f}" for curve in curves.values())
        print(f"{step * (number + 1):9}  {means}  {difference.mean():+.3f} ({low:+.3f} to {high:+.3f})")


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Student's 95 % interval of the mean of a few runs (N,); without bounds where there is but one."""
    if len(values) < 2:
        return -np.inf, np.inf
    mean, half = values.mean(), stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values))
    return float(mean - half), float(mean + half)


if __name__ == "__main__":
    main()
