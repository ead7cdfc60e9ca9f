"""The mean of a network's weights before and after training on new data.

It keeps much of what each of the two does well, at the cost of one (Wortsman et al. 2022, Robust fine-tuning of
zero-shot models).
"""

import torch

from model.network import FramelineModel


def average_weights(network: FramelineModel, base: FramelineModel, share: float) -> None:
    """Make a network the weighted mean of itself and of what it was trained from.

    Args:
        network: the trained network; parts that only it has stay as they are.
        base: what it was trained from, of the same shape.
        share: the weight of ``base``, from 0 to 1.
    """
    trained = network.state_dict()
    with torch.no_grad():
        for name, values in base.state_dict().items():
            if values.is_floating_point():
                trained[name].lerp_(values.to(trained[name]), share)
