from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from model.annotation import Annotation
from model.codebook import Codebook
from training.augmentation import reword, substitute_names
from training.cross_validation import assign_folds, cross_validate
from training.defaults import FEW, default_settings, describe_amount
from training.examples import from_annotations
from training.run_folder import RunError
from training.settings import TrainingSettings


def test_documents_stay_together_and_frames_are_spread(annotations: list[Annotation]) -> None:
    folds = assign_folds(annotations, 3, seed=1)
    by_document: dict[str, set[int]] = {}
    for annotation, fold in zip(annotations, folds, strict=True):
        by_document.setdefault(annotation.document, set()).add(fold)
    assert all(len(found) == 1 for found in by_document.values())
    for fold in range(3):
        frames = [one.frames[0] for one, number in zip(annotations, folds, strict=True) if number == fold]
        assert 8 <= frames.count("guarding") <= 12
        assert 8 <= frames.count("fleeing") <= 12
    assert folds == assign_folds(annotations, 3, seed=1)
    assert folds != assign_folds(annotations, 3, seed=2)


def test_a_frame_with_one_sentence_is_no_obstacle(annotations: list[Annotation]) -> None:
    alone = [
        one.model_copy(update={"frames": ("guarding",) if not number else ()}) for number, one in enumerate(annotations)
    ]
    assert set(assign_folds(alone, 3, seed=1)) == {0, 1, 2}


def test_a_fold_learns_nothing_of_the_documents_that_it_judges(
    annotations: list[Annotation], codebook: Codebook, tmp_path: Path
) -> None:
    """Neither their sentences, be it in a supplement, nor copies of these with other names."""
    examples = from_annotations(annotations)
    further = [replace(one, text=f"copy of {one.text}") for one in examples]
    further += [replace(one, document="supplement") for one in examples]
    fitter = Mock(codebook=codebook)
    fitter.settings.folds, fitter.settings.seed = 3, 1
    fitter.fit.side_effect = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        cross_validate(fitter, annotations, examples, further, 2, tmp_path)
    learned = fitter.fit.call_args.args[0]
    folds = assign_folds(annotations, 3, seed=1)
    others = {one.document for one, fold in zip(annotations, folds, strict=True) if fold != 0}
    assert {one.document for one in learned} == others | {"supplement"}
    texts = {one.text for one, fold in zip(annotations, folds, strict=True) if fold == 0}
    assert not texts & {one.text for one in learned}
    assert any(one.text.startswith("copy of") for one in learned)


def test_a_fold_learns_no_copy_of_what_it_judges(
    annotations: list[Annotation], codebook: Codebook, tmp_path: Path
) -> None:
    """Neither one that differs in a sign nor one with other names, in whatever documents these stand."""
    folds = assign_folds(annotations, 3, seed=1)
    judged, elsewhere = annotations[folds.index(0)], annotations[folds.index(1)].document
    copies = [
        judged.model_copy(update={"document": elsewhere, "text": judged.text.replace(" .", ".")}),
        judged.model_copy(update={"document": "supplement", "text": f"{judged.text} "}),
    ]
    examples = [*from_annotations(annotations), *from_annotations(copies[:1])]
    renamed = [
        *substitute_names([example for example in examples if example.document == elsewhere], codebook, 9, seed=1),
        *reword(examples[-1:], {"border": 0, "guard": 1}, torch.eye(2), 1, seed=1),
    ]
    assert {one.text for one in renamed if one.origin == copies[0].text}
    fitter = Mock(codebook=codebook)
    fitter.settings.folds, fitter.settings.seed = 3, 1
    fitter.fit.side_effect = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        cross_validate(fitter, annotations, examples, [*renamed, *from_annotations(copies[1:])], 1, tmp_path)
    learned = fitter.fit.call_args.args[0]
    assert {one.document for one in learned} >= {elsewhere}
    assert any(one.origin is not None for one in learned)
    forms = {copies[0].text, copies[1].text}
    assert not forms & {text for one in learned for text in (one.text, one.origin)}


def test_too_few_documents_are_a_clear_error(annotations: list[Annotation]) -> None:
    with pytest.raises(RunError, match="too few documents for --folds 3: 1"):
        assign_folds(annotations[:2], 3, seed=1)


def test_defaults_follow_from_the_amount_of_data(annotations: list[Annotation]) -> None:
    few = TrainingSettings(**default_settings(annotations, has_base=False, has_development=False))
    assert (few.folds, few.held_out) == (3, 0.0)
    assert few.epochs > TrainingSettings().epochs
    chosen = TrainingSettings(**default_settings(annotations, has_base=True, has_development=True))
    assert chosen.folds == 0
    assert chosen.learning_rate < few.learning_rate
    many = annotations * (6 * FEW // len(annotations))
    assert TrainingSettings(**default_settings(many, has_base=True, has_development=False)) == TrainingSettings()
    assert "60 sentences of 30 documents; frames: guarding 30, fleeing 30; 0 sentences" in describe_amount(annotations)


def test_two_annotators_are_not_twice_the_sentences(annotations: list[Annotation]) -> None:
    others = [one.model_copy(update={"annotator": "ben"}) for one in annotations]
    others[0] = others[0].model_copy(update={"frames": ("guarding", "fleeing")})
    said = describe_amount([*annotations, *others])
    assert said.startswith(
        "120 annotations of 60 sentences, 1 of them with frames that differ, of 30 documents; frames:"
    )


def test_supplements_count_as_what_is_learned_from_but_not_as_what_chooses(annotations: list[Annotation]) -> None:
    many = [annotations[0]] * (FEW + 3_001)
    supplied = default_settings(annotations, many, has_base=True, has_development=False)
    assert supplied == {"held_out": 0.0, "folds": 3}
    alone = default_settings(annotations, has_base=True, has_development=False)
    assert {"epochs", "batch_size", "contrastive", "learning_rate"} < set(alone)
