"""Labelled documents for people: a coloured table and a summary."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from model.codebook import Codebook
from model.prediction import ActorStance, Document, Sentence

_FRAME_COLOURS = ("cyan", "yellow", "magenta", "blue", "bright_red", "bright_green")
_STANCE_COLOURS = {"supportive": "green", "critical": "red"}
_STANCE_SIGNS = {"supportive": "+", "critical": "−", "neutral": "·"}
_UNDECIDED = "dim"
#: Fainter than the text, in whatever colour that is: a palette may give its "bright black" to the background.
_ASIDE = "dim"
#: Columns from which frames and actors stand beside their sentence; where there are fewer, they stand under it.
_BESIDE = 80
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def print_document(console: Console, document: Document, codebook: Codebook, min_confidence: float = 0.0) -> None:
    """Print one document as a table of its sentences, or a list where that is too narrow, and a summary.

    Nothing is cut: what is too long goes on in the next line. Labels that are less probable than ``min_confidence``
    get a question mark and are counted as undecided.
    """
    console.print(Text(_shown(document.id), style="bold"))
    narrow = console.width < _BESIDE
    console.print((_list if narrow else _table)(document, codebook, min_confidence))
    summary = _summary(document, codebook, min_confidence)
    if narrow:
        console.print(_listed(summary))
    else:
        for heading, items in summary:
            console.print(Text(f"{heading} ") + Text("   ").join(items))
    console.print()


def _table(document: Document, codebook: Codebook, least: float) -> Table:
    table = Table(show_lines=True, expand=True, border_style=_ASIDE, header_style="bold")
    table.add_column("", justify="right", style=_ASIDE, no_wrap=True)
    for name, ratio in (("Sentence", 5), ("Frames", 2), ("Actors", 2)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for number, sentence in enumerate(document.sentences, start=1):
        frames, actors = _frames(sentence, codebook, least), _actors(sentence, least)
        table.add_row(str(number), _marked(sentence, least), Text("\n").join(frames), Text("\n").join(actors))
    return table


def _list(document: Document, codebook: Codebook, least: float) -> Table:
    """The sentences, each with its frames and actors under it and a blank line around."""
    grid = _grid("right")
    for number, sentence in enumerate(document.sentences, start=1):
        labels = (("Frames", _frames(sentence, codebook, least)), ("Actors", _actors(sentence, least)))
        grid.add_row()
        grid.add_row(str(number), Group(_marked(sentence, least), _listed(labels)))
    grid.add_row()
    return grid


def _listed(labels: Iterable[tuple[str, list[Text]]]) -> Table:
    """Headings with, beside each, its labels one below the other; those without any are left out."""
    grid = _grid("left")
    for heading, items in labels:
        if items:
            grid.add_row(heading, Text("\n").join(items))
    return grid


def _grid(justify: Literal["left", "right"]) -> Table:
    """A table of two columns without lines, the first for what is said aside."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify=justify, style=_ASIDE, overflow="fold")
    grid.add_column(overflow="fold")
    return grid


def _marked(sentence: Sentence, least: float) -> Text:
    text = Text(_shown(sentence.text))
    for actor in sentence.actors:
        style = f"bold {_stance_colour(actor.stance)}" if actor.confidence >= least else f"bold {_UNDECIDED}"
        text.stylize(style, actor.start - sentence.start, actor.end - sentence.start)
    return text


def _frames(sentence: Sentence, codebook: Codebook, least: float) -> list[Text]:
    names = {frame.id: frame.name for frame in codebook.frames}
    lines = []
    for number, score in enumerate(sentence.frames):
        line = f"{names[score.frame]} {score.probability:.2f}"
        if score.confidence < least:
            lines.append(Text(f"? {line}", style=_UNDECIDED))
        elif score.present:
            lines.append(Text(line, style=_frame_colour(number)))
    return lines


def _actors(sentence: Sentence, least: float) -> list[Text]:
    lines = []
    for actor in sentence.actors:
        decided = actor.confidence >= least
        sign = _STANCE_SIGNS.get(actor.stance, "") if decided else "?"
        line = f"{sign} {_shown(actor.mention)} ({actor.stance} {actor.confidence:.2f})".strip()
        lines.append(Text(line, style=_stance_colour(actor.stance) if decided else _UNDECIDED))
    return lines


def _summary(document: Document, codebook: Codebook, least: float) -> list[tuple[str, list[Text]]]:
    """What is counted, under its heading; actors that the codebook does not list stand apart."""
    known = {actor.id: actor.name for actor in codebook.actors}
    found = [actor for sentence in document.sentences for actor in sentence.actors]
    listed = _count_actors(((known[actor.actor], actor) for actor in found if actor.actor is not None), least)
    unlisted = _count_actors(((actor.mention, actor) for actor in found if actor.actor is None), least)
    if not listed:
        listed = [Text("none listed" if unlisted else "none")]
    summary = [("Frames:", _count_frames(document, codebook, least)), ("Actors:", listed)]
    return [*summary, ("Unlisted:", unlisted)] if unlisted else summary


def _count_frames(document: Document, codebook: Codebook, least: float) -> list[Text]:
    total = len(document.sentences)
    scores = [score for sentence in document.sentences for score in sentence.frames]
    present = Counter(score.frame for score in scores if score.present and score.confidence >= least)
    undecided = Counter(score.frame for score in scores if score.confidence < least)
    items = []
    for number, frame in enumerate(codebook.frames):
        item = Text().append(f"{frame.name} {present[frame.id]} of {total}", style=_frame_colour(number))
        if undecided[frame.id]:
            item.append(f", {undecided[frame.id]} undecided", style=_UNDECIDED)
        items.append(item)
    return items


def _count_actors(actors: Iterable[tuple[str, ActorStance]], least: float) -> list[Text]:
    """The stances toward each of the named actors, the most frequent actor first."""
    stances: dict[str, Counter[str]] = {}
    for name, actor in actors:
        stances.setdefault(name, Counter())[actor.stance if actor.confidence >= least else "undecided"] += 1
    items = []
    for name, counts in sorted(stances.items(), key=lambda item: -item[1].total()):
        item = Text().append(_shown(name), style="bold")
        for stance, count in counts.most_common():
            item.append(f" {count} {stance}", style=_UNDECIDED if stance == "undecided" else _stance_colour(stance))
        items.append(item)
    return items


def _shown(text: str) -> str:
    """The text as a terminal may show it, in the same length: control characters, which could command it, are signs."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r", " ")


def _stance_colour(stance: str) -> str:
    return _STANCE_COLOURS.get(stance, "default")


def _frame_colour(number: int) -> str:
    return _FRAME_COLOURS[number % len(_FRAME_COLOURS)]
