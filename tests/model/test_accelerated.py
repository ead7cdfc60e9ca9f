from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.accelerated import AcceleratedRuntime
from model.checkpoint import MODEL, TOKENIZER, Checkpoint
from model.errors import CheckpointError
from model.labeller import Labeller
from model.runtime import BatchingRuntime
from model.tokens import SentenceTokenizer
from training.export import export
from training.torch_runtime import TorchRuntime

SENTENCES = [
    "Arland fled.",
    "The people fled with Voss.",
    "The army said it would guard the border.",
    "US",
    "people " * 40,
]


@pytest.fixture(scope="module", params=["float16", "float32"])
def floats(request: pytest.FixtureRequest, run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("floats")
    parity = export(run_folder, folder, "tiny", "1.0", request.param)
    assert parity.frames == 1
    return folder


def test_a_checkpoint_in_floating_point_labels_as_the_trained_network(floats: Path, run_folder: Path) -> None:
    assert Checkpoint.open(floats).config.precision in ("float16", "float32")
    labeller = Labeller.from_checkpoint(floats)
    assert isinstance(labeller.runtime, BatchingRuntime)
    assert labeller.together == labeller.runtime.together
    tokenizer = SentenceTokenizer(run_folder / TOKENIZER, 24, 6)
    torch = TorchRuntime.load(run_folder / "network")
    windows = [window for sentence in SENTENCES for window in tokenizer(sentence, []).windows]
    for window, output in zip(windows, labeller.runtime.run_all(windows), strict=True):
        for one, other in zip(torch.run(window), output, strict=True):
            np.testing.assert_allclose(one, other, atol=0.02)
    labeller.close()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=12))
def test_company_and_order_change_nothing(floats: Path, order: list[str]) -> None:
    runtime = AcceleratedRuntime(floats / MODEL)
    tokenizer = SentenceTokenizer(floats / TOKENIZER, 24, 6)
    windows = [window for sentence in order for window in tokenizer(sentence, []).windows]
    for window, output in zip(windows, runtime.run_all(windows), strict=True):
        for alone, together in zip(runtime.run(window), output, strict=True):
            np.testing.assert_allclose(alone, together, atol=2e-3)


def test_no_model_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / MODEL).write_bytes(b"no model")
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        AcceleratedRuntime(tmp_path / MODEL)
