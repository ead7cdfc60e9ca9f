import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.annotation import Annotation, Span
from model.checkpoint import CONFIG, TOKENIZER, Calibration
from model.codebook import Codebook
from model.errors import FramelineError
from model.network import FramelineModel
from model.tokens import SentenceTokenizer
from model.version import METRICS
from training.base import Base
from training.batches import Collator, ExampleSet
from training.candidates import uncertainty
from training.distillation import Teacher, draw_named, least_sure, read_unlabelled
from training.examples import Example, SoftLabels, from_annotations
from training.run import train
from training.run_folder import NETWORK, RunError, load_run, read_config
from training.settings import TrainingSettings
from training.sources import Sources
from training.splits import part_of

TEXT = "Arland said people fled"
SPAN = Span(start=0, end=6)


def test_a_teacher_says_what_its_labeller_says(run_folder: Path, annotations: list[Annotation]) -> None:
    examples = from_annotations(annotations[:5])
    taught = Teacher(Base.open(run_folder)).teach(examples)
    labeller = load_run(run_folder)
    for example, annotation in zip(taught, annotations, strict=False):
        mention = annotation.mention(annotation.actors[0])
        sentence = labeller.classify(annotation.text, [mention], split=False).sentences[0]
        assert example.soft is not None
        assert example.soft.frames == pytest.approx([score.probability for score in sentence.frames], abs=0.02)
        expected = [sentence.actors[0].probabilities[stance] for stance in ("supportive", "neutral", "critical")]
        assert example.soft.stances[0] == pytest.approx(expected, abs=0.02)
        assert sum(example.soft.mentions[0]) == pytest.approx(1)
        assert replace(example, soft=None) in examples


def test_a_teacher_gives_its_token_vectors_where_they_are_wanted(
    run_folder: Path, annotations: list[Annotation], codebook: Codebook
) -> None:
    teacher = Teacher(Base.open(run_folder))
    examples = from_annotations(annotations[:3])
    for example in teacher.teach(examples):
        assert example.soft is not None
        assert example.soft.vectors == {}
    rows = ExampleSet(teacher.teach(examples, vectors=True), codebook, SentenceTokenizer(run_folder / TOKENIZER, 24, 6))
    network = FramelineModel.from_pretrained(run_folder / NETWORK).eval()
    batch = Collator(0)([rows[number] for number in range(3)])
    inputs = {name: batch[name] for name in ("input_ids", "shape_ids", "list_ids", "attention_mask")}
    own = network(**inputs, return_vectors=True).vectors
    given = batch["teacher_vectors"].float()
    body = given.any(dim=-1)
    assert body.sum() == batch["attention_mask"].sum() - 2 * 3  # all but the special tokens
    assert torch.allclose(own[body], given[body], atol=0.05)


def test_an_unlabelled_sentence_gets_the_teachers_mentions(run_folder: Path) -> None:
    examples = read_unlabelled([("d", f"{TEXT} . Voss fled .")], "en")
    assert [example.text for example in examples] == [f"{TEXT} .", "Voss fled ."]
    found = load_run(run_folder).classify(examples[0].text, split=False).sentences[0].actors
    taught = Teacher(Base.open(run_folder)).teach(examples)[0]
    assert {(span.start, span.end) for span, _ in taught.stances} >= {(actor.start, actor.end) for actor in found}
    assert all(stance is None for _, stance in taught.stances)
    assert taught.soft is not None
    assert len(taught.soft.stances) == len(taught.stances)


def test_sentences_are_drawn_from_those_that_name_a_listed_actor(codebook: Codebook) -> None:
    texts = [f"Voss fled {number} times ." for number in range(30)] + ["It rained ."] * 30
    examples = [Example(text, "d", ()) for text in texts]
    drawn = draw_named(examples, 10, codebook, seed=1)
    assert len({example.text for example in drawn}) == 10
    assert all("Voss" in example.text for example in drawn)
    assert drawn == draw_named(examples, 10, codebook, seed=1) != draw_named(examples, 10, codebook, seed=2)
    assert len(draw_named(examples, 100, codebook, seed=1)) == 30


