import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn import Dropout
from transformers import AutoModel, DefaultFlowCallback, EarlyStoppingCallback, TrainerState, TrainingArguments

from model import atomic
from model.annotation import Annotation
from model.checkpoint import CODEBOOK, digest
from model.errors import FaultsError, FramelineError
from model.version import METRICS, RUN
from training.compilation import has_compiler
from training.encoders import EncoderError
from training.fitting import Fit, set_dropout
from training.run import train
from training.run_folder import NETWORK, RunError, load_run, read_record
from training.settings import TrainingSettings
from training.sources import Sources
from training.splits import part_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]


@pytest.fixture
def settings(encoder: Path) -> TrainingSettings:
    return TrainingSettings(
        encoder=str(encoder), epochs=6, batch_size=8, learning_rate=5e-3, window=24, overlap=6, held_out=0.2, patience=6
    )


@pytest.fixture
def sources(annotation_file: Path, codebook_file: Path) -> Sources:
    return Sources((annotation_file,), codebook_file)


def history(folder: Path) -> list[dict[str, Any]]:
    content: dict[str, Any] = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    return [row for row in content["history"] if "eval_score" in row]


def test_learns_and_leaves_a_whole_run_folder(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    folder = tmp_path / "run"
    said: list[str] = []
    train(sources, settings, folder, said.append)
    metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    assert metrics["development"]["eval_frames_average_precision"] > 0.95
    scores = [section["macro"]["f1"] for section in metrics["evaluation"]["sections"]]
    held_out = metrics["evaluation"]["sentences"]
    assert said[-1] == (
        f"measured on {held_out} sentences that were not learned from: frames, macro F1 {scores[0]:.3f}; "
        f"actor mentions (overlap), F1 {scores[1]:.3f}; stance toward the annotated mentions, macro F1 {scores[2]:.3f}"
    )
    record = json.loads((folder / RUN).read_text(encoding="utf-8"))
    assert record["settings"] == settings.model_dump()
    assert record["data"][str(sources.annotations[0])] == digest(sources.annotations[0])
    assert (folder / CODEBOOK).read_bytes() == sources.codebook.read_bytes()
    parts = record["documents"]
    everywhere = {annotation.document for annotation in annotations}
    assert sorted(name for names in parts.values() for name in names) == sorted(everywhere)
    assert all(part_of(name, settings.seed, settings.held_out) == part for part in parts for name in parts[part])
    document = load_run(folder).classify("Arland said it would guard the border .", split=False)
    assert {score.frame for score in document.sentences[0].frames if score.present} == {"guarding"}
    with pytest.raises(RunError, match="finished"):
        train(sources, settings, folder, said.append)


def test_the_same_seed_gives_the_same_weights(sources: Sources, settings: TrainingSettings, tmp_path: Path) -> None:
    short = settings.model_copy(update={"epochs": 2})
    for name in ("one", "other"):
        train(sources, short, tmp_path / name, lambda line: None)
    weights = [digest(tmp_path / name / NETWORK / "model.safetensors") for name in ("one", "other")]
    assert weights[0] == weights[1]


@pytest.mark.skipif(not has_compiler(), reason="a C++ compiler is not installed")
def test_a_compiled_encoder_learns_the_same(sources: Sources, settings: TrainingSettings, tmp_path: Path) -> None:
    plain = settings.model_copy(update={"epochs": 1, "encoder_dropout": 0.0})
    train(sources, plain, tmp_path / "plain", lambda line: None)
    train(sources, plain.model_copy(update={"compiled": True}), tmp_path / "compiled", lambda line: None)
    scores = [history(tmp_path / name)[-1] for name in ("plain", "compiled")]
    assert scores[0]["eval_loss"] == pytest.approx(scores[1]["eval_loss"], rel=0.05)
    one, other = (load_file(tmp_path / name / NETWORK / "model.safetensors") for name in ("plain", "compiled"))
    assert one.keys() == other.keys()


def averaged(sources: Sources, settings: TrainingSettings, folder: Path, **shape: int) -> list[dict[str, torch.Tensor]]:
    """The weights of a base, of what was trained from it in a shape, and of their mean with a quarter of the base."""
    short = settings.model_copy(update={"epochs": 1})
    changed = short.model_copy(update=shape)
    further = replace(sources, base=folder / "base")
    train(sources, short, folder / "base", lambda line: None)
    train(further, changed, folder / "whole", lambda line: None)
    train(further, changed.model_copy(update={"base_share": 0.25}), folder / "mean", lambda line: None)
    return [load_file(folder / name / NETWORK / "model.safetensors") for name in ("base", "whole", "mean")]


def test_the_mean_with_the_base_lies_between_it_and_what_was_trained(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    base, whole, mean = averaged(sources, settings, tmp_path)
    assert any(not torch.allclose(base[name], whole[name], atol=1e-3) for name in base)
    for name in base:
        assert torch.allclose(mean[name], 0.25 * base[name] + 0.75 * whole[name], atol=1e-5), name


def test_the_mean_with_a_narrowed_base_lies_between_it_and_what_was_trained(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    base, whole, mean = averaged(sources, settings, tmp_path, feed_forward=8)
    name = "encoder.encoder.layer.0.intermediate.dense.bias"
    assert whole[name].shape == mean[name].shape == (8,)
    start = (mean[name] - 0.75 * whole[name]) / 0.25
    assert all(torch.isclose(base[name], unit, atol=1e-5).any() for unit in start)
    assert not torch.allclose(start, whole[name], atol=1e-4)
    head = "stance_head.bias"
    assert torch.allclose(mean[head], 0.25 * base[head] + 0.75 * whole[head], atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"base_share": 0.5}, "--base-share is for a base that is good as it is"),
        ({"folds": 2, "held_out": 0.0, "balance_stances": True}, "--balance-stances needs sentences"),
        ({"most_unlabelled": 5}, "--most-unlabelled says how many of --unlabelled"),
        ({"folds": 2}, "--folds learns from every sentence"),
        ({"rewordings": 1}, "--rewordings and --imitation learn from a teacher"),
        ({"imitation": 1.0}, "--rewordings and --imitation learn from a teacher"),
    ],
)
def test_settings_that_need_something_else_say_so(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    with pytest.raises(RunError, match=expected):
        train(sources, settings.model_copy(update=changes), tmp_path / "run", lambda line: None)
    assert not (tmp_path / "run").exists()


def test_there_is_no_mean_with_a_base_that_is_another_network_or_has_other_labels(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    train(sources, settings.model_copy(update={"epochs": 1}), tmp_path / "base", lambda line: None)
    further = replace(sources, base=tmp_path / "base")
    for change in ({"attention_heads": 1}, {"relu": True}):
        with pytest.raises(RunError, match="good as it is"):
            train(further, settings.model_copy(update={"base_share": 0.5, **change}), tmp_path / "run", print)
    renamed = tmp_path / "renamed.yaml"
    renamed.write_text(sources.codebook.read_text("utf-8").replace("id: fleeing", "id: running"), "utf-8")
    rows = sources.annotations[0].read_text("utf-8").replace('"fleeing"', '"running"')
    (tmp_path / "rows.jsonl").write_text(rows, "utf-8")
    other = replace(further, codebook=renamed, annotations=(tmp_path / "rows.jsonl",))
    with pytest.raises(RunError, match="the same frames and stances"):
        train(other, settings.model_copy(update={"base_share": 0.5}), tmp_path / "run", print)
    assert not (tmp_path / "run").exists()


def test_stances_are_balanced_by_sentences_that_are_not_learned_from(
    sources: Sources,
    settings: TrainingSettings,
    annotations: list[Annotation],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[list[int]] = []

    def choose(sets: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        seen.append([len(gold) for _, gold in sets])
        return np.array([3.0, 0.0, -1.0])

    further = [
        one.model_copy(update={"id": f"x{one.id}", "document": "x", "text": f"{one.text} Late"})
        for one in annotations[:3]
    ]
    file = tmp_path / "further.jsonl"
    file.write_text("".join(f"{one.model_dump_json(exclude_none=True)}\n" for one in further), "utf-8")
    sources = replace(sources, development=(file,))

    monkeypatch.setattr("training.stance_balance.choose_biases", choose)
    short = settings.model_copy(update={"epochs": 1})
    train(sources, short, tmp_path / "plain", lambda line: None)
    said: list[str] = []
    train(sources, short.model_copy(update={"balance_stances": True}), tmp_path / "balanced", said.append)
    heads = [load_file(tmp_path / name / NETWORK / "model.safetensors") for name in ("plain", "balanced")]
    moved = heads[1]["stance_head.bias"] - heads[0]["stance_head.bias"]
    assert moved.tolist() == pytest.approx([3, 0, -1], abs=1e-5)
    wanted = {"supportive": 3.0, "neutral": 0.0, "critical": -1.0}
    metrics = [json.loads((tmp_path / name / METRICS).read_text("utf-8")) for name in ("plain", "balanced")]
    assert [one["stance_biases"] for one in metrics] == [{}, wanted]
    assert any("added to the stances' logits" in line for line in said)
    ((held_out, choosing),) = seen
    assert choosing == sum(len(one.actors) for one in further)
    assert held_out + choosing == metrics[1]["evaluation"]["sections"][2]["macro"]["support"]


def test_dropout_within_the_encoder_can_be_set(encoder: Path) -> None:
    network = AutoModel.from_pretrained(encoder)
    set_dropout(network, 0.25)
    found = {part.p for part in network.modules() if isinstance(part, Dropout)}
    assert found == {0.25}


def test_another_setting_does_not_go_on_in_the_same_folder(
    sources: Sources, settings: TrainingSettings, run_folder: Path, tmp_path: Path
) -> None:
    shutil.copyfile(run_folder / RUN, tmp_path / RUN)
    with pytest.raises(RunError, match="other settings or data"):
        train(sources, settings, tmp_path, lambda line: None)


def test_a_corpus_with_stances_only_trains_along(sources: Sources, settings: TrainingSettings, tmp_path: Path) -> None:
    corpus = tmp_path / "newsmtsc"
    corpus.mkdir()
    target = {"from": 0, "to": 6, "mention": "Arland", "polarity": 2.0}
    learned = {"primary_gid": "x_1_2_3", "sentence_normalized": "Arland paid late", "targets": [target]}
    (corpus / "train.jsonl").write_text(json.dumps(learned) + "\n", encoding="utf-8")
    chosen = {"id": "x_4_5_6", "sentence": "Arland paid soon", "from": 0, "to": 6, "mention": "Arland", "polarity": -1}
    for part in ("rw_dev", "mt_dev"):
        (corpus / f"{part}.jsonl").write_text(json.dumps(chosen) + "\n", encoding="utf-8")
    said: list[str] = []
    with_corpus = Sources(sources.annotations, sources.codebook, str(corpus))
    train(with_corpus, settings.model_copy(update={"epochs": 1}), tmp_path / "run", said.append)
    assert any("1 of NewsMTSC" in line for line in said)
    record = json.loads((tmp_path / "run" / RUN).read_text(encoding="utf-8"))
    assert record["data"][str(corpus / "rw_dev.jsonl")] == digest(corpus / "rw_dev.jsonl")


def test_what_is_annotated_is_not_learned_as_a_further_corpus_too(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    corpus = tmp_path / "newsmtsc"
    corpus.mkdir()
    target = {"from": 0, "to": 6, "mention": "Arland", "polarity": 6.0}
    rows = [
        {"primary_gid": f"x_{number}_1_0", "sentence_normalized": text, "targets": [target]}
        for number, text in enumerate([annotations[0].text, "Arland paid late"])
    ]
    (corpus / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for part in ("rw_dev", "mt_dev"):
        (corpus / f"{part}.jsonl").write_text("", encoding="utf-8")

    def stop(line: str) -> None:
        assert "1 of NewsMTSC" in line
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(replace(sources, newsmtsc=str(corpus)), settings, tmp_path / "run", stop)


def test_supplements_are_learned_from_and_choose_nothing(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    """But for what a held-out document, or a held-out sentence, has, too."""
    judged = next(one for one in annotations if part_of(one.document, settings.seed, settings.held_out) != "train")
    apart = next(name for name in map(str, range(999)) if part_of(name, settings.seed, settings.held_out) != "train")
    written = annotations[0].model_copy(
        update={"id": "w-1", "document": apart, "text": "Arland paid late", "actors": ()}
    )
    copied = judged.model_copy(update={"id": "w-2", "document": apart})
    neighbour = written.model_copy(update={"id": "w-3", "document": judged.document, "text": "Bor paid late"})
    file = tmp_path / "written.jsonl"
    rows = (written, copied, neighbour)
    file.write_text("".join(one.model_dump_json(exclude_defaults=True) + "\n" for one in rows), "utf-8")
    said: list[str] = []
    short = settings.model_copy(update={"epochs": 1})
    train(replace(sources, supplements=(file,)), short, tmp_path / "run", said.append)
    assert any("1 of supplements" in line for line in said)
    record = read_record(tmp_path / "run")
    assert record.data[str(file)] == digest(file)
    assert apart in record.documents["train"]
    assert judged.document not in record.documents["train"]
    with pytest.raises(RunError, match="other settings or data"):
        train(sources, short, tmp_path / "run", said.append)


def test_a_file_is_no_supplement_to_itself(sources: Sources, settings: TrainingSettings, tmp_path: Path) -> None:
    twice = replace(sources, supplements=sources.annotations)
    with pytest.raises(RunError, match=f"both as annotations and as a supplement.*{sources.annotations[0]}"):
        train(twice, settings, tmp_path / "run", lambda line: None)


def interrupt(line: str) -> None:
    """Stop a training where it first says something."""
    raise KeyboardInterrupt


def test_the_encoders_weights_stand_in_the_record_and_others_do_not_go_on(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    encoder, folder = tmp_path / "tiny", tmp_path / "run"
    shutil.copytree(settings.encoder, encoder)
    own = settings.model_copy(update={"encoder": str(encoder)})
    with pytest.raises(KeyboardInterrupt):
        train(sources, own, folder, interrupt)
    name = "encoder: tiny/model.safetensors"
    whole = read_record(folder)
    assert whole.data[name] == digest(encoder / "model.safetensors")
    earlier = {key: checksum for key, checksum in whole.data.items() if key != name}
    (folder / RUN).write_text(whole.model_copy(update={"data": earlier}).model_dump_json(), encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):  # a run of an earlier version goes on
        train(sources, own, folder, interrupt)
    assert read_record(folder).data == whole.data
    weights = load_file(encoder / "model.safetensors")
    save_file({key: tensor + 1 for key, tensor in weights.items()}, encoder / "model.safetensors")
    with pytest.raises(RunError, match=f"other settings or data .*: {name}; choose another --out"):
        train(sources, own, folder, interrupt)


def test_rows_of_a_hub_stand_in_the_record(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"id": "x_4_5_6", "sentence": "Arland paid soon", "from": 0, "to": 6, "mention": "Arland", "polarity": -1}
    monkeypatch.setattr("datasets.load_dataset", lambda *_, split: [row])
    with_hub = replace(sources, newsmtsc="somebody/newsmtsc")
    with pytest.raises(KeyboardInterrupt):
        train(with_hub, settings, tmp_path / "run", interrupt)
    assert len(read_record(tmp_path / "run").data["hub: somebody/newsmtsc"]) == 64
    with pytest.raises(KeyboardInterrupt):
        train(with_hub, settings, tmp_path / "run", interrupt)
    row["polarity"] = 1
    with pytest.raises(RunError, match="hub: somebody/newsmtsc; choose another --out"):
        train(with_hub, settings, tmp_path / "run", interrupt)


def test_a_file_that_is_missing_is_named_before_it_begins(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, run_folder: Path
) -> None:
    gone = tmp_path / "gone.jsonl"
    with pytest.raises(FaultsError, match=r"gone\.jsonl: no file there"):
        train(replace(sources, unlabelled=(gone,), teacher=run_folder), settings, tmp_path / "run", interrupt)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["tokenizer", "weights"])
def test_an_encoder_without_its_parts_stops_it_before_it_begins(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, name: str
) -> None:
    encoder = tmp_path / "tiny"
    shutil.copytree(settings.encoder, encoder)
    for file in encoder.glob("tokenizer*" if name == "tokenizer" else "*.safetensors"):
        file.unlink()
    with pytest.raises(EncoderError, match="the encoder 'tiny' cannot be read"):
        train(sources, settings.model_copy(update={"encoder": str(encoder)}), tmp_path / "run", interrupt)
    assert not (tmp_path / "run").exists()


def test_other_stances_than_newsmtscs_stop_it_before_it_begins(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    codebook = tmp_path / "codebook.yaml"
    codebook.write_text(sources.codebook.read_text("utf-8").replace("id: supportive", "id: praising"), "utf-8")
    with pytest.raises(FramelineError, match="lacks supportive of NewsMTSC's stances"):
        train(replace(sources, codebook=codebook, newsmtsc=str(tmp_path)), settings, tmp_path / "run", interrupt)


def test_it_says_of_how_many_sentences_only_the_first_window_is_learned_from(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    """Nothing where all fit into a window."""
    long = {"text": annotations[0].text + " and late" * 30, "actors": ()}
    rows = [
        one.model_copy(update=long if number < 3 else {"text": f"{one.text[:6]} paid late", "actors": ()})
        for number, one in enumerate(annotations)
    ]
    said: list[str] = []

    def stop(line: str) -> None:
        said.append(line)
        if len(said) == 2:
            raise KeyboardInterrupt

    everything = settings.model_copy(update={"held_out": 0.0, "folds": 2})
    for count, expected in ((60, ["of 3 of them only the first 24 tokens (one window) are learned from"]), (57, [])):
        sources.annotations[0].write_text("".join(f"{one.model_dump_json()}\n" for one in rows[-count:]), "utf-8")
        said.clear()
        with pytest.raises(KeyboardInterrupt):
            train(sources, everything, tmp_path / str(count), stop)
        assert [line for line in said if "window" in line] == expected


def test_compiling_without_a_compiler_is_a_clear_error(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(RunError, match="needs a C\\+\\+ compiler"):
        train(sources, settings.model_copy(update={"compiled": True}), tmp_path / "run", lambda line: None)
    assert not (tmp_path / "run").exists()


def test_faulty_annotations_stop_it_before_it_begins(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    sources.annotations[0].write_text("{}\n", encoding="utf-8")
    with pytest.raises(FaultsError, match=r"annotated\.jsonl:1"):
        train(sources, settings, tmp_path / "run", lambda line: None)
    assert not (tmp_path / "run").exists()


def test_what_is_judged_is_not_learned_from(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    """A sentence that a document of the development or test part has, too, is not learned."""
    apart = {
        name: next(one for one in annotations if part_of(one.document, settings.seed, settings.held_out) == name)
        for name in ("train", "development", "test")
    }
    copies = [
        apart[name].model_copy(update={"id": f"copy-{name}", "document": apart["train"].document})
        for name in ("development", "test")
    ]
    file = tmp_path / "copies.jsonl"
    file.write_text("".join(one.model_dump_json() + "\n" for one in copies), encoding="utf-8")
    said: list[list[str]] = [[], []]
    for number, files in enumerate([sources.annotations, (*sources.annotations, file)]):

        def stop(line: str, number: int = number) -> None:
            said[number].append(line)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(replace(sources, annotations=files), settings, tmp_path / f"run{number}", stop)
    assert said[0] == said[1]


def test_nothing_left_to_learn_is_a_clear_error(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    same = [one.model_copy(update={"text": annotations[0].text, "actors": ()}) for one in annotations]
    sources.annotations[0].write_text("".join(one.model_dump_json() + "\n" for one in same), encoding="utf-8")
    with pytest.raises(RunError, match="annotate others"):
        train(sources, settings, tmp_path / "run", lambda line: None)


def test_goes_on_after_a_kill(sources: Sources, settings: TrainingSettings, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "frameline", "train", "--annotations", str(sources.annotations[0])]
    command += ["--codebook", str(sources.codebook), "--out", str(folder), "--encoder", settings.encoder]
    command += ["--epochs", "300", "--patience", "300", "--batch-size", "8", "--held-out", "0.2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(folder.glob("trainer/last/trainer/checkpoint-*/trainer_state.json")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / METRICS).exists()
    record = json.loads((folder / RUN).read_text(encoding="utf-8"))
    kept = max(int(path.name.split("-")[1]) for path in folder.glob("trainer/last/trainer/checkpoint-*"))
    epochs = kept // -(-_learned(record, sources) // 8) + 2
    record["settings"]["epochs"] = epochs
    (folder / RUN).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    command[command.index("--epochs") + 1] = str(epochs)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "going on from" in done.stdout
    assert len(history(folder)) >= epochs


class Killed(BaseException):
    """What nothing in a training catches, as a kill."""


def kill(monkeypatch: pytest.MonkeyPatch, event: str, step: int, fit: str) -> None:
    """Let a fit die at a step."""

    def die(callback: Any, arguments: TrainingArguments, state: TrainerState, *_: Any, **__: Any) -> None:
        if fit in str(arguments.output_dir) and state.global_step == step:
            raise Killed

    monkeypatch.setattr(DefaultFlowCallback, event, die, raising=False)


def scores(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was measured in each epoch, without the time that it took."""
    timed = ("runtime", "per_second")
    return [
        {name: value for name, value in row.items() if not name.endswith(timed)}
        for row in rows
        if "train_runtime" not in row
    ]


@pytest.mark.parametrize("folds", [0, 2])
def test_a_killed_run_is_bit_for_bit_an_undisturbed_one(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folds: int
) -> None:
    changes: dict[str, Any] = {"epochs": 2, "list_dropout": 0.5}
    if folds:
        changes |= {"held_out": 0.0, "folds": folds, "head_start": True}
    few = settings.model_copy(update=changes)
    train(sources, few, tmp_path / "undisturbed", lambda line: None)
    wanted = json.loads((tmp_path / "undisturbed" / METRICS).read_text(encoding="utf-8"))
    step = next(row["step"] for row in (wanted["folds"][1] if folds else wanted["history"]) if row["epoch"] == 1)
    for event, further in (("on_epoch_begin", 0), ("on_step_begin", 2)):
        folder, said = tmp_path / event, list[str]()
        with monkeypatch.context() as patch, pytest.raises(Killed):
            kill(patch, event, step + further, "fold-2" if folds else "last")
            train(sources, few, folder, lambda line: None)
        train(sources, few, folder, said.append)
        assert any(line.startswith("going on from") for line in said)
        found = json.loads((folder / METRICS).read_text(encoding="utf-8"))
        assert scores(found["history"]) == scores(wanted["history"])
        assert list(map(scores, found["folds"])) == list(map(scores, wanted["folds"]))
        weights = [digest(one / NETWORK / "model.safetensors") for one in (tmp_path / "undisturbed", folder)]
        assert weights[0] == weights[1]


def test_an_interrupted_run_stops_where_an_undisturbed_one_does(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = settings.model_copy(update={"learning_rate": 1e-12, "patience": 2, "epochs": 8})
    train(sources, still, tmp_path / "undisturbed", lambda line: None)

    def stop(callback: EarlyStoppingCallback, arguments: Any, state: TrainerState, *_: Any, **__: Any) -> None:
        if state.epoch is not None and state.epoch >= 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(EarlyStoppingCallback, "on_epoch_begin", stop)
        train(sources, still, tmp_path / "interrupted", lambda line: None)
    train(sources, still, tmp_path / "interrupted", lambda line: None)
    assert len(history(tmp_path / "undisturbed")) == len(history(tmp_path / "interrupted")) == 3


def test_a_run_killed_after_it_was_to_stop_trains_no_further(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the network is kept; another epoch would score best, and must not be trained."""
    impatient = settings.model_copy(update={"patience": 2})

    def judge(*found: float) -> None:
        following = iter(found)
        monkeypatch.setattr("training.trainer.development_scores", lambda *_, **__: {"score": next(following)})

    def die(fit: Fit, folder: Path) -> None:
        raise Killed

    judge(0.5, 0.25, 0.25, 0.5)
    train(sources, impatient, tmp_path / "undisturbed", lambda line: None)
    judge(0.5, 0.25, 0.25, 0.5)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Fit, "write", die)
        train(sources, impatient, tmp_path / "killed", lambda line: None)
    judge(0.75, 0.75, 0.75, 0.75)
    train(sources, impatient, tmp_path / "killed", lambda line: None)
    assert [row["eval_score"] for row in history(tmp_path / "killed")] == [0.5, 0.25, 0.25]
    weights = [digest(tmp_path / name / NETWORK / "model.safetensors") for name in ("undisturbed", "killed")]
    assert weights[0] == weights[1]


def test_development_sentences_choose_in_the_place_of_folds(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    further = tmp_path / "further.jsonl"
    further.write_text(annotations[0].model_copy(update={"document": "x"}).model_dump_json() + "\n", encoding="utf-8")
    folds = settings.model_copy(update={"folds": 2, "held_out": 0.0})
    with pytest.raises(RunError, match="--development chooses in the place of --folds"):
        train(replace(sources, development=(further,)), folds, tmp_path / "run", lambda line: None)


def _learned(record: dict[str, Any], sources: Sources) -> int:
    """Sentences that the run trains on."""
    lines = sources.annotations[0].read_text(encoding="utf-8").splitlines()
    return sum(json.loads(line)["document"] in record["documents"]["train"] for line in lines)


def test_what_is_trained_is_not_trained_again(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, said = tmp_path / "run", list[str]()
    few = settings.model_copy(update={"epochs": 1})

    def stop(line: str) -> None:
        if line.startswith("calibrating"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(sources, few, folder, stop)
    trained = digest(folder / NETWORK / "model.safetensors")

    def cut(path: Path, content: bytes) -> None:
        path.write_bytes(content[:50] if b'"history"' in content else content)
        if b'"history"' in content:
            raise OSError("no space left")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space left"):
        patch.setattr(atomic, "write_through", cut)
        train(sources, few, folder, lambda line: None)
    assert not (folder / METRICS).exists()
    train(sources, few.model_copy(), folder, said.append)
    assert not any(line.startswith("going on") for line in said)
    assert digest(folder / NETWORK / "model.safetensors") == trained
    assert [row["eval_score"] for row in history(folder)]
    assert not (folder / "trainer").exists()


def test_a_cross_validation_goes_on_after_the_folds_that_are_done(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    """Stopped after a fold, the run trains the others alone, and its weights are those of an undisturbed run."""
    few = settings.model_copy(update={"epochs": 1, "held_out": 0.0, "folds": 3, "contrastive": 0.5, "head_start": True})
    train(sources, few, tmp_path / "whole", lambda line: None)
    said: list[str] = []

    def stop(line: str) -> None:
        said.append(line)
        if line == "fold 2 of 3":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(sources, few, tmp_path / "run", stop)
    assert not (tmp_path / "run" / METRICS).exists()
    train(sources, few, tmp_path / "run", said.append)
    assert [line for line in said if line.startswith("fold")] == [
        "fold 1 of 3",
        "fold 2 of 3",
        "fold 2 of 3",
        "fold 3 of 3",
    ]
    weights = [digest(tmp_path / name / NETWORK / "model.safetensors") for name in ("whole", "run")]
    assert weights[0] == weights[1]
    content = json.loads((tmp_path / "run" / METRICS).read_text(encoding="utf-8"))
    assert [len(rows) > 0 for rows in content["folds"]] == [True] * 3
    assert content["evaluation"]["sentences"] == 60
    record = json.loads((tmp_path / "run" / RUN).read_text(encoding="utf-8"))
    assert record["documents"]["test"] == []


def test_documents_that_choose_besides_stand_in_the_record(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    further = tmp_path / "further.jsonl"
    further.write_text(annotations[0].model_copy(update={"document": "elsewhere"}).model_dump_json(), encoding="utf-8")

    def stop(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(replace(sources, development=(further,)), settings, tmp_path / "run", stop)
    assert read_record(tmp_path / "run").chosen_by == ("elsewhere",)


def test_documents_of_which_nothing_is_learned_are_not_recorded_as_learned_from(
    sources: Sources, settings: TrainingSettings, tmp_path: Path, annotations: list[Annotation]
) -> None:
    """Those of which every sentence chooses, or stands in a document that is held out."""
    parts = {one.document: part_of(one.document, settings.seed, settings.held_out) for one in annotations}
    chosen, copied, *others = (name for name in parts if parts[name] == "train")
    held_out = next(one for one in annotations if parts[one.document] == "test")
    rows = [
        one.model_copy(update={"text": held_out.text, "actors": ()}) if one.document == copied else one
        for one in annotations
    ]
    sources.annotations[0].write_text("".join(one.model_dump_json() + "\n" for one in rows), encoding="utf-8")
    further = tmp_path / "further.jsonl"
    choosing = [one for one in annotations if one.document == chosen]
    further.write_text("".join(one.model_dump_json() + "\n" for one in choosing), encoding="utf-8")

    def stop(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(replace(sources, development=(further,)), settings, tmp_path / "run", stop)
    record = read_record(tmp_path / "run")
    assert record.documents["train"] == tuple(sorted(others))
    for name in ("development", "test"):
        assert set(record.documents[name]) == {document for document, part in parts.items() if part == name}
    assert record.chosen_by == (chosen,)


def test_without_anything_that_chooses_it_says_what_to_give(
    sources: Sources, settings: TrainingSettings, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="--held-out, --folds or --development"):
        train(sources, settings.model_copy(update={"held_out": 0.0}), tmp_path / "run", lambda line: None)
