"""Fitting one network to examples: what a run does once, and a cross-validation once a fold."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import Dropout, Embedding, Module
from transformers import set_seed

from model import atomic
from model.codebook import Codebook
from model.network import FramelineModel
from model.tokens import SentenceTokenizer
from training.base import Base
from training.batches import Collator, ExampleSet
from training.compilation import compile_encoder
from training.distillation import Teacher
from training.encoders import Encoder, reading
from training.epoch_progress import EpochProgress
from training.examples import Example
from training.head_start import start_frame_head
from training.pruning import check_shape, reshape
from training.run_folder import RunError
from training.settings import TrainingSettings
from training.stance_balance import balance_stances
from training.trainer import make_trainer
from training.trainer_state import last_whole_checkpoint, stopped_after
from training.weight_average import average_weights, copy_weights

_NETWORK = "network"
_TRAINER = "trainer"
#: Written last, it marks a fit as done.
_DONE = "fit.json"
#: Batches on which a network that is made smaller shows what its heads and units do.
_SAMPLED = 64


@dataclass(frozen=True)
class Fit:
    """A trained network, what happened in each epoch, and its scores on the development data, if there was some.

    ``biases`` are what was added to the stances' logits after training.
    """

    network: FramelineModel
    history: list[dict[str, Any]]
    development: dict[str, float]
    biases: dict[str, float] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Keep it in a folder."""
        self.network.save_pretrained(folder / _NETWORK)
        content = {"history": self.history, "development": self.development, "biases": self.biases}
        atomic.write(folder / _DONE, json.dumps(content).encode())

    @classmethod
    def read(cls, folder: Path) -> "Fit":
        """The one that ``folder`` keeps."""
        return cls(FramelineModel.from_pretrained(folder / _NETWORK), **json.loads((folder / _DONE).read_bytes()))

    @staticmethod
    def is_done(folder: Path) -> bool:
        """Whether ``folder`` keeps one that was written to its end."""
        return (folder / _DONE).is_file()


