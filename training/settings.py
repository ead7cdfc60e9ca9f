"""The settings of one training run."""

from pydantic import ConfigDict, Field

from model.codebook import Schema

#: numpy takes no larger one.
LARGEST_SEED = 2**32 - 1


class TrainingSettings(Schema):
    """Everything that decides what a run yields, beside its data and its codebook.

    ``held_out`` is the share of documents for the development part, and once more for the test part; with ``folds``
    every sentence is learned from, and networks that have not seen it judge it (cross-validation by document);
    ``repeat`` is how often an annotated sentence is seen in one epoch where there is an additional corpus or a
    supplement, each of whose sentences is seen once; lengths count tokens, rates are per step, dropouts are
    probabilities.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    encoder: str = "minilm"
    epochs: int = Field(default=4, gt=0)
    batch_size: int = Field(default=32, gt=0)
    learning_rate: float = Field(default=1e-4, gt=0)
    head_factor: float = Field(default=5.0, gt=0, description="The heads learn this much faster than the encoder.")
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.1, ge=0, lt=1, description="Share of the steps.")
    dropout: float = Field(default=0.1, ge=0, lt=1)
    encoder_dropout: float | None = Field(
        default=None, ge=0, lt=1, description="Dropout within the encoder; None leaves what its configuration says."
    )
    list_dropout: float = Field(default=0.2, ge=0, le=1)
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    soft_weight: float = Field(
        default=0.5, ge=0, le=1, description="What a teacher says counts so much beside an annotator's label."
    )
    substitutes: int = Field(
        default=0, ge=0, description="Copies in which other actors are named, with the mentions and stances."
    )
    rewordings: int = Field(default=0, ge=0, description="Copies in other words that a teacher labels, too.")
    most_unlabelled: int | None = Field(
        default=None,
        gt=0,
        description="At most so many unlabelled sentences, those of which the base is least sure.",
    )
    imitation: float = Field(
        default=0.0, ge=0, description="What the distance from a teacher's token vectors counts beside the labels."
    )
    feed_forward: int | None = Field(
        default=None, gt=0, description="Units to which the base's feed-forward layers are narrowed before training."
    )
    attention_heads: int | None = Field(
        default=None, gt=0, description="Heads to which the attention of the base's layers is cut before training."
    )
    relu: bool = Field(default=False, description="The base's feed-forward layers get ReLU as their activation.")
    base_share: float = Field(
        default=0.0, ge=0, lt=1, description="Weight of the base in the mean of the weights before and after training."
    )
    balance_stances: bool = Field(
        default=False, description="The stance logits get biases that raise the macro F1 on development data."
    )
    repeat: int = Field(default=2, gt=0)
    patience: int = Field(default=2, gt=0, description="Epochs without a better score before training stops.")
    held_out: float = Field(default=0.08, ge=0, lt=0.5)
    folds: int = Field(
        default=0,
        ge=0,
        description="Parts of a cross-validation that chooses thresholds, in the place of a held-out part.",
    )
    contrastive: float = Field(
        default=0.0, ge=0, description="What the supervised contrastive loss of the sentences counts beside the labels."
    )
    compiled: bool = Field(default=False, description="The encoder is compiled before training (torch.compile).")
    head_start: bool = Field(default=False, description="Start new frame logits from logistic regression.")
    window: int = Field(default=160, gt=16)
    overlap: int = Field(default=48, ge=0)
    seed: int = Field(default=1, ge=0, le=LARGEST_SEED)

    @property
    def reshaped(self) -> bool:
        """Whether the base gets another shape before training."""
        return self.feed_forward is not None or self.attention_heads is not None or self.relu
