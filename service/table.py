"""Labelled documents for people: a coloured table and a summary."""

import re
from collections import Counter

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from model.codebook import Codebook
from model.prediction import Document, Sentence

_FRAME_COLOURS = ("cyan", "yellow", "magenta", "blue", "bright_red", "bright_green")
_STANCE_COLOURS = {"supportive": "green", "critical": "red", "neutral": "bright_black"}
_STANCE_SIGNS = {"supportive": "+", "critical": "−", "neutral": "·"}
_UNDECIDED = "dim"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def print_document(console: Console, document: Document, codebook: Codebook, min_confidence: float = 0.0) -> None:
    """Print one document as a table of its sentences and a summary.

    Labels that are less probable than ``min_confidence`` get a question mark and are counted as undecided.
    """
    console.print(Text(_shown(document.id), style="bold"))
    console.print(_table(document, codebook, min_confidence))
    console.print(_summary(document, codebook, min_confidence))
    console.print()


def _table(document: Document, codebook: Codebook, least: float) -> Table:
    table = Table(show_lines=True, expand=True, border_style="bright_black", header_style="bold")
    table.add_column("", justify="right", style="bright_black", no_wrap=True)
    table.add_column("Sentence", ratio=5)
    table.add_column("Frames", ratio=2)
    table.add_column("Actors", ratio=2)
    for number, sentence in enumerate(document.sentences, start=1):
        table.add_row(
            str(number), _marked(sentence, least), _frames(sentence, codebook, least), _actors(sentence, least)
        )
    return table


def _marked(sentence: Sentence, least: float) -> Text:
    text = Text(_shown(sentence.text))
    for actor in sentence.actors:
        style = f"bold {_stance_colour(actor.stance)}" if actor.confidence >= least else f"bold {_UNDECIDED}"
        text.stylize(style, actor.start - sentence.start, actor.end - sentence.start)
    return text


def _frames(sentence: Sentence, codebook: Codebook, least: float) -> Text:
    names = {frame.id: frame.name for frame in codebook.frames}
    lines = []
    for number, score in enumerate(sentence.frames):
        line = f"{names[score.frame]} {score.probability:.2f}"
        if score.confidence < least:
            lines.append(Text(f"? {line}", style=_UNDECIDED))
        elif score.present:
            lines.append(Text(line, style=_frame_colour(number)))
    return Text("\n").join(lines)


def _actors(sentence: Sentence, least: float) -> Text:
    lines = []
    for actor in sentence.actors:
        decided = actor.confidence >= least
        sign = _STANCE_SIGNS.get(actor.stance, "") if decided else "?"
        line = f"{sign} {_shown(actor.mention)} ({actor.stance} {actor.confidence:.2f})".strip()
        lines.append(Text(line, style=_stance_colour(actor.stance) if decided else _UNDECIDED))
    return Text("\n").join(lines)


def _summary(document: Document, codebook: Codebook, least: float) -> RenderableType:
    total = len(document.sentences)
    scores = [score for sentence in document.sentences for score in sentence.frames]
    present = Counter(score.frame for score in scores if score.present and score.confidence >= least)
    undecided = Counter(score.frame for score in scores if score.confidence < least)
    frames = Text("Frames: ")
    for number, frame in enumerate(codebook.frames):
        frames.append(f"{frame.name} {present[frame.id]} of {total}", style=_frame_colour(number))
        if undecided[frame.id]:
            frames.append(f", {undecided[frame.id]} undecided", style=_UNDECIDED)
        frames.append("   ")
    known = {actor.id: actor.name for actor in codebook.actors}
    stances: dict[str, Counter[str]] = {}
    for sentence in document.sentences:
        for actor in sentence.actors:
            name = actor.mention if actor.actor is None else known[actor.actor]
            stances.setdefault(name, Counter())[actor.stance if actor.confidence >= least else "undecided"] += 1
    actors = Text("Actors: ")
    for name, counts in sorted(stances.items(), key=lambda item: -item[1].total()):
        actors.append(_shown(name), style="bold")
        for stance, count in counts.most_common():
            actors.append(f" {count} {stance}", style=_UNDECIDED if stance == "undecided" else _stance_colour(stance))
        actors.append("   ")
    return Group(frames, actors)


def _shown(text: str) -> str:
    """The text as a terminal may show it, in the same length: control characters, which could command it, are signs."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r", " ")


def _stance_colour(stance: str) -> str:
    return _STANCE_COLOURS.get(stance, "white")


def _frame_colour(number: int) -> str:
    return _FRAME_COLOURS[number % len(_FRAME_COLOURS)]
