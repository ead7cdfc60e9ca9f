from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.checkpoint import MODEL, TOKENIZER
from model.errors import CheckpointError
from model.runtime import BatchingRuntime, OnnxRuntime, run_batches
from model.tokens import SentenceTokenizer, Window

SENTENCES = [
    "Arland fled.",
    "Voss fled.",
    "The people fled with Voss.",
    "The army fled with Arland.",
    "The army said it would guard the border.",
    "US",
    "people " * 40,
]


class Counting:
    """A session that notes how many windows it is given at a time, and answers with what it was asked."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        ids = inputs["input_ids"]
        self.sizes.append((ids.shape[0], ids.shape[1]))
        return [ids[:, 0].astype(np.float16), ids[..., None], ids[..., None]]


def window(first: int, length: int) -> Window:
    ids = np.full((1, length), first)
    return Window(ids, ids, ids, first=0, prefix=1, suffix=1)


def windows(checkpoint: Path, sentences: list[str]) -> list[Window]:
    tokenizer = SentenceTokenizer(checkpoint / TOKENIZER, 24, 6)
    return [one for sentence in sentences for one in tokenizer(sentence, []).windows]


def test_windows_of_one_length_run_together_up_to_the_budget() -> None:
    session = Counting()
    asked = [window(1, 4), window(2, 6), window(3, 4), window(4, 4), window(5, 30)]
    outputs = run_batches(session, asked, 8)
    assert sorted(session.sizes) == [(1, 4), (1, 6), (1, 30), (2, 4)]
    assert [int(output.frames) for output in outputs] == [1, 2, 3, 4, 5]
    assert [output.mentions.shape for output in outputs] == [(4, 1), (6, 1), (4, 1), (4, 1), (30, 1)]
    assert {part.dtype for output in outputs for part in output} == {np.dtype(np.float32)}


def test_without_a_budget_each_runs_by_itself() -> None:
    session = Counting()
    assert len(run_batches(session, [window(1, 4)] * 3, 0)) == 3
    assert session.sizes == [(1, 4)] * 3
    assert run_batches(session, [], 0) == []


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=12))
def test_company_and_order_change_nothing_at_all(checkpoint: Path, order: list[str]) -> None:
    runtime = OnnxRuntime(checkpoint / MODEL)
    asked = windows(checkpoint, order)
    for one, output in zip(asked, runtime.run_all(asked), strict=True):
        for alone, together in zip(runtime.run(one), output, strict=True):
            np.testing.assert_array_equal(alone, together)


def test_batching_changes_nothing_at_all(checkpoint: Path) -> None:
    batching, single = OnnxRuntime(checkpoint / MODEL), OnnxRuntime(checkpoint / MODEL, batching=False)
    assert isinstance(batching, BatchingRuntime)
    assert batching.in_bulk > single.in_bulk == single.together
    asked = windows(checkpoint, SENTENCES)
    for one, other in zip(batching.run_all(asked), single.run_all(asked), strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)


def test_no_model_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / MODEL).write_bytes(b"no model")
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        OnnxRuntime(tmp_path / MODEL)
