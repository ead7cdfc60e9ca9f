"""What the training of a network starts from."""

from dataclasses import dataclass
from typing import Any

from transformers import AutoTokenizer

from model.codebook import Codebook
from training.base import Base
from training.encoders import Encoder, find_encoder, reading
from training.fitting import check_encoder
from training.run_folder import RunError
from training.settings import TrainingSettings
from training.sources import Sources


@dataclass(frozen=True)
class StartingPoint:
    """An encoder with its tokenizer, as transformers has it, and the base that is trained further, if there is one."""

    encoder: Encoder
    tokenizer: Any
    base: Base | None

    @classmethod
    def open(cls, sources: Sources, settings: TrainingSettings, codebook: Codebook) -> "StartingPoint":
        """Open what a run starts from.

        Raises:
            RunError: the base has another encoder, or other labels than the mean with it needs.
            EncoderError: the encoder is not there, or cannot be read.
        """
        base = None if sources.base is None else Base.open(sources.base, settings.encoder)
        encoder = find_encoder(settings.encoder)
        with reading(encoder):
            tokenizer = AutoTokenizer.from_pretrained(encoder.source)
            if len(tokenizer) <= len(tokenizer.all_special_ids):  # transformers makes an empty one where there is none
                raise FileNotFoundError("it has no tokenizer")
        if base is not None:
            check_encoder(base, encoder)
            if settings.base_share and not (base.has_frames(codebook) and base.has_stances(codebook)):
                raise RunError("--base-share is for a base with the same frames and stances: leave it out")
        return cls(encoder, tokenizer, base)
