import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from model.codebook import FrameChoice
from model.errors import CodebookError, InputError
from model.labeller import Labeller
from service.archive import score
from service.archive.article import Columns
from service.archive.engine import Job, Report
from service.archive.errors import ArchiveError
from service.archive.folder import LocalFolder
from service.archive.options import ScoreOptions
from service.archive.plan import INPUTS
from service.archive.progress import Progress
from service.archive.shard import Shard
from service.archive.store import STORE
from tests.checkpoints import make_exclusive, vary
from tests.service.archive.conftest import SerialEngine, article, read_tables

Serial = Callable[..., SerialEngine]


def test_the_tables_say_what_the_labeller_says(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, labeller: Labeller
) -> None:
    outcome = score([str(archive)], tmp_path / "out", options, engine=serial())
    sentences, stances, rejected = read_tables(tmp_path / "out")
    assert outcome.counts.documents == 40
    assert outcome.counts.sentences == len(sentences) == 160
    assert outcome.counts.stances == len(stances) > 40
    assert outcome.counts.scored + outcome.counts.saved == 160
    assert outcome.counts.saved >= 39
    assert [(one["record"], one["line"], one["kind"]) for one in rejected] == [(7, 8, "fault")]

    rows = {row["sentence_id"]: row for row in sentences.to_pylist()}
    assert len(rows) == 160
    for number in (0, 7, 39):
        text = str(article(number)["text"])
        document = labeller.classify(text)
        mine = [row for row in rows.values() if row["document"] == f"a{number}"]
        assert [row["position"] for row in mine] == [0, 1, 2, 3]
        for row, sentence in zip(mine, document.sentences, strict=True):
            assert (row["start"], row["end"], row["text"]) == (sentence.start, sentence.end, sentence.text)
            assert (row["outlet"], row["words"]) == (article(number)["outlet"], number)
            for frame in sentence.frames:
                assert row[frame.frame] is frame.present
                assert row[f"{frame.frame}_probability"] == frame.probability
            judged = [one for one in stances.to_pylist() if one["sentence_id"] == row["sentence_id"]]
            assert [one["mention"] for one in judged] == [actor.mention for actor in sentence.actors]
            for one, actor in zip(judged, sentence.actors, strict=True):
                assert (one["start"], one["end"]) == (actor.start, actor.end)
                assert text[one["start"] : one["end"]] == actor.mention
                assert (one["actor"], one["stance"]) == (actor.actor, actor.stance)
                assert one[f"{actor.stance}_probability"] == actor.probabilities[actor.stance]


@pytest.mark.parametrize("choice", ["at_most_one", "exactly_one"])
def test_frames_that_exclude_each_other_are_those_of_the_labeller(
    checkpoint: Path, archive: Path, tmp_path: Path, choice: FrameChoice
) -> None:
    model = make_exclusive(checkpoint, tmp_path / "model", choice)
    labeller = Labeller.from_checkpoint(model, threads=1)
    options = ScoreOptions(model=str(model), any_language=True)
    score([str(archive)], tmp_path / "out", options, engine=SerialEngine(labeller))
    sentences, _, _ = read_tables(tmp_path / "out")
    frames = labeller.codebook.frame_ids
    counts = set()
    for row in sentences.to_pylist()[:20]:
        (sentence,) = labeller.classify(row["text"], split=False).sentences
        assert [row[frame] for frame in frames] == [score.present for score in sentence.frames]
        counts.add(sum(row[frame] for frame in frames))
    labeller.close()
    assert counts <= ({1} if choice == "exactly_one" else {0, 1})
    manifest = json.loads((tmp_path / "out/manifest.json").read_bytes())
    assert manifest["model"]["frames_per_sentence"] == choice
    assert not any("threshold" in frame for frame in manifest["frames"])


def test_frames_that_are_called_as_columns_are_refused_before_anything_is_scored(
    checkpoint: Path, archive: Path, tmp_path: Path, serial: Serial
) -> None:
    options = ScoreOptions(model=str(vary(checkpoint, tmp_path / "model", 0.5, guarding="position")))
    with pytest.raises(CodebookError, match="frames: position: columns of the tables are called so"):
        score([str(archive)], tmp_path / "out", options, engine=serial())


