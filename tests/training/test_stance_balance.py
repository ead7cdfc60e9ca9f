from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from model.annotation import Annotation
from model.codebook import Codebook
from model.network import UNKNOWN, FramelineModel
from model.tokens import SentenceTokenizer
from training.batches import Collator, ExampleSet
from training.examples import from_annotations
from training.run_folder import NETWORK, read_config
from training.stance_balance import FEWEST, balance_stances, choose_biases, stance_logits


def shy(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mentions of which few are of the first stance, and logits that hold it back by one."""
    gold = random.choice(3, count, p=[0.08, 0.62, 0.3])
    logits = random.normal(0, 1, (count, 3)) + 3 * np.eye(3)[gold]
    logits[:, 0] -= 1
    return logits, gold


def macro_f1(logits: np.ndarray, gold: np.ndarray) -> float:
    return float(f1_score(gold, logits.argmax(axis=1), average="macro"))


def test_what_is_held_back_is_raised_and_gains_on_other_mentions() -> None:
    logits, gold = shy(np.random.default_rng(0), 2_000)
    others, truth = shy(np.random.default_rng(1), 2_000)
    biases = choose_biases([(logits, gold)])
    assert 0.3 <= biases[0] <= 1.3
    assert biases[1] == 0
    assert macro_f1(others + biases, truth) > macro_f1(others, truth) + 0.01


def test_nothing_is_chosen_by_too_few_mentions_of_a_stance() -> None:
    logits, gold = shy(np.random.default_rng(2), 2_000)
    logits[:, 0] -= 2
    rare = np.flatnonzero(gold == 0)
    for few, chooses in ((rare[: FEWEST - 1], False), (rare[:FEWEST], True)):
        kept = np.concatenate([few, np.flatnonzero(gold)])
        assert choose_biases([(logits[kept], gold[kept])]).any() == chooses
    assert not choose_biases([(np.zeros((0, 3)), np.zeros(0, dtype=np.int64))]).any()


def test_what_is_judged_rightly_stays() -> None:
    gold = np.arange(300) % 3
    assert not choose_biases([(9.0 * np.eye(3)[gold], gold)]).any()


def test_what_gains_nothing_stays_beside_what_does() -> None:
    logits, gold = shy(np.random.default_rng(4), 2_000)
    logits[gold == 2] = [-20, -20, 20]
    logits[gold != 2, 2] = -20
    biases = choose_biases([(logits, gold)])
    assert biases[0] > 0
    assert biases[2] == 0


def test_a_stance_that_is_given_too_often_is_lowered() -> None:
    logits, gold = shy(np.random.default_rng(3), 2_000)
    logits[:, 0] += 4
    assert choose_biases([(logits, gold)])[0] < -0.5


def test_two_sets_count_the_same_whatever_their_sizes() -> None:
    large = shy(np.random.default_rng(5), 8_000)
    small = shy(np.random.default_rng(6), 1_000)
    small[0][:, 0] += 2
    alone = [choose_biases([large])[0], choose_biases([small])[0]]
    pooled = choose_biases([(np.concatenate([large[0], small[0]]), np.concatenate([large[1], small[1]]))])[0]
    both = choose_biases([large, small])[0]
    assert alone[1] < both < pooled <= alone[0]


def test_a_set_with_too_few_mentions_of_a_stance_is_joined_to_the_first() -> None:
    first, other = (shy(np.random.default_rng(seed), 2_000) for seed in (7, 8))
    other[0][:, 0] += 2
    few = other[0][:50], other[1][:50]
    assert np.bincount(few[1], minlength=3).min() < FEWEST
    joined = np.concatenate([first[0], few[0]]), np.concatenate([first[1], few[1]])
    together = choose_biases([first, few]).tolist()
    assert together == choose_biases([joined]).tolist()
    assert together != choose_biases([first, other]).tolist()
    none = np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
    assert choose_biases([first, none]).tolist() == choose_biases([first]).tolist()
    assert not choose_biases([few, first]).any()


@pytest.mark.slow
def test_biases_go_into_the_stance_head(
    run_folder: Path, annotations: list[Annotation], codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = FramelineModel.from_pretrained(run_folder / NETWORK)
    config = read_config(run_folder)
    tokenizer = SentenceTokenizer(run_folder / "tokenizer.json", config.window, config.overlap)
    examples = ExampleSet(from_annotations(annotations), codebook, tokenizer)
    batch = Collator(0)([examples[number] for number in range(len(examples))])
    logits, gold = stance_logits(network, [batch])
    assert len(logits) == len(gold) == sum(len(annotation.actors) for annotation in annotations)
    stances = [codebook.stance_ids.index(actor.stance) for one in annotations for actor in one.actors]
    assert sorted(gold.tolist()) == sorted(stances)
    wanted = np.linspace(-1, 1, len(codebook.stances))
    monkeypatch.setattr("training.stance_balance.choose_biases", lambda *_: wanted)
    before = network.stance_head.bias.clone()
    assert balance_stances(network, [[batch]]) == dict(zip(codebook.stance_ids, wanted.tolist(), strict=True))
    assert torch.allclose(network.stance_head.bias - before, torch.tensor(wanted, dtype=torch.float32))
    # Products run in bfloat16 where the processor has it, so logits move by the biases up to its rounding.
    assert np.abs(stance_logits(network, [batch])[0] - logits - wanted).max() < 0.05
    monkeypatch.setattr("training.stance_balance.choose_biases", lambda *_: np.zeros(len(wanted)))
    assert balance_stances(network, [[batch]]) == {}
    batch["stance_labels"][0] = UNKNOWN
    assert len(stance_logits(network, [batch])[1]) == len(gold) - len(annotations[0].actors) < len(gold)
