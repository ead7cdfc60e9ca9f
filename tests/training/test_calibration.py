import shutil
from pathlib import Path

import numpy as np
import pytest

from model.annotation import Annotation
from model.checkpoint import Calibration, Checkpoint, Platt
from model.codebook import Codebook
from model.labeller import Labeller
from model.network import FramelineModel
from training.calibration import FEWEST, fit_calibration, fit_platt, fit_temperature
from training.evaluation import label
from training.finishing import finish, start_config
from training.remembering_runtime import RememberingRuntime
from training.run_folder import NETWORK, load_run
from training.torch_runtime import TorchRuntime

TEXT = "Arland said it would guard the border and the people fled with Voss " * 3


def calibrated(labeller: Labeller, calibration: Calibration) -> Labeller:
    config = labeller.config.model_copy(update={"calibration": calibration})
    return Labeller(labeller.runtime, labeller.tokenizer, labeller.codebook, config, threads=1)


def test_recovers_a_known_scale_and_bias() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, 20_000)
    gold = random.random(20_000) < 1 / (1 + np.exp(1 - 0.4 * logits))
    found = fit_platt(logits, gold)
    assert found.scale == pytest.approx(0.4, abs=0.03)
    assert found.bias == pytest.approx(-1, abs=0.05)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_recovers_a_known_temperature(temperature: float) -> None:
    random = np.random.default_rng(1)
    logits = random.normal(0, 3, (20_000, 3))
    odds = np.exp(logits / temperature)
    chances = odds / odds.sum(axis=1, keepdims=True)
    gold = (random.random((20_000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    assert fit_temperature(logits, gold) == pytest.approx(temperature, rel=0.05)


def test_too_few_examples_change_nothing() -> None:
    logits = np.linspace(-2, 2, 100)
    few = np.arange(100) > 100 - FEWEST
    assert fit_platt(logits, few) == fit_platt(logits, ~few) == Platt()
    assert fit_temperature(np.zeros((FEWEST - 1, 3)), np.ones(FEWEST - 1, dtype=np.int64)) == 1


def test_a_scale_stays_positive_and_finite() -> None:
    logits = np.linspace(-2, 2, 100)
    assert fit_platt(logits, logits < 0) == Platt()
    assert 1 < fit_platt(logits, logits > 0).scale < 100


def test_a_temperature_is_not_fitted_where_nothing_is_wrong() -> None:
    assert fit_temperature(np.eye(3)[np.arange(30) % 3], np.arange(30) % 3) == 1


def test_the_identity_leaves_probabilities_as_they_were(labeller: Labeller) -> None:
    frames = {frame: Platt() for frame in labeller.codebook.frame_ids}
    same = calibrated(labeller, Calibration(frames=frames, temperature=1.0))
    assert same.classify(TEXT, split=False) == labeller.classify(TEXT, split=False)


def test_a_labeller_applies_it(labeller: Labeller) -> None:
    other = calibrated(labeller, Calibration(frames={"guarding": Platt(scale=0.5, bias=1)}, temperature=3))
    (before,), (after,) = (one.classify(TEXT, split=False).sentences for one in (labeller, other))
    odds = before.frames[0].probability / (1 - before.frames[0].probability)
    assert after.frames[0].probability == pytest.approx(1 / (1 + np.exp(-1) / np.sqrt(odds)))
    assert after.frames[1] == before.frames[1]
    assert before.actors
    for cold, warm in zip(before.actors, after.actors, strict=True):
        assert warm.stance == cold.stance
        assert warm.confidence < cold.confidence


def test_fits_what_a_network_says(labeller: Labeller, annotations: list[Annotation], checkpoint: Path) -> None:
    codebook = Checkpoint.open(checkpoint).codebook
    found = fit_calibration(labeller.runtime, labeller.tokenizer, codebook, annotations)
    assert set(found.frames) == set(codebook.frame_ids)
    assert 0.2 <= found.temperature <= 5
    assert fit_calibration(labeller.runtime, labeller.tokenizer, codebook, []) == Calibration(
        frames=dict.fromkeys(codebook.frame_ids, Platt())
    )


def test_a_run_gives_the_same_labels_with_and_without_it(
    run_folder: Path, annotations: list[Annotation], codebook: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(run_folder, tmp_path / "run"))
    labels = []
    for calibration in (Calibration(), Calibration(frames={"guarding": Platt(scale=0.3, bias=-4)}, temperature=2)):
        monkeypatch.setattr("training.finishing.fit_calibration", lambda *_, found=calibration: found)
        network = FramelineModel.from_pretrained(folder / NETWORK)
        start = start_config(folder, network, codebook, None, actors=True)
        runtime = RememberingRuntime(TorchRuntime(network))
        assert finish(folder, runtime, start, [annotations], actors=True)[0].calibration == calibration
        labeller = load_run(folder)
        assert labeller.config.calibration == calibration
        documents = label(labeller, [(annotation.text, None) for annotation in annotations])
        labels.append([[score.present for score in document.sentences[0].frames] for document in documents])
        labeller.close()
    assert labels[0] == labels[1]
