"""Puts a classification head on an encoder; the peer's own Python runs this file.

    PEER_PYTHON benchmarks/serving/peer_model.py ENCODER FOLDER

Its weights are random: the peer's labels mean nothing, its speed is that of a trained head.
"""

import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

LABELS = ("security_justification", "humanitarian_concern", "alliance_criticism")


def main(encoder: str, folder: str) -> None:
    """Save the encoder with a head of three labels, and its tokenizer."""
    torch.manual_seed(0)
    network = AutoModelForSequenceClassification.from_pretrained(
        encoder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )
    network.save_pretrained(folder)
    AutoTokenizer.from_pretrained(encoder, model_max_length=256).save_pretrained(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
