"""Memory that does not grow with the archive, and time that grows with it in a straight line."""

import shutil

from benchmarks.archive.corpus import Corpus
from benchmarks.archive.options import Options
from benchmarks.archive.scoring import Scored, best_fit, run
from benchmarks.serving.report import Figure, Floor

PART = "memory"
_SMALL = 20_000
#: Sizes between the smallest and the largest archive, both of them included.
_SIZES = 4


def measure(options: Options) -> list[Figure]:
    """Score archives of growing size."""
    corpus = Corpus(options.corpus, options.seed)
    largest = max(options.sentences, 2 * _SMALL)
    step = (largest / _SMALL) ** (1 / (_SIZES - 1))
    runs = [_run(corpus, round(_SMALL * step**number), options) for number in range(_SIZES)]
    first, last = runs[0], runs[-1]
    slope, intercept, determination = best_fit([one.counts["scored"] for one in runs], [one.seconds for one in runs])
    figures = [
        Figure(
            part=PART,
            name=f"peak MB at {last.counts['sentences']:,} sentences, against {first.counts['sentences']:,}",
            value=last.peak / 1e6,
            other=first.peak / 1e6,
            floor=Floor("≤", 1.2),
        ),
        Figure(part=PART, name="peak MB, all processes together", value=last.peak / 1e6, floor=Floor("≤", 1000)),
        Figure(part=PART, name="seconds per 1,000 sentences (least squares)", value=slope * 1000),
        Figure(part=PART, name="seconds before the first one (likewise)", value=intercept),
        Figure(part=PART, name="R² of that line", value=determination, floor=Floor("≥", 0.99)),
    ]
    for one in runs:
        figures += [
            Figure(part=PART, name=f"seconds for {one.counts['scored']:,} unique sentences", value=one.seconds),
            Figure(part=PART, name="… until it began to score", value=one.planned),
            Figure(part=PART, name="… and peak MB", value=one.peak / 1e6),
        ]
    return figures


def _run(corpus: Corpus, sentences: int, options: Options) -> Scored:
    archive, out = options.folder / f"{sentences}.jsonl.gz", options.folder / f"{sentences}"
    corpus.write_unique(archive, sentences)
    scored = run(archive, out)
    archive.unlink()
    shutil.rmtree(out)
    return scored
