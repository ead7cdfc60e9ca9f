"""The network: one encoder, three heads, one forward pass. Needs torch and transformers (the ``train`` extra)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, gelu, log_softmax, normalize
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers.utils import logging
from transformers.utils.generic import ModelOutput

from model.actors import FORM_KINDS
from model.attention import resize_attention
from model.tokens import SHAPES

#: Marks a label that an example does not have; it adds nothing to the loss.
UNKNOWN = -100
#: A logit that leaves no probability.
_NEVER = -1e4
MENTION_LABELS = ("outside", "begin", "inside")


class FramelineConfig(PreTrainedConfig):
    """Configuration of `FramelineModel`.

    Args:
        encoder: the configuration of the encoder (any of transformers' encoders), or its fields.
        encoder_name: the hub id or path from which the encoder's weights came.
        frames: frame ids, in the order of the frame logits.
        stances: stance ids, in the order of the stance logits.
        window: the most tokens that are read at once, special tokens included.
        overlap: tokens that neighbouring windows of a long sentence share.
        dropout: dropout before the heads, as a probability.
        label_smoothing: probability that training takes from the gold label and spreads over the others
            (Szegedy et al. 2016), so that the model does not grow overconfident.
        frames_per_sentence: as in the codebook; other than "any" the frame logits are those of a softmax.
        contrastive_weight: how much the supervised contrastive loss of the pooled sentences counts in training.
        attention_heads: heads of each layer's attention where it has lost some of those that ``encoder`` names.
        teacher_size: size of the teacher's token vectors while the network learns to imitate them, 0 without.
        imitation_weight: how much the imitation counts beside the losses of the heads.
    """

    model_type = "frameline"

    def __init__(
        self,
        encoder: PreTrainedConfig | dict[str, Any] | None = None,
        encoder_name: str = "",
        frames: tuple[str, ...] = (),
        stances: tuple[str, ...] = (),
        window: int = 160,
        overlap: int = 48,
        dropout: float = 0.1,
        label_smoothing: float = 0.0,
        frames_per_sentence: str = "any",
        contrastive_weight: float = 0.0,
        attention_heads: int | None = None,
        teacher_size: int = 0,
        imitation_weight: float = 0.0,
        **kwargs: Any,
    ) -> None:
        fields = {"model_type": "bert"} if encoder is None else encoder
        self.encoder = AutoConfig.for_model(**fields) if isinstance(fields, dict) else fields
        self.encoder_name = encoder_name
        self.frames = list(frames)
        self.stances = list(stances)
        self.window = window
        self.overlap = overlap
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.frames_per_sentence = frames_per_sentence
        self.contrastive_weight = contrastive_weight
        self.attention_heads = attention_heads
        self.teacher_size = teacher_size
        self.imitation_weight = imitation_weight
        super().__init__(**kwargs)


@dataclass
class FramelineOutput(ModelOutput):
    """Logits of a batch: frames (B, F), mentions (B, T, 3), stances (B, T, S).

    ``spans`` (B, M, S) are the stance logits of the spans to judge, ``loss`` the sum of the heads' losses,
    ``vectors`` (B, T, H) the encoder's token vectors; each only where it was asked for.
    """

    loss: Tensor | None = None
    frames: Tensor | None = None
    mentions: Tensor | None = None
    stances: Tensor | None = None
    spans: Tensor | None = None
    vectors: Tensor | None = None


class FramelineModel(PreTrainedModel):
    """One encoder with a frame head, a mention head and a stance head.

    Frames are read from the mean of the token vectors; mentions (begin, inside, outside) and stances are
    token heads, so that the cost does not grow with the number of actors. How a word is written, which
    uncased encoders lose, and what the actor list says of it are added to the word embeddings; both
    embeddings start at zero and so leave a pretrained encoder as it is.
    """

    config_class = FramelineConfig
    base_model_prefix = "encoder"

    def __init__(self, config: FramelineConfig) -> None:
        super().__init__(config)
        self.encoder = _without_pooler(AutoModel.from_config(config.encoder))
        if config.attention_heads is not None:
            resize_attention(self.encoder, config.attention_heads)
        size = config.encoder.hidden_size
        width = cast(nn.Embedding, self.encoder.get_input_embeddings()).embedding_dim
        self.shape_embeddings = nn.Embedding(len(SHAPES), width)
        self.list_embeddings = nn.Embedding(len(FORM_KINDS), width)
        self.dropout = nn.Dropout(config.dropout)
        self.frame_head = nn.Linear(size, len(config.frames))
        self.mention_head = nn.Linear(size, len(MENTION_LABELS))
        self.stance_context = nn.Linear(size, size)
        self.stance_tokens = nn.Linear(size, size)
        self.stance_head = nn.Linear(size, len(config.stances))
        self.imitation = nn.Linear(size, config.teacher_size) if config.teacher_size else None
        self.post_init()

    @classmethod
    def from_pretrained(cls, *given: Any, **named: Any) -> Self:
        """As transformers has it: the network that a folder keeps."""
        with _without_bar():
            return super().from_pretrained(*given, **named)

    def save_pretrained(self, *given: Any, **named: Any) -> None:
        """As transformers has it: keep the network in a folder."""
        with _without_bar():
            super().save_pretrained(*given, **named)

    @classmethod
    def from_encoder(cls, name: str, config: dict[str, Any]) -> "FramelineModel":
        """Put fresh heads on a pretrained encoder.

        Args:
            name: hub id or local path of the encoder.
            config: the other fields of `FramelineConfig`.
        """
        with _without_bar():
            encoder = _without_pooler(AutoModel.from_pretrained(name))
        encoder.config._name_or_path = ""
        model = cls(FramelineConfig(encoder=encoder.config, **config))
        model.encoder.load_state_dict(encoder.state_dict())
        nn.init.zeros_(model.shape_embeddings.weight)
        nn.init.zeros_(model.list_embeddings.weight)
        return model

    def imitate(self, teacher_size: int, weight: float) -> None:
        """Begin to learn a teacher's token vectors, through a linear map that only training has.

        Args:
            teacher_size: their size.
            weight: how much this counts beside the losses of the heads.
        """
        self.config.teacher_size, self.config.imitation_weight = teacher_size, weight
        self.imitation = nn.Linear(self.config.encoder.hidden_size, teacher_size)

    def stop_imitating(self) -> None:
        """Drop what only training has."""
        self.config.teacher_size, self.config.imitation_weight = 0, 0.0
        self.imitation = None

    def forward(
        self,
        input_ids: Tensor,
        shape_ids: Tensor,
        list_ids: Tensor,
        attention_mask: Tensor | None = None,
        frame_labels: Tensor | None = None,
        mention_labels: Tensor | None = None,
        spans: Tensor | None = None,
        stance_labels: Tensor | None = None,
        teacher_vectors: Tensor | None = None,
        return_vectors: bool = False,
    ) -> FramelineOutput:
        """Compute logits, and the loss where labels are given.

        Args:
            input_ids: (B, T) word pieces.
            shape_ids: (B, T) indices into `model.tokens.SHAPES`.
            list_ids: (B, T) indices into `model.actors.FORM_KINDS`.
            attention_mask: (B, T), 1 for a token, 0 for padding; None where nothing is padded.
            frame_labels: (B, F) probabilities, 0 or 1 where an annotator gave them, or `UNKNOWN`.
            mention_labels: (B, T, 3) probabilities of `MENTION_LABELS`, or `UNKNOWN`.
            spans: (B, M, T), 1 for the tokens of each of the M mentions to judge.
            stance_labels: (B, M, S) probabilities of the stances, or `UNKNOWN`.
            teacher_vectors: (B, T, D) a teacher's token vectors, 0 where there is none.
            return_vectors: whether the encoder's token vectors are wanted, too.
        """
        embedded = self.encoder.get_input_embeddings()(input_ids)
        embedded = embedded + self.shape_embeddings(shape_ids) + self.list_embeddings(list_ids)
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=attention_mask).last_hidden_state
        vectors = hidden
        hidden = self.dropout(hidden)
        pooled = _mean(hidden, attention_mask)
        frames = self.frame_head(pooled)
        mentions = self.mention_head(hidden)
        stances = self.stance_head(gelu(self.stance_tokens(hidden) + self.stance_context(pooled).unsqueeze(1)))
        judged = None if spans is None else span_logits(stances, spans)
        losses = []
        if frame_labels is not None:
            losses.append(self._frame_loss(frames, frame_labels))
            if self.config.contrastive_weight and self.training:
                losses.append(self.config.contrastive_weight * contrastive_loss(pooled, frame_labels))
        if mention_labels is not None:
            losses.append(masked_cross_entropy(mentions, mention_labels))
        if judged is not None and stance_labels is not None:
            losses.append(masked_cross_entropy(judged, stance_labels, self.config.label_smoothing))
        if self.imitation is not None and teacher_vectors is not None:
            losses.append(self.config.imitation_weight * imitation_loss(self.imitation(vectors), teacher_vectors))
        return FramelineOutput(
            loss=torch.stack(losses).sum() if losses else None,
            frames=frames,
            mentions=mentions,
            stances=stances,
            spans=judged,
            vectors=vectors if return_vectors else None,
        )

    def _frame_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        choice, smoothing = self.config.frames_per_sentence, self.config.label_smoothing
        if choice == "any":
            return frame_loss(logits, labels, smoothing)
        if choice == "at_most_one":
            known = labels[:, :1] != UNKNOWN
            none = torch.where(known, 1 - labels.sum(dim=-1, keepdim=True), labels[:, :1])
            logits = torch.cat([logits, torch.zeros_like(logits[:, :1])], dim=-1)
            labels = torch.cat([labels, none.to(labels.dtype)], dim=-1)
        return masked_cross_entropy(logits, labels, smoothing)


def span_logits(logits: Tensor, spans: Tensor) -> Tensor:
    """Mean logits of each span: (B, T, S) and (B, M, T) give (B, M, S)."""
    weights = spans.to(logits.dtype)
    return weights @ logits / weights.sum(dim=-1, keepdim=True).clamp(min=1)


def frame_loss(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Binary cross-entropy over the probabilities that are known; 0 where none is."""
    known = labels != UNKNOWN
    targets = labels.float().clamp(min=0) * (1 - smoothing) + smoothing / 2
    losses = binary_cross_entropy_with_logits(logits.float(), targets, reduction="none")
    return (losses * known).sum() / known.sum().clamp(min=1)


def masked_cross_entropy(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of logits (..., C) against the probabilities (..., C) that are known; 0 where none is."""
    known = labels[..., 0] != UNKNOWN
    targets = labels.float().clamp(min=0) * (1 - smoothing) + smoothing / labels.shape[-1]
    losses = -(targets * log_softmax(logits.float(), dim=-1)).sum(dim=-1)
    return (losses * known).sum() / known.sum().clamp(min=1)


def contrastive_loss(vectors: Tensor, labels: Tensor, temperature: float = 0.1) -> Tensor:
    """Draws sentences with the same frames together and pushes others apart (Khosla et al. 2020, equation 2).

    Args:
        vectors: (B, H) pooled sentences.
        labels: (B, F) probabilities of the frames, or `UNKNOWN`; a frame counts from 0.5 on.
        temperature: divides the cosines.

    Returns:
        The mean over the sentences that have a partner in the batch; 0 where none has.
    """
    known = labels[:, 0] != UNKNOWN
    vectors, frames = normalize(vectors[known].float(), dim=-1), labels[known] >= 0.5
    alone = torch.eye(len(frames), dtype=torch.bool, device=vectors.device)
    same = (frames.unsqueeze(0) == frames.unsqueeze(1)).all(dim=-1) & ~alone
    cosines = ((vectors @ vectors.T).float() / temperature).masked_fill(alone, _NEVER)
    partners = same.sum(dim=-1)
    drawn = (log_softmax(cosines, dim=-1) * same).sum(dim=-1) / partners.clamp(min=1)
    return -drawn.sum() / (partners > 0).sum().clamp(min=1)


def imitation_loss(vectors: Tensor, teacher: Tensor) -> Tensor:
    """Squared distance of token vectors (B, T, D) from the teacher's, as a share of the squared length of those.

    Tokens for which the teacher's vector is 0 are left out (Jiao et al. 2020, TinyBERT).
    """
    teacher = teacher.float()
    known = teacher.any(dim=-1, keepdim=True)
    return ((vectors.float() - teacher).square() * known).sum() / teacher.square().sum().clamp(min=1e-6)


@contextmanager
def _without_bar() -> Iterator[None]:
    """Keeps transformers from showing how it reads or writes weights, which takes a moment."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _without_pooler(encoder: PreTrainedModel) -> PreTrainedModel:
    """Drop the pooler of encoders that have one; the heads read the token vectors."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.register_module("pooler", None)
    return encoder


def _mean(hidden: Tensor, mask: Tensor | None) -> Tensor:
    if mask is None:
        return hidden.mean(dim=1)
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
