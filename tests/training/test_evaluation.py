from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from model.actors import ActorList
from model.annotation import Annotation, Span
from model.decoding import Probabilities, merge_windows, stance_probabilities
from model.labeller import Labeller
from model.runtime import Logits
from model.tokens import Tokens
from training.coverage import measure_coverage
from training.evaluation import evaluate, evaluate_stances, judged_stances, label
from training.examples import Example
from training.thresholds import best_threshold, choose_thresholds


def as_labelled(labeller: Labeller, texts: Sequence[str]) -> list[Annotation]:
    """Annotations that say exactly what the labeller says."""
    rows = []
    for number, text in enumerate(texts):
        (found,) = labeller.classify(text, split=False).sentences
        judged = labeller.classify(text, [actor.mention for actor in found.actors], split=False).sentences[0]
        actors = [{"start": actor.start, "end": actor.end, "stance": actor.stance} for actor in judged.actors]
        frames = [score.frame for score in found.frames if score.present]
        row = {"id": str(number), "document": f"d{number}", "text": text, "frames": frames, "actors": actors}
        rows.append(Annotation.model_validate({**row, "annotator": "model", "origin": "test"}))
    return rows


TEXTS = ["Arland said Voss fled", "the army paid NL late", "people fled town", "US forces guard Arville"]


def test_a_model_measured_on_its_own_labels_is_perfect(labeller: Labeller) -> None:
    annotations = as_labelled(labeller, TEXTS)
    frames, mentions, stances = evaluate(labeller, annotations, "own").sections
    assert all(score.f1 == 1 for score in frames.scores if score.support)
    assert mentions.macro.f1 == 1
    assert mentions.macro.support == sum(len(annotation.actors) for annotation in annotations)
    assert all(score.f1 == 1 for score in stances.scores if score.support)


def test_wrong_labels_cost(labeller: Labeller) -> None:
    right = as_labelled(labeller, TEXTS)
    everything = {"guarding", "fleeing"}
    wrong = [
        annotation.model_copy(update={"frames": tuple(sorted(everything - set(annotation.frames)))})
        for annotation in right
    ]
    assert evaluate(labeller, wrong, "wrong").sections[0].macro.f1 == 0


def test_where_nobody_has_marked_actors_frames_alone_are_measured(labeller: Labeller) -> None:
    found = as_labelled(labeller, TEXTS)
    assert any(annotation.actors for annotation in found)
    bare = [annotation.model_copy(update={"actors": ()}) for annotation in found]
    assert [section.title for section in evaluate(labeller, bare, "bare").sections] == ["Frames"]
    mentions = evaluate(labeller, [*found[:1], *bare[1:]], "partly").sections[1]
    assert mentions.macro.given > mentions.macro.support


def test_stances_alone_can_be_measured(labeller: Labeller) -> None:
    text = "Voss fled"
    stance = labeller.classify(text, ["Voss"], split=False).sentences[0].actors[0].stance
    right = Example(text=text, document="d", stances=((Span(start=0, end=4), stance),))
    wrong = Example(text=text, document="e", stances=((Span(start=0, end=4), "none of them"),))
    (section,) = evaluate_stances(labeller, [right], "one").sections
    assert {score.label: score.f1 for score in section.scores}[stance] == 1
    (section,) = evaluate_stances(labeller, [wrong], "one").sections
    assert section.macro.f1 == 0


def test_a_stance_is_judged_at_the_annotated_place(labeller: Labeller) -> None:
    text = "Voss said that the army fled from Voss late"
    tokens = labeller.tokenizer(text, ActorList(labeller.codebook).find(text))
    output = merge_windows(tokens, [labeller.runtime.run(window) for window in tokens.windows])
    places = [(0, 4), (34, 38)]
    there = [stance_probabilities(tokens, output.stances, *place).tolist() for place in places]
    assert there[0] != there[1]
    spans = [Span(start=start, end=end) for start, end in places]
    (document,) = label(labeller, [(text, spans[::-1])])
    judged = judged_stances(spans, document)
    assert [one and list(one.probabilities.values()) for one in judged] == there
    assert [one and (one.start, one.end, one.actor) for one in judged] == [(*place, "mara-voss") for place in places]


def test_each_mention_counts_by_what_is_said_at_its_place(labeller: Labeller, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(_tokens: Tokens, _logits: Logits, start: int, _end: int, _temperature: float) -> Probabilities:
        return np.array([0.7, 0.2, 0.1] if start else [0.1, 0.1, 0.8])

    monkeypatch.setattr("model.decoder.stance_probabilities", at)
    text, spans = "Voss fled from Voss", (Span(start=0, end=4), Span(start=15, end=19))
    example = Example(text, "d", tuple(zip(spans, ("critical", "supportive"), strict=True)))
    (section,) = evaluate_stances(labeller, [example], "one").sections
    assert (section.macro.f1, section.macro.support) == (1, 2)
    level = measure_coverage(labeller, [example], "one").coverage[4]  # at least 0.8
    assert level.stances is not None
    assert (level.stances.share, level.stances.accuracy) == (0.5, 1)
    actors = [{"start": span.start, "end": span.end, "stance": stance} for span, stance in example.stances]
    row = {"id": "a", "document": "d", "text": text, "frames": [], "actors": actors}
    annotation = Annotation.model_validate({**row, "annotator": "one", "origin": "test"})
    assert evaluate(labeller, [annotation], "one").sections[2].macro.f1 == 1


def test_the_best_threshold_separates() -> None:
    probabilities = np.array([0.1, 0.2, 0.25, 0.6, 0.7, 0.8])
    assert 0.25 < best_threshold(probabilities, probabilities > 0.5) <= 0.6


def test_thresholds_are_chosen_for_every_frame(labeller: Labeller, checkpoint: Path) -> None:
    annotations = as_labelled(labeller, TEXTS)
    thresholds = choose_thresholds(labeller, annotations, annotations)
    assert set(thresholds.frames) == {"guarding", "fleeing"}
    assert thresholds.listed <= thresholds.mention
    assert labeller.config.thresholds.mention == pytest.approx(0.5)
