"""The mean of a network's weights before and after training on new data.

It keeps much of what each of the two does well, at the cost of one (Wortsman et al. 2022, Robust fine-tuning of
zero-shot models).
"""

import torch

from model.network import FramelineModel
from training.run_folder import RunError


def average_weights(network: FramelineModel, base: FramelineModel, share: float) -> None:
    """Make a network the weighted mean of itself and of what it was trained from.

    Args:
        network: the trained network; parts that only it has stay as they are.
        base: what it was trained from.
        share: the weight of ``base``, from 0 to 1.

    Raises:
        RunError: the two have other shapes, as where the base was narrowed.
    """
    trained, before = network.state_dict(), base.state_dict()
    others = sorted(name for name in before if name not in trained or trained[name].shape != before[name].shape)
    if others:
        raise RunError(f"no mean with the base's weights: {others[0]} has another shape; leave --base-share out")
    with torch.no_grad():
        for name, values in before.items():
            if values.is_floating_point():
                trained[name].lerp_(values.to(trained[name]), share)
