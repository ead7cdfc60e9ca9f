from pathlib import Path

import pytest
import torch

from model.annotation import Span
from model.codebook import Codebook
from model.network import UNKNOWN
from model.tokens import SentenceTokenizer
from training.batches import Collator, ExampleSet
from training.examples import Example

TEXT = "Arland said people fled"
FULL = Example(
    text=TEXT,
    document="d",
    stances=((Span(start=0, end=6), "critical"),),
    frames=("fleeing",),
    mentions=(Span(start=0, end=6),),
    undecided=(Span(start=12, end=18),),
)
STANCE_ONLY = Example(text=TEXT, document="d", stances=((Span(start=0, end=6), "supportive"),))


@pytest.fixture
def tokenizer(encoder: Path) -> SentenceTokenizer:
    return SentenceTokenizer(encoder / "tokenizer.json", 24, 6)


def collate(
    examples: list[Example], codebook: Codebook, tokenizer: SentenceTokenizer, dropout: float = 0.0
) -> dict[str, torch.Tensor]:
    rows = ExampleSet(examples, codebook, tokenizer)
    return Collator(0, dropout)([rows[number] for number in range(len(rows))])


def classes(rows: torch.Tensor) -> list[int]:
    """The certain class of each row of probabilities (N, C), or `UNKNOWN`."""
    return [UNKNOWN if row[0] == UNKNOWN else row.index(1.0) for row in rows.tolist()]


def test_labels_of_a_whole_annotation(codebook: Codebook, tokenizer: SentenceTokenizer) -> None:
    batch = collate([FULL], codebook, tokenizer)
    assert batch["frame_labels"].tolist() == [[0, 1]]
    labels = classes(batch["mention_labels"][0])
    assert labels[0] == labels[-1] == UNKNOWN  # special tokens
    assert labels[1] == 1  # the first piece of the mention
    assert set(labels[2:6]) == {UNKNOWN}  # its other pieces
    assert labels[-4:-1] == [0, UNKNOWN, 0]  # said, people (undecided), fled
    assert classes(batch["stance_labels"][0]) == [2]
    assert batch["spans"][0, 0].nonzero().flatten().tolist() == [1, 2, 3, 4, 5, 6]
    assert batch["list_ids"][0, 1:7].tolist() == [1] * 6


def test_what_a_corpus_lacks_is_unknown(codebook: Codebook, tokenizer: SentenceTokenizer) -> None:
    batch = collate([FULL, STANCE_ONLY], codebook, tokenizer)
    assert batch["frame_labels"][1].tolist() == [UNKNOWN, UNKNOWN]
    assert set(classes(batch["mention_labels"][1])) == {UNKNOWN}
    assert classes(batch["stance_labels"][1]) == [0]


def test_examples_without_mentions_are_padded(codebook: Codebook, tokenizer: SentenceTokenizer) -> None:
    nobody = Example(text="people fled", document="d", stances=(), frames=(), mentions=())
    batch = collate([nobody, FULL], codebook, tokenizer)
    assert [classes(row) for row in batch["stance_labels"]] == [[UNKNOWN], [2]]
    assert batch["attention_mask"].sum(dim=1).tolist() == [4, batch["input_ids"].shape[1]]
    assert collate([nobody], codebook, tokenizer)["spans"].shape[1] == 1


def test_a_span_beyond_the_first_window_is_left_out(codebook: Codebook, tokenizer: SentenceTokenizer) -> None:
    text = "people fled " * 30 + "Voss"
    span = Span(start=len(text) - 4, end=len(text))
    batch = collate([Example(text, "d", ((span, "critical"),), (), (span,))], codebook, tokenizer)
    assert batch["input_ids"].shape == (1, 24)
    assert classes(batch["stance_labels"][0]) == [UNKNOWN]


def test_the_lists_features_drop_out_of_some_sentences(codebook: Codebook, tokenizer: SentenceTokenizer) -> None:
    torch.manual_seed(0)
    batch = collate([FULL] * 200, codebook, tokenizer, dropout=0.5)
    kept = (batch["list_ids"].sum(dim=1) > 0).float().mean().item()
    assert 0.35 < kept < 0.65
