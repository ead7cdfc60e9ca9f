import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.labeller import Labeller
from model.prediction import ActorStance, Document, FrameScore, Sentence
from tests.conftest import ROOT

TEXT = "Arland said it would guard the border. The people fled.\n"


@pytest.fixture
def run(checkpoint: Path) -> "Runner":
    return Runner(checkpoint)


class Runner:
    def __init__(self, checkpoint: Path) -> None:
        self.checkpoint = checkpoint

    def __call__(self, *arguments: str | Path, given: str | bytes | None = None) -> Result:
        command = ["classify", "--checkpoint", str(self.checkpoint), *map(str, arguments)]
        return CliRunner().invoke(main, command, input=given)


def test_text_from_standard_input_as_a_table(run: Runner) -> None:
    result = run(given=TEXT)
    assert result.exit_code == 0, result.output
    assert "Arland said it would guard the border." in result.output.replace("\n", " ") or "guard" in result.output
    assert "Frames: Guarding" in result.output
    assert "of 2" in result.output


def test_jsonl_in_and_out_keeps_the_contract(run: Runner, labeller: Labeller) -> None:
    rows = [{"id": "a", "text": TEXT}, {"id": "b", "text": "Voss paid Arland.", "actors": ["Arland", "Voss"]}]
    given = "".join(json.dumps(row) + "\n" for row in rows)
    result = run("-", "--format", "jsonl", "--output", "jsonl", given=given)
    assert result.exit_code == 0, result.output
    first, second = (Document.model_validate_json(line) for line in result.output.splitlines())
    assert [first.id, second.id] == ["a", "b"]
    assert first.sentences == labeller.classify(TEXT).sentences
    assert [actor.mention for actor in second.sentences[0].actors] == ["Voss", "Arland"]


