"""The service under load, as a real process, beside infinity, with the floors that it has to reach.

    python -m benchmarks.serving [--only PART ...] [--seconds S] [--json FILE]

The generator of the load runs in this process and shares the cores with the servers. On its first run the peer's
environment is installed (--infinity-venv). Exits with 1 where a floor is missed.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.serving import articles, fuzzing, idle, overload, sentences, servers, termination
from benchmarks.serving.options import Options
from benchmarks.serving.report import Figure, to_json, to_table

_PARTS = {part.PART: part.measure for part in (sentences, articles, idle, overload, termination, fuzzing)}


def main() -> None:
    """Run the parts, print their figures, and write them where ``--json`` says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=_PARTS, default=list(_PARTS), metavar="PART", help=", ".join(_PARTS)
    )
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="length of a load; the overload takes three times that"
    )
    parser.add_argument("--bodies", type=int, default=10_000, help="how many mutated bodies are sent")
    parser.add_argument("--infinity-venv", type=Path, default=servers.PEER_ENVIRONMENT, help="the peer's environment")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    options = Options(seconds=given.seconds, infinity_venv=given.infinity_venv.resolve(), bodies=given.bodies)

    figures: list[Figure] = []
    for part in given.only:
        print(f"{part} …", file=sys.stderr)
        figures += _PARTS[part](options)
    versions = servers.versions(options.infinity_venv if sentences.PART in given.only else None)
    cores = len(os.sched_getaffinity(0))
    Console(width=110).print(to_table(figures, f"frameline serve, {cores} cores, loads of {options.seconds:g} s"))
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    if given.json is not None:
        content = {
            "cores": cores,
            "seconds": options.seconds,
            "versions": versions,
            "figures": [*map(to_json, figures)],
        }
        given.json.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    sys.exit(any(figure.passed is False for figure in figures))


if __name__ == "__main__":
    main()
