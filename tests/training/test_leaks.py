"""Nothing is learned from what chooses or is measured on, and nothing that was learned from chooses."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.annotation import Annotation
from model.seen import SEEN, Seen
from model.standoff import sentence_digest
from model.version import METRICS, RUN, Lineage
from training.cross_validation import cross_validate
from training.examples import Example
from training.fitting import Fitter
from training.reserved import Reserved
from training.run import train
from training.run_folder import RunError, read_record
from training.seen import trace
from training.settings import TrainingSettings
from training.sources import Sources
from training.splits import Part, part_of, split_documents

#: What a run learns from, and the sets that choose.
Fitted = tuple[list[Example], list[list[Example]]]


@pytest.fixture
def settings(encoder: Path) -> TrainingSettings:
    return TrainingSettings(encoder=str(encoder), window=24, overlap=6, held_out=0.2, epochs=1, batch_size=8)


@pytest.fixture
def fitted(
    annotation_file: Path,
    codebook_file: Path,
    settings: TrainingSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Fitted]:
    """What would be fitted, in a run with some sources and settings."""

    def run(changes: dict[str, Any] | None = None, **updates: Any) -> Fitted:
        got: list[Fitted] = []

        def fit(fitter: Fitter, learned: list[Example], development: list[list[Example]], folder: Path) -> None:
            got.append((list(learned), [list(one) for one in development]))
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Fitter, "fit", fit)
            patch.setattr("training.run._tutor", lambda *_, **__: _Silent())
            patch.setattr(Sources, "checksums", lambda *_: {})
            sources = replace(Sources((annotation_file,), codebook_file), **updates)
            with pytest.raises(KeyboardInterrupt):
                train(sources, settings.model_copy(update=changes or {}), tmp_path / "run", print)
        return got[0]

    return run


class _Silent:
    """A teacher that says nothing."""

    def teach(self, examples: list[Example], *, vectors: bool = False) -> list[Example]:
        return examples


def write(file: Path, rows: Iterable[Any]) -> Path:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file


def annotated(file: Path, like: Annotation, *sentences: tuple[str, str]) -> Path:
    """Sentences as (document, text), with no actors."""
    rows = [
        like.model_copy(update={"id": f"x{number}", "document": document, "text": text, "actors": ()}).model_dump(
            mode="json"
        )
        for number, (document, text) in enumerate(sentences)
    ]
    return write(file, rows)


def some_document(part: Part) -> Iterable[str]:
    return (name for name in map(str, range(999)) if part_of(name, 1, 0.2) == part)


def test_sentences_of_documents_that_choose_are_not_learned_from(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path
) -> None:
    document = next(one.document for one in annotations if part_of(one.document, 1, 0.2) == "train")
    further = annotated(tmp_path / "further.jsonl", annotations[0], (document, "Nobody came ."))
    learned, development = fitted(development=(further,))
    assert [one.text for one in development[1]] == ["Nobody came ."]
    assert learned
    assert document not in {one.document for one in learned}


def test_unlabelled_documents_give_nothing_that_chooses_or_measures(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path
) -> None:
    names = iter(some_document("train"))
    chooses, copies, plain = next(names), next(names), next(names)
    held_out = next(one.text for one in annotations if part_of(one.document, 1, 0.2) == "test")
    further = annotated(tmp_path / "further.jsonl", annotations[0], (chooses, "Nobody came ."))
    texts = {chooses: "Nobody came . Somebody left again .", copies: held_out, plain: "The army went home ."}
    corpus = write(tmp_path / "corpus.jsonl", [{"id": name, "text": text} for name, text in texts.items()])
    learned, _ = fitted(development=(further,), unlabelled=(corpus,), teacher=tmp_path / "teacher")
    assert {one.document for one in learned} & {*texts} == {plain}
    assert held_out not in {one.text for one in learned}


def near_copies(text: str) -> list[str]:
    """The same words with other signs, blanks, case and accents."""
    return [f"{text} ", text.replace(" .", "."), f"“{text.upper()}”", text.replace("a", "\u00e1")]


def test_copies_that_differ_in_signs_blanks_or_case_are_not_learned_from(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path
) -> None:
    """Those of held-out and reserved sentences not at all, those of annotated ones not as unlabelled."""
    names = iter(some_document("train"))
    parts = {part_of(one.document, 1, 0.2): one.text for one in annotations}
    reserved = annotated(tmp_path / "reserved.jsonl", annotations[0], ("r", "Nobody came ."))
    copies = [*near_copies(parts["test"]), *near_copies("Nobody came .")]
    supplement = annotated(tmp_path / "supplement.jsonl", annotations[0], *((next(names), text) for text in copies))
    texts = [*copies, *near_copies(parts["train"])]
    corpus = write(tmp_path / "corpus.jsonl", [{"id": next(names), "text": text} for text in texts])
    plain, _ = fitted(reserved=(reserved,))
    (tmp_path / "run" / RUN).unlink()
    learned, _ = fitted(
        reserved=(reserved,), supplements=(supplement,), unlabelled=(corpus,), teacher=tmp_path / "teacher"
    )
    assert {one.text for one in learned} == {one.text for one in plain}


def test_a_stand_off_file_reserves_the_very_sentences(annotations: list[Annotation], tmp_path: Path) -> None:
    text = annotations[0].text
    place = {"corpus": "c", "corpus_document": "d", "start": 0, "end": len(text), "sha256": sentence_digest(text)}
    row = annotations[0].model_dump(mode="json", exclude={"text"}) | place
    reserved = Reserved.read([write(tmp_path / "stand-off.jsonl", [row])])
    assert reserved.holds("elsewhere", text)
    assert not reserved.holds("elsewhere", f"{text} Not.")


def test_newsmtsc_gives_nothing_that_is_reserved_or_chooses(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path
) -> None:
    target = {"from": 0, "to": 6, "mention": "Arland", "polarity": 2}

    def part(name: str, *rows: tuple[str, str]) -> None:
        lines = [{"primary_gid": f"{one}_x", "sentence_normalized": text, "targets": [target]} for one, text in rows]
        write(tmp_path / "newsmtsc" / f"{name}.jsonl", lines)

    (tmp_path / "newsmtsc").mkdir()
    learnable = next(one for one in annotations if part_of(one.document, 1, 0.2) == "train" and "Arland" in one.text)
    other = next(one for one in annotations if "Arland" in one.text and one.text != learnable.text)
    part(
        "train",
        ("n_8_1", other.text.replace(" .", "!")),
        ("n_1_1", "Arland was blamed ."),
        ("n_1_1", "Arland is of a reserved document ."),
        ("n_2_1", "Arland was praised ."),
        ("n_3_1", "Arland stood in both parts ."),
        ("n_4_1", "Arland is free to learn ."),
    )
    part("rw_dev", ("n_5_1", "Arland stood in both parts ."), ("n_6_1", learnable.text))
    part("mt_dev", ("n_7_1", "Arland chose ."))
    reserved = annotated(tmp_path / "reserved.jsonl", annotations[0], ("n_1_1", "Arland was blamed ."))
    choosing = annotated(tmp_path / "choosing.jsonl", annotations[0], ("c", "Arland was praised ."))
    learned, development = fitted(newsmtsc=str(tmp_path / "newsmtsc"), reserved=(reserved,), development=(choosing,))
    texts = {one.text for one in learned}
    assert {text for text in texts if text.startswith("Arland") and "border" not in text} == {
        "Arland is free to learn ."
    }
    assert not texts & {learnable.text, other.text.replace(" .", "!")}
    assert not texts & {one.text for group in development for one in group}
    record = read_record(tmp_path / "run")
    assert record.further == ("n_4_1",)
    assert record.chosen_by == ("c", "n_5_1", "n_6_1", "n_7_1")


def test_what_is_learned_from_besides_is_part_of_a_models_lineage(
    fitted: Callable[..., Fitted], tmp_path: Path
) -> None:
    name = next(iter(some_document("train")))
    corpus = write(tmp_path / "corpus.jsonl", [{"id": name, "text": "The army went home ."}])
    fitted(unlabelled=(corpus,), teacher=tmp_path / "teacher")
    write(tmp_path / "run" / METRICS, [{}])
    assert Lineage.read(tmp_path / "run").seen.part(name) == "train"
    assert name in trace(tmp_path / "run").seen
    (tmp_path / "run" / SEEN).unlink()
    assert name in trace(tmp_path / "run").seen  # as runs of earlier versions have it
    (tmp_path / "run" / METRICS).unlink()
    fitted(unlabelled=(corpus,), teacher=tmp_path / "teacher")  # an interrupted run goes on


def test_what_chooses_cannot_be_reserved(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path
) -> None:
    same = annotated(tmp_path / "same.jsonl", annotations[0], ("c", "Nobody came ."))
    with pytest.raises(RunError, match="--development are reserved"):
        fitted(reserved=(same,), development=(same,))


def record_of(
    folder: Path, documents: Mapping[Part, list[str]], base: Path | None = None, teacher: Path | None = None
) -> Path:
    folder.mkdir(parents=True)
    models = {"base": base and str(base), "teacher": teacher and str(teacher)}
    write(folder / RUN, [{"settings": {}, "data": {}, "documents": documents, "further": ["f"], **models}])
    write(folder / METRICS, [{}])
    return folder


def test_a_network_has_seen_what_its_bases_and_teachers_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = record_of(tmp_path / "first", {"train": ["a"], "development": ["b"]})
    version = record_of(tmp_path / "versions" / "v1", {"train": ["c"]}, first)
    third = record_of(tmp_path / "third", {"train": ["d"]}, version / "checkpoint")
    taught = record_of(tmp_path / "taught", {"train": ["e"]}, first, record_of(tmp_path / "large", {"train": ["g"]}))
    assert trace(third).seen == Seen.of("acdf", "b")
    assert trace(version / "checkpoint").seen == Seen.of("acf", "b")
    assert trace(None, version, taught).seen == Seen.of("acefg", "b")
    assert trace(third, taught).unknown == ()
    assert trace(None) == (Seen(), ())
    assert trace(tmp_path / "exported") == (Seen(), (tmp_path / "exported",))
    (tmp_path / "large").rename(tmp_path / "moved")
    assert trace(taught).unknown == (tmp_path / "large",)
    assert trace(record_of(tmp_path / "own", {"train": ["e"]}, tmp_path / "own")).seen == Seen.of("ef")
    monkeypatch.chdir(tmp_path)
    assert trace(Path("third")) == trace(third)


def test_where_a_base_or_a_teacher_lies_is_written_so_that_it_is_found_from_elsewhere(
    fitted: Callable[..., Fitted], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it is said if what it was trained on cannot be known."""
    monkeypatch.chdir(tmp_path)
    record_of(tmp_path / "large", {"train": ["a"]}, tmp_path / "gone", tmp_path / "gone")
    fitted(teacher=Path("large"))
    assert json.loads((tmp_path / "run" / RUN).read_bytes())["teacher"] == str(tmp_path / "large")
    assert capsys.readouterr().out.count(f"{tmp_path / 'gone'}: what it was trained on is not known") == 1
    record = read_record(tmp_path / "run").model_dump(mode="json")
    write(tmp_path / "run" / RUN, [{**record, "teacher": "large"}])
    fitted(teacher=Path("large"))  # an interrupted run of an earlier version goes on