def test_the_ending_of_the_file_gives_the_format(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": TEXT}) + "\n", encoding="utf-8")
    (tmp_path / "in.txt").write_text(TEXT, encoding="utf-8")
    assert json.loads(run(tmp_path / "in.jsonl").output)["id"] == "a"
    assert json.loads(run(tmp_path / "in.txt", "--output", "jsonl").output)["id"] == "in.txt"
    assert "Frames:" in run(tmp_path / "in.jsonl", "--output", "table").output


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("in.csv", "score"),
        ("in.HTML", "score"),
        ("in.jsonl.gz", "score"),
        ("in.parquet", "score"),
        ("in.json", "--format jsonl"),
    ],
)
def test_files_that_are_no_prose_are_not_taken_for_it(run: Runner, tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / name).write_text(TEXT, encoding="utf-8")
    result = run(tmp_path / name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{name}: " in result.stderr
    assert expected in result.stderr
    assert run(tmp_path / name, "--format", "text").exit_code == 0


def test_endings_count_in_any_case(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "in.JSONL").write_text(json.dumps({"id": "a", "text": TEXT}) + "\n", encoding="utf-8")
    assert json.loads(run(tmp_path / "in.JSONL").output)["id"] == "a"


def test_a_key_that_stands_twice_is_refused(run: Runner) -> None:
    result = run("--format", "jsonl", given='{"id": "a", "text": "Voss fled.", "text": "Lost."}\n')
    assert (result.exit_code, result.stdout) == (2, "")
    assert "standard input:1: the key 'text' stands twice" in result.stderr


def test_texts_do_not_command_the_terminal(run: Runner) -> None:
    result = run(given="Voss\x1b[31m fled\x9b2J in\r\nArland \x07.")
    assert result.exit_code == 0
    assert not {*"\x1b\x9b\x07\r"} & {*result.stdout}
    assert "Voss\N{REPLACEMENT CHARACTER}[31m fled" in result.stdout


def test_what_goes_elsewhere_than_to_a_terminal_has_the_columns_of_the_environment(checkpoint: Path) -> None:
    command = [sys.executable, "-m", "frameline", "classify", "--checkpoint", str(checkpoint)]
    for columns, width in (("90", 90), ("120", 120), ("0", 120), ("wide", 120), ("²", 120), (None, 120)):
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        environment |= {} if columns is None else {"COLUMNS": columns}
        shown = subprocess.run(
            command, cwd=ROOT, env=environment, input=TEXT, capture_output=True, check=True, encoding="utf-8"
        ).stdout
        assert max(map(len, shown.splitlines())) == width, columns


def test_help_shows_examples_and_explains_the_output() -> None:
    shown = CliRunner().invoke(main, ["classify", "--help"], terminal_width=80).output
    assert shown.isascii()  # whatever the locale can show
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "Examples:\n    frameline classify article.txt\n    echo " in shown
    for word in ("supportive", "critical", "neutral", "dim", "Unlisted", "COLUMNS", "frameline score", "for file in"):
        assert word in shown, word
    for kind in (Document, Sentence, FrameScore, ActorStance):
        assert [f'"{field}"' for field in kind.model_fields if f'"{field}"' not in shown] == []


def test_a_text_instead_of_a_file_is_told_how_to_be_piped(run: Runner) -> None:
    text = "Russia attacked Voss' town."
    result = run(text)
    assert (result.exit_code, result.stdout) == (2, "")
    command = f"echo {shlex.quote(text)} | frameline classify"
    assert result.stderr == (
        f"frameline: {text}: cannot be read: No such file or directory; if it is a text, pipe it: {command}\n"
    )
    long = run("\n\n".join([text] * 200))
    assert (long.exit_code, len(long.stderr.splitlines())) == (2, 1)
    assert long.stderr.endswith("if it is a text, pipe it: echo TEXT | frameline classify\n")
    assert len(long.stderr) < 250
    assert "pipe" not in run("nothing.txt").stderr
    assert f"if it is a text:\n  {command}\n" in run(*text.split()).stderr


def test_several_files_are_told_how_they_are_labelled(run: Runner, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    result = run(tmp_path / "a.txt", tmp_path / "b.txt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert 'for file in *.txt; do frameline classify "$file"; done\n  frameline score *.txt' in result.stderr
    assert "echo" not in result.stderr
    assert "cannot be read: Is a directory" in run("").stderr


def test_no_split_takes_the_whole_text(run: Runner) -> None:
    result = run("--no-split", "--output", "jsonl", given=TEXT)
    (sentence,) = json.loads(result.output)["sentences"]
    assert sentence["text"] == TEXT


def test_offsets_count_code_points_also_with_windows_line_ends(run: Runner, tmp_path: Path) -> None:
    text = "😀 Élan!\r\n\r\nArland paid."
    (tmp_path / "in.txt").write_bytes(text.encode())
    sentences = json.loads(run(tmp_path / "in.txt", "--output", "jsonl").output)["sentences"]
    assert [text[one["start"] : one["end"]] for one in sentences] == ["😀 Élan!", "Arland paid."]


def test_a_faulty_line_ends_it_with_its_place_after_what_came_before(run: Runner) -> None:
    given = '{"id": "a", "text": "Voss fled."}\n{"id": "b"}\n'
    result = run("--format", "jsonl", given=given)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["id"] == "a"
    assert result.stderr == "frameline: standard input:2: text: Field required\n"


def test_errors_are_clear(run: Runner, checkpoint: Path, tmp_path: Path) -> None:
    missing = run(tmp_path / "nothing.txt")
    assert (missing.exit_code, "cannot be read" in missing.output) == (2, True)
    copy = Path(shutil.copytree(checkpoint, tmp_path / "copy"))
    (copy / "model.onnx").write_bytes(b"")
    damaged = Runner(copy)(given=TEXT)
    assert (damaged.exit_code, "model.onnx is damaged" in damaged.output) == (2, True)
    nowhere = Runner(tmp_path / "nowhere")(given=TEXT)
    assert (nowhere.exit_code, "no checkpoint there" in nowhere.output) == (2, True)
    other = tmp_path / "codebook.yaml"
    other.write_text("name: x\n", encoding="utf-8")
    codebook = run("--codebook", other, given=TEXT)
    assert (codebook.exit_code, "frames" in codebook.output) == (2, True)


def test_unsure_labels_are_left_open_and_the_contract_is_kept(run: Runner) -> None:
    options = ("--output", "jsonl")
    sure = Document.model_validate_json(run(*options, given=TEXT).output)
    open_ = Document.model_validate_json(run(*options, "--min-confidence", "1", given=TEXT).output)
    assert any(score.present for sentence in sure.sentences for score in sentence.frames)
    assert not any(score.present for sentence in open_.sentences for score in sentence.frames)
    for before, after in zip(sure.sentences, open_.sentences, strict=True):
        assert after.actors == before.actors
        assert [score.probability for score in after.frames] == [score.probability for score in before.frames]


def test_a_table_marks_what_is_left_open(run: Runner) -> None:
    assert "?" not in run(given=TEXT).output
    marked = run("--min-confidence", "1", given=TEXT).output
    assert "? Guarding" in marked
    assert "Guarding 0 of 2, 2 undecided" in marked
    given = json.dumps({"id": "a", "text": TEXT, "actors": ["Arland"]})
    marked = run("--min-confidence", "1", "--format", "jsonl", "--output", "table", given=given).output
    assert "? Arland (" in marked
    assert "Arland 1 undecided" in marked


@pytest.mark.parametrize("value", ["0.49", "1.01", "nan", "-1", "sure"])
def test_a_confidence_lies_between_one_half_and_one(run: Runner, value: str) -> None:
    result = run("--min-confidence", value, given=TEXT)
    assert result.exit_code == 2
    assert "--min-confidence" in result.output
    assert value in result.output


def in_terminal(command: list[str], stdout: BinaryIO | None = None) -> str:
    """What a terminal is sent that shows standard error and, unless it goes elsewhere, standard output."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs if stdout is None else stdout, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # which is how its end is told
            while piece := os.read(ours, 4096):
                shown += piece
        os.close(ours)
        assert process.wait(60) == 0, shown
    return shown.decode()


@pytest.mark.parametrize("name", ["in.txt", "in.jsonl"])
def test_a_terminal_shows_progress_on_a_file_until_it_is_done(checkpoint: Path, tmp_path: Path, name: str) -> None:
    text = TEXT * 20
    (tmp_path / "in.txt").write_text(text, encoding="utf-8")
    rows = [{"id": number, "text": text} for number in "ab"]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "frameline", "classify", str(tmp_path / name), "--checkpoint", str(checkpoint)]
    command += ["--output", "table"]
    with (tmp_path / "table").open("wb") as table:
        shown = in_terminal(command, table)
    assert f"{20 * 2 * (1 if name == 'in.txt' else 2)} sentences" in shown
    written = (tmp_path / "table").read_text(encoding="utf-8")
    assert written == subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    both = in_terminal(command)
    assert f"{20 * 2 * (1 if name == 'in.txt' else 2)} sentences" in both
    assert both.count("Actors:") == written.count("Actors:")
    assert both.endswith("\x1b[1A\x1b[2K")  # the last line, which the bar was, is gone


def test_empty_input_has_no_sentences(run: Runner) -> None:
    result = run("--output", "jsonl", given="")
    assert json.loads(result.output) == {"id": "-", "sentences": []}
    none = run("--format", "jsonl", given="")
    assert (result.exit_code, none.exit_code, none.output) == (0, 0, "")


def test_help_lists_every_command_without_the_extras() -> None:
    result = CliRunner().invoke(main, ["--help"])
    for name in ("classify", "serve", "train", "evaluate", "export", "annotations", "codebook"):
        assert name in result.output


def test_each_line_of_a_pipe_is_answered_before_the_next_comes(checkpoint: Path) -> None:
    command = [sys.executable, "-m", "frameline", "classify", "--format", "jsonl", "--checkpoint", str(checkpoint)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name in ("a", "b", "c"):
            process.stdin.write(json.dumps({"id": name, "text": TEXT}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == name
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_it_can_be_interrupted_while_a_pipe_is_open(checkpoint: Path) -> None:
    command = [sys.executable, "-m", "frameline", "classify", "--format", "jsonl", "--checkpoint", str(checkpoint)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write(b'{"id": "a", "text": "Voss fled."}\n')
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 1
        assert b"Traceback" not in process.stderr.read()
