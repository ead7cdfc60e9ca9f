import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.test_commands import run
from training.annotation_folders import check_folders

ARTICLE = {"conflict": "c", "region": "r", "decade": "1990s", "genre": "wire", "writer": "1"}
SENTENCE = {"text": "Arland paid late.", "frames": [], "actors": [], "annotator": "adjudicated", "origin": "authored"}


def write(file: Path, *lines: dict[str, Any] | str) -> Path:
    file.parent.mkdir(exist_ok=True)
    content = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("".join(f"{line}\n" for line in content), encoding="utf-8")
    return file


def sentence(name: str, document: str = "a", **change: str) -> dict[str, Any]:
    return {"id": name, "document": document, **SENTENCE, **change}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two described articles of a sentence each, in two passes and adjudicated."""
    write(tmp_path / "documents.jsonl", {"document": "a", **ARTICLE}, {"document": "b", **ARTICLE})
    write(tmp_path / "authored.jsonl", sentence("a-1"), sentence("b-1", "b"))
    for name in ("first", "second"):
        passed = (sentence("a-1", annotator=name), sentence("b-1", "b", annotator=name))
        write(tmp_path / f"passes/{name}.jsonl", *passed)
    return tmp_path


def check(folder: Path) -> list[str]:
    return check_folders(sorted(folder.rglob("*.jsonl")))


def test_files_that_belong_together_are_compared(folder: Path, codebook_file: Path) -> None:
    sound = run("annotations", "validate", folder, "--codebook", codebook_file)
    assert sound.output == "4 files: 6 annotations of 2 sentences, 2 articles described; no faults\n"
    articles = write(folder / "documents.jsonl", *({"document": name, **ARTICLE} for name in "acc"))
    first = write(folder / "passes/first.jsonl", sentence("a-1", annotator="first"))
    result = run("annotations", "validate", folder, "--codebook", codebook_file)
    faults = [
        f"{articles}:3: document: 'c' is described at {articles}:2 already; describe it once",
        f"{articles}:2: document: 'c' has no sentence in the files beside; add its sentences, or take it out",
        f"{folder}/authored.jsonl:2: document: 'b' is not described in {articles}; describe it there",
        f"{folder}/authored.jsonl:2: id: 'b-1' is adjudicated, but not in {first}; add what it says of it",
        "4 faults in 4 files",
    ]
    assert (result.exit_code, result.output.splitlines()) == (2, [f"frameline: {fault}" for fault in faults])


def test_others_annotations_need_no_description_and_no_passes(folder: Path) -> None:
    write(folder / "mine.jsonl", sentence("m", "m", annotator="me", origin="import"))
    write(folder / "standoff/some.jsonl", {**sentence("s", "s"), "corpus": "c"})
    assert check(folder) == []


def test_a_folder_without_descriptions_or_passes_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "mine.jsonl", sentence("m"))
    write(tmp_path / "passes/ana.jsonl", sentence("n"))
    assert check(tmp_path) == []


def test_a_part_of_a_folder_is_not_taken_for_the_whole(folder: Path) -> None:
    write(folder / "more.jsonl", sentence("c-1", "c"))
    assert check_folders([folder / "documents.jsonl", folder / "authored.jsonl"]) == []
    assert check_folders([folder / "passes/first.jsonl"]) == []
    assert len(check(folder)) == 3


@pytest.mark.parametrize("file", ["documents.jsonl", "authored.jsonl", "passes/first.jsonl"])
def test_what_a_broken_line_may_hold_is_not_said_to_lack(folder: Path, file: str) -> None:
    first = (folder / file).read_text(encoding="utf-8").splitlines()[0]
    write(folder / file, first, "{broken")
    assert check(folder) == []


def test_lines_with_other_faults_count(folder: Path) -> None:
    write(folder / "documents.jsonl", {"document": "a"}, {"document": "b", "decade": "nineties"})
    assert check(folder) == []