def test_only_tables_manifest_and_rejections_remain(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    score([str(archive)], tmp_path / "out", options, engine=serial())
    left = {file.name for file in (tmp_path / "out").iterdir()}
    assert left == {"sentences", "stances", "manifest.json", "rejected.jsonl"}
    manifest = json.loads((tmp_path / "out/manifest.json").read_bytes())
    assert manifest["counts"]["rejected"] == {"fault": 1, "language": 0}
    assert manifest["inputs"][0]["url"] == str(archive)
    assert manifest["inputs"][0]["records"] == 41
    assert manifest["model"]["name"] == "tiny"
    assert [frame["threshold"] for frame in manifest["frames"]] == [0.5, 0.5]
    table = pq.read_schema(tmp_path / "out/sentences/part-000000.parquet")
    assert manifest["tables"]["sentences"] == {field.name: str(field.type) for field in table}


def test_an_interrupted_run_goes_on_and_ends_with_the_same_tables(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None
) -> None:
    first, second, third = serial(limit=4), serial(limit=2), serial()
    for engine in (first, second):
        with pytest.raises(KeyboardInterrupt):
            score([str(archive)], tmp_path / "out", options, engine=engine)
    outcome = score([str(archive)], tmp_path / "out", options, engine=third)
    numbers = first.shards + second.shards + third.shards
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 8
    score([str(archive)], tmp_path / "whole", options, engine=serial())
    for one, other in zip(read_tables(tmp_path / "out"), read_tables(tmp_path / "whole"), strict=True):
        assert one == other
    assert outcome.counts.documents == 40
    assert outcome.counts.scored + outcome.counts.saved == outcome.counts.sentences == 160


def test_a_trial_stops_behind_its_documents_and_the_run_goes_on_from_there(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    more = tmp_path / "more.csv"
    more.write_text("text\n" + "Arland paid late.\n" * 30, encoding="utf-8")
    given = [str(archive), str(more)]
    first, second, third = serial(), serial(), serial()
    trial = score(given, tmp_path / "out", options, engine=first, limit=40)
    assert trial.paused is not None
    assert (trial.counts.documents, trial.counts.fault) == (39, 1)  # those of more.csv come first
    assert (trial.paused.event, trial.paused.documents_total) == ("paused", 71)
    sentences, _, rejected = read_tables(tmp_path / "out")
    assert (len(set(sentences["document"].to_pylist())), len(rejected)) == (39, 1)
    assert not (tmp_path / "out/manifest.json").exists()
    assert score(given, tmp_path / "out", options, engine=second, limit=20).counts == trial.counts
    whole = score(given, tmp_path / "out", options, engine=third)
    assert (whole.paused, whole.counts.documents, second.shards) == (None, 70, [])
    assert len(first.shards) > 1  # so that all cores are tried
    assert not {*first.shards} & {*third.shards}
    score(given, tmp_path / "undisturbed", options, engine=serial())
    for one, other in zip(read_tables(tmp_path / "out"), read_tables(tmp_path / "undisturbed"), strict=True):
        assert one == other


def test_a_trial_of_a_run_that_was_begun_as_a_whole_stops_behind_a_shard(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None
) -> None:
    with pytest.raises(KeyboardInterrupt):
        score([str(archive)], tmp_path / "out", options, engine=serial(limit=1))
    trial = score([str(archive)], tmp_path / "out", options, engine=serial(), limit=20)
    assert 20 <= trial.counts.records < 30
    done = len(list((tmp_path / "out/done").iterdir()))
    (tmp_path / "out/done/000000.json").unlink()
    first = score([str(archive)], tmp_path / "out", options, engine=serial(), limit=1)
    assert first.paused is not None
    assert (first.counts, first.paused.shards) == (trial.counts, done)  # what is done behind it counts, too
    assert score([str(archive)], tmp_path / "out", options, engine=serial(), limit=41).paused is None


def test_inputs_are_listed_once_and_said_to_be_read_while_a_run_is_planned(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    lines = LocalFolder.lines

    def note(folder: LocalFolder, name: str) -> Iterator[bytes]:
        read.append(name)
        return lines(folder, name)

    monkeypatch.setattr(LocalFolder, "lines", note)
    monkeypatch.setattr("service.archive.stream.BLOCK", 1 << 10)
    size = archive.stat().st_size
    seen: list[Progress] = []

    def told(progress: Progress) -> None:
        seen.append(progress)
        if progress.event == "planned":
            assert INPUTS not in read

    score([str(archive)], tmp_path / "out", options, engine=serial(), on_progress=told)
    messages = [str(one.message) for one in seen if one.event == "planning"]
    assert messages[0] == "looking for inputs"
    assert f"looking through the inputs: 0 of 1, 0.0 of {size / 1e6:.1f} MB" in messages
    assert messages[-1] == f"looking through the inputs: 1 of 1, {size / 1e6:.1f} MB"


def test_a_shard_without_its_marker_is_done_again_and_not_counted_as_repetition(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None
) -> None:
    with pytest.raises(KeyboardInterrupt):
        score([str(archive)], tmp_path / "out", options, engine=serial(limit=5))
    marker = tmp_path / "out/done/000002.json"
    before = json.loads(marker.read_bytes())
    marker.unlink()
    (tmp_path / "out/sentences/part-000002.parquet").unlink()
    (tmp_path / "out/sentences/.part-000002.parquet.123.tmp").write_bytes(b"half")
    engine = serial(limit=1)
    with pytest.raises(KeyboardInterrupt):
        score([str(archive)], tmp_path / "out", options, engine=engine)
    assert engine.shards == [2]
    assert json.loads(marker.read_bytes()) == before
    assert not list((tmp_path / "out/sentences").glob(".*"))


def test_a_finished_folder_is_left_alone(archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial) -> None:
    first = score([str(archive)], tmp_path / "out", options, engine=serial())
    stamps = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").rglob("*")}
    engine = serial()
    again = score([str(archive)], tmp_path / "out", options, engine=engine)
    assert (again.fresh, again.counts, engine.shards) == (False, first.counts, [])
    files = [file for file in stamps if file.is_file()]
    assert {file: file.stat().st_mtime_ns for file in files} == {file: stamps[file] for file in files}


@pytest.mark.parametrize("finished", [True, False])
def test_a_folder_of_another_run_is_refused_and_every_difference_named(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None, finished: bool
) -> None:
    if finished:
        score([str(archive)], tmp_path / "out", options, engine=serial())
    else:
        with pytest.raises(KeyboardInterrupt):
            score([str(archive)], tmp_path / "out", options, engine=serial(limit=1))
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(article(50)), encoding="utf-8")
    archive.write_text(archive.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = options.model_copy(update={"keep_text": False, "columns": Columns(id="key")})
    with pytest.raises(ArchiveError) as caught:
        score([str(archive), str(other)], tmp_path / "out", changed, engine=serial())
    message = str(caught.value)
    assert "--no-text was not given, now given" in message
    assert "--id-column was 'id', now 'key'" in message
    assert f"{archive} changed since" in message
    assert f"{other} were not among its inputs" in message
    assert "--out" in message


def test_an_input_that_changes_while_it_is_scored_stops_the_run_before_its_shard_is_kept(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None
) -> None:
    before, state = archive.read_bytes(), archive.stat()

    def overwrite(progress: Progress) -> None:
        if progress.event == "planned":
            archive.write_bytes(b"".join(reversed(before.splitlines(keepends=True))))

    with pytest.raises(InputError, match=r"news.jsonl: has changed while it was scored; put back what was there"):
        score([str(archive)], tmp_path / "out", options, engine=serial(), on_progress=overwrite)
    assert not (tmp_path / "out/done").exists()
    archive.write_bytes(before)
    os.utime(archive, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert score([str(archive)], tmp_path / "out", options, engine=serial()).counts.documents == 40


@pytest.mark.parametrize("finished", [True, False])
def test_an_input_that_was_copied_anew_is_the_same(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None, finished: bool
) -> None:
    if finished:
        score([str(archive)], tmp_path / "out", options, engine=serial())
    else:
        with pytest.raises(KeyboardInterrupt):
            score([str(archive)], tmp_path / "out", options, engine=serial(limit=2))
    os.utime(archive, ns=(0, 0))
    seen: list[Progress] = []
    outcome = score([str(archive)], tmp_path / "out", options, engine=serial(), on_progress=seen.append)
    assert (outcome.fresh, outcome.counts.documents) == (not finished, 40)
    assert f"{archive} has another time than before; comparing its content" in [one.message for one in seen]


def test_a_run_goes_on_only_with_the_version_that_began_it(
    archive: Path,
    tmp_path: Path,
    options: ScoreOptions,
    serial: Serial,
    small_shards: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(KeyboardInterrupt):
        score([str(archive)], tmp_path / "out", options, engine=serial(limit=2))
    with monkeypatch.context() as patched:
        patched.setattr("service.archive.checking.version", lambda name: "99.1")
        with pytest.raises(ArchiveError, match=r"was begun with Frameline .*, now it is 99.1.* --out another folder"):
            score([str(archive)], tmp_path / "out", options, engine=serial())
    score([str(archive)], tmp_path / "out", options, engine=serial())
    monkeypatch.setattr("service.archive.checking.version", lambda name: "99.1")
    assert not score([str(archive)], tmp_path / "out", options, engine=serial()).fresh


def test_a_folder_with_other_files_is_refused(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.doc").write_bytes(b"")
    with pytest.raises(ArchiveError, match=r"not empty \(thesis.doc\)"):
        score([str(archive)], tmp_path / "out", options, engine=serial())


def test_a_second_run_on_the_same_folder_is_refused(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out/.lock"), pytest.raises(ArchiveError, match="another run is writing there"):
        score([str(archive)], tmp_path / "out", options, engine=serial())
    assert score([str(archive)], tmp_path / "out", options, engine=serial()).fresh


def test_inputs_of_which_nothing_can_be_read_are_an_error_that_names_all(
    tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text('{"body": "The army paid."}\n', encoding="utf-8")
    with pytest.raises(ArchiveError) as caught:
        score([str(tmp_path / "*.jsonl")], tmp_path / "out", options, engine=serial())
    assert "one.jsonl" in str(caught.value)
    assert "two.jsonl" in str(caught.value)
    assert "--text-column (in a job: text_column)" in str(caught.value)
    body = options.model_copy(update={"columns": Columns(text="body")})
    assert score([str(tmp_path / "*.jsonl")], tmp_path / "out", body, engine=serial()).counts.documents == 2


def test_an_input_that_cannot_be_read_to_its_end_is_set_aside_as_a_whole(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b no gzip")
    outcome = score([str(archive), str(broken)], tmp_path / "out", options, engine=serial())
    assert (outcome.counts.documents, outcome.counts.fault) == (40, 2)
    _, _, rejected = read_tables(tmp_path / "out")
    assert (rejected[0]["input"], rejected[0]["record"]) == (str(broken), None)


def test_columns_that_clash_with_ours_get_a_prefix(tmp_path: Path, options: ScoreOptions, serial: Serial) -> None:
    row = {"body": "The army paid.", "text": "x", "source_text": "y", "guarding": True, "position": 7}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    options = options.model_copy(update={"columns": Columns(text="body"), "keep_text": False})
    score([str(tmp_path / "a.jsonl")], tmp_path / "out", options, engine=serial())
    sentences, _, _ = read_tables(tmp_path / "out")
    (values,) = sentences.to_pylist()
    assert "text" not in values
    assert (values["source_text"], values["source_source_text"]) == ("y", "x")
    assert (values["source_guarding"], values["source_position"], values["position"]) == (True, 7, 0)
    assert sentences.schema.field("source_position").type == pa.int64()


def test_documents_of_one_id_are_kept_apart_and_found_whole_after_an_interruption(
    tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None
) -> None:
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        rows = [{**article(number), "id": "same"} for number in range(9)]
        (tmp_path / name / "a.jsonl").write_text("\n".join(map(json.dumps, [*rows, rows[0]])), encoding="utf-8")
    given = [str(tmp_path / name) for name in ("north", "south")]
    with pytest.raises(KeyboardInterrupt):
        score(given, tmp_path / "out", options, engine=serial(limit=3))
    outcome = score(given, tmp_path / "out", options, engine=serial())
    sentences, stances, rejected = read_tables(tmp_path / "out")
    assert (outcome.counts.documents, len(sentences), rejected) == (20, 80, [])
    assert set(sentences["document"].to_pylist()) == set(stances["document"].to_pylist()) == {"same"}
    rows = sentences.to_pylist()
    assert len({row["sentence_id"] for row in rows}) == 80
    assert len({row["sentence_id"].rpartition("-")[0] for row in rows}) == 20
    texts = {row["sentence_id"]: row["text"] for row in rows}
    assert all(row["mention"] in texts[row["sentence_id"]] for row in stances.to_pylist())
    score(given, tmp_path / "whole", options, engine=serial())
    for one, other in zip(read_tables(tmp_path / "out"), read_tables(tmp_path / "whole"), strict=True):
        assert one == other


def test_given_mentions_are_judged_and_are_no_repetition_of_found_ones(
    tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    text = "Arland said that Voss paid."
    rows = [{"text": text}, {"text": text, "actors": ["Voss"]}, {"text": text, "actors": []}, {"text": text}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    outcome = score([str(tmp_path / "a.jsonl")], tmp_path / "out", options, engine=serial())
    _, stances, _ = read_tables(tmp_path / "out")
    mentions: dict[str, list[str]] = {}
    for row in stances.to_pylist():
        mentions.setdefault(row["document"].rpartition("/")[2], []).append(row["mention"])
    assert mentions["a.jsonl:1"] == ["Voss"]
    assert "a.jsonl:2" not in mentions
    assert mentions["a.jsonl:0"] == mentions["a.jsonl:3"]
    assert outcome.counts.saved == 1


def test_documents_in_another_language_are_set_aside(tmp_path: Path, options: ScoreOptions, serial: Serial) -> None:
    german = "Die Regierung hat am Dienstag erklärt, dass sie die Grenze nach dem Überfall strenger bewachen wolle."
    english = "The government said on Tuesday that it would guard the border more strictly after the raid."
    rows = [{"id": "en", "text": english}, {"id": "de", "text": german}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    options = options.model_copy(update={"any_language": False})
    outcome = score([str(tmp_path / "a.jsonl")], tmp_path / "out", options, engine=serial())
    sentences, _, rejected = read_tables(tmp_path / "out")
    assert set(sentences["document"].to_pylist()) == {"en"}
    assert [(one["id"], one["kind"]) for one in rejected] == [("de", "language")]
    assert "'de'" in str(rejected[0]["reason"])
    assert outcome.counts.language == 1


def test_an_archive_without_records_has_empty_tables(tmp_path: Path, options: ScoreOptions, serial: Serial) -> None:
    (tmp_path / "a.jsonl").write_text("\n", encoding="utf-8")
    score([str(tmp_path / "a.jsonl")], tmp_path / "out", options, engine=serial())
    sentences, stances, rejected = read_tables(tmp_path / "out")
    assert (len(sentences), len(stances), rejected) == (0, 0, [])
    assert "guarding_probability" in sentences.column_names


def test_small_files_share_a_shard(tmp_path: Path, options: ScoreOptions, serial: Serial) -> None:
    for number in range(30):
        (tmp_path / f"{number:02d}.jsonl").write_text(json.dumps(article(number)), encoding="utf-8")
    engine = serial()
    outcome = score([str(tmp_path)], tmp_path.with_name("out-of-many"), options, engine=engine)
    assert (outcome.counts.documents, engine.shards) == (30, [0])
    sentences, _, _ = read_tables(tmp_path.with_name("out-of-many"))
    assert len(set(sentences["sentence_id"].to_pylist())) == 120


def test_tables_go_to_any_file_system(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None
) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/in/news.jsonl", archive.read_bytes())
    with pytest.raises(KeyboardInterrupt):
        score(["memory://in"], "memory://tables", options, engine=serial(limit=3))
    score(["memory://in"], "memory://tables", options, engine=serial())
    memory.get("/tables", str(tmp_path / "fetched"), recursive=True)
    score([str(archive)], tmp_path / "out", options, engine=serial())
    theirs, ours = read_tables(tmp_path / "fetched"), read_tables(tmp_path / "out")
    assert {path.name for path in (tmp_path / "fetched").iterdir()} == {
        "sentences",
        "stances",
        "manifest.json",
        "rejected.jsonl",
    }
    for one, other in zip(theirs[:2], ours[:2], strict=True):
        assert one.drop(["sentence_id"]) == other.drop(["sentence_id"])


def test_progress_ends_with_everything(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.archive.planning._LEAST", 600)
    monkeypatch.setattr("service.archive.progress._EVERY", 0.0)
    seen: list[Progress] = []
    score([str(archive)], tmp_path / "out", options, engine=serial(), on_progress=seen.append)
    events = [one.event for one in seen if one.event != "planning"]
    assert events == ["planned", *["progress"] * (len(events) - 2), "finished"]
    shares = [one.share for one in seen if one.event != "planning"]
    assert shares == sorted(shares)
    last = seen[-1]
    assert (last.share, last.documents, last.rejected, last.sentences) == (1.0, 40, 1, 160)
    assert last.shards == last.shards_total == len(events) - 2
    assert last.documents_total == 41


def test_progress_says_why_a_run_failed(tmp_path: Path, options: ScoreOptions, serial: Serial) -> None:
    seen: list[Progress] = []
    with pytest.raises(Exception, match="nothing.jsonl"):
        score([str(tmp_path / "nothing.jsonl")], tmp_path / "out", options, engine=serial(), on_progress=seen.append)
    assert (seen[-1].event, "nothing.jsonl" in str(seen[-1].message)) == ("failed", True)
    assert not (tmp_path / "out").exists()


class _Watching(SerialEngine):
    """Notes whether there are labels from before when it begins."""

    def run(self, job: Job, shards: Iterable[Shard], report: Report) -> None:
        self.knew = (job.scratch / STORE).exists()
        super().run(job, shards, report)


def test_a_new_run_to_a_url_knows_nothing_of_the_one_before(
    archive: Path, options: ScoreOptions, labeller: Labeller, small_shards: None
) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/once/news.jsonl", archive.read_bytes())
    first, second, third = _Watching(labeller, limit=1), _Watching(labeller, limit=1), _Watching(labeller)
    for engine in (first, second):
        with pytest.raises(KeyboardInterrupt):
            score(["memory://once"], "memory://anew", options, engine=engine)
    memory.rm("/anew", recursive=True)  # whoever begins anew may do so with another model
    score(["memory://once"], "memory://anew", options, engine=third)
    assert [engine.knew for engine in (first, second, third)] == [False, True, False]


def test_a_column_that_is_empty_in_one_file_has_the_type_that_it_has_in_the_others(
    tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    for name, words in (("a", None), ("b", 7), ("c", None)):
        record = {"id": name, "text": str(article(1)["text"]), "words": words}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(record), encoding="utf-8")
    score([str(tmp_path)], tmp_path.with_name("out-of-three"), options, engine=serial())
    sentences, _, _ = read_tables(tmp_path.with_name("out-of-three"))
    assert sentences.schema.field("words").type == pa.int64()
    assert {row["words"] for row in sentences.to_pylist()} == {None, 7}


def test_a_run_whose_folder_lies_within_its_inputs_goes_on(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, small_shards: None
) -> None:
    out = archive.parent / "scored"
    with pytest.raises(KeyboardInterrupt):
        score([str(archive.parent)], out, options, engine=serial(limit=2))
    assert score([str(archive.parent)], out, options, engine=serial()).counts.documents == 40
    assert not score([str(archive.parent)], out, options, engine=serial()).fresh
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert [one["url"] for one in manifest["inputs"]] == [str(archive)]


class _Killed(SerialEngine):
    """Leaves what a worker leaves that is killed while it writes."""

    def run(self, job: Job, shards: Iterable[Shard], report: Report) -> None:
        super().run(job, shards, report)
        for name in ("rejected/.part-000000.jsonl.0a.tmp", "sentences/.part-000000.parquet.0a.tmp"):
            (Path(job.url) / name).write_bytes(b'{"input": "half')


def test_what_a_killed_worker_left_does_not_stand_among_the_rejections(
    archive: Path, tmp_path: Path, options: ScoreOptions, labeller: Labeller
) -> None:
    score([str(archive)], tmp_path / "out", options, engine=_Killed(labeller))
    _, _, rejected = read_tables(tmp_path / "out")
    assert [one["record"] for one in rejected] == [7]
    assert not list((tmp_path / "out/sentences").glob(".*"))


def test_a_key_with_half_a_surrogate_pair_costs_its_own_record(
    tmp_path: Path, options: ScoreOptions, serial: Serial
) -> None:
    lines = ['{"text": "The army paid.", "\\ud800": 1}', '{"text": "Arland paid.", "outlet": "Herald"}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    outcome = score([str(tmp_path / "a.jsonl")], tmp_path / "out", options, engine=serial())
    sentences, _, rejected = read_tables(tmp_path / "out")
    assert (outcome.counts.documents, sentences["outlet"].to_pylist()) == (1, ["Herald"])
    assert [(one["record"], one["kind"]) for one in rejected] == [(0, "fault")]
    assert "'\\ud800': half of a surrogate pair" in str(rejected[0]["reason"])


def test_long_values_that_pass_through_are_written_in_several_row_groups(
    archive: Path, tmp_path: Path, options: ScoreOptions, serial: Serial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "several"):
        score([str(archive)], tmp_path / name, options, engine=serial())
        monkeypatch.setattr("service.archive.labelled._REPEATED", 100)
    one, several = (pq.ParquetFile(tmp_path / name / "sentences/part-000000.parquet") for name in ("one", "several"))
    assert one.num_row_groups == 1
    assert several.num_row_groups > 10
    assert one.read() == several.read()
    written = pa.BufferOutputStream()
    pq.write_table(one.read(), written, compression="zstd")
    assert written.getvalue().to_pybytes() == (tmp_path / "one/sentences/part-000000.parquet").read_bytes()
