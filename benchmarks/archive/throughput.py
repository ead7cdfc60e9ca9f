"""How much of the model's own speed is left from compressed JSON Lines to Parquet, and how a pipeline compares."""

import statistics
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.archive.corpus import Corpus
from benchmarks.archive.options import Options
from benchmarks.archive.scoring import run
from benchmarks.labelling import LabellingProcess
from benchmarks.serving.report import Figure, Floor
from model.cores import cores
from model.prediction import TextDocument
from model.sentences import split

PART = "throughput"
#: Sentences of the archive at most, of the sample that the model labels by itself, of the pipeline's, about.
_ARCHIVE, _SAMPLE, _PEER = 60_000, 6_000, 1_000
_BATCH = 32
_COPIES = 4


def measure(options: Options) -> list[Figure]:
    """Take turns, and compare what is measured in the same round."""
    corpus = Corpus(options.corpus, options.seed)
    size = min(options.sentences, _ARCHIVE)
    archive = options.folder / "unique.jsonl.gz"
    corpus.write_unique(archive, size)
    sample = corpus.sample(_SAMPLE, size)
    pipeline = Pipeline(corpus.sample(_PEER, size))
    archives, models, peers = [], [], []
    with LabellingProcess(sample) as model:
        model.measure()  # warms up
        for number in range(options.rounds):
            models.append(model.measure())
            archives.append(run(archive, options.folder / f"unique-{number}").rate)
            peers.append(pipeline.measure())
    copies = options.folder / "copies.jsonl.gz"
    corpus.write_copies(copies, _COPIES)
    repeated = run(copies, options.folder / "copies")
    counts = repeated.counts
    ours = statistics.median(archives)
    return [
        Figure(
            part=PART,
            name=f"unique sentences/s, {size:,} of them, against the model alone",
            value=ours,
            other=ours / _median_ratio(archives, models),
            floor=Floor("≥", 0.9),
        ),
        Figure(
            part=PART,
            name=f"the same against transformers.pipeline, batch {_BATCH}, over datasets",
            value=ours,
            other=ours / _median_ratio(archives, peers),
            floor=Floor("≥", 5),
        ),
        Figure(
            part=PART,
            name=f"sentences/s of {_COPIES} equal copies, against unique ones",
            value=counts["sentences"] / repeated.seconds,
            other=ours,
        ),
        Figure(part=PART, name="share of their sentences that is saved", value=counts["saved"] / counts["sentences"]),
    ]


class Pipeline:
    """The usual way: sentences that are split already, in a dataset, through one classification head."""

    def __init__(self, documents: Sequence[TextDocument]) -> None:
        import torch
        from datasets import Dataset
        from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

        from training.encoders import find_encoder

        torch.set_num_threads(cores())
        encoder = find_encoder("minilm")
        self._pipeline: Any = pipeline(
            "text-classification",
            model=AutoModelForSequenceClassification.from_pretrained(encoder.source, num_labels=3),
            tokenizer=AutoTokenizer.from_pretrained(encoder.source, model_max_length=256),
            truncation=True,
            device="cpu",
        )
        texts = [document.text[place.start : place.end] for document in documents for place in split(document.text)]
        self._dataset = Dataset.from_dict({"text": texts})

    def measure(self) -> float:
        """Sentences a second."""
        from transformers.pipelines.pt_utils import KeyDataset

        start = time.perf_counter()
        for _ in self._pipeline(KeyDataset(self._dataset, "text"), batch_size=_BATCH):
            pass
        return len(self._dataset) / (time.perf_counter() - start)


def _median_ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, others, strict=True))
