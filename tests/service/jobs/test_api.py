import asyncio
import errno
import json
import os
import sqlite3
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from service.jobs.bounds import Room
from service.jobs.entry import Entry
from service.jobs.ledger import Ledger
from service.jobs.process import ScoreProcess
from service.key_file import KeyFile
from service.problems import ProblemError
from service.settings import ServiceSettings
from tests.service.jobs.conftest import Client, Start, begun, send, wait

DAY = 86_400
LINES = {"Content-Type": "application/x-ndjson"}


def pids(folder: Path, job: Any) -> list[int]:
    return [int(line) for line in (folder / "jobs" / job["id"] / "pids").read_text(encoding="utf-8").splitlines()]


def fill(*_: object) -> None:
    """Find an SQLite database full."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE jobs (id)")


def test_a_file_becomes_a_job_that_ends_with_its_tables(client: Client, folder: Path) -> None:
    job = send(client, "finish", text_column="text", no_text=True, language="en")
    assert (job["status"], job["name"], job["message"]) == ("queued", "upload.jsonl", "")
    done = wait(client, job)
    assert done["status"] == "finished"
    assert done["progress"] == {
        "documents": 3,
        "documents_total": 4,
        "sentences": 8,
        "rejected": 1,
        "saved": 1,
        "share": 1.0,
        "sentences_per_second": 0.0,
        "seconds_left": 0.0,
    }
    assert done["created"] <= done["started"] <= done["ended"] < done["expires"]
    arguments = json.loads((folder / "jobs" / job["id"] / "arguments.json").read_text(encoding="utf-8"))
    assert arguments[0] == "score"
    assert arguments[-2:] == ["--", "upload.jsonl"]
    assert {"--out=../out", "--progress=json", "--text-column=text", "--language=en", "--no-text"} <= set(arguments)
    manifest = client.get(f"/v1/jobs/{job['id']}/results", params={"table": "manifest"})
    assert manifest.headers["content-type"] == "application/json"
    assert manifest.json()["options"] == {"language": "en"}  # where the model lies concerns nobody
    deadline = time.monotonic() + 30
    while (folder / "jobs" / job["id"] / "input").exists():
        assert time.monotonic() < deadline
    assert client.get("/v1/jobs").json()["jobs"] == [done]


def test_jobs_run_one_after_the_other_and_are_listed_newest_first(client: Client) -> None:
    first, second, third = (send(client, deed) for deed in ("wait", "finish", "finish"))
    wait(client, first, begun)
    assert [job["status"] for job in client.get("/v1/jobs").json()["jobs"]] == ["queued", "queued", "running"]
    assert [job["id"] for job in client.get("/v1/jobs?limit=1").json()["jobs"]] == [third["id"]]
    answer = client.get(f"/v1/jobs/{second['id']}/results")
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert client.delete(f"/v1/jobs/{first['id']}").status_code == 204
    assert [wait(client, job)["status"] for job in (second, third)] == ["finished", "finished"]


def test_what_fails_says_why(client: Client, folder: Path) -> None:
    failed = wait(client, send(client, "fail"))
    assert (failed["status"], failed["message"]) == ("failed", "news.jsonl: has no column 'body'")
    answer = client.get(f"/v1/jobs/{failed['id']}/results")
    assert answer.status_code == 409
    assert "has no column 'body'" in answer.json()["detail"]


def test_what_had_to_stop_says_what_its_caller_can_do(client: Client) -> None:
    failed = wait(client, send(client, "stop"))
    said = "../out: cannot be written (No space left on device); send the job again when that is mended"
    assert (failed["status"], failed["message"]) == ("failed", said)


def test_with_strict_what_was_set_aside_fails_a_job_that_keeps_its_tables(client: Client) -> None:
    failed = wait(client, send(client, "strict", strict=True))
    assert (failed["status"], failed["progress"]["rejected"]) == ("failed", 1)
    assert failed["message"].startswith("1 set aside")
    assert client.get(f"/v1/jobs/{failed['id']}/results?table=manifest").status_code == 200


def test_a_job_of_which_everything_was_set_aside_has_failed(client: Client) -> None:
    failed = wait(client, send(client, "aside"))
    assert failed["status"] == "failed"
    assert failed["message"] == "nothing was labelled: 4 set aside; the tables are there, `rejected` says why"


def test_a_process_that_is_killed_starts_again_but_not_for_ever(client: Client, folder: Path) -> None:
    job = send(client, "die")
    failed = wait(client, job)
    assert failed["status"] == "failed"
    assert failed["message"] == "the process of the job was killed by signal 9"


def test_a_job_whose_model_changed_on_the_way_begins_anew(client: Client, folder: Path) -> None:
    job = wait(client, send(client, "change"))
    assert (job["status"], job["message"]) == ("finished", "")
    assert len(pids(folder, job)) == 3


def test_cancelling_ends_the_process_and_frees_the_disk(client: Client, folder: Path) -> None:
    job, waiting = send(client, "wait"), send(client, "finish")
    wait(client, job, begun)
    (pid,) = pids(folder, job)
    for each in (waiting, job):
        assert client.delete(f"/v1/jobs/{each['id']}").status_code == 204
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list((folder / "jobs").iterdir()) == []
    for each in (waiting, job):
        assert client.get(f"/v1/jobs/{each['id']}").json()["status"] == "cancelled"
        assert client.get(f"/v1/jobs/{each['id']}/results").status_code == 410
        assert client.delete(f"/v1/jobs/{each['id']}").status_code == 204
        assert client.get(f"/v1/jobs/{each['id']}").status_code == 404


def test_a_job_that_is_cancelled_twice_has_ended_for_both(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = ScoreProcess.stop

    async def stop_slowly(process: ScoreProcess) -> None:
        await asyncio.sleep(0.3)
        await stop(process)

    monkeypatch.setattr(ScoreProcess, "stop", stop_slowly)
    job = send(client, "wait")
    wait(client, job, begun)
    (pid,) = pids(folder, job)
    first = Thread(target=client.delete, args=[f"/v1/jobs/{job['id']}"])
    first.start()
    wait(client, job, lambda job: job["status"] == "cancelled")
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    first.join()


def test_tables_that_are_not_complete_are_no_results(client: Client, folder: Path) -> None:
    job = wait(client, send(client, "fail"))
    (folder / "jobs" / job["id"] / "out" / "sentences").mkdir(parents=True)
    for table in ("sentences", "stances", "rejected", "manifest"):
        answer = client.get(f"/v1/jobs/{job['id']}/results?table={table}")
        assert (answer.status_code, "has no column 'body'" in answer.json()["detail"]) == (409, True)


def test_deleting_a_finished_job_removes_its_results(client: Client, folder: Path) -> None:
    job = wait(client, send(client, "finish"))
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert client.get("/v1/jobs").json() == {"jobs": []}
    assert list((folder / "jobs").iterdir()) == []


def test_results_expire_and_jobs_are_forgotten(client: Client, folder: Path) -> None:
    job, running = wait(client, send(client, "finish")), send(client, "wait")
    desk = client.app.state.jobs.desk()  # type: ignore[attr-defined]
    desk.sweep(time.time() + 6 * DAY)
    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "finished"
    desk.sweep(time.time() + 8 * DAY)
    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "expired"
    assert client.get(f"/v1/jobs/{job['id']}/results").status_code == 410
    assert [each.name for each in (folder / "jobs").iterdir()] == [running["id"]]
    desk.sweep(time.time() + 15 * DAY)
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404
    assert wait(client, running, begun)["status"] == "running"


def test_a_key_sees_its_own_jobs_only(start: Start, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    (_, mine), (_, theirs) = file.create("mine"), file.create("theirs")
    with start(require_keys=True, keys_file=file.path) as client:
        assert client.post("/v1/jobs", content=b"x", headers=LINES).status_code == 401
        client.headers["X-API-Key"] = mine
        job = wait(client, send(client, "finish"))
        client.headers["X-API-Key"] = theirs
        assert client.get("/v1/jobs").json() == {"jobs": []}
        for method, path in (("GET", ""), ("GET", "/results"), ("DELETE", "")):
            assert client.request(method, f"/v1/jobs/{job['id']}{path}").status_code == 404
        client.headers["X-API-Key"] = mine
        assert client.get("/v1/jobs").json()["jobs"] == [job]


def test_a_page_of_another_origin_cannot_have_its_reader_send_files(start: Start) -> None:
    with start(cors_origins=("https://news.example",)) as client:
        for origin, site, status in (
            ("https://evil.example", "cross-site", 403),
            ("https://news.example", "cross-site", 202),
            ("http://127.0.0.1:8000", "same-origin", 202),
        ):
            headers = {**LINES, "Origin": origin, "Sec-Fetch-Site": site}
            assert client.post("/v1/jobs", content=b'{"text": "finish"}', headers=headers).status_code == status


def test_what_is_kept_is_for_its_owner_alone_wherever_the_folder_is(start: Start, folder: Path) -> None:
    folder.mkdir(mode=0o755)
    with start() as client:
        wait(client, send(client, "finish"))
    assert [(folder / name).stat().st_mode & 0o077 for name in ("jobs", "incoming", "jobs.sqlite")] == [0, 0, 0]


def test_too_many_wait(start: Start) -> None:
    with start(jobs_waiting=1) as client:
        wait(client, send(client, "wait"), begun)
        send(client, "finish")
        answer = client.post("/v1/jobs", content=b'{"text": "finish"}', headers=LINES)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_there_is_room_for_so_much(start: Start, folder: Path) -> None:
    with start(jobs_disk_bytes=1_000) as client:
        answer = client.post("/v1/jobs", content=b"x" * 2_000, headers=LINES)
        assert (answer.status_code, answer.json()["title"]) == (507, "Insufficient Storage")
    assert list((folder / "incoming").iterdir()) == list((folder / "jobs").iterdir()) == []


def test_uploads_share_the_room() -> None:
    room = Room(1_000)
    room.take(600)
    room.take(400)
    with pytest.raises(ProblemError):
        room.take(1)
    room.used = 500  # as measured, when something was removed
    assert room.left == 500


def test_a_job_that_grows_beyond_the_room_fails(start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.jobs.runner._LOOK", 0.05)
    with start(jobs_disk_bytes=200_000) as client:
        failed = wait(client, send(client, "grow"))
        assert failed["status"] == "failed"
        assert "no more room" in failed["message"]


def test_what_ran_goes_on_when_the_service_starts_again(start: Start, folder: Path) -> None:
    with start() as client:
        job, waiting = send(client, "wait"), send(client, "finish")
        wait(client, job, begun)
    (first,) = pids(folder, job)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    (folder / "incoming" / "half" / "input").mkdir(parents=True)
    (folder / "jobs" / "orphan").mkdir()
    with start() as client:
        wait(client, job, begun)
        assert len(pids(folder, job)) == 2
        assert not (folder / "incoming" / "half").exists()
        assert not (folder / "jobs" / "orphan").exists()
        assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
        assert wait(client, waiting)["status"] == "finished"


def test_a_second_service_leaves_the_folder_alone(start: Start) -> None:
    with start() as client, start() as other:
        job = send(client, "wait")
        answer = other.get("/v1/jobs")
        assert answer.status_code == 503
        assert "FRAMELINE_JOBS_FOLDER" in answer.json()["detail"]
        assert other.post("/v1/classify", json={"text": "Arland paid late."}).status_code == 200
        assert wait(client, job, begun)["status"] == "running"


def test_without_the_extra_or_where_they_are_off_there_are_no_jobs(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(jobs=False) as client:
        assert client.get("/v1/jobs").status_code == 501
    monkeypatch.setattr("service.jobs.jobs.find_spec", lambda name: None if name == "pyarrow" else find_spec(name))
    with start() as client:
        answer = client.post("/v1/jobs", content=b"x", headers=LINES)
    assert answer.status_code == 501
    assert "frameline[archive]" in answer.json()["detail"]
    assert not folder.exists()


def test_a_job_whose_process_cannot_be_started_fails_and_the_next_one_runs(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("service.jobs.process.sys.executable", "/no/such/program")
        failed = wait(client, send(client, "finish"))
    assert (failed["status"], failed["message"]) == ("failed", "the service could not run it; its log has the reason")
    assert wait(client, send(client, "finish"))["status"] == "finished"


def test_a_book_that_fails_for_a_moment_stops_no_later_job(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    take, failures = Ledger.take, iter([sqlite3.OperationalError("database or disk is full")])

    def fail_once(ledger: Ledger) -> Entry | None:
        error = next(failures, None)
        if error is not None:
            raise error
        return take(ledger)

    monkeypatch.setattr("service.jobs.runner._LOOK", 0.01)
    monkeypatch.setattr(Ledger, "take", fail_once)
    with start() as client:
        assert wait(client, send(client, "finish"))["status"] == "finished"
    assert next(failures, None) is None


def test_a_book_that_is_locked_is_told(client: Client, folder: Path) -> None:
    job = wait(client, send(client, "finish"))
    ledger = client.app.state.jobs.desk()._ledger  # type: ignore[attr-defined]
    with ledger._lock:
        ledger._connection.execute("PRAGMA busy_timeout = 0")
    with sqlite3.connect(folder / "jobs.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        answers = [client.delete(f"/v1/jobs/{job['id']}"), client.post("/v1/jobs", content=b"x", headers=LINES)]
        other.execute("ROLLBACK")
    assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(503, "60")] * 2
    assert list((folder / "incoming").iterdir()) == []
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204


def test_a_book_that_cannot_be_read_leaves_the_other_metrics(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    send(client, "finish")
    monkeypatch.setattr(Ledger, "counts", fill)
    assert 'frameline_jobs{status="queued"} NaN' in client.get("/metrics").text


@pytest.mark.parametrize("place", ["ledger.Ledger.add", "space.Space.receive", "upload.os.fsync"])
def test_a_full_disk_is_told_wherever_it_is_noticed(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    wait(client, send(client, "finish"))

    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"service.jobs.{place}", fill if place.startswith("ledger") else no_space)
    assert client.post("/v1/jobs", content=b"x", headers=LINES).status_code == 507
    assert list((folder / "incoming").iterdir()) == []
    assert len(client.get("/v1/jobs").json()["jobs"]) == 1


def test_a_damaged_book_is_no_reason_not_to_label(start: Start, folder: Path) -> None:
    folder.mkdir()
    (folder / "jobs.sqlite").write_bytes(b"no database" * 1_000)
    with start() as client:
        assert client.get("/v1/jobs").status_code == 503
        assert client.post("/v1/classify", json={"text": "Arland paid late."}).status_code == 200
    assert (folder / "jobs.sqlite").read_bytes().startswith(b"no database")


def test_a_folder_that_cannot_be_used_is_no_reason_not_to_label(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with start(jobs_folder=tmp_path / "file" / "jobs") as client:
        assert client.get("/v1/jobs").status_code == 503
        assert client.post("/v1/classify", json={"text": "Arland paid late."}).status_code == 200


def test_jobs_are_counted_by_status(client: Client) -> None:
    wait(client, send(client, "finish"))
    wait(client, send(client, "wait"), begun)
    text = client.get("/metrics").text
    assert 'frameline_jobs{status="finished"} 1.0' in text
    assert 'frameline_jobs{status="running"} 1.0' in text


def test_the_log_has_no_text_no_name_and_no_key(start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = KeyFile(tmp_path / "keys.json")
    _, key = file.create("mine")
    caplog.set_level("DEBUG")
    with start(require_keys=True, keys_file=file.path) as client:
        client.headers["X-API-Key"] = key
        for deed in ("finish", "fail", "strict"):
            wait(client, send(client, deed, name="Zanzibarcanary.jsonl", id_column="Zanzibarcanary"))
        client.get("/v1/jobs/Zanzibarcanary")
        client.post("/v1/jobs", content=b"Zanzibarcanary", headers={"Content-Type": "text/Zanzibarcanary"})
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("frameline"))
    assert "job ended" in said
    assert "Zanzibarcanary" not in said
    assert key not in said


def test_roots_are_absolute() -> None:
    assert ServiceSettings(jobs_roots=("/srv", "s3://news")).jobs_roots == ("/srv", "s3://news")
    with pytest.raises(ValueError, match="absolute path"):
        ServiceSettings(jobs_roots=("news",))
