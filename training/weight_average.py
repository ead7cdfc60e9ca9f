"""The mean of a network's weights before and after training on new data.

It keeps much of what each of the two does well, at the cost of one (Wortsman et al. 2022, Robust fine-tuning of
zero-shot models).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from model.network import FramelineModel


def copy_weights(network: FramelineModel) -> dict[str, Tensor]:
    """The weights of a network as they are now."""
    return {name: values.detach().clone() for name, values in network.state_dict().items()}


def average_weights(network: FramelineModel, before: Mapping[str, Tensor], share: float) -> None:
    """Make a network the weighted mean of itself and of what it was trained from.

    Args:
        network: the trained network; parts that only it has stay as they are.
        before: the weights with which training began, of the same shape.
        share: the weight of ``before``, from 0 to 1.
    """
    trained = network.state_dict()
    with torch.no_grad():
        for name, values in before.items():
            if values.is_floating_point():
                trained[name].lerp_(values.to(trained[name]), share)
