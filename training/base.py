"""What training starts from: the network of a finished run or of a checkpoint."""

from dataclasses import dataclass
from pathlib import Path

import torch

from model.checkpoint import CHECKSUMS, CODEBOOK, MODEL, TOKENIZER, Checkpoint, CheckpointConfig
from model.codebook import Codebook
from model.network import FramelineModel
from model.version import METRICS
from training.checkpoint_network import read_network
from training.encoders import name_of
from training.run_folder import NETWORK, RunError, read_config

_WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class Base:
    """A finished run or a checkpoint.

    Attributes:
        folder: where it lies.
        codebook: the codebook that its network was trained on.
        config: how it labels.
        encoder: the encoder by which `find_encoder` finds its shape; only a checkpoint needs it.
    """

    folder: Path
    codebook: Codebook
    config: CheckpointConfig
    encoder: str

    @classmethod
    def open(cls, folder: Path, encoder: str | None = None) -> "Base":
        """Open the run or checkpoint in ``folder``.

        Args:
            folder: where it lies.
            encoder: its encoder, where the name in the checkpoint does not lead there (a local folder).

        Raises:
            RunError: there is neither.
            CheckpointError: the checkpoint there is damaged.
        """
        if (folder / CHECKSUMS).is_file():
            checkpoint = Checkpoint.open(folder)
            return cls(folder, checkpoint.codebook, checkpoint.config, encoder or name_of(checkpoint.config.encoder))
        if not (folder / METRICS).is_file():
            raise RunError(
                f"{folder}: neither a checkpoint ({CHECKSUMS} is missing) nor a finished run ({METRICS} is missing)"
            )
        config = read_config(folder)
        return cls(folder, Codebook.load(folder / CODEBOOK), config, encoder or name_of(config.encoder))

    @property
    def weights(self) -> Path:
        """The file with its weights."""
        return weights_of(self.folder)

    @property
    def tokenizer(self) -> Path:
        """The file with its tokenizer."""
        return self.folder / TOKENIZER

    def has_stances(self, codebook: Codebook) -> bool:
        """Whether its mention and stance heads judge as ``codebook`` asks for."""
        return self.codebook.stance_ids == codebook.stance_ids

    def has_frames(self, codebook: Codebook) -> bool:
        """Whether its frame head judges as ``codebook`` asks for."""
        ours, theirs = self.codebook, codebook
        return (ours.frame_ids, ours.frames_per_sentence) == (theirs.frame_ids, theirs.frames_per_sentence)

    def network(self, dropout: float = 0.1) -> FramelineModel:
        """Its network, as it is."""
        if (self.folder / CHECKSUMS).is_file():
            return read_network(Checkpoint.open(self.folder), self.encoder, dropout)
        return FramelineModel.from_pretrained(self.folder / NETWORK, dropout=dropout)

    def network_for(self, codebook: Codebook, dropout: float, label_smoothing: float) -> FramelineModel:
        """Its network with the heads of another codebook.

        Encoder and mention head stay. The logits of frames that both codebooks have keep their weights, and so does the
        stance head where the stances are the same; what is new starts from nothing.
        """
        network = self.network(dropout)
        network.config.label_smoothing = label_smoothing
        if not self.has_frames(codebook):
            _replace_frames(network, codebook)
        if not self.has_stances(codebook):
            network.stance_head = torch.nn.Linear(network.config.encoder.hidden_size, len(codebook.stances))
            network.config.stances = list(codebook.stance_ids)
        return network


def weights_of(folder: Path) -> Path:
    """The file with the weights of a run or a checkpoint."""
    return folder / MODEL if (folder / CHECKSUMS).is_file() else folder / NETWORK / _WEIGHTS


def _replace_frames(network: FramelineModel, codebook: Codebook) -> None:
    old, known = network.frame_head, list(network.config.frames)
    head = torch.nn.Linear(old.in_features, len(codebook.frames))
    with torch.no_grad():
        for number, frame in enumerate(codebook.frame_ids):
            if frame in known:
                head.weight[number] = old.weight[known.index(frame)]
                head.bias[number] = old.bias[known.index(frame)]
    network.frame_head = head
    network.config.frames = list(codebook.frame_ids)
    network.config.frames_per_sentence = codebook.frames_per_sentence
