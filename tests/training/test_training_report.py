from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from model.annotation import Annotation
from model.checkpoint import CheckpointConfig, Thresholds
from model.codebook import Codebook
from model.labeller import Labeller
from training.evaluation import frame_bins, label_annotations, measure_labelled
from training.learning_curve import Curve, draw_curves
from training.run_folder import RunRecord, read_record
from training.training_report import TrainingReport, render_report


@pytest.fixture
def report(labeller: Labeller, annotations: list[Annotation], run_folder: Path) -> TrainingReport:
    rows = label_annotations(labeller, annotations[:20])
    record: RunRecord = read_record(run_folder).model_copy(
        update={"documents": {"train": ("a", "b"), "development": ("c",), "test": ()}, "data": {"some<file>": "abc"}}
    )
    return TrainingReport(
        record=record,
        codebook=labeller.codebook,
        config=labeller.config,
        annotations=annotations,
        history=[
            {"epoch": 1.0, "loss": 2.5},
            {"epoch": 1.0, "eval_loss": 2.75, "eval_frames_average_precision": 0.625},
        ],
        folds=[[{"epoch": 1.0, "loss": 3.125}]],
        evaluation=measure_labelled(labeller, rows, "development"),
        diagrams={frame: frame_bins(rows, frame) for frame in labeller.codebook.frame_ids},
    )


def test_tells_curves_scores_thresholds_data_and_settings(
    report: TrainingReport, annotations: list[Annotation]
) -> None:
    page = render_report(report)
    assert page.startswith("<!doctype html>")
    for words in ("epoch 1: 2.5000", "epoch 1: 2.7500", "fold 1, epoch 1: 3.1250", "epoch 1: 0.6250"):
        assert words in page
    for words in ("Guarding", "Threshold", "Reliability of Fleeing", "learning_rate", "0.500", "Supportive"):
        assert words in page
    assert "some&lt;file&gt;" in page
    assert annotations[0].text not in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_read_it_on_any_screen(report: TrainingReport, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content(render_report(report))
    for summary in page.locator("summary").all():
        summary.click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    loss = page.get_by_role("table", name="Loss by epoch").get_by_role("row")
    assert loss.all_inner_texts() == [
        "Epoch\tloss\tloss of fold 1\tloss on development sentences",
        "1\t2.500\t3.125\t2.750",
    ]
    lines = page.locator("polyline").evaluate_all("(all) => all.map((one) => getComputedStyle(one).strokeDasharray)")
    assert len({*lines[:3]}) == 3  # they can be told apart without colours
    page.close()


def test_says_how_a_codebook_of_exclusive_frames_decides(report: TrainingReport, codebook: Codebook) -> None:
    single = codebook.model_copy(update={"frames_per_sentence": "exactly_one"})
    thresholds = Thresholds(frames=dict.fromkeys(codebook.frame_ids, 0.0))
    config: CheckpointConfig = report.config.model_copy(update={"thresholds": thresholds})
    changed = TrainingReport(**{**report.__dict__, "codebook": single, "config": config})
    assert "the likeliest" in render_report(changed)


def test_a_frame_that_is_called_as_a_stance_has_its_own_name(report: TrainingReport) -> None:
    score = report.evaluation.sections[0].scores[0].model_copy(update={"label": "critical"})
    first = report.evaluation.sections[0].model_copy(update={"scores": (score,)})
    frame = report.codebook.frames[0].model_copy(update={"id": "critical", "name": "A critical frame"})
    changed = replace(
        report,
        codebook=report.codebook.model_copy(update={"frames": (frame,)}),
        evaluation=report.evaluation.model_copy(update={"sections": (first,)}),
        diagrams={"critical": report.diagrams["guarding"]},
    )
    scores = render_report(changed).split("<caption>Frames</caption>")[1].split("</table>")[0]
    assert '<th scope="row">A critical frame</th>' in scores


def test_a_curve_lies_between_its_edges() -> None:
    drawn = draw_curves([Curve("loss", [(1.0, 4.0), (2.0, 1.0)], "first"), Curve("none", [], "second")], "Loss")
    assert 'points="262.0,14.0 472.0,179.0"' in drawn
    assert "none" not in drawn
