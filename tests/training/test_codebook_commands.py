import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from model.checkpoint import CODEBOOK, DEFAULT
from model.codebook import Codebook


def run(*arguments: str | Path, answers: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=answers)


def test_new_asks_and_writes_a_whole_codebook(tmp_path: Path) -> None:
    out = tmp_path / "codebook.yaml"
    answers = "Border watch\nSomebody guards a border.\nFlight\n\n\nn\nWarm\nKind.\nCold\nUnkind.\n\nat_most_one\n"
    result = run("codebook", "new", "--name", "Own words", "--out", out, answers=answers)
    assert result.exit_code == 0, result.output
    codebook = Codebook.load(out)
    assert codebook.name == "own-words"
    assert codebook.frame_ids == ("border_watch", "flight")
    assert codebook.frames[0].definition == "Somebody guards a border."
    assert codebook.stance_ids == ("warm", "cold")
    assert codebook.frames_per_sentence == "at_most_one"
    assert out.read_text(encoding="utf-8").count("\n# ") > 5


def test_new_takes_options_and_the_shipped_actors(tmp_path: Path) -> None:
    out = tmp_path / "codebook.yaml"
    result = run(
        "codebook", "new", "--frame", "Cost: Money: it is spent.", "--frame", "Gain", "--with-states", "--out", out
    )
    assert result.exit_code == 0, result.output
    codebook, shipped = Codebook.load(out), Codebook.load(DEFAULT / CODEBOOK)
    assert codebook.frames[0].definition == "Money: it is spent."
    assert codebook.actors == shipped.actors
    assert codebook.homonyms == shipped.homonyms
    assert codebook.stance_ids == shipped.stance_ids


@pytest.mark.parametrize("frame", ["position", "text", "gain-x_probability"])
def test_frames_that_are_called_as_columns_of_tables_are_refused(tmp_path: Path, frame: str) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "codebook.yaml"
    table.write_text("text,label\nA.,gain\nB.,\n", encoding="utf-8")
    assert run("codebook", "new", "--from", table, "--out", out).exit_code == 0
    content = out.read_text(encoding="utf-8")
    out.write_text(
        content.replace("id: gain", f"id: gain-x\n    name: X\n    definition: X\n  - id: {frame}"), encoding="utf-8"
    )
    result = run("codebook", "check", out)
    assert result.exit_code == 2
    assert f"frames: {frame}: columns of a scored archive are called so" in result.stderr


@pytest.mark.parametrize(
    ("rows", "choice"),
    [
        ("A.,Cost\nB.,Gain\n", "exactly_one"),
        ("A.,Cost\nB.,Gain\nC.,\n", "at_most_one"),
        ("A.,Cost|Gain\nB.,Gain\n", "any"),
    ],
)
def test_new_proposes_frames_from_a_table(tmp_path: Path, rows: str, choice: str) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "codebook.yaml"
    table.write_text(f"text,label\n{rows}", encoding="utf-8")
    result = run("codebook", "new", "--from", table, "--out", out)
    assert result.exit_code == 0, result.output
    codebook = Codebook.load(out)
    assert set(codebook.frame_ids) == {"cost", "gain"}
    assert codebook.frames_per_sentence == choice


def test_new_takes_a_table_of_one_label(tmp_path: Path) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "codebook.yaml"
    table.write_text("text,label\nA.,Cost\nB.,Cost\n", encoding="utf-8")
    result = run("codebook", "new", "--from", table, "--out", out)
    assert result.exit_code == 0, result.output
    assert Codebook.load(out).frames_per_sentence == "at_most_one"


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    out = tmp_path / "codebook.yaml"
    out.write_text("mine", encoding="utf-8")
    result = run("codebook", "new", "--frame", "Cost", "--out", out)
    assert result.exit_code == 2
    assert "is there already" in result.output
    assert out.read_text(encoding="utf-8") == "mine"


def test_new_leaves_no_faulty_codebook(tmp_path: Path) -> None:
    out = tmp_path / "codebook.yaml"
    result = run("codebook", "new", "--frame", "Cost", "--frame", "cost", "--out", out)
    assert result.exit_code == 2
    assert "'cost' occurs 2 times" in result.output
    assert not out.exists()


def test_check_names_every_fault(tmp_path: Path, codebook_file: Path) -> None:
    assert run("codebook", "check", codebook_file).exit_code == 0
    broken = tmp_path / "codebook.yaml"
    text = (
        codebook_file.read_text(encoding="utf-8").replace("name: Guarding, ", "").replace("id: fleeing", "id: Flee ing")
    )
    broken.write_text(text, encoding="utf-8")
    result = run("codebook", "check", broken)
    assert result.exit_code == 2
    assert "frames[0].name" in result.output
    assert "frames[1].id" in result.output


def test_states_says_which_extra_it_needs(tmp_path: Path) -> None:
    """In an install that only serves; nothing is written."""
    copy = tmp_path / "codebook.yaml"
    copy.write_bytes((DEFAULT / CODEBOOK).read_bytes())
    code = (
        "import sys; sys.modules.update(pycountry=None, countryinfo=None); from frameline import main; "
        f"main(['codebook', 'states', {str(copy)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("frameline: this needs the package 'pycountry': pip install 'frameline[train]'")
    assert copy.read_bytes() == (DEFAULT / CODEBOOK).read_bytes()


def test_labels_that_mean_no_frame_are_pointed_out(tmp_path: Path) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "codebook.yaml"
    table.write_text("text,label\nA.,Cost\nB.,NA\nC.,none\n", encoding="utf-8")
    result = run("codebook", "new", "--from", table, "--out", out)
    assert result.exit_code == 0, result.output
    assert "note: 'NA', 'none' became frames; where they mean that there is none, empty those cells" in result.stderr


@pytest.mark.parametrize("command", ["new", "label-studio"])
def test_a_folder_that_is_not_there_is_named_before_anything_is_asked(command: str, tmp_path: Path) -> None:
    result = run("codebook", command, "--out", tmp_path / "no" / "codebook.yaml", answers="")
    assert result.exit_code == 2
    assert f"there is no folder {tmp_path / 'no'}; make it, or give another name" in result.output
