"""The shipped checkpoint in int8 labels as its own weights do in float32."""

import pytest

from model import Codebook, Labeller
from model.annotation import read_annotations
from model.checkpoint import DEFAULT
from tests.conftest import ROOT
from training.base import Base
from training.torch_runtime import TorchRuntime

FOLDER = ROOT / "data" / "annotations"


@pytest.mark.slow
def test_int8_agrees_with_float32_on_98_percent_of_the_labels() -> None:
    """The weights are those that int8 stores, read back; what int8 rounds beyond them is every layer's input.

    How far rounding the weights themselves changes labels, the export measures on the run (`training.parity`).
    """
    int8 = Labeller.from_checkpoint()
    float32 = Labeller(TorchRuntime(Base.open(DEFAULT).network()), int8.tokenizer, int8.codebook, int8.config)
    rows = read_annotations([FOLDER / "authored.jsonl"], Codebook.load(FOLDER / "codebook.yaml"))
    frames, stances = [], []
    found: list[set[tuple[int, int, int]]] = [set(), set()]
    for number, row in enumerate(rows[:: len(rows) // 300]):
        mentions = [row.mention(actor) for actor in row.actors]
        (one,), (other,) = (each.classify(row.text, mentions, split=False).sentences for each in (int8, float32))
        frames += [a.present == b.present for a, b in zip(one.frames, other.frames, strict=True)]
        stances += [a.stance == b.stance for a, b in zip(one.actors, other.actors, strict=True)]
        for spans, each in zip(found, (int8, float32), strict=True):
            (sentence,) = each.classify(row.text, split=False).sentences
            spans |= {(number, actor.start, actor.end) for actor in sentence.actors}
    int8.close()
    float32.close()
    assert len(frames) >= 900 and len(stances) >= 300
    assert sum(frames) / len(frames) >= 0.98
    assert sum(stances) / len(stances) >= 0.98
    both, either = len(found[0] & found[1]), len(found[0]) + len(found[1])
    assert either >= 600
    assert 2 * both / either >= 0.98
