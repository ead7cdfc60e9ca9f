"""The page that a training run leaves behind: curves, scores, calibration, data and settings, in one HTML file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model.annotation import Annotation
from model.checkpoint import CheckpointConfig
from model.codebook import Codebook
from training.calibration_error import Bin, expected_calibration_error
from training.evaluation import Evaluation, Section
from training.learning_curve import Curve, draw_curves
from training.markup import Cell, Html, element, scrolling, table
from training.page import render_page
from training.reliability_diagram import draw_reliability
from training.run_folder import RunRecord

_SCORES = {
    "eval_frames_average_precision": ("frames, average precision", "first"),
    "eval_mentions_f1": ("actor mentions, F1 of words", "second"),
    "eval_stances_f1": ("stances, macro F1", "third"),
}
_COLOURS = Html("""
.curve { fill: none; stroke-width: 2; } .first { stroke: var(--accent); } .second { stroke: var(--gap); }
.third { stroke: var(--third); } .fold { stroke: var(--faint); stroke-width: 1; stroke-dasharray: 3 3; }
circle.dot.first { fill: var(--accent); } circle.dot.second { fill: var(--gap); }
circle.dot.third { fill: var(--third); } circle.dot.fold { fill: var(--faint); } circle.dot { stroke: none; }
:root { --third: #2e7d32; } @media (prefers-color-scheme: dark) { :root { --third: #7fcf8a; } }
.curve.second { stroke-dasharray: 9 3; } .curve.third { stroke-dasharray: 2 3; }
.key { display: inline-block; width: 2em; margin: 0 .4em .2em 0; vertical-align: middle; border-top: .2em solid; }
.key.first { border-color: var(--accent); } .key.second { border-color: var(--gap); border-style: dashed; }
.key.third { border-color: var(--third); border-style: dotted; }
.key.fold { border-color: var(--faint); border-top: .1em dashed; } details { margin: 1rem 0; }
""")


@dataclass(frozen=True, kw_only=True)
class TrainingReport:
    """What a finished run has to tell.

    Attributes:
        record: settings, sources and parts.
        codebook: the labelling schema.
        config: the thresholds and the calibration that were chosen.
        annotations: what was learned from.
        history: what the trainer noted in each epoch.
        folds: the same of each fold of a cross-validation.
        evaluation: the scores on the sentences that chose the thresholds.
        diagrams: each frame's probabilities in bins, on the same sentences.
    """

    record: RunRecord
    codebook: Codebook
    config: CheckpointConfig
    annotations: Sequence[Annotation]
    history: Sequence[dict[str, Any]]
    folds: Sequence[Sequence[dict[str, Any]]]
    evaluation: Evaluation
    diagrams: dict[str, tuple[Bin, ...]]


def render_report(report: TrainingReport) -> str:
    """The whole page; it needs neither a network nor another file, and holds no sentence."""
    config = report.config
    content = [
        element("style", _COLOURS),
        element("h1", f"Training of {config.name}"),
        element("p", f"Codebook {report.codebook.label}; encoder {config.encoder}; {_beginning(report)}."),
        element("h2", "Curves"),
        _curves(report),
        element("h2", "Scores"),
        element("p", _judged(report)),
        *(_section(section, report) for section in report.evaluation.sections if section.macro.support),
        element("h2", "Calibration"),
        element("p", "On the diagonal a probability says how often the frame is annotated."),
        element("div", *(_diagram(frame.id, frame.name, report) for frame in report.codebook.frames), class_="beside"),
        element("h2", "Data"),
        _data(report),
        _sources(report),
        element("h2", "Settings"),
        table("As in run.json", ["Setting", "Value"], _settings(report), named=True),
    ]
    return render_page(f"Frameline: training of {config.name}", content)


def _beginning(report: TrainingReport) -> str:
    base = report.record.base
    return "trained from the encoder" if base is None else f"trained further from {base}"


def _curves(report: TrainingReport) -> Html:
    loss = [Curve("loss", _points(report.history, "loss"), "first")]
    loss += [Curve(f"loss of fold {n}", _points(rows, "loss"), "fold") for n, rows in enumerate(report.folds, start=1)]
    loss.append(Curve("loss on development sentences", _points(report.history, "eval_loss"), "second"))
    scores = [Curve(name, _points(report.history, key), kind) for key, (name, kind) in _SCORES.items()]
    figures = [_figure(loss, "Loss by epoch")]
    if any(curve.points for curve in scores):
        figures.append(_figure(scores, "Scores on development sentences by epoch", high=1.0))
    return element("div", *figures, class_="beside")


def _points(rows: Sequence[dict[str, Any]], key: str) -> list[tuple[float, float]]:
    return [(float(row["epoch"]), float(row[key])) for row in rows if key in row]


def _figure(curves: Sequence[Curve], title: str, high: float | None = None) -> Html:
    shown = [curve for curve in curves if curve.points]
    kinds = {curve.kind: "each fold" if curve.kind == "fold" else curve.name for curve in shown}
    keys = [element("span", element("span", class_=f"key {kind}"), f"{name} ") for kind, name in kinds.items()]
    caption = element("figcaption", f"{title}: ", *keys)
    return element("figure", scrolling(draw_curves(shown, title, high=high), title), caption, _by_epoch(shown, title))


def _by_epoch(curves: Sequence[Curve], title: str) -> Html:
    """The curves in figures, for those who cannot see or point at them."""
    values = [dict(curve.points) for curve in curves]
    epochs = sorted({epoch for points in values for epoch in points})
    rows: list[list[Cell]] = [[f"{epoch:g}", *(points.get(epoch, "–") for points in values)] for epoch in epochs]
    figures = table(title, ["Epoch", *(curve.name for curve in curves)], rows, named=True)
    return element("details", element("summary", "Show as a table"), figures)


def _judged(report: TrainingReport) -> str:
    settings, sentences = report.record.settings, report.evaluation.sentences
    how = (
        f"each judged by a network that has not seen its document ({settings.folds} folds)"
        if settings.folds
        else "which the network has not learned from"
    )
    biases = " and the stances' biases" if settings.balance_stances else ""
    return (
        f"On {sentences:,} sentences, {how}. The thresholds{biases} were chosen on these very sentences, so expect a "
        "little less on others. The intervals hold 95 % of bootstrap resamples of documents."
    )


def _section(section: Section, report: TrainingReport) -> Html:
    frames = section.title == "Frames"
    labels = report.codebook.frames if frames else report.codebook.stances
    names = {label.id: label.name for label in labels}
    scores = [*section.scores, section.macro] if len(section.scores) > 1 else list(section.scores)
    rows: list[list[Cell]] = []
    for score in scores:
        figures: list[Cell] = [score.precision, score.recall, score.f1, score.interval]
        row: list[Cell] = [names.get(score.label, score.label), *(figures if score.occurs else "––––")]
        row.append(score.support)
        if frames:
            row.append(_threshold(score.label, report))
        rows.append(row)
    headings = ["Label", "Precision", "Recall", "F1", "95 % interval", "Support", *(["Threshold"] if frames else [])]
    return table(section.title, headings, rows, named=True)


def _threshold(frame: str, report: TrainingReport) -> Cell:
    if frame not in report.config.thresholds.frames:
        return ""
    if report.codebook.frames_per_sentence != "any":
        return "the likeliest"
    return report.config.thresholds.frames[frame]


def _diagram(frame: str, name: str, report: TrainingReport) -> Html:
    bins = report.diagrams[frame]
    size = sum(inside.size for inside in bins)
    caption = f"{name}: expected calibration error {expected_calibration_error(bins):.3f}, n={size:,}"
    return element("figure", draw_reliability(bins, f"Reliability of {name}"), element("figcaption", caption))


def _data(report: TrainingReport) -> Html:
    counts = Counter(frame for annotation in report.annotations for frame in annotation.frames)
    stances = Counter(actor.stance for annotation in report.annotations for actor in annotation.actors)
    none = sum(not annotation.frames for annotation in report.annotations)
    total = max(len(report.annotations), 1)
    rows: list[list[Cell]] = [
        [frame.name, counts[frame.id], counts[frame.id] / total] for frame in report.codebook.frames
    ]
    rows += [["no frame", none, none / total], ["all sentences", len(report.annotations), 1.0]]
    tables = [table("Annotated sentences", ["Frame", "Sentences", "Share"], rows, named=True)]
    if stances:
        mentions: list[list[Cell]] = [[stance.name, stances[stance.id]] for stance in report.codebook.stances]
        tables.append(table("Annotated mentions", ["Stance", "Mentions"], mentions, named=True))
    parts: list[list[Cell]] = [[name, len(documents)] for name, documents in report.record.documents.items()]
    tables.append(table("Documents", ["Part", "Documents"], parts, named=True))
    return element("div", *tables, class_="beside")


def _sources(report: TrainingReport) -> Html:
    rows: list[list[Cell]] = [[name, checksum] for name, checksum in report.record.data.items()]
    return element("details", element("summary", "Files"), table("SHA-256 of each file", ["File", "SHA-256"], rows))


def _settings(report: TrainingReport) -> list[list[Cell]]:
    return [[name, str(value)] for name, value in report.record.settings.model_dump().items()]
