"""Ray against the local engine, on the same cores."""

import statistics

from benchmarks.archive.corpus import Corpus
from benchmarks.archive.options import Options
from benchmarks.archive.scoring import have_same_tables, run
from benchmarks.serving.report import Figure, Floor
from model.cores import cores

PART = "ray"
#: Sentences at most: enough that starting a cluster does not matter much.
_SENTENCES = 100_000


def measure(options: Options) -> list[Figure]:
    """Take turns."""
    corpus = Corpus(options.corpus, options.seed)
    archive = options.folder / "ray.jsonl.gz"
    size = min(options.sentences, _SENTENCES)
    corpus.write_unique(archive, size)
    workers = ("--workers", str(cores()))
    ratios, rates, peaks, equal = [], [], [], True
    for number in range(options.rounds):
        local, ray = options.folder / f"local-{number}", options.folder / f"ray-{number}"
        ours = run(archive, local, *workers)
        theirs = run(archive, ray, "--engine", "ray", *workers)
        ratios.append(theirs.rate / ours.rate)
        rates.append(theirs.rate)
        peaks.append(theirs.peak / 1e6)
        equal = equal and have_same_tables(local, ray)
    rate = statistics.median(rates)
    return [
        Figure(
            part=PART,
            name=f"sentences/s of {cores()} Ray workers, {size:,} sentences, its start included, against local",
            value=rate,
            other=rate / statistics.median(ratios),
            floor=Floor("≥", 0.85),
        ),
        Figure(part=PART, name="tables equal to those of the local engine", value=float(equal), floor=Floor("≥", 1)),
        Figure(part=PART, name="peak MB, the cluster included", value=max(peaks)),
    ]
