"""The page that shows where a model fails: one HTML file that asks for nothing else."""

from collections.abc import Sequence

from model.articles import ARTICLES_FILE
from training.calibration_error import expected_calibration_error
from training.error_groups import Group, Grouping
from training.error_report import ErrorReport, FrameErrors, FrameMistake, StanceErrors, StanceMistake
from training.markup import Cell, Html, element, join, marked, table
from training.measures import Counts
from training.page import render_page
from training.reliability_diagram import draw_reliability

_GROUPS = (
    f"The genre of a document is the one that {ARTICLES_FILE} beside the annotations gives it. The stance macro "
    "averages the stances that are annotated or given in the group. A dash stands where nothing is annotated "
    "and nothing given."
)


def render_errors(reports: Sequence[ErrorReport]) -> str:
    """The whole page, one section a report; it needs neither a network nor another file."""
    content = [
        element("h1", "Where the model fails"),
        element("p", f"Model: {', '.join(dict.fromkeys(report.model for report in reports))}"),
        element("nav", element("ul", *(_link(number, report) for number, report in enumerate(reports, start=1)))),
        *(_report(number, report) for number, report in enumerate(reports, start=1)),
    ]
    return render_page("Frameline: where the model fails", content)


def _link(number: int, report: ErrorReport) -> Html:
    words = f"{report.data} ({_number(report.total.sentences, 'sentence')})"
    return element("li", element("a", words, href=f"#set-{number}"))


def _report(number: int, report: ErrorReport) -> Html:
    content = [
        element("h2", report.data),
        element(
            "p",
            f"{_number(report.total.sentences, 'sentence')}, {_number(report.total.mentions, 'annotated mention')}. "
            "Stances are judged on the annotated mentions.",
        ),
        element("h3", "Scores by group"),
        element("p", _GROUPS),
        *(_grouping(grouping, report) for grouping in report.groupings),
        element("h3", "Frames"),
        *(_frame(errors, report) for errors in report.frames),
        element("h3", "Stances"),
        _confusion(report.stances),
        *(_stance(errors, report.stances) for errors in report.stances),
    ]
    return element("section", join(content), id=f"set-{number}")


def _grouping(grouping: Grouping, report: ErrorReport) -> Html:
    caption = f"{grouping.title}: F1, and support n"
    headings = ["Group", "Sentences", *(errors.frame.name for errors in report.frames), "Stance, macro"]
    return table(caption, headings, [_group(group) for group in (*grouping.groups, report.total)], named=True)


def _group(group: Group) -> list[Cell]:
    stance = f"{group.stance_f1:.3f}, n={group.mentions}" if group.mentions else "–"
    return [group.name, group.sentences, *(_score(counts) for counts in group.frames.values()), stance]


def _score(counts: Counts) -> str:
    return f"{counts.f1:.3f}, n={counts.support}" if any(counts) else "–"


def _frame(errors: FrameErrors, report: ErrorReport) -> Html:
    hits, alarms, misses = errors.counts
    rest = report.total.sentences - sum(errors.counts)
    name = errors.frame.name
    how = "as the likeliest" if errors.threshold is None else f"from {errors.threshold:.2f} on"
    crossed = table(
        f"Sentences, annotated (rows) and given {how} (columns)",
        ["Annotated", "given", "not given", "all"],
        [
            [name, hits, misses, hits + misses],
            [f"not {name}", alarms, rest, alarms + rest],
            ["all", hits + alarms, misses + rest, report.total.sentences],
        ],
        named=True,
    )
    content = [
        element("h4", name),
        element("div", _diagram(errors), join((crossed, _bins(errors))), class_="beside"),
        _mistakes(f"Given, not annotated: {_shown(errors.false_alarms, alarms)}", errors.false_alarms, report),
        _mistakes(f"Annotated, not given: {_shown(errors.misses, misses, 'lowest')}", errors.misses, report),
    ]
    return join(content)


def _diagram(errors: FrameErrors) -> Html:
    title = f"Reliability of {errors.frame.name}"
    error, size = expected_calibration_error(errors.bins), sum(inside.size for inside in errors.bins)
    caption = (
        f"{title}: each dot is a bin of probabilities, above it the number of sentences; on the diagonal a probability "
        f"says how often the frame is annotated. Expected calibration error {error:.3f}, n={size}."
    )
    return element("figure", draw_reliability(errors.bins, title), element("figcaption", caption))


def _bins(errors: FrameErrors) -> Html:
    rows: list[list[Cell]] = [
        [f"{inside.low:.1f} to {inside.high:.1f}", inside.size, inside.probability, inside.share]
        for inside in errors.bins
        if inside.size
    ]
    caption = "The bins that hold sentences"
    return table(caption, ["Bin", "Sentences", "Mean probability", "Share annotated"], rows, named=True)


def _mistakes(caption: str, mistakes: Sequence[FrameMistake], report: ErrorReport) -> Html:
    names = {errors.frame.id: errors.frame.name for errors in report.frames}
    rows: list[list[Cell]] = [
        [
            mistake.probability,
            mistake.annotation.text,
            ", ".join(names[frame] for frame in mistake.annotation.frames) or "–",
            ", ".join(names[frame] for frame in mistake.given) or "–",
            mistake.annotation.id,
        ]
        for mistake in mistakes
    ]
    if not rows:
        return element("p", caption)
    return table(caption, ["Probability", "Sentence", "Annotated", "Given", "Id"], rows)


def _confusion(stances: Sequence[StanceErrors]) -> Html:
    names: dict[str | None, str] = {errors.stance.id: errors.stance.name for errors in stances}
    if any(None in errors.given for errors in stances):
        names[None] = "not judged"
    rows: list[list[Cell]] = [
        [errors.stance.name, *(errors.given.get(stance, 0) for stance in names), errors.support] for errors in stances
    ]
    caption = "Mentions, by annotated stance (rows) and given stance (columns)"
    return table(caption, ["Annotated", *names.values(), "all"], rows, named=True)


def _stance(errors: StanceErrors, stances: Sequence[StanceErrors]) -> Html:
    names = {other.stance.id: other.stance.name for other in stances}
    caption = f"Given another stance: {_shown(errors.mistakes, errors.wrong)} (n={errors.support} annotated so)"
    heading = element("h4", f"Annotated as {errors.stance.name}")
    if not errors.mistakes:
        return join((heading, element("p", caption)))
    headings = ["Given", "Probability", f"Probability of {errors.stance.name}", "Sentence", "Id"]
    return join((heading, table(caption, headings, [_wrong(mistake, names) for mistake in errors.mistakes])))


def _wrong(mistake: StanceMistake, names: dict[str, str]) -> list[Cell]:
    span, given = mistake.mention, mistake.given
    return [
        names[given.stance],
        mistake.confidence,
        given.probabilities[span.stance],
        marked(mistake.annotation.text, span.start, span.end),
        mistake.annotation.id,
    ]


def _shown(mistakes: Sequence[object], count: int, first: str = "highest") -> str:
    if not count:
        return "none"
    some = f"{count}" if len(mistakes) == count else f"the worst {len(mistakes)} of {count}"
    return f"{some}, {first} probability first"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
