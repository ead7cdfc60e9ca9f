"""Making a BERT encoder faster before it is trained further: fewer heads, fewer units, a cheaper activation.

Heads and units that are left out give least to what leaves their layer (structured pruning, after Xia et al. 2022,
Structured Pruning Learns Compact and Accurate Models, without their learned masks).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from model.attention import BERT_LIKE, READERS, head_size
from model.network import FramelineModel
from training.run_folder import RunError
from training.settings import TrainingSettings
from training.torch_runtime import autocast

Batches = Iterable[dict[str, Tensor]]


def check_shape(model: FramelineModel, settings: TrainingSettings) -> None:
    """Check that a network can be given the shape that ``settings`` ask for.

    Raises:
        RunError: its encoder is not built as BERT is, or has no more heads or units than are to stay.
    """
    if settings.attention_heads is not None:
        _check_heads(model, settings.attention_heads)
    if settings.feed_forward is not None:
        _check_units(model, settings.feed_forward)
    if settings.relu:
        _layers(model)


def reshape(model: FramelineModel, settings: TrainingSettings, batches: Callable[[], Batches]) -> None:
    """Give a network the shape that ``settings`` ask for.

    Args:
        model: the network, changed in place.
        settings: how many heads and units stay, and whether ReLU is applied.
        batches: gives inputs of the network on which its heads and units are measured.

    Raises:
        RunError: as `check_shape`.
    """
    if settings.attention_heads is not None:
        keep_heads(model, settings.attention_heads, batches())
    if settings.feed_forward is not None:
        narrow(model, settings.feed_forward, batches())
    if settings.relu:
        use_relu(model)


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
    _check_units(model, size)
    layers = _layers(model)
    sums = _sums(model, [layer.output.dense for layer in layers], lambda activations, _: activations.abs(), batches)
    for layer, total in zip(layers, sums, strict=True):
        kept = (total * layer.output.dense.weight.detach().norm(dim=0)).topk(size).indices.sort().values
        _keep_rows(layer.intermediate, "dense", kept)
        _keep_columns(layer.output, kept)
    model.encoder.config.intermediate_size = model.config.encoder.intermediate_size = size


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
    heads = _check_heads(model, number)
    layers, size = _layers(model), head_size(model.encoder)

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


def _check_units(model: FramelineModel, size: int) -> None:
    _layers(model)
    units = model.config.encoder.intermediate_size
    if size >= units:
        raise RunError(f"the encoder has {units} units a layer; name fewer than that")


def _check_heads(model: FramelineModel, number: int) -> int:
    """The number of heads of a layer, which is more than ``number``."""
    encoder = model.config.encoder
    if encoder.model_type not in BERT_LIKE:
        raise RunError(f"heads can be left out of {', '.join(sorted(BERT_LIKE))}, not of {encoder.model_type}")
    heads: int = model.config.attention_heads or encoder.num_attention_heads
    if number >= heads:
        raise RunError(f"the encoder has {heads} attention heads a layer; name fewer than that")
    return heads


def _layers(model: FramelineModel) -> list[Any]:
    """The layers of an encoder whose feed-forward part is BERT's."""
    layers = getattr(getattr(model.encoder, "encoder", None), "layer", None)
    if layers is None or not all(hasattr(layer, "intermediate") and hasattr(layer.output, "dense") for layer in layers):
        raise RunError("only an encoder that is built as BERT is can lose units or change its activation")
    return list(layers)


def _sums(
    model: FramelineModel, parts: Sequence[nn.Linear], value: Callable[[Tensor, nn.Linear], Tensor], batches: Batches
) -> list[Tensor]:
    """For each of ``parts`` the sum of what ``value`` makes of its input, over the tokens that are not padding."""
    sums: dict[int, Tensor] = {}
    mask = torch.empty(0)

    def add(number: int, part: nn.Linear, inputs: Tensor) -> None:
        with torch.autocast(inputs.device.type, enabled=False):
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
