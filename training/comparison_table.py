"""A comparison on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from training.archive_change import ArchiveChange, Change
from training.comparison import LEVEL, TITLES, Comparison, Known, LabelDifference, MacroDifference
from training.gate import limits
from training.measures import MACRO

#: Documents that are named on the terminal; --json and --page name all.
_NAMED = 10


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print what a person has to know of a comparison."""
    a, b = comparison.a, comparison.b
    console.print(f"[bold]A[/bold] {_side(a.name, a.model)}   [bold]B[/bold] {_side(b.name, b.model)}")
    console.print(f"{comparison.sentences} sentences of {comparison.documents} documents: {escape(_files(comparison))}")
    _warn(console, comparison)
    for kind, title in TITLES.items():
        labels = [label for label in comparison.labels if label.kind == kind]
        if labels:
            console.print(_label_table(title, labels, [macro for macro in comparison.macros if macro.kind == kind]))
    console.print(
        f"[dim]p: the less probable the difference is by chance, the smaller; {comparison.tests} tests, corrected "
        f"together by Holm. Below {LEVEL} a difference is called significant.[/dim]"
    )
    console.print(_rest_table(comparison))
    for names, words in ((comparison.dropped, "only A gives"), (comparison.added, "only B gives")):
        if names:
            console.print(f"Labels that {words}: {escape(', '.join(names))}")
    for line in limits(comparison):
        console.print(f"[dim]These sentences are too few to rule out[/dim] {escape(line)}")


def show_change(console: Console, change: ArchiveChange) -> None:
    """Print what would change in a scored archive."""
    console.print(
        f"\n[bold]{escape(change.folder)}[/bold]: {change.sentences:,} sentences, scored by {escape(change.scored_by)}; "
        f"a random {change.sample:,} labelled again by B"
    )
    console.print(_change_table("Sentences with each frame", change.frames))
    if change.stances:
        console.print(_change_table(f"Stances toward the {change.mentions:,} mentions in them", change.stances))
    if change.missing:
        console.print(f"Not compared, since only one of the two has them: {escape(', '.join(change.missing))}")
    for row in (*change.frames, *change.stances):
        for flip in row.examples[:2]:
            console.print(f"  {escape(row.label)}: {escape(flip.before)} → {escape(flip.after)}", style="bold")
            console.print(f"    {escape(flip.text)}", style="dim")


def group_known(known: Sequence[Known]) -> dict[tuple[str, str], dict[str, int]]:
    """Known sentences counted: by model and part, then by document."""
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for one in known:
        counts = groups.setdefault((one.model, one.part), {})
        counts[one.document] = counts.get(one.document, 0) + 1
    return groups


def _side(name: str, model: str) -> str:
    return escape(f"{name} ({model})")


def _files(comparison: Comparison) -> str:
    return ", ".join(comparison.data)


def _warn(console: Console, comparison: Comparison) -> None:
    fate = "They are kept, so these figures prove nothing." if comparison.known_kept else "They are left out."
    for (model, part), documents in group_known(comparison.known).items():
        named = ", ".join(list(documents)[:_NAMED]) + (" …" if len(documents) > _NAMED else "")
        seen = "was trained on" if part == "train" else "was chosen by"
        console.print(
            f"[bold yellow]WARNING[/bold yellow] {escape(model)} {seen} {sum(documents.values())} of the sentences, "
            f"of {len(documents)} documents: {escape(named)}. {fate}"
        )
    if comparison.lineage_unknown:
        console.print(
            f"[yellow]Nobody knows what {escape(' and '.join(comparison.lineage_unknown))} was trained on: no run is on "
            "record, so make sure that these sentences were not.[/yellow]"
        )


def _label_table(title: str, labels: Sequence[LabelDifference], macros: Sequence[MacroDifference]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("Label", no_wrap=True)
    for heading in ("n", "F1 A", "F1 B", "B − A", "95 % interval", "p", "right: only A", "only B", "McNemar p"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for label in labels:
        table.add_row(
            escape(label.label),
            str(label.support),
            f"{label.f1_a:.3f}",
            f"{label.f1_b:.3f}",
            f"{label.difference:+.3f}",
            f"{label.low:+.3f} to {label.high:+.3f}",
            show_p(label.p_corrected),
            str(label.only_a),
            str(label.only_b),
            show_p(label.mcnemar_corrected),
            "[bold red]worse[/bold red]" if label.is_worse else "[bold green]better[/bold green]" if label.is_better else "",
        )
    for macro in macros:
        interval = f"{macro.low:+.3f} to {macro.high:+.3f}"
        figures = (f"{macro.f1_a:.3f}", f"{macro.f1_b:.3f}", f"{macro.difference:+.3f}", interval)
        table.add_row(MACRO, "", *figures, style="bold")
    return table


def show_p(p: float) -> str:
    """A p-value, short."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _rest_table(comparison: Comparison) -> Table:
    a, b = comparison.a, comparison.b
    table = Table(title="Probabilities, speed and size", title_justify="left", title_style="bold")
    table.add_column("")
    for heading in ("A", "B"):
        table.add_column(heading, justify="right")
    table.add_row("expected calibration error of the frames", *(f"{side.calibration[MACRO]:.3f}" for side in (a, b)))
    table.add_row("Brier score of the frames", *(f"{side.brier[MACRO]:.3f}" for side in (a, b)))
    briers = ["–" if side.stance_brier is None else f"{side.stance_brier:.3f}" for side in (a, b)]
    table.add_row("Brier score of the stances", *briers)
    speeds = [f"{side.sentences_per_second:,.0f}" for side in (a, b)]
    table.add_row(f"sentences/s (median of {comparison.rounds} rounds in turn)", *speeds)
    table.add_row("size", *(f"{side.size / 1e6:.1f} MB" for side in (a, b)))
    return table


def _change_table(title: str, changes: Sequence[Change]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("Label", no_wrap=True)
    for heading in ("Whole archive", "Sample, before", "after", "Difference, 95 % interval", "gained", "lost"):
        table.add_column(heading, justify="right")
    for change in changes:
        table.add_row(
            escape(change.label),
            "–" if change.archive is None else f"{change.archive:.1%}",
            f"{change.before:.1%}",
            f"{change.after:.1%}",
            f"{change.low:+.1%} to {change.high:+.1%}",
            str(change.gained),
            str(change.lost),
        )
    return table
