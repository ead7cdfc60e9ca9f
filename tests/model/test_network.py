from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModel

from model.network import (
    UNKNOWN,
    FramelineModel,
    contrastive_loss,
    frame_loss,
    imitation_loss,
    masked_cross_entropy,
    span_logits,
)


def batch() -> dict[str, torch.Tensor]:
    ids = torch.randint(5, 50, (2, 7), generator=torch.Generator().manual_seed(1))
    return {"input_ids": ids, "shape_ids": ids % 4, "list_ids": ids % 7, "attention_mask": torch.ones(2, 7).long()}


def test_one_pass_gives_three_outputs(network: FramelineModel) -> None:
    output = network(**batch())
    assert output.frames.shape == (2, 2)
    assert output.mentions.shape == (2, 7, 3)
    assert output.stances.shape == (2, 7, 3)
    assert output.loss is None


def test_imitation_adds_the_distance_from_the_teachers_vectors(network: FramelineModel, tmp_path: Path) -> None:
    network.imitate(5, 0.5)
    assert network.imitation is not None
    teacher = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(1))
    teacher[:, 0] = 0  # of special tokens nothing is known
    output = network(**batch(), teacher_vectors=teacher, return_vectors=True)
    distance = (network.imitation(output.vectors) - teacher)[:, 1:].square().sum() / teacher.square().sum()
    assert output.loss.item() == pytest.approx(0.5 * distance.item(), rel=1e-4)
    assert imitation_loss(teacher, teacher).item() == 0
    network.stop_imitating()
    assert network(**batch(), teacher_vectors=teacher).loss is None
    network.save_pretrained(tmp_path)
    assert not any(name.startswith("imitation") for name in FramelineModel.from_pretrained(tmp_path).state_dict())


def test_weights_are_read_and_written_without_a_word(
    network: FramelineModel, encoder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    network.save_pretrained(tmp_path)
    FramelineModel.from_pretrained(tmp_path)
    FramelineModel.from_encoder(str(encoder), {"frames": ("guarding",), "stances": ("critical",)})
    assert capfd.readouterr() == ("", "")


def test_save_and_load_round_trip(network: FramelineModel, tmp_path: Path) -> None:
    network.save_pretrained(tmp_path)
    loaded = FramelineModel.from_pretrained(tmp_path).eval()
    assert loaded.config.frames == ["guarding", "fleeing"]
    for one, other in zip(network(**batch()).to_tuple(), loaded(**batch()).to_tuple(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_fresh_network_leaves_the_encoder_as_it_is(encoder: Path) -> None:
    network = FramelineModel.from_encoder(str(encoder), {"frames": ("a",), "stances": ("b", "c")}).eval()
    seen: dict[str, torch.Tensor] = {}
    network.mention_head.register_forward_hook(lambda module, inputs, output: seen.update(hidden=inputs[0]))
    inputs = batch()
    network(**inputs)
    plain = AutoModel.from_pretrained(encoder).eval()(inputs["input_ids"]).last_hidden_state
    assert torch.allclose(seen["hidden"], plain, atol=1e-5)


def test_padding_changes_nothing(network: FramelineModel) -> None:
    inputs = batch()
    padded = {name: torch.cat([value, torch.zeros(2, 3).long()], dim=1) for name, value in inputs.items()}
    one, other = network(**inputs), network(**padded)
    assert torch.allclose(one.frames, other.frames, atol=1e-5)
    assert torch.allclose(one.stances, other.stances[:, :7], atol=1e-5)


def test_unknown_labels_add_nothing_to_the_loss(network: FramelineModel) -> None:
    inputs = batch()
    spans = torch.zeros(2, 1, 7)
    spans[:, 0, 1:3] = 1
    stances = torch.tensor([[[0.0, 0.0, 1.0]], [[UNKNOWN] * 3]])
    output = network(
        **inputs,
        frame_labels=torch.full((2, 2), UNKNOWN),
        mention_labels=torch.full((2, 7, 3), UNKNOWN),
        spans=spans,
        stance_labels=stances,
    )
    alone = cross_entropy(output.stances[0, 1:3].mean(dim=0, keepdim=True), torch.tensor([2]))
    assert output.loss.item() == pytest.approx(alone.item(), abs=1e-5)
    everything_unknown = network(**inputs, frame_labels=torch.full((2, 2), UNKNOWN))
    assert everything_unknown.loss.item() == 0


def test_losses_by_hand() -> None:
    logits = torch.zeros(2, 2)
    assert frame_loss(logits, torch.tensor([[1, UNKNOWN], [0, 1]])) == pytest.approx(0.693147, abs=1e-5)
    labels = torch.tensor([[[1.0, 0, 0, 0], [0.25, 0.25, 0.5, 0], [UNKNOWN] * 4]])
    assert masked_cross_entropy(torch.zeros(1, 3, 4), labels) == pytest.approx(1.386294)


def test_smoothing_punishes_certainty() -> None:
    sure, unsure = torch.tensor([[20.0]]), torch.tensor([[3.0]])
    label = torch.tensor([[1]])
    assert frame_loss(sure, label) < frame_loss(unsure, label)
    assert frame_loss(sure, label, 0.1) > frame_loss(unsure, label, 0.1)


def test_a_span_takes_the_mean_of_its_tokens() -> None:
    logits = torch.tensor([[[1.0, 0.0], [3.0, 2.0], [9.0, 9.0]]])
    spans = torch.tensor([[[1, 1, 0], [0, 0, 0]]])
    assert span_logits(logits, spans).tolist() == [[[2.0, 1.0], [0.0, 0.0]]]


@pytest.mark.parametrize("choice", ["at_most_one", "exactly_one"])
def test_frames_that_exclude_each_other_have_one_cross_entropy(encoder: Path, choice: str) -> None:
    fields = {"frames": ("a", "b", "c"), "stances": ("d", "e"), "frames_per_sentence": choice}
    network = FramelineModel.from_encoder(str(encoder), fields).eval()
    labels = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    if choice == "exactly_one":
        labels[1] = UNKNOWN
    output = network(**batch(), frame_labels=labels)
    logits = output.frames
    if choice == "at_most_one":
        logits = torch.cat([logits, torch.zeros(2, 1)], dim=1)
        expected = cross_entropy(logits, torch.tensor([1, 3]))
    else:
        expected = cross_entropy(logits[:1], torch.tensor([1]))
    assert output.loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_contrastive_loss_draws_the_same_frames_together() -> None:
    vectors = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    labels = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    crossed = labels[[0, 2, 1, 3]]
    assert contrastive_loss(vectors, labels) < contrastive_loss(vectors, crossed)
    alone = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [float(UNKNOWN)] * 2])
    assert contrastive_loss(vectors, alone).item() == 0
    scaled = contrastive_loss(vectors * 7, labels)
    assert scaled.item() == pytest.approx(contrastive_loss(vectors, labels).item(), rel=1e-5)
