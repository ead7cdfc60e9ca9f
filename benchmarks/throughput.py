"""Sentences a second through the whole Python path, against transformers' pipeline with the same encoder.

    python -m benchmarks.throughput

Frameline splits the text, finds actors, encodes and decodes frames, mentions and stances; the peer gets
sentences that are split already and has one classification head. Each has a process of its own, as a user would
run it, and both take turns on the same texts.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

from benchmarks.labelling import LabellingProcess
from benchmarks.texts import load_texts
from model.labeller import Labeller
from training.encoders import find_encoder


def measure(work: Callable[[], int]) -> float:
    """Sentences a second of one call."""
    start = time.perf_counter()
    return work() / (time.perf_counter() - start)


def main() -> None:
    """Run the benchmark and print the rates and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="JSON Lines of id and text; by default the project's articles")
    parser.add_argument("--sentences", type=int, default=1_500, help="how many sentences, about")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    labeller = Labeller.from_checkpoint()
    documents, sentences = [], []
    for document, labelled in zip(texts := load_texts(options.corpus), labeller.classify_documents(texts), strict=True):
        documents.append(document)
        sentences += [sentence.text for sentence in labelled.sentences]
        if len(sentences) >= options.sentences:
            break
    labeller.close()
    encoder = find_encoder("minilm")
    peer = pipeline(
        "text-classification",
        model=AutoModelForSequenceClassification.from_pretrained(encoder.source, num_labels=3),
        tokenizer=AutoTokenizer.from_pretrained(encoder.source, model_max_length=256),
        truncation=True,
        device="cpu",
    )
    torch.set_num_threads(labeller.threads)

    def peer_with(batch_size: int, count: int) -> Callable[[], float]:
        return lambda: measure(lambda: len(list(peer(sentences[:count], batch_size=batch_size))))

    frameline = LabellingProcess(documents)
    ways = {
        "frameline": frameline.measure,
        "transformers pipeline, batch 1": peer_with(1, len(sentences) // 4),
        "transformers pipeline, batch 32": peer_with(32, len(sentences) // 2),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    with frameline:
        for _ in track(range(options.rounds), description="rounds"):
            for name, rate in ways.items():
                rates[name].append(rate())
    table = Table("Way", title=f"{len(sentences)} sentences, {labeller.threads} cores, {encoder.name}")
    table.add_column("Sentences/s (median)", justify="right")
    table.add_column("Frameline is faster by", justify="right")
    ours = rates["frameline"]
    for name, values in rates.items():
        ratio = statistics.median(one / other for one, other in zip(ours, values, strict=True))
        table.add_row(name, f"{statistics.median(values):.0f}", f"{ratio:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
