"""The attention of a BERT encoder with fewer heads than its configuration can say."""

from typing import Any, cast

from torch.nn import Linear, Module

#: What a head reads by.
READERS = ("query", "key", "value")


def bert_layers(encoder: Module) -> list[Any] | None:
    """The layers of an encoder that is built as BERT is, or None for another."""
    layers = getattr(getattr(encoder, "encoder", None), "layer", None)
    if layers is None or not all(hasattr(layer, "intermediate") and hasattr(layer.output, "dense") for layer in layers):
        return None
    return list(layers)


def head_size(encoder: Module) -> int:
    """The size of one head; it stays what it is in an encoder that has lost some."""
    config: Any = encoder.config
    return cast(int, config.hidden_size // config.num_attention_heads)


def resize_attention(encoder: Module, heads: int) -> None:
    """Give each layer's attention so many heads, with fresh weights.

    Args:
        encoder: one that is built as BERT is, changed in place.
        heads: how many each layer is to have.
    """
    width = heads * head_size(encoder)
    for layer in bert_layers(encoder) or ():
        attention = layer.attention
        for part in READERS:
            setattr(attention.self, part, Linear(getattr(attention.self, part).in_features, width))
        attention.output.dense = Linear(width, attention.output.dense.out_features)
