"""The page that shows how two models differ: one HTML file that asks for nothing else."""

from collections.abc import Iterator, Sequence

from model.codebook import Codebook
from training.archive_change import ArchiveChange, Change
from training.calibration_error import expected_calibration_error
from training.comparing import Compared, Rows
from training.comparison import LEVEL, TITLES, Comparison, LabelDifference
from training.comparison_table import group_known, show_p
from training.difference_plot import Row, draw_differences
from training.evaluation import frame_bins, frame_probability, judged_stances, present_frames
from training.gate import limits
from training.markup import Cell, Html, element, marked, scrolling, table
from training.measures import MACRO
from training.page import render_page
from training.reliability_diagram import draw_reliability

#: Sentences shown of each kind.
_SHOWN = 10
_STYLE = Html("""
.worse { stroke: var(--gap); fill: var(--gap); stroke-width: 2.5; }
.plain { stroke: var(--faint); fill: var(--faint); stroke-width: 2; }
.better { stroke: var(--accent); fill: var(--accent); stroke-width: 2.5; }
.zero { stroke: var(--text); stroke-width: 1; }
.verdict { border-inline-start: .35rem solid var(--accent); padding: .6rem 1rem; background: var(--head);
  font-size: 1.1rem; }
.verdict.no, .warning { border-color: var(--gap); }
.warning { margin: 1rem 0; border-inline-start: .35rem solid var(--gap); padding: .4rem 1rem; background: var(--head); }
.faint { color: var(--faint); }
""")


def render_comparison(compared: Compared, codebook: Codebook, change: ArchiveChange | None) -> str:
    """The whole page.

    Args:
        compared: the figures, and what both models say of the sentences.
        codebook: that of B, for the names of the frames.
        change: what changes in an archive, if one was looked at.
    """
    comparison = compared.comparison
    a, b = comparison.a, comparison.b
    content = [
        element("style", _STYLE),
        element("h1", f"{b.name} against {a.name}"),
        element("p", f"A is {a.name} ({a.model}), B is {b.name} ({b.model}). {_data(comparison)}"),
        _verdict(comparison),
        *_warnings(comparison),
        element("h2", "Labels"),
        _plot(comparison),
        _explanation(comparison),
        _labels(comparison),
        *_limits(comparison),
        element("h2", "Probabilities, speed and size"),
        _rest(comparison),
        *_calibration(compared, codebook),
        element("h2", "Decisions that change"),
        element("p", "The surest of B first. The annotated label is what the annotators say."),
        *(list(_changes(compared, codebook)) or [element("p", "None.")]),
        *([] if change is None else _archive(change)),
    ]
    return render_page(f"Frameline: {b.name} against {a.name}", content)


def _data(comparison: Comparison) -> str:
    files = ", ".join(comparison.data)
    return f"Both labelled the same {comparison.sentences:,} sentences of {comparison.documents:,} documents: {files}."


def _verdict(comparison: Comparison) -> Html:
    worse = comparison.findings
    if worse:
        lines = element("ul", *(element("li", line) for line in worse))
        return element("div", element("strong", "B is significantly worse: "), lines, class_="verdict no")
    better = [label.label for label in comparison.labels if label.is_better]
    words = f"B is significantly better on {', '.join(better)}, and" if better else "B is"
    return element("div", f"{words} on no label significantly worse.", class_="verdict")


def _warnings(comparison: Comparison) -> Iterator[Html]:
    fate = "They are kept, so these figures prove nothing." if comparison.known_kept else "They are left out."
    for (model, part), documents in group_known(comparison.known).items():
        seen = "was trained on" if part == "train" else "was chosen by"
        words = f"{model} {seen} {sum(documents.values())} of the sentences. {fate}"
        which = element("details", element("summary", f"Their documents ({len(documents):,})"), ", ".join(documents))
        yield element("div", words, which, class_="warning")
    if comparison.lineage_unknown:
        models = " and ".join(comparison.lineage_unknown)
        words = f"No full record says what {models} saw in training: make sure that these sentences were not among it."
        yield element("p", words, class_="warning")