@dataclass(frozen=True, kw_only=True)
class Fitter:
    """Everything that one fit shares with the next.

    Attributes:
        settings: the run's settings.
        codebook: the labelling schema.
        encoder: what the network is made of where there is no ``base``.
        base: the run or checkpoint whose network is trained further, or None.
        tutor: the teacher, or None.
        tokenizer: the encoder's tokenizer.
        pad_id: its padding token.
        say: takes a line about what happens.
    """

    settings: TrainingSettings
    codebook: Codebook
    encoder: Encoder
    base: Base | None
    tutor: Teacher | None
    tokenizer: SentenceTokenizer
    pad_id: int
    say: Callable[[str], None]

    def check(self) -> None:
        """Check before long work that the network can be given the shape that is asked for.

        Raises:
            RunError: it cannot.
        """
        if self.settings.reshaped:
            check_shape(self._network(), self.settings)

    def fit(self, learned: Sequence[Example], development: Sequence[Sequence[Example]], folder: Path) -> Fit:
        """Train a network, going on where an interrupted training left off; what is done is not done again.

        Args:
            learned: what is learned from.
            development: sets of sentences that choose the epoch, all together, and the stances' biases, each counting
                the same; where there are none the last epoch is taken.
            folder: what an interrupted training goes on from, and then the fit.
        """
        if Fit.is_done(folder):
            return Fit.read(folder)
        settings = self.settings
        set_seed(settings.seed)
        network = self._network()
        examples = ExampleSet(learned, self.codebook, self.tokenizer, settings.soft_weight)
        reshape(network, settings, lambda: self._some_batches(examples))
        if settings.head_start and (new := self._new_frames()):
            start_frame_head(network, examples, self.pad_id, self.codebook.frames_per_sentence, new)
        before = copy_weights(network) if settings.base_share else {}
        self._set_up(network)
        sets = [ExampleSet(examples, self.codebook, self.tokenizer) for examples in development if examples]
        chosen_by = ExampleSet(list(chain(*development)), self.codebook, self.tokenizer) if sets else None
        progress = EpochProgress(self.say)
        trainer = make_trainer(network, settings, examples, chosen_by, self.pad_id, folder / _TRAINER, progress)
        last = last_whole_checkpoint(folder / _TRAINER)
        if last is not None:
            self.say(f"going on from {last}")
            # The trainer itself forgets that it was to stop, and would train one more epoch.
            trainer.args.num_train_epochs = stopped_after(last) or settings.epochs
        with progress:
            trainer.train(resume_from_checkpoint=None if last is None else str(last))
        average_weights(network, before, settings.base_share)
        biases = {}
        if settings.balance_stances and sets:
            biases = balance_stances(network, map(self._batches, sets))
            self.say(f"added to the stances' logits: {biases or 'nothing'}")
        # Before what is kept is measured, which may differ from what the last epoch left.
        history = list(trainer.state.log_history)
        scores = trainer.evaluate() if sets else {}
        network.stop_imitating()
        network.config.contrastive_weight = 0.0
        Fit(network, history, dict(scores), biases).write(folder)
        shutil.rmtree(folder / _TRAINER)
        # Read again, since the trainer's network goes on computing in the precision of training.
        return Fit.read(folder)

    def word_embeddings(self) -> Tensor:
        """The embeddings of the tokens with which training starts, shape (V, H)."""
        return cast(Embedding, self._network().encoder.get_input_embeddings()).weight

    def _new_frames(self) -> set[int]:
        """The numbers of frames that the base has not learned; of frames that exclude each other all, or none."""
        names = self.codebook.frame_ids
        known = () if self.base is None else self.base.codebook.frame_ids
        new = {number for number, name in enumerate(names) if name not in known}
        return {*range(len(names))} if new and self.codebook.frames_per_sentence != "any" else new

    def _network(self) -> FramelineModel:
        """What is trained: a network with fresh heads, or that of the base."""
        settings, codebook = self.settings, self.codebook
        if self.base is not None:
            return self.base.network_for(codebook, settings.dropout, settings.label_smoothing)
        fields = {
            "encoder_name": self.encoder.name,
            "frames": codebook.frame_ids,
            "stances": codebook.stance_ids,
            "window": settings.window,
            "overlap": settings.overlap,
            "dropout": settings.dropout,
            "label_smoothing": settings.label_smoothing,
            "frames_per_sentence": codebook.frames_per_sentence,
        }
        with reading(self.encoder):
            return FramelineModel.from_encoder(self.encoder.source, fields)

    def _set_up(self, network: FramelineModel) -> None:
        """Let the network learn as the settings say: what counts beside the labels, dropout, and how it computes."""
        settings = self.settings
        network.config.contrastive_weight = settings.contrastive
        if self.tutor is not None and settings.imitation:
            network.imitate(self.tutor.size, settings.imitation)
        if settings.encoder_dropout is not None:
            set_dropout(network.encoder, settings.encoder_dropout)
        if not torch.cuda.is_available():
            # On the CPU the backward pass of torch's fused attention takes more time than all else together.
            network.encoder.set_attn_implementation("eager")
        if settings.compiled:
            compile_encoder(network)

    def _some_batches(self, examples: ExampleSet) -> Iterator[dict[str, Tensor]]:
        """A sample of the batches, spread over all examples."""
        step = max(1, len(examples) // (_SAMPLED * self.settings.batch_size))
        return self._batches(examples, step)

    def _batches(self, examples: ExampleSet, step: int = 1) -> Iterator[dict[str, Tensor]]:
        """The batches of every ``step``-th example."""
        collate, size = Collator(self.pad_id), self.settings.batch_size
        chosen = range(0, len(examples), step)
        for start in range(0, len(chosen), size):
            yield collate([examples[number] for number in chosen[start : start + size]])


def set_dropout(module: Module, probability: float) -> None:
    """Set the probability of every dropout within ``module``."""
    for part in module.modules():
        if isinstance(part, Dropout):
            part.p = probability


def check_encoder(base: Base, encoder: Encoder) -> None:
    """Check that the tokenizer of ``encoder`` is that of the base.

    Raises:
        RunError: it is another one.
    """
    if base.config.encoder != encoder.name:
        raise RunError(
            f"{base.folder} has the encoder {base.config.encoder!r}, not {encoder.name!r}; "
            f"name it with --encoder, so that its tokenizer is used"
        )
