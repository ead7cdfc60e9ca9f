import sqlite3
from pathlib import Path

import pytest

from service.jobs.entry import Task
from service.jobs.job import JobOptions, JobProgress, Status
from service.jobs.ledger import Ledger, LedgerVersionError

TASK = Task(name="news.jsonl", inputs=("news.jsonl",), options=JobOptions(no_text=True), checkpoint="/models/default")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "jobs.sqlite")


def test_jobs_are_taken_in_their_order_and_no_more_wait_than_may(ledger: Ledger) -> None:
    added = [ledger.add(name, "", TASK, waiting=2) for name in "abc"]
    assert [entry is not None for entry in added] == [True, True, False]
    first = ledger.take()
    assert first is not None
    assert (first.id, first.status, first.attempts, first.task) == ("a", Status.RUNNING, 1, TASK)
    assert ledger.add("c", "", TASK, waiting=2) is not None
    assert ledger.put_back("a")
    assert [entry.id for entry in (ledger.take(), ledger.take(), ledger.take()) if entry is not None] == ["a", "b", "c"]
    assert ledger.take() is None
    ledger.close()


def test_what_is_written_is_there_after_the_service(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    ledger.add("a", "me", TASK, waiting=9)
    ledger.take()
    again = Ledger(tmp_path / "jobs.sqlite")  # the first was never closed, as after kill -9
    found = again.find("a", "me")
    assert found is not None
    assert (found.status, found.attempts) == (Status.RUNNING, 1)
    assert again.find("a", "you") is None
    assert again.put_back(calm=True)
    assert [entry.attempts for entry in again.of("me", 9)] == [0]
    ledger.close()
    again.close()


def test_a_job_ends_once(ledger: Ledger) -> None:
    ledger.add("a", "", TASK, waiting=9)
    assert ledger.end("a", Status.CANCELLED)
    assert not ledger.end("a", Status.FINISHED, JobProgress(documents=3))
    assert not ledger.put_back("a")
    assert ledger.counts()[Status.CANCELLED] == 1
    assert ledger.take() is None
    ledger.close()


def test_a_later_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "jobs.sqlite") as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(LedgerVersionError, match="version 7"):
        Ledger(tmp_path / "jobs.sqlite")