def _plot(comparison: Comparison) -> Html:
    rows = [
        Row(
            one.label, one.difference, one.low, one.high, "worse" if one.is_worse else "better" if one.is_better else ""
        )
        for one in comparison.labels
    ]
    caption = "F1 of B less F1 of A, with 95 % intervals. Left of the line B is worse, right of it better."
    drawn = draw_differences(rows, caption)
    return element("figure", scrolling(drawn, caption), element("figcaption", caption))


def _explanation(comparison: Comparison) -> Html:
    return element(
        "p",
        "Intervals are by paired bootstrap over documents. The p of F1 is that of exchanging the models document by "
        "document, that of the decisions McNemar's (exact). A decision is one of a frame in a sentence, of all "
        f"mentions of a sentence, or of a stance toward a mention. All {comparison.tests} p are corrected together by "
        f"Holm's method; below {LEVEL} a difference is called significant.",
        class_="faint",
    )


def _labels(comparison: Comparison) -> Html:
    rows: list[list[Cell]] = []
    for kind in TITLES:
        rows += [_row(label) for label in comparison.labels if label.kind == kind]
        for macro in comparison.macros:
            if macro.kind == kind:
                difference, interval = f"{macro.difference:+.3f}", f"{macro.low:+.3f} to {macro.high:+.3f}"
                figures: list[Cell] = [macro.f1_a, macro.f1_b, difference, interval]
                rows.append([MACRO, kind, "", *figures, "", "", "", "", ""])
    headings = [
        "Label",
        "Kind",
        "n",
        "F1, A",
        "F1, B",
        "B − A",
        "95 % interval",
        "p",
        "right: only A",
        "only B",
        "McNemar p",
    ]
    return table("F1, and what only one of them has right", [*headings, "Verdict"], rows, named=True)


def _row(label: LabelDifference) -> list[Cell]:
    return [
        label.label,
        label.kind,
        label.support,
        label.f1_a,
        label.f1_b,
        f"{label.difference:+.3f}",
        f"{label.low:+.3f} to {label.high:+.3f}",
        show_p(label.p_corrected),
        label.only_a,
        label.only_b,
        show_p(label.mcnemar_corrected),
        "worse" if label.is_worse else "better" if label.is_better else "",
    ]


def _limits(comparison: Comparison) -> list[Html]:
    lines = limits(comparison)
    if not lines:
        return []
    items = element("ul", *(element("li", line) for line in lines))
    return [element("p", "These sentences are too few to rule out, for"), items]


def _rest(comparison: Comparison) -> Html:
    a, b = comparison.a, comparison.b
    rows: list[list[Cell]] = [
        [f"Expected calibration error, {name}", a.calibration.get(name, "–"), b.calibration.get(name, "–")]
        for name in b.calibration
    ]
    rows += [[f"Brier score, {name}", a.brier.get(name, "–"), b.brier.get(name, "–")] for name in b.brier]
    briers: list[Cell] = ["–" if side.stance_brier is None else side.stance_brier for side in (a, b)]
    speeds: list[Cell] = [round(side.sentences_per_second) for side in (a, b)]
    rows += [
        ["Brier score, stances", *briers],
        [f"Sentences a second, median of {comparison.rounds} rounds in turn", *speeds],
        ["Size in bytes", a.size, b.size],
    ]
    caption = (
        f"Lower errors are better. In the same time B labels {comparison.faster:.2f} times as many sentences as A "
        "(median over the rounds)."
    )
    return table(caption, ["Measure", "A", "B"], rows, named=True)


def _calibration(compared: Compared, codebook: Codebook) -> Iterator[Html]:
    yield element("h3", "Reliability of the frames' probabilities")
    for frame in codebook.frames:
        if frame.id not in compared.comparison.a.calibration:
            continue
        figures = []
        for name, rows in (("A", compared.a), ("B", compared.b)):
            bins = frame_bins(rows, frame.id)
            title = f"{frame.name}, {name}"
            caption = f"{title}: expected calibration error {expected_calibration_error(bins):.3f}"
            figures.append(element("figure", draw_reliability(bins, title), element("figcaption", caption)))
        yield element("div", *figures, class_="beside")


