"""Trains SetFit on labelled sentences and labels others; the peer's own Python runs this file.

    PEER_PYTHON benchmarks/setfit_peer.py ENCODER TASK.json OUT.json

TASK.json holds ``train`` (texts), ``labels`` (0 or 1 a frame, one row a text), ``test`` (texts), ``iterations`` (pairs
drawn for each text of each kind) and ``seed``. OUT.json gets ``seconds``, what the training took, and ``predictions``.
"""

import json
import sys
import time
from pathlib import Path

from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments
from transformers import set_seed


def main(encoder: str, task_file: str, out: str) -> None:
    """Train with the settings of its paper (Tunstall et al. 2022) but for the number of pairs, and predict."""
    task = json.loads(Path(task_file).read_text(encoding="utf-8"))
    set_seed(task["seed"])
    model = SetFitModel.from_pretrained(encoder, multi_target_strategy="one-vs-rest")
    model.model_body.max_seq_length = 160
    arguments = TrainingArguments(
        output_dir=str(Path(out).with_suffix(".trainer")),
        batch_size=16,
        num_epochs=1,
        num_iterations=task["iterations"],
        seed=task["seed"],
        save_strategy="no",
        report_to="none",
    )
    data = Dataset.from_dict({"text": task["train"], "label": task["labels"]})
    start = time.perf_counter()
    Trainer(model=model, args=arguments, train_dataset=data).train()
    seconds = time.perf_counter() - start
    predictions = [[int(value) for value in row] for row in model.predict(task["test"], use_labels=False)]
    Path(out).write_text(json.dumps({"seconds": seconds, "predictions": predictions}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
