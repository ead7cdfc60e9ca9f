"""Training from few labels beside SetFit: the same encoder, the same sentences, frames alone, in the same run.

    python -m benchmarks.few_shot [--examples 50 200 1000] [--seeds 1] [--test FILE.jsonl] [--json FILE]

Sentences are drawn from three quarters of the authored documents: so many with each frame (all, where there are
fewer) and as many without any. Macro F1 is measured on sentences of the other documents, or on those of --test. Both
start from all-MiniLM-L6-v2 and see frame labels only; the two take turns, with the same number of threads. Frameline's
time includes its cross-validation. SetFit has the settings of its paper, 40 pairs a sentence (by its package's default
it would learn from all pairs, 150 a sentence at 50 examples a frame and 600 at 200); --iterations lowers them where a
run would take hours. Its environment is made on the first run (--setfit-venv), with the packages of this one
beside its own. Exits with 1 where Frameline's macro F1 is lower, or where it is slower at 200 examples.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from sklearn.metrics import f1_score

from benchmarks.serving.report import Figure, Floor, to_json, to_table
from model.annotation import Annotation, read_annotations
from model.codebook import Codebook
from training.defaults import default_settings
from training.encoders import find_encoder
from training.evaluation import label, present_frames
from training.run import train
from training.run_folder import load_run
from training.settings import TrainingSettings
from training.sources import Sources
from training.splits import part_of

ROOT = Path(__file__).parent.parent
PEER_ENVIRONMENT = ROOT / ".venv-setfit"
_PEER = "setfit==1.2.0"
_CODEBOOK = ROOT / "data/annotations/codebook.yaml"
_AUTHORED = ROOT / "data/annotations/authored.jsonl"
#: The share of authored documents that measure is twice this, since the development part measures, too.
_SHARE = 0.125
_SPLIT_SEED = 7
#: At this number of examples training has to be faster than the peer's.
_TIMED = 200


@dataclass(frozen=True, kw_only=True)
class Options:
    """What ``main`` was given."""

    setfit_venv: Path
    iterations: int
    threads: int
    base: Path | None


def draw(annotations: Sequence[Annotation], frames: Sequence[str], examples: int, seed: int) -> list[Annotation]:
    """So many sentences with each frame and as many without any; fewer where there are not enough.

    Args:
        annotations: what is drawn from.
        frames: the frames' ids.
        examples: sentences a frame.
        seed: another seed draws others.
    """
    shuffled = list(annotations)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - a benchmark's sample
    kinds = [[one for one in shuffled if frame in one.frames] for frame in frames]
    kinds.append([one for one in shuffled if not one.frames])
    chosen = {one.id for kind in kinds for one in kind[:examples]}
    return [one for one in shuffled if one.id in chosen]


def ours(learned: Sequence[Annotation], test: Sequence[Annotation], seed: int, options: Options) -> tuple[float, float]:
    """Macro F1 on ``test``, and the seconds that training took."""
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as scratch:
        file, run = Path(scratch) / "learned.jsonl", Path(scratch) / "run"
        frames_alone = [one.model_copy(update={"actors": (), "undecided": ()}) for one in learned]
        file.write_text("".join(one.model_dump_json() + "\n" for one in frames_alone), encoding="utf-8")
        found = default_settings(frames_alone, has_base=options.base is not None, has_development=False)
        start = time.perf_counter()
        sources = Sources((file,), _CODEBOOK, base=options.base)
        train(sources, TrainingSettings(**{**found, "seed": seed}), run, lambda line: print(line, file=sys.stderr))
        seconds = time.perf_counter() - start
        labeller = load_run(run)
        documents = label(labeller, [(one.text, None) for one in test])
        labeller.close()
    frames = labeller.codebook.frame_ids
    found_frames = [[frame in present_frames(document) for frame in frames] for document in documents]
    return _macro(found_frames, test, frames), seconds


def setfit(
    learned: Sequence[Annotation], test: Sequence[Annotation], frames: Sequence[str], seed: int, options: Options
) -> tuple[float, float]:
    """The same of SetFit."""
    python = options.setfit_venv / "bin/python"
    if not python.exists():
        _install(options.setfit_venv)
    with tempfile.TemporaryDirectory() as scratch:
        task, out = Path(scratch) / "task.json", Path(scratch) / "out.json"
        content = {
            "train": [one.text for one in learned],
            "labels": [[int(frame in one.frames) for frame in frames] for one in learned],
            "test": [one.text for one in test],
            "iterations": options.iterations,
            "seed": seed,
        }
        task.write_text(json.dumps(content), encoding="utf-8")
        script = ROOT / "benchmarks/setfit_peer.py"
        command = [str(python), "-P", str(script), find_encoder("minilm").source, str(task), str(out)]
        threads = {name: str(options.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        subprocess.run(command, check=True, env={**os.environ, **threads, "HF_HUB_OFFLINE": "1"})
        answer = json.loads(out.read_text(encoding="utf-8"))
    return _macro(answer["predictions"], test, frames), float(answer["seconds"])


def _install(environment: Path) -> None:
    """SetFit in an environment that also sees the packages of this one, so that torch is not installed twice."""
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    packages = environment / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    here = [sysconfig.get_path("purelib"), *(path for path in sys.path if path.endswith("site-packages"))]
    (packages / "ours.pth").write_text("\n".join(dict.fromkeys(here)) + "\n", encoding="utf-8")
    subprocess.run([str(environment / "bin/pip"), "install", "--quiet", _PEER], check=True)


def _macro(found: Sequence[Sequence[int | bool]], test: Sequence[Annotation], frames: Sequence[str]) -> float:
    gold = [[frame in one.frames for frame in frames] for one in test]
    return float(f1_score(gold, found, average="macro", zero_division=0))


def measure(
    learned: Sequence[Annotation], test: Sequence[Annotation], sizes: Sequence[int], seeds: int, options: Options
) -> list[Figure]:
    """Both at every size, one after the other, averaged over the seeds."""
    frames = Codebook.load(_CODEBOOK).frame_ids
    figures = []
    for examples in sizes:
        part = f"{examples} examples a frame"
        scores = []
        for seed in range(1, seeds + 1):
            sample = draw(learned, frames, examples, seed)
            print(f"{part}: {len(sample)} sentences, seed {seed}", file=sys.stderr)
            scores.append((*ours(sample, test, seed, options), *setfit(sample, test, frames, seed, options)))
        f1, seconds, peer_f1, peer_seconds = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        timed = Floor("≤", 1.0) if examples == _TIMED else None
        figures += [
            Figure(part=part, name="macro F1", value=f1, other=peer_f1, floor=Floor("≥", 1.0)),
            Figure(part=part, name="seconds of training", value=seconds, other=peer_seconds, floor=timed),
        ]
    return figures


def main() -> None:
    """Measure, print, and write where ``--json`` says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, nargs="+", default=[50, 200, 1000], help="examples a frame")
    parser.add_argument("--seeds", type=int, default=1, help="samples of each size")
    parser.add_argument("--test", type=Path, metavar="FILE.jsonl", help="annotated sentences to measure on instead")
    parser.add_argument("--most", type=int, default=1600, help="sentences to measure on at most")
    parser.add_argument(
        "--iterations", type=int, default=20, help="pairs of each kind that SetFit draws for a sentence"
    )
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="threads of each")
    parser.add_argument("--base", type=Path, help="a run or checkpoint from which Frameline starts instead")
    parser.add_argument("--setfit-venv", type=Path, default=PEER_ENVIRONMENT, help="the peer's environment")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    options = Options(
        setfit_venv=given.setfit_venv.absolute(), iterations=given.iterations, threads=given.threads, base=given.base
    )
    codebook = Codebook.load(_CODEBOOK)
    authored = read_annotations([_AUTHORED], codebook)
    learned = [one for one in authored if part_of(one.document, _SPLIT_SEED, _SHARE) == "train"]
    chosen = {one.document for one in learned}
    rest = [one for one in authored if one.document not in chosen]
    test = (rest if given.test is None else read_annotations([given.test], codebook))[: given.most]
    figures = measure(learned, test, given.examples, given.seeds, options)
    title = f"Frameline against SetFit, {options.iterations} iterations, {options.threads} threads, {given.seeds} seeds"
    Console(width=110).print(to_table(figures, title))
    if given.json is not None:
        content = {"title": title, "figures": [*map(to_json, figures)]}
        given.json.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    sys.exit(any(figure.passed is False for figure in figures))


if __name__ == "__main__":
    main()
