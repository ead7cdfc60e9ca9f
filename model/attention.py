"""The attention of a BERT encoder with fewer heads than its configuration can say."""

from typing import Any, cast

from torch.nn import Linear, Module

#: What a head reads by, in the order in which an export joins them.
READERS = ("query", "key", "value")
#: Kinds of encoders whose attention is written as BERT's is.
BERT_LIKE = frozenset({"bert", "camembert", "electra", "ernie", "roberta", "xlm-roberta"})


def head_size(encoder: Module) -> int:
    """The size of one head; it stays what it is in an encoder that has lost some."""
    config: Any = encoder.config
    return cast(int, config.hidden_size // config.num_attention_heads)


def resize_attention(encoder: Module, heads: int) -> None:
    """Give each layer's attention so many heads, with fresh weights.

    Args:
        encoder: one of `BERT_LIKE`, changed in place.
        heads: how many each layer is to have.
    """
    width, layers = heads * head_size(encoder), cast(Any, encoder).encoder.layer
    for layer in layers:
        attention = layer.attention
        for part in READERS:
            setattr(attention.self, part, Linear(getattr(attention.self, part).in_features, width))
        attention.output.dense = Linear(width, attention.output.dense.out_features)