def test_the_sentences_that_a_judge_is_least_sure_of_come_in_their_order_and_once(run_folder: Path) -> None:
    texts = ["Voss fled .", TEXT, "It rained .", "Borland left the talks .", "Voss fled .", "They said people fled ."]
    examples = [Example(text, f"d{number}", ()) for number, text in enumerate(texts)]
    judge = Teacher(Base.open(run_folder))
    labelled = [load_run(run_folder).classify(text, split=False).sentences[0] for text in texts]
    unsure = [
        uncertainty(
            [
                *((score.probability, 1 - score.probability) for score in sentence.frames),
                *(tuple(actor.probabilities.values()) for actor in sentence.actors),
            ]
        )
        for sentence in labelled
    ]
    wanted = sorted(sorted({*texts}, key=lambda text: -unsure[texts.index(text)])[:3], key=texts.index)
    assert sorted((one.text for one in least_sure(examples, 3, judge)), key=texts.index) == wanted
    assert len(least_sure(examples, 100, judge)) == 5


def test_an_annotators_label_and_the_teachers_are_blended(encoder: Path, codebook: Codebook) -> None:
    soft = SoftLabels(frames=(0.2, 0.6), mentions={0: (0.0, 1.0, 0.0), 7: (0.5, 0.5, 0.0)}, stances=((0.5, 0.5, 0.0),))
    both = Example(TEXT, "d", ((SPAN, "critical"),), ("fleeing",), (SPAN,), soft=soft)
    alone = Example(TEXT, "d", ((SPAN, None),), soft=soft)
    tokenizer = SentenceTokenizer(encoder / "tokenizer.json", 24, 6)
    blended, soft_only = (ExampleSet([one], codebook, tokenizer, 0.25)[0] for one in (both, alone))
    assert blended["frame_labels"] == pytest.approx([0.05, 0.9])
    assert blended["stance_labels"][0] == pytest.approx([0.125, 0.125, 0.75])
    assert blended["mention_labels"][7] == pytest.approx([0.875, 0.125, 0.0])  # the word that begins at 7
    assert soft_only["frame_labels"] == [0.2, 0.6]
    assert soft_only["stance_labels"] == [[0.5, 0.5, 0.0]]
    assert soft_only["mention_labels"][7] == [0.5, 0.5, 0.0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_a_student_learns_from_a_teacher_and_never_from_reserved_sentences(
    annotation_file: Path, annotations: list[Annotation], codebook_file: Path, encoder: Path, tmp_path: Path
) -> None:
    settings = TrainingSettings(
        encoder=str(encoder),
        epochs=4,
        batch_size=8,
        learning_rate=5e-3,
        window=24,
        overlap=6,
        held_out=0.2,
        imitation=1,
    )
    teacher = tmp_path / "teacher"
    alone = settings.model_copy(update={"imitation": 0.0})
    train(Sources((annotation_file,), codebook_file), alone, teacher, lambda line: None)
    unlabelled = tmp_path / "news.jsonl"
    unlabelled.write_text(
        "".join(json.dumps({"id": f"n{number}", "text": f"Voss fled {number} times ."}) + "\n" for number in range(20)),
        encoding="utf-8",
    )
    reserved = tmp_path / "reserved.jsonl"
    kept = [one.model_copy(update={"document": "n3", "id": f"r{one.id}"}) for one in annotations[::2]]
    reserved.write_text("".join(one.model_dump_json() + "\n" for one in kept), encoding="utf-8")
    said: list[str] = []
    sources = Sources(
        (annotation_file,),
        codebook_file,
        reserved=(reserved,),
        base=teacher,
        teacher=teacher,
        unlabelled=(unlabelled,),
    )
    with torch.random.fork_rng():
        smaller = settings.model_copy(update={"feed_forward": 32, "attention_heads": 1, "relu": True})
        train(sources, smaller, tmp_path / "student", said.append)
    # every other annotation is reserved, and one of the unlabelled documents
    assert said[0] == "30 of 60 sentences are left out: --reserved has their documents, or the same words"
    learned, unlabelled_count = _counts(said[1])
    assert learned < 30
    free = {f"n{number}" for number in range(20) if part_of(f"n{number}", settings.seed, 0.2) == "train"}
    assert unlabelled_count == len(free - {"n3"}) < len(free)
    assert (tmp_path / "student" / METRICS).is_file()
    student = FramelineModel.from_pretrained(tmp_path / "student" / NETWORK)
    assert student.imitation is None
    shape = student.config.encoder
    assert (student.config.attention_heads, shape.intermediate_size, shape.hidden_act) == (1, 32, "relu")

    def stop(line: str) -> None:
        if line.startswith("learning from"):
            raise KeyboardInterrupt(line)

    with pytest.raises(RunError, match="name fewer"):  # before the teacher labels anything
        train(
            replace(sources, unlabelled=()), settings.model_copy(update={"feed_forward": 64}), tmp_path / "wide", print
        )
    few = settings.model_copy(update={"most_unlabelled": 5})
    with pytest.raises(KeyboardInterrupt) as stopped:
        train(sources, few, tmp_path / "few", stop)
    assert _counts(str(stopped.value))[1] == 5


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_where_nobody_has_marked_actors_a_student_gives_them_as_its_teacher_does(
    annotations: list[Annotation], codebook_file: Path, encoder: Path, run_folder: Path, tmp_path: Path
) -> None:
    teacher = Path(shutil.copytree(run_folder, tmp_path / "teacher"))
    config = read_config(teacher)
    thresholds = config.thresholds.model_copy(update={"mention": 0.35, "listed": 0.15})
    changes = {"thresholds": thresholds, "calibration": Calibration(temperature=1.7)}
    (teacher / CONFIG).write_text(config.model_copy(update=changes).model_dump_json(), encoding="utf-8")
    file = tmp_path / "unmarked.jsonl"
    rows = [one.model_copy(update={"document": f"other-{one.document}", "actors": ()}) for one in annotations]
    file.write_text("".join(f"{one.model_dump_json()}\n" for one in rows), encoding="utf-8")
    settings = TrainingSettings(encoder=str(encoder), epochs=1, batch_size=8, window=24, overlap=6, held_out=0.2)
    said: list[str] = []
    train(Sources((file,), codebook_file, teacher=teacher), settings, tmp_path / "student", said.append)
    found = read_config(tmp_path / "student")
    assert (found.thresholds.mention, found.thresholds.listed, found.calibration.temperature) == (0.35, 0.15, 1.7)
    assert "no actors are marked: actors and stances are learned from tiny and given as it does" in said


def _counts(line: str) -> tuple[int, int]:
    """How many annotated and unlabelled sentences a run says that it learns from."""
    numbers = [int(word) for word in line.split() if word.isdigit()]
    return numbers[0], numbers[-1]


def test_what_cannot_be_learned_from_is_an_error(
    annotation_file: Path, codebook_file: Path, encoder: Path, run_folder: Path, tmp_path: Path
) -> None:
    settings = TrainingSettings(encoder=str(encoder), window=24, overlap=6, held_out=0.2)
    broken = tmp_path / "news.jsonl"
    broken.write_text('{"id": 1}\n', encoding="utf-8")
    sources = Sources((annotation_file,), codebook_file, unlabelled=(broken,))
    with pytest.raises(RunError, match="--teacher"):
        train(sources, settings, tmp_path / "one", lambda line: None)
    with pytest.raises(FramelineError, match=r"news\.jsonl:1"):
        train(replace(sources, teacher=run_folder), settings, tmp_path / "two", lambda line: None)
    with pytest.raises(RunError, match="encoder"):
        train(
            Sources((annotation_file,), codebook_file, base=run_folder), settings, tmp_path / "three", lambda line: None
        )
