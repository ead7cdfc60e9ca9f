"""A comparison on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from training.archive_change import ArchiveChange, Change
from training.comparison import LEVEL, TITLES, Comparison, Known, LabelDifference
from training.gate import limits
from training.measures import MACRO

#: Documents that are named on the terminal; --json and --page name all.
_NAMED = 10


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print what a person has to know of a comparison."""
    a, b = comparison.a, comparison.b
    console.print(f"[bold]A[/bold] {_side(a.name, a.model)}   [bold]B[/bold] {_side(b.name, b.model)}")
    files = escape(", ".join(comparison.data))
    console.print(f"{comparison.sentences} sentences of {comparison.documents} documents: {files}")
    _warn(console, comparison)
    console.print(_label_table(comparison))
    console.print(
        f"[dim]p by exchanging documents, and by McNemar's test of the decisions; all {comparison.tests} corrected "
        f"together (Holm). Below {LEVEL} a difference is called significant.[/dim]\n"
    )
    console.print(_rest_table(comparison))
    for names, words in ((comparison.dropped, "only A gives"), (comparison.added, "only B gives")):
        if names:
            console.print(f"Labels that {words}: {escape(', '.join(names))}")
    for line in limits(comparison):
        console.print(f"[dim]These sentences are too few to rule out, for[/dim] {escape(line)}")


def show_change(console: Console, change: ArchiveChange) -> None:
    """Print what would change in a scored archive."""
    console.print(
        f"\n[bold]{escape(change.folder)}[/bold]: {change.sentences:,} sentences, scored by {escape(change.scored_by)};"
        f" a random {change.sample:,} labelled again by B"
    )
    if change.frames:
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
            f"[yellow]No full record says what {escape(' and '.join(comparison.lineage_unknown))} saw in training: "
            "make sure that these sentences were not among it.[/yellow]"
        )


def _label_table(comparison: Comparison) -> Table:
    """As wide as a terminal of 80 columns; long names of labels are folded, figures never."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("F1", overflow="fold")
    for heading in ("n", "A", "B", "B − A", "95 % interval", "p", "McN."):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for kind, title in TITLES.items():
        labels = [label for label in comparison.labels if label.kind == kind]
        if labels and kind != "mention":
            table.add_row(f"[dim]{title}[/dim]")
        for label in labels:
            figures = _figures(label.f1_a, label.f1_b, label.difference, label.low, label.high)
            ps = (show_p(label.p_corrected), show_p(label.mcnemar_corrected))
            table.add_row(escape(label.label), str(label.support), *figures, *ps, _verdict(label))
        for macro in comparison.macros:
            if macro.kind == kind:
                figures = _figures(macro.f1_a, macro.f1_b, macro.difference, macro.low, macro.high)
                table.add_row(MACRO, "", *figures, style="bold")
    return table


def _figures(a: float, b: float, difference: float, low: float, high: float) -> tuple[str, ...]:
    return f"{a:.3f}", f"{b:.3f}", f"{difference:+.3f}", f"{low:+.2f} to {high:+.2f}"


def _verdict(label: LabelDifference) -> str:
    if label.is_worse:
        return "[bold red]worse[/bold red]"
    return "[bold green]better[/bold green]" if label.is_better else ""


def show_p(p: float) -> str:
    """A p-value, short."""
    return "<.001" if p < 0.001 else f"{p:.3f}".lstrip("0")


def _rest_table(comparison: Comparison) -> Table:
    a, b = comparison.a, comparison.b
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Probabilities, speed and size")
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
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title, overflow="fold")
    for heading in ("archive", "sample", "after", "B − A, 95 %", "gained", "lost"):
        table.add_column(heading, justify="right", no_wrap=True)
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