def test_with_the_same_seed_what_base_and_teacher_held_out_is_held_out(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.starting_point.Base.open", lambda *_: None)
    monkeypatch.setattr("training.starting_point.check_encoder", lambda *_: None)
    documents = split_documents({one.document for one in annotations}, 1, 0.2)
    large = record_of(tmp_path / "large", documents)
    small = record_of(tmp_path / "small", documents, teacher=large)
    fitted(base=small, teacher=large)
    record = read_record(tmp_path / "run")
    assert {part: [*found] for part, found in record.documents.items()} == documents
    assert all(documents.values())
    assert [*record.seen] == documents["train"]
    everything = record_of(tmp_path / "all", {"train": sorted({one.document for one in annotations})})
    with pytest.raises(RunError, match=r"trained on 30 of them\): .* the --held-out and --seed of their training"):
        fitted(teacher=everything)


def test_development_sentences_that_were_learned_from_or_are_measured_do_not_choose(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = next(one for one in annotations if part_of(one.document, 1, 0.2) == "test")
    rows = (("known", "Nobody came ."), (measured.document, "Nobody left ."), ("x", f"{measured.text} "))
    further = annotated(tmp_path / "further.jsonl", annotations[0], *rows, ("y", "Somebody came ."))
    teacher = record_of(tmp_path / "teacher", {"train": ["known"]})
    _, development = fitted(development=(further,), teacher=teacher)
    assert [one.text for one in development[1]] == ["Somebody came ."]
    record = read_record(tmp_path / "run")
    assert record.chosen_by == ("y",)
    assert measured.document in record.documents["test"]
    assert "3 of 4 sentences of --development choose nothing" in capsys.readouterr().out
    further = annotated(tmp_path / "known.jsonl", annotations[0], *rows[:1])
    with pytest.raises(RunError, match="--development with documents that neither the base nor the teacher"):
        fitted({"held_out": 0.0}, development=(further,), teacher=teacher)


@pytest.mark.parametrize("by", ["base", "teacher"])
def test_what_base_or_teacher_was_trained_on_is_neither_held_out_nor_judged(
    by: str,
    fitted: Callable[..., Fitted],
    annotations: list[Annotation],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents = sorted({one.document for one in annotations})
    held_out = [name for name in documents if part_of(name, 1, 0.2) == "development"]
    model = record_of(tmp_path / "model", {"train": held_out[:1]})
    monkeypatch.setattr("training.starting_point.Base.open", lambda *_: None)
    monkeypatch.setattr("training.starting_point.check_encoder", lambda *_: None)
    learned, (chooses, *_) = fitted(**{by: model})
    assert {one.document for one in chooses} == {*held_out[1:]}
    assert held_out[0] in {one.document for one in learned}
    assert read_record(tmp_path / "run").seen == (held_out[0],)

    judged: list[Annotation] = []

    def judge(fitter: Fitter, chosen_by: list[Annotation], *others: Any) -> Any:
        judged.extend(chosen_by)
        return cross_validate(fitter, chosen_by, *others)

    monkeypatch.setattr("training.run.cross_validate", judge)
    (tmp_path / "run" / RUN).unlink()
    learned, _ = fitted({"folds": 2, "held_out": 0.0}, **{by: model})
    assert {one.document for one in judged} == {*documents} - {held_out[0]}
    assert held_out[0] in {one.document for one in learned}
    model = record_of(tmp_path / "all", {"train": documents[:-1]})
    with pytest.raises(RunError, match=rf"trained on {len(documents) - 1} of the annotated documents"):
        fitted({"folds": 2, "held_out": 0.0}, **{by: model})


def test_a_cross_validation_judges_one_of_a_sentences_copies(
    annotation_file: Path,
    fitted: Callable[..., Fitted],
    annotations: list[Annotation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copies = [
        one.model_copy(update={"id": f"c-{one.id}", "document": f"c-{one.document}", "text": f"{one.text} "})
        for one in annotations[:9]
    ]
    write(annotation_file, [one.model_dump(mode="json") for one in (*annotations, *copies)])
    judged: list[Annotation] = []

    def judge(fitter: Fitter, chosen_by: list[Annotation], *others: Any) -> Any:
        judged.extend(chosen_by)
        return cross_validate(fitter, chosen_by, *others)

    monkeypatch.setattr("training.run.cross_validate", judge)
    learned, _ = fitted({"folds": 2, "held_out": 0.0})
    assert [one.id for one in judged] == [one.id for one in annotations]
    assert learned


def test_folds_learn_the_mixture_that_the_last_network_learns(
    fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path
) -> None:
    further = annotated(tmp_path / "further.jsonl", annotations[0], ("s", "Nobody came ."))
    learned, _ = fitted({"folds": 2, "held_out": 0.0, "repeat": 3}, supplements=(further,))
    times = [[one.text for one in learned].count(text) for text in {one.text for one in learned}]
    assert sorted(times) == [1, *[3] * (len(times) - 1)]


def test_where_nobody_marked_actors_their_absence_is_not_learned_beside_newsmtsc(
    annotation_file: Path, fitted: Callable[..., Fitted], annotations: list[Annotation], tmp_path: Path
) -> None:
    write(annotation_file, [one.model_copy(update={"actors": ()}).model_dump(mode="json") for one in annotations])
    (tmp_path / "newsmtsc").mkdir()
    target = {"from": 0, "to": 6, "mention": "Arland", "polarity": 2}
    for name in ("train", "rw_dev", "mt_dev"):
        row = {"primary_gid": name, "sentence_normalized": f"Arland is in {name} .", "targets": [target]}
        write(tmp_path / "newsmtsc" / f"{name}.jsonl", [row])
    learned, development = fitted(newsmtsc=str(tmp_path / "newsmtsc"))
    assert {one.mentions for group in (learned, *development) for one in group} == {None}
    assert sum(len(one.stances) for one in learned) == 1


def test_what_is_reserved_is_counted(
    fitted: Callable[..., Fitted],
    annotations: list[Annotation],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reserved = annotated(tmp_path / "reserved.jsonl", annotations[0], ("elsewhere", annotations[0].text))
    copies = sum(one.text == annotations[0].text for one in annotations)
    fitted(reserved=(reserved,))
    said = f"{copies} of {len(annotations)} sentences are left out: --reserved has their documents, or the same words"
    assert said in capsys.readouterr().out
