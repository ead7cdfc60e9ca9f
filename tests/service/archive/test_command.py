import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import frameline
from service.archive.options import ScoreOptions
from tests.service.archive.conftest import SerialEngine


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, serial: Callable[..., SerialEngine], options: ScoreOptions, tmp_path: Path
) -> Callable[..., Result]:
    """Runs the command, in this process and with the tiny model."""

    def call(*arguments: str, limit: int | None = None) -> Result:
        monkeypatch.setattr("service.archive.command.LocalEngine", lambda workers: serial(limit))
        common = ["--out", str(tmp_path / "out"), "--checkpoint", options.model]
        return CliRunner().invoke(frameline.main, ["score", *arguments, *common])

    return call


def test_it_ends_with_a_summary_and_says_when_it_was_finished_before(
    run: Callable[..., Result], archive: Path, tmp_path: Path
) -> None:
    result = run(str(archive), "--any-language")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("40 documents, 160 sentences, ")
    assert "repeat others and were scored once" in lines[1]
    assert lines[2].startswith("Set aside: 1 faulty;")
    assert lines[3].split()[0] == "1"
    assert lines[-1] == f"Next: frameline report {tmp_path / 'out'}"
    again = run(str(archive), "--any-language")
    assert again.stdout.splitlines()[0] == f"{tmp_path / 'out'} was finished already; nothing is left to do."
    assert again.stdout.splitlines()[1:] == lines


def test_a_run_without_sentences_names_reasons_and_sends_nobody_to_a_report(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text": "caf\xe9"}\n{"text": "One.", "id": 1.5}\n{"text": "One.", "id": 2.5}\n')
    result = run(str(file), "--any-language")
    lines = result.stdout.splitlines()
    assert result.exit_code == 3
    assert result.stderr.endswith("frameline: nothing was labelled, since everything was set aside\n")
    assert [line.split(maxsplit=1) for line in lines[2:4]] == [
        ["2", "id: … is no string"],
        ["1", "not UTF-8 at byte … of the file"],
    ]
    assert lines[-1].startswith("Tables: ")


def test_strict_gives_code_3_where_something_was_set_aside(run: Callable[..., Result], archive: Path) -> None:
    assert run(str(archive), "--any-language", "--strict", "--progress", "quiet").exit_code == 3
    result = run(str(archive), "--any-language", "--progress", "quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_a_service_says_what_the_manifest_calls_the_version(
    run: Callable[..., Result], archive: Path, tmp_path: Path
) -> None:
    run(str(archive), "--any-language", "--model-version", "1.0+v3")
    assert json.loads((tmp_path / "out/manifest.json").read_bytes())["model"]["version"] == "1.0+v3"


def test_an_archive_without_documents_is_no_failure(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n", encoding="utf-8")
    result = run(str(tmp_path / "a.jsonl"), "--strict")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        0,
        "0 documents, 0 sentences, 0 stances toward actors.",
    )


def test_a_trial_says_that_it_is_one_and_the_command_without_limit_goes_on(
    run: Callable[..., Result], archive: Path, tmp_path: Path
) -> None:
    trial = run(str(archive), "--any-language", "--limit", "10")
    assert trial.exit_code == 0
    counts, _, aside, reason, tables, told, remedy = trial.stdout.splitlines()
    assert counts.startswith("9 documents, 36 sentences, ")  # and a line that is none
    assert aside.startswith("Set aside: 1 faulty;")
    assert reason.split()[0] == "1"
    assert tables.startswith("Tables so far: ")
    assert told.startswith("This was a trial: 10 of 41 documents are done. At its speed, ")
    assert "the rest takes about " in told
    assert remedy == "Next: the same command without --limit goes on from here."
    assert not (tmp_path / "out/manifest.json").exists()
    again = run(str(archive), "--any-language", "--limit", "10").stdout.splitlines()
    assert again[-2] == "This was a trial: 10 of 41 documents are done."
    report = CliRunner().invoke(frameline.main, ["report", str(tmp_path / "out")])
    assert report.exit_code == 2
    assert "this run is not finished" in report.stderr
    assert "(without --limit)" in report.stderr
    whole = run(str(archive), "--any-language").stdout.splitlines()
    assert whole[0].startswith("40 documents, 160 sentences, ")
    assert whole[-1] == f"Next: frameline report {tmp_path / 'out'}"
    assert run(str(archive), "--limit", "0").exit_code == 2


def test_a_trial_that_labels_nothing_says_so(run: Callable[..., Result], archive: Path) -> None:
    archive.write_text("no json\n" + archive.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(str(archive), "--any-language", "--limit", "1").exit_code == 3
    assert run(str(archive), "--any-language").exit_code == 0


def test_json_progress_is_one_object_a_line(
    run: Callable[..., Result], archive: Path, monkeypatch: pytest.MonkeyPatch, small_shards: None
) -> None:
    monkeypatch.setattr("service.archive.progress._EVERY", 0.0)
    stopped = run(str(archive), "--any-language", "--progress", "json", limit=3)
    assert stopped.exit_code == 130
    events = [json.loads(line) for line in stopped.stderr.splitlines()]
    assert [event["event"] for event in events] == ["planned", "progress", "progress", "progress", "failed"]
    assert set(events[0]) == {
        *("event", "documents", "documents_total", "sentences", "rejected", "saved", "shards", "shards_total"),
        *("share", "sentences_per_second", "seconds_left"),
    }
    assert "interrupted" in events[-1]["message"]
    trial = run(str(archive), "--any-language", "--progress", "json", "--limit", "20")
    last = json.loads(trial.stderr.splitlines()[-1])
    assert (last["event"], last["documents_total"]) == ("paused", 41)
    assert 20 / 41 <= last["share"] < 1
    finished = run(str(archive), "--any-language", "--progress", "json")
    assert (finished.exit_code, finished.stdout) == (0, "")
    last = json.loads(finished.stderr.splitlines()[-1])
    assert (last["event"], last["share"], last["documents"], last["rejected"]) == ("finished", 1.0, 40, 1)


def test_wrong_input_is_code_2_and_named(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.jsonl"))
    assert result.exit_code == 2
    assert "none.jsonl" in result.stderr
    result = run(str(tmp_path / "none.jsonl"), "--progress", "json")
    assert result.exit_code == 2
    assert "none.jsonl" in json.loads(result.stderr)["message"]
    assert run(str(tmp_path / "x"), "--language", "en", "--any-language").exit_code == 2
