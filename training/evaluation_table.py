"""How well a model does, on the terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from training.evaluation import Evaluation, Section
from training.figures_table import figures_table


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print a table for each kind of label, and how far the frames are calibrated."""
    console.print(
        f"[bold]{escape(evaluation.data)}[/bold]: {evaluation.sentences} sentences, model {escape(evaluation.model)}"
    )
    for section in evaluation.sections:
        console.print(_table(console, section))
    if evaluation.calibration:
        errors = ", ".join(f"{name} {error:.3f}" for name, error in evaluation.calibration.items())
        console.print(f"[bold]Calibration[/bold] (expected calibration error): {escape(errors)}")


def _table(console: Console, section: Section) -> Table:
    headings = ("Label", "Precision", "Recall", "F1", "95 % interval", "Support")
    table = figures_table(console, section.title, headings)
    rows = [*section.scores, section.macro] if len(section.scores) > 1 else section.scores
    for score in rows:
        figures = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
        table.add_row(
            score.label,
            *(figures if score.occurs else "–––"),
            score.interval,
            str(score.support),
            style="bold" if score is section.macro else None,
        )
    return table
