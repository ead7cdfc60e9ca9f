from pathlib import Path

from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from frameline import main
from model.annotation import Annotation, read_annotations
from model.codebook import Codebook
from training.hold_out_command import _SEED
from training.reserved import Reserved
from training.settings import TrainingSettings
from training.splits import part_of


def hold_out(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["annotations", "hold-out", *map(str, arguments)])


def test_whole_documents_are_kept_and_the_rest_is_left_to_learn_from(
    annotation_file: Path, codebook_file: Path, codebook: Codebook, tmp_path: Path
) -> None:
    out = tmp_path / "kept.jsonl"
    result = hold_out(annotation_file, "--out", out, "--codebook", codebook_file)
    assert result.exit_code == 0, result.output
    everything, kept = (read_annotations([file], codebook) for file in (annotation_file, out))
    documents = {one.document for one in kept}
    assert kept == [one for one in everything if one.document in documents]
    reserved = Reserved.read([out]).documents
    assert reserved == documents
    left = [one for one in everything if one.document not in reserved]
    remain = len({one.document for one in left})
    assert (
        f"{out}: {len(kept)} sentences of {len(documents)} documents; {len(left)} of {remain} remain" in result.stdout
    )
    again = hold_out(annotation_file, "--out", out, "--codebook", codebook_file)
    assert again.exit_code == 2
    assert "is there already" in again.output


def test_one_document_cannot_be_parted(annotations: list[Annotation], codebook_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(annotations[0].model_dump_json() + "\n", encoding="utf-8")
    result = hold_out(file, "--out", tmp_path / "kept.jsonl", "--codebook", codebook_file)
    assert result.exit_code == 2
    assert "of 1 documents would be kept" in result.output
    assert not (tmp_path / "kept.jsonl").exists()


@given(st.integers(min_value=0, max_value=10))
def test_training_finds_documents_to_hold_out_among_the_rest(seed: int) -> None:
    """With training's own seed, all documents that it would choose by could be gone already."""
    rest = [name for name in map(str, range(400)) if part_of(name, _SEED, 0.3) != "development"]
    found = sum(part_of(name, seed, TrainingSettings().held_out) == "development" for name in rest)
    assert found > len(rest) * TrainingSettings().held_out / 3


def test_what_comes_next_names_the_codebook(annotation_file: Path, codebook_file: Path, tmp_path: Path) -> None:
    result = hold_out(annotation_file, "--out", tmp_path / "kept.jsonl", "--codebook", codebook_file)
    assert f"--codebook {codebook_file} --base default" in result.stderr
