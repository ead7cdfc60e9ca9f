"""Scoring archives, as a real process, with the floors that it has to reach.

    python -m benchmarks.archive --corpus news_pool.jsonl [--part PART ...] [--sentences N] [--json FILE]

The corpus is JSON Lines of id and text; archives of any size are made of copies of it in which words are changed, so
that no sentence stands in them twice. Exits with 1 where a floor is missed.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks.archive import cluster, damage, kills, memory, throughput
from benchmarks.archive.options import Options
from benchmarks.serving.report import Figure, to_json, to_table
from model.cores import cores

_PARTS = {part.PART: part.measure for part in (throughput, memory, kills, damage, cluster)}


def main() -> None:
    """Run the parts, print their figures, and write them where ``--json`` says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="JSON Lines of id and text")
    parser.add_argument(
        "--part", nargs="+", choices=_PARTS, default=list(_PARTS), metavar="PART", help=", ".join(_PARTS)
    )
    parser.add_argument("--sentences", type=int, default=1_000_000, help="of the largest archive")
    parser.add_argument("--rounds", type=int, default=3, help="how often what is compared takes turns")
    parser.add_argument("--kills", type=int, default=20, help="how many runs are killed")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--folder", type=Path, help="where archives and tables lie meanwhile; default: a temporary one")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()

    figures: list[Figure] = []
    for part in given.part:
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="frameline-", dir=given.folder) as folder:
            options = Options(
                corpus=given.corpus,
                folder=Path(folder),
                sentences=given.sentences,
                rounds=given.rounds,
                kills=given.kills,
                seed=given.seed,
            )
            figures += _PARTS[part](options)
        print(f"{part}: {time.perf_counter() - begin:,.0f} s", file=sys.stderr)
    Console(width=130).print(to_table(figures, f"frameline score, {cores()} cores"))
    if given.json is not None:
        content = {
            "cores": cores(),
            "options": {**dataclasses.asdict(options), "corpus": given.corpus.name, "folder": None},
            "figures": [*map(to_json, figures)],
        }
        given.json.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    sys.exit(any(figure.passed is False for figure in figures))


if __name__ == "__main__":
    main()
