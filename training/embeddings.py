"""Sentence embeddings of an encoder."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from training.encoders import find_encoder, reading

_BATCH = 32
_LONGEST = 128


def embed(texts: Sequence[str], encoder: str) -> NDArray[np.float32]:
    """The mean of the token vectors of each sentence, of unit length.

    Args:
        texts: the sentences; only the first 128 tokens of each count.
        encoder: name of a packaged encoder, a local folder, or a hub id.

    Returns:
        (sentences, width of the encoder).

    Raises:
        EncoderError: the encoder is not there, or cannot be read.
    """
    found = find_encoder(encoder)
    logging.disable_progress_bar()
    with reading(found):
        tokenizer, model = AutoTokenizer.from_pretrained(found.source), AutoModel.from_pretrained(found.source)
    model.eval()
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    vectors = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
    with torch.inference_mode():
        for batch in track(batches, "Embedding", console=Console(stderr=True), transient=True):
            inputs = tokenizer(
                [texts[number] for number in batch],
                padding=True,
                truncation=True,
                max_length=_LONGEST,
                return_tensors="pt",
            )
            hidden = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"][..., None].to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            vectors[batch] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return vectors
