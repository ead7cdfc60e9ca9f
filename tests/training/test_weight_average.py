from pathlib import Path

import pytest
import torch

from model.network import FramelineModel
from training.run_folder import NETWORK
from training.weight_average import average_weights, copy_weights

pytestmark = pytest.mark.slow


@pytest.fixture
def networks(run_folder: Path) -> tuple[FramelineModel, FramelineModel]:
    """A network, and the same with every weight two higher."""
    one, other = (FramelineModel.from_pretrained(run_folder / NETWORK) for _ in range(2))
    with torch.no_grad():
        for weights in other.parameters():
            weights.add_(2)
    return one, other


def test_the_mean_lies_between_the_two(networks: tuple[FramelineModel, FramelineModel]) -> None:
    trained, base = networks
    before = {name: weights.clone() for name, weights in trained.named_parameters()}
    average_weights(trained, copy_weights(base), 0.25)
    for name, weights in trained.named_parameters():
        assert torch.allclose(weights, before[name] + 0.5, atol=1e-5), name


def test_what_only_training_has_stays(networks: tuple[FramelineModel, FramelineModel]) -> None:
    trained, base = networks
    trained.imitate(8, 1.0)
    assert trained.imitation is not None
    before = trained.imitation.weight.clone()
    average_weights(trained, copy_weights(base), 0.5)
    assert torch.equal(trained.imitation.weight, before)
