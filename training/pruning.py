"""Making a BERT encoder faster before it is trained further: fewer heads, fewer units, a cheaper activation.

What is left out gives least to what leaves its layer (structured pruning, after Xia et al. 2022, Structured Pruning
Learns Compact and Accurate Models, without their learned masks).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from model.attention import READERS, bert_layers, head_size
from model.network import FramelineModel
from training.run_folder import RunError
from training.torch_runtime import autocast

Batches = Iterable[dict[str, Tensor]]


def narrow(model: FramelineModel, size: int, batches: Batches) -> None:
    """Keep the ``size`` units of each feed-forward layer that give most to what leaves it.

    A unit gives its mean absolute activation times the length of its outgoing weights.

    Args:
        model: the network, changed in place.
        size: units to keep in each layer.
        batches: inputs of the network on which activations are measured.

    Raises:
        RunError: the encoder is not built as BERT is, or has no more than ``size`` units a layer already.
    """
    layers, encoder = _layers(model), model.config.encoder
    if size >= encoder.intermediate_size:
        raise RunError(f"the encoder has {encoder.intermediate_size} units a layer; name fewer than that")
    sums = _sums(model, [layer.output.dense for layer in layers], lambda activations, _: activations.abs(), batches)
    for layer, total in zip(layers, sums, strict=True):
        kept = (total * layer.output.dense.weight.detach().norm(dim=0)).topk(size).indices.sort().values
        _keep_rows(layer.intermediate, "dense", kept)
        _keep_columns(layer.output, kept)
    encoder.intermediate_size = size
    model.encoder.config.intermediate_size = size


def keep_heads(model: FramelineModel, number: int, batches: Batches) -> None:
    """Keep the ``number`` heads of each layer's attention that give most to what leaves it.

    A head gives the mean length of the vector that it adds to a token's.

    Args:
        model: the network, changed in place.
        number: heads to keep in each layer.
        batches: inputs of the network on which heads are measured.

    Raises:
        RunError: the encoder is not built as BERT is, or has no more than ``number`` heads a layer already.
    """
    layers, size = _layers(model), head_size(model.encoder)
    heads = model.config.attention_heads or model.config.encoder.num_attention_heads
    if number >= heads:
        raise RunError(f"the encoder has {heads} attention heads a layer; name fewer than that")

    def added(context: Tensor, output: nn.Linear) -> Tensor:
        parts = context.unflatten(-1, (heads, size))
        weights = output.weight.float().unflatten(-1, (heads, size))
        lengths: Tensor = torch.einsum("bths,ohs->btho", parts, weights).norm(dim=-1)
        return lengths

    sums = _sums(model, [layer.attention.output.dense for layer in layers], added, batches)
    for layer, total in zip(layers, sums, strict=True):
        chosen = total.topk(number).indices.sort().values
        kept = (chosen.unsqueeze(-1) * size + torch.arange(size, device=chosen.device)).flatten()
        for part in READERS:
            _keep_rows(layer.attention.self, part, kept)
        _keep_columns(layer.attention.output, kept)
    model.config.attention_heads = number


def use_relu(model: FramelineModel) -> None:
    """Let the feed-forward layers cut off what is below zero, which eight bits do for nothing, instead of Gelu.

    Args:
        model: the network, changed in place.

    Raises:
        RunError: the encoder is not built as BERT is.
    """
    for layer in _layers(model):
        layer.intermediate.intermediate_act_fn = nn.ReLU()
    model.encoder.config.hidden_act = model.config.encoder.hidden_act = "relu"


def _layers(model: FramelineModel) -> list[Any]:
    layers = bert_layers(model.encoder)
    if layers is None:
        raise RunError("only an encoder that is built as BERT is can lose heads or units, or change its activation")
    return layers


def _sums(
    model: FramelineModel, parts: Sequence[nn.Linear], value: Callable[[Tensor, nn.Linear], Tensor], batches: Batches
) -> list[Tensor]:
    """For each of ``parts`` the sum of what ``value`` makes of its input, over the tokens that are not padding."""
    sums: dict[int, Tensor] = {}
    mask = torch.empty(0)

    def add(number: int, part: nn.Linear, inputs: Tensor) -> None:
        total = (value(inputs.float(), part) * mask.unsqueeze(-1)).sum(dim=(0, 1))
        sums[number] = sums.get(number, torch.zeros_like(total)) + total

    hooks = [
        part.register_forward_pre_hook(lambda part, inputs, number=number: add(number, part, inputs[0]))
        for number, part in enumerate(parts)
    ]
    model.eval()
    with torch.inference_mode(), autocast():
        for batch in batches:
            mask = batch["attention_mask"].float()
            model(**{name: batch[name] for name in ("input_ids", "shape_ids", "list_ids", "attention_mask")})
    for hook in hooks:
        hook.remove()
    return [sums[number] for number in sorted(sums)]


def _keep_rows(owner: nn.Module, name: str, kept: Tensor) -> None:
    """Keep some of what a part of ``owner`` gives."""
    old: nn.Linear = getattr(owner, name)
    setattr(owner, name, _linear(old.weight[kept], old.bias[kept]))


def _keep_columns(owner: Any, kept: Tensor) -> None:
    """Keep some of what the product that ends ``owner`` reads."""
    owner.dense = _linear(owner.dense.weight[:, kept], owner.dense.bias)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight = nn.Parameter(weight.detach().clone())
    layer.bias = nn.Parameter(bias.detach().clone())
    return layer
