import json
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.checkpoint import MODEL, Checkpoint, seal
from model.codebook import Codebook
from model.errors import CheckpointError
from model.labeller import Labeller
from model.prediction import Sentence, TextDocument
from model.unlabelled import Unlabelled
from service.worker import WorkerError
from service.worker_labeller import WorkerLabeller, open_labeller

DOCUMENTS = [
    TextDocument(text="Arland said the army would pay . Mara Voss fled , and people condemned the Northern League ."),
    TextDocument(text="  𝒜 Arland fled — it said . ", actors=("Arland", "𝒜")),
    TextDocument(text="People fled . Voss met Voss .", actors=("Voss",)),
    TextDocument(text=""),
]


@pytest.fixture(scope="module")
def workers(checkpoint: Path) -> Iterator[WorkerLabeller]:
    opened = open_labeller(Checkpoint.open(checkpoint), None, 2, None)
    assert isinstance(opened, WorkerLabeller)
    yield opened
    opened.close()


def label(labeller: Labeller | WorkerLabeller, document: TextDocument) -> list[Sentence]:
    return labeller.label_counted(labeller.sentences(document)).sentences


def processes() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.name == "frameline-worker" and child.pid]


def ends(pids: list[int]) -> bool:
    deadline = time.monotonic() + 20
    while set(pids) & set(processes()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not set(pids) & set(processes())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_process_labels_as_the_service_itself_would(
    workers: WorkerLabeller, labeller: Labeller, document: TextDocument
) -> None:
    asked = list(workers.sentences(document))
    assert asked == list(labeller.sentences(document))
    ours, theirs = workers.label_counted(asked), labeller.label_counted(asked)
    assert [one.model_dump_json() for one in ours.sentences] == [one.model_dump_json() for one in theirs.sentences]
    assert ours.tokens == theirs.tokens
    for sentence in ours.sentences:
        assert document.text[sentence.start : sentence.end] == sentence.text
        assert Sentence.model_validate(json.loads(sentence.model_dump_json())) == sentence


def test_a_process_that_was_killed_is_replaced_and_asked_again(workers: WorkerLabeller) -> None:
    before = label(workers, DOCUMENTS[0])
    killed = processes()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert ends(killed)
    for _ in range(4):
        assert label(workers, DOCUMENTS[0]) == before
    assert len(processes()) == len(killed)


def test_signals_to_the_whole_group_do_not_end_a_process(workers: WorkerLabeller) -> None:
    alive = processes()
    for pid in alive:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    assert label(workers, DOCUMENTS[0])
    assert processes() == alive


def test_a_failure_says_where_and_repeats_no_text(workers: WorkerLabeller) -> None:
    text = "secret \ud800"
    broken = next(workers.sentences(TextDocument(text="secret")))._replace(text=text)
    with pytest.raises(WorkerError, match=r"Error in \w+\.py, line \d+") as raised:
        workers.label_counted([broken, Unlabelled(text, broken.place._replace(end=len(text)), None)])
    assert "secret" not in str(raised.value)
    assert label(workers, DOCUMENTS[0])


def test_one_that_cannot_be_replaced_fails(checkpoint: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoint, tmp_path / "checkpoint")
    others = set(processes())
    labeller = WorkerLabeller(Checkpoint.open(folder), threads=1)
    (pid,) = set(processes()) - others
    (folder / MODEL).unlink()
    os.kill(pid, signal.SIGKILL)
    assert ends([pid])
    with pytest.raises(WorkerError, match="lost twice"):
        label(labeller, DOCUMENTS[0])
    labeller.close()


def test_what_no_process_can_load_is_an_error(checkpoint: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoint, tmp_path / "checkpoint")
    (folder / MODEL).write_bytes(b"no model")
    seal(folder)
    with pytest.raises(CheckpointError, match="cannot be loaded as an ONNX model"):
        WorkerLabeller(Checkpoint.open(folder), threads=1)


def test_processes_end_when_the_labeller_is_closed_or_forgotten(checkpoint: Path) -> None:
    others = set(processes())
    closed = WorkerLabeller(Checkpoint.open(checkpoint), threads=1)
    forgotten = WorkerLabeller(Checkpoint.open(checkpoint), threads=1)
    started = [pid for pid in processes() if pid not in others]
    assert len(started) == 2
    closed.close()
    del forgotten
    assert ends(started)


def test_further_actors_are_known_to_the_processes(checkpoint: Path, codebook: Codebook) -> None:
    first, *others = codebook.actors
    renamed = codebook.model_copy(update={"actors": (first.model_copy(update={"id": "renamed"}), *others)})
    with_actors = open_labeller(Checkpoint.open(checkpoint), renamed, 1, None)
    document = TextDocument(text=f"{first.name} fled .", actors=(first.name,))
    assert [one.actor for one in label(with_actors, document)[0].actors] == ["renamed"]
    with_actors.close()


def test_one_process_is_enough_where_that_is_wanted(checkpoint: Path) -> None:
    labeller = open_labeller(Checkpoint.open(checkpoint), None, 1, False)
    assert isinstance(labeller, Labeller)
    labeller.close()