def _changes(compared: Compared, codebook: Codebook) -> Iterator[Html]:
    for frame in codebook.frames:
        if frame.id not in compared.comparison.a.calibration:
            continue
        for wanted, words in ((False, "A is right, B is wrong"), (True, "A is wrong, B is right")):
            rows = _frame_rows(compared.a, compared.b, frame.id, wanted)
            if rows:
                caption = f"{frame.name}: {words} ({_shown(len(rows))})"
                headings = ["Probability, A", "B", "Annotated", "Sentence", "Id"]
                yield table(caption, headings, rows[:_SHOWN])
    for wanted, words in ((False, "A is right, B is wrong"), (True, "A is wrong, B is right")):
        rows = _stance_rows(compared.a, compared.b, wanted)
        if rows:
            caption = f"Stances: {words} ({_shown(len(rows))})"
            yield table(caption, ["Annotated", "A", "B", "Sentence", "Id"], rows[:_SHOWN])


def _shown(count: int) -> str:
    return f"{count}" if count <= _SHOWN else f"{count}, of which {_SHOWN} are shown"


def _frame_rows(a: Rows, b: Rows, frame: str, wanted: bool) -> list[list[Cell]]:
    """The sentences in which only B is right (``wanted``), or only A."""
    found = []
    for before, after in zip(a, b, strict=True):
        gold = frame in before.annotation.frames
        given = [frame in present_frames(row.found) for row in (before, after)]
        if given[0] != given[1] and (given[1] == gold) == wanted:
            scores = [frame_probability(row.found, frame) for row in (before, after)]
            found.append((scores, "yes" if gold else "no", before.annotation))
    found.sort(key=lambda row: -abs(row[0][1] - 0.5))
    return [[*scores, gold, annotation.text, annotation.id] for scores, gold, annotation in found]


def _stance_rows(a: Rows, b: Rows, wanted: bool) -> list[list[Cell]]:
    found: list[tuple[float, list[Cell]]] = []
    for before, after in zip(a, b, strict=True):
        annotation = before.annotation
        pairs = zip(*(judged_stances(annotation.actors, row.judged) for row in (before, after)), strict=True)
        for actor, (first, second) in zip(annotation.actors, pairs, strict=True):
            if first is None or second is None or first.stance == second.stance:
                continue
            if (second.stance == actor.stance) == wanted and (wanted or first.stance == actor.stance):
                text = marked(annotation.text, actor.start, actor.end)
                found.append((second.confidence, [actor.stance, first.stance, second.stance, text, annotation.id]))
    return [row for _, row in sorted(found, key=lambda pair: -pair[0])]


def _archive(change: ArchiveChange) -> Iterator[Html]:
    yield element("h2", f"In the archive {change.folder}")
    yield element(
        "p",
        f"{change.sentences:,} sentences, scored by {change.scored_by}. A random {change.sample:,} of them were "
        "labelled again by B. Intervals are of the difference of two shares of the same sample.",
    )
    if change.frames:
        yield _change_table("Sentences with each frame", change.frames)
    if change.stances:
        yield _change_table(f"Stances toward the {change.mentions:,} mentions in them", change.stances)
    if change.missing:
        yield element("p", f"Not compared, since only one of the two has them: {', '.join(change.missing)}.")
    for row in (*change.frames, *change.stances):
        if row.examples:
            cells: list[list[Cell]] = [
                [flip.before, flip.after, flip.probability, flip.text, flip.sentence_id] for flip in row.examples
            ]
            yield table(f"{row.label}: examples", ["Before", "After", "Probability, B", "Sentence", "Id"], cells)


def _change_table(caption: str, changes: Sequence[Change]) -> Html:
    rows: list[list[Cell]] = [
        [
            change.label,
            "–" if change.archive is None else f"{change.archive:.1%}",
            f"{change.before:.1%}",
            f"{change.after:.1%}",
            f"{change.low:+.1%} to {change.high:+.1%}",
            change.gained,
            change.lost,
        ]
        for change in changes
    ]
    headings = ["Label", "Whole archive", "Sample, before", "after", "Difference, 95 % interval", "gained", "lost"]
    return table(caption, headings, rows, named=True)
