"""A small archive of our own sentences, and engines that score it in this process."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.labeller import Labeller
from service.archive.engine import Job, Report
from service.archive.folder import open_folder
from service.archive.options import ScoreOptions
from service.archive.scorer import score_shard
from service.archive.shard import Shard
from service.archive.store import STORE, LabelStore

_SUBJECTS = ("Arland", "Mara Voss", "The army", "The Northern League", "A town", "The ally")
_DEEDS = ("would guard the border", "fled with no bread", "paid late", "said that it would guard people")


class SerialEngine:
    """Scores in this process, one shard after the other.

    Args:
        labeller: the model.
        limit: shards after which it gives up, as if it had been interrupted.
    """

    name = "serial"

    def __init__(self, labeller: Labeller, limit: int | None = None) -> None:
        self.labeller = labeller
        self.limit = limit
        self.shards: list[int] = []

    def run(self, job: Job, shards: Iterable[Shard], report: Report) -> None:
        store = LabelStore(job.scratch / STORE)
        folder = open_folder(job.url)
        for shard in shards:
            if len(self.shards) == self.limit:
                store.close()
                raise KeyboardInterrupt
            self.shards.append(shard.number)
            counts = score_shard(shard, job.plan, self.labeller, store, folder)
            report(shard.number, counts, done=True)
        store.close()


def article(number: int) -> dict[str, object]:
    """An article of four sentences, one of which stands in every article."""
    sentences = [
        f"{_SUBJECTS[(number + line) % len(_SUBJECTS)]} {_DEEDS[(number * line) % len(_DEEDS)]} number {number}."
        for line in range(3)
    ]
    return {
        "id": f"a{number}",
        "text": " ".join([*sentences, "The League said that it would guard the border."]),
        "outlet": ("Herald", "Courier")[number % 2],
        "words": number,
    }


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Forty articles, and a line that is none."""
    file = tmp_path / "news.jsonl"
    lines = [json.dumps(article(number)) for number in range(40)]
    file.write_text("\n".join([*lines[:7], "no json", *lines[7:]]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans that are made in this process have shards of about three articles."""
    monkeypatch.setattr("service.archive.planning._LEAST", 600)


@pytest.fixture
def options(checkpoint: Path) -> ScoreOptions:
    return ScoreOptions(model=str(checkpoint), any_language=True)


@pytest.fixture
def serial(labeller: Labeller) -> Callable[..., SerialEngine]:
    def make(limit: int | None = None) -> SerialEngine:
        return SerialEngine(labeller, limit)

    return make


def read_tables(folder: Path) -> tuple[pa.Table, pa.Table, list[dict[str, object]]]:
    """Both tables, and what was set aside."""
    tables = [
        pa.concat_tables([pq.read_table(file) for file in sorted((folder / name).iterdir())])
        for name in ("sentences", "stances")
    ]
    rejected = [json.loads(line) for line in (folder / "rejected.jsonl").read_text(encoding="utf-8").splitlines()]
    return tables[0], tables[1], rejected
