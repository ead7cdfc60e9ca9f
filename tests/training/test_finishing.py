import shutil
from pathlib import Path

import pytest

from model.annotation import Annotation
from model.checkpoint import CheckpointConfig, Thresholds
from model.codebook import Codebook
from model.network import FramelineModel
from training.base import Base
from training.evaluation import Evaluation
from training.finishing import finish, start_config
from training.marking import TABLE
from training.remembering_runtime import RememberingRuntime
from training.run_folder import NETWORK
from training.torch_runtime import TorchRuntime


@pytest.fixture
def folder(run_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


@pytest.fixture
def unmarked(annotations: list[Annotation]) -> list[Annotation]:
    """Other sentences that name actors, which nobody has marked."""
    return [
        one.model_copy(update={"id": f"x{one.id}", "text": f"Voss fled with NL {number}", "actors": ()})
        for number, one in enumerate(annotations)
    ]


def finished(
    folder: Path, codebook: Codebook, *chosen_by: list[Annotation], base: Base | None = None
) -> tuple[CheckpointConfig, Evaluation]:
    network = FramelineModel.from_pretrained(folder / NETWORK)
    start = start_config(folder, network, codebook, base, actors=True)
    return finish(folder, RememberingRuntime(TorchRuntime(network)), start, chosen_by, actors=True)[:2]


def test_where_nobody_has_marked_actors_in_what_chooses_the_held_out_sentences_choose_for_mentions(
    folder: Path, codebook: Codebook, annotations: list[Annotation], unmarked: list[Annotation]
) -> None:
    alone, measured_alone = finished(folder, codebook, annotations[:10])
    beside, measured = finished(folder, codebook, annotations[:10], unmarked)
    assert (beside.thresholds.mention, beside.thresholds.listed) == (alone.thresholds.mention, alone.thresholds.listed)
    assert beside.calibration.temperature == alone.calibration.temperature
    assert measured.sections[1:] == measured_alone.sections[1:]
    assert measured.sentences == 10 + len(unmarked)


def test_where_nothing_chooses_for_mentions_they_are_given_as_at_the_start(
    run_folder: Path, folder: Path, codebook: Codebook, unmarked: list[Annotation]
) -> None:
    config, evaluation = finished(folder, codebook, [], unmarked)
    usual = Thresholds(frames={})
    assert (config.thresholds.mention, config.thresholds.listed) == (usual.mention, usual.listed)
    assert [section.title for section in evaluation.sections] == ["Frames"]
    base = Base.open(run_folder)
    known = Thresholds(frames={}, mention=0.3, listed=0.1)
    lent = Base(base.folder, base.codebook, base.config.model_copy(update={"thresholds": known}), base.encoder)
    config, _ = finished(folder, codebook, [], unmarked, base=lent)
    assert (config.thresholds.mention, config.thresholds.listed) == (0.3, 0.1)


def test_the_sentences_of_a_table_do_not_choose_for_mentions(
    folder: Path, codebook: Codebook, annotations: list[Annotation], unmarked: list[Annotation]
) -> None:
    alone, measured_alone = finished(folder, codebook, annotations[:10])
    table = [one.model_copy(update={"annotator": TABLE}) for one in unmarked]
    beside, measured = finished(folder, codebook, [*annotations[:10], *table])
    assert (beside.thresholds.mention, beside.thresholds.listed) == (alone.thresholds.mention, alone.thresholds.listed)
    assert measured.sections[1:] == measured_alone.sections[1:]
