"""Narrowing the feed-forward layers of a BERT encoder: most of its time goes there, and least is lost there."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from model.network import FramelineModel
from training.run_folder import RunError
from training.torch_runtime import autocast


def narrow(model: FramelineModel, size: int, batches: Iterable[dict[str, Tensor]]) -> None:
    """Keep the ``size`` units of each feed-forward layer that give most to what leaves it.

    A unit gives its mean absolute activation times the length of its outgoing weights (structured pruning, after
    Xia et al. 2022, Structured Pruning Learns Compact and Accurate Models, without their learned masks).

    Args:
        model: the network, changed in place.
        size: units to keep in each layer.
        batches: inputs of the network on which activations are measured.

    Raises:
        RunError: the encoder is not built as BERT is, or has no more than ``size`` units a layer already.
    """
    encoder: Any = model.encoder
    layers = getattr(getattr(encoder, "encoder", None), "layer", None)
    if layers is None or not all(hasattr(layer, "intermediate") and hasattr(layer.output, "dense") for layer in layers):
        raise RunError("only an encoder that is built as BERT is can be narrowed")
    if size >= encoder.config.intermediate_size:
        raise RunError(f"the encoder has {encoder.config.intermediate_size} units a layer; name fewer than that")
    sums = _activations(model, layers, batches)
    for layer, total in zip(layers, sums, strict=True):
        outgoing = layer.output.dense.weight.detach().norm(dim=0)
        kept = (total * outgoing).topk(size).indices.sort().values
        layer.intermediate.dense = _linear(layer.intermediate.dense.weight[kept], layer.intermediate.dense.bias[kept])
        layer.output.dense = _linear(layer.output.dense.weight[:, kept], layer.output.dense.bias)
    encoder.config.intermediate_size = size
    model.config.encoder.intermediate_size = size


def _activations(model: FramelineModel, layers: Iterable[Any], batches: Iterable[dict[str, Tensor]]) -> list[Tensor]:
    """For each layer the sum of the absolute activations of its units, over the tokens that are not padding."""
    sums: dict[int, Tensor] = {}
    mask = torch.empty(0)

    def add(number: int, activations: Tensor) -> None:
        total = (activations.float().abs() * mask.unsqueeze(-1)).sum(dim=(0, 1))
        sums[number] = sums.get(number, torch.zeros_like(total)) + total

    hooks = [
        layer.intermediate.register_forward_hook(lambda _, __, output, number=number: add(number, output))
        for number, layer in enumerate(layers)
    ]
    model.eval()
    with torch.inference_mode(), autocast():
        for batch in batches:
            mask = batch["attention_mask"].float()
            model(**{name: batch[name] for name in ("input_ids", "shape_ids", "list_ids", "attention_mask")})
    for hook in hooks:
        hook.remove()
    return [sums[number] for number in sorted(sums)]


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight = nn.Parameter(weight.detach().clone())
    layer.bias = nn.Parameter(bias.detach().clone())
    return layer
