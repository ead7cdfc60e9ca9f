"""The Hugging Face Trainer, set up for three heads."""

from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score
from torch.utils.data import DataLoader
from transformers import EarlyStoppingCallback, EvalPrediction, PrinterCallback, Trainer, TrainingArguments

from model.codebook import FrameChoice
from model.decoding import frame_probabilities
from model.network import UNKNOWN, FramelineModel
from training.batches import LABEL_NAMES, Collator, ExampleSet
from training.epoch_progress import EpochProgress
from training.run_folder import RunError
from training.settings import TrainingSettings
from training.torch_runtime import has_bfloat16


class _Trainer(Trainer):
    """A trainer whose batches for evaluation are collated in another way than those that are learned from.

    It ends with a `RunError` as soon as what it computes is no number any more.
    """

    def __init__(self, *, collate_evaluated: Collator, progress: EpochProgress, **given: Any) -> None:
        super().__init__(**given)
        self._collate_evaluated = collate_evaluated
        self._progress = progress
        self.remove_callback(PrinterCallback)
        self.add_callback(progress)

    def training_step(self, *given: Any, **named: Any) -> torch.Tensor:
        """The loss of one step."""
        loss = super().training_step(*given, **named)
        if not loss.isfinite():
            raise _diverged()
        self._progress.add(loss.item())
        return loss

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader[dict[str, torch.Tensor]]:
        """Batches of the development data in their order."""
        loader = DataLoader(
            cast(ExampleSet, self.eval_dataset),
            self.args.eval_batch_size,
            collate_fn=self._collate_evaluated,
            pin_memory=self.args.dataloader_pin_memory,
        )
        return cast(DataLoader[dict[str, torch.Tensor]], self.accelerator.prepare(loader))


def make_trainer(
    model: FramelineModel,
    settings: TrainingSettings,
    train: ExampleSet,
    development: ExampleSet | None,
    pad_id: int,
    folder: Path,
    progress: EpochProgress,
) -> Trainer:
    """A trainer that stops when the development score no longer rises, and keeps the best epoch.

    Without development data it trains all epochs and keeps the last.

    Args:
        model: the network to train.
        settings: the run's settings.
        train: what is learned from.
        development: what chooses the epoch, or None.
        pad_id: the tokenizer's padding token.
        folder: where the trainer keeps what it needs to go on after a kill.
        progress: shows how far it is.
    """
    chooses = development is not None
    steps = -(-len(train) // settings.batch_size) * settings.epochs
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size * 2,
        warmup_steps=round(settings.warmup * steps),
        use_cpu=not torch.cuda.is_available(),
        bf16=has_bfloat16(),
        seed=settings.seed,
        data_seed=settings.seed,
        train_sampling_strategy="group_by_length",
        label_names=LABEL_NAMES,
        remove_unused_columns=False,
        eval_strategy="epoch" if chooses else "no",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=chooses,
        restore_callback_states_from_checkpoint=True,
        metric_for_best_model="score" if chooses else None,
        greater_is_better=True if chooses else None,
        logging_strategy="epoch",
        report_to="none",
        dataloader_pin_memory=torch.cuda.is_available(),
        disable_tqdm=True,
    )
    return _Trainer(
        model=model,
        args=arguments,
        train_dataset=train,
        eval_dataset=development,
        data_collator=Collator(pad_id, settings.list_dropout),
        collate_evaluated=Collator(pad_id),
        progress=progress,
        compute_metrics=partial(development_scores, choice=model.config.frames_per_sentence),
        preprocess_logits_for_metrics=_decisions,
        optimizers=(_optimizer(model, settings), None),
        callbacks=[EarlyStoppingCallback(early_stopping_patience=settings.patience)] if chooses else [],
    )


def development_scores(prediction: EvalPrediction, choice: FrameChoice) -> dict[str, float]:
    """Frames: mean average precision; mentions: F1 of words; stances: macro F1; ``score`` is their mean.

    What has no labels is left out. Average precision needs no threshold, which is chosen after training.

    Args:
        prediction: frame logits, and what the other two heads choose.
        choice: whether frames exclude each other.

    Raises:
        RunError: the network gives what is no number.
    """
    frames, mentions, stances = map(np.asarray, prediction.predictions)
    if not np.isfinite(frames).all():
        raise _diverged()
    frames = frame_probabilities(frames, choice=choice)
    frame_labels, mention_labels, stance_labels = map(np.asarray, prediction.label_ids)
    known = frame_labels[:, 0] != UNKNOWN
    precisions = [
        average_precision_score(frame_labels[known, number], frames[known, number])
        for number in range(frame_labels.shape[1])
        if frame_labels[known, number].any()
    ]
    words = mention_labels[..., 0] != UNKNOWN
    judged = stance_labels[..., 0] != UNKNOWN
    gold_mentions, gold_stances = mention_labels[words].argmax(axis=-1), stance_labels[judged].argmax(axis=-1)
    scores = {}
    if precisions:
        scores["frames_average_precision"] = float(np.mean(precisions))
    if words.any():
        scores["mentions_f1"] = float(f1_score(gold_mentions > 0, mentions[words] > 0, zero_division=0))
    if judged.any():
        scores["stances_f1"] = float(f1_score(gold_stances, stances[judged], average="macro", zero_division=0))
    return {**scores, "score": float(np.mean(list(scores.values()))) if scores else 0.0}


def _diverged() -> RunError:
    return RunError(
        "training has diverged: what the network computes is no number any more; give a lower --learning-rate, "
        "and another --out"
    )


def _decisions(logits: Any, labels: Any) -> Any:
    """Shrink what is kept of each batch: frame logits, and the choice of the other two heads."""
    frames, mentions, _, spans = logits
    return frames.float(), mentions.argmax(dim=-1), spans.argmax(dim=-1)


def _optimizer(model: FramelineModel, settings: TrainingSettings) -> torch.optim.Optimizer:
    """AdamW with a higher rate for what starts from nothing, and no decay of biases and norms."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        fresh = not name.startswith("encoder.")
        groups.setdefault((fresh, parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": settings.learning_rate * (settings.head_factor if fresh else 1),
                "weight_decay": settings.weight_decay if decays else 0.0,
            }
            for (fresh, decays), parameters in groups.items()
        ],
        fused=True,
    )
