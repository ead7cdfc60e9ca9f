"""Labelled documents for people: a coloured table and a summary."""

from collections import Counter

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from model.codebook import Codebook
from model.prediction import Document, Sentence

_FRAME_COLOURS = ("cyan", "yellow", "magenta", "blue", "bright_red", "bright_green")
_STANCE_COLOURS = {"supportive": "green", "critical": "red", "neutral": "bright_black"}
_STANCE_SIGNS = {"supportive": "+", "critical": "−", "neutral": "·"}


def print_document(console: Console, document: Document, codebook: Codebook) -> None:
    """Print one document as a table of its sentences and a summary."""
    console.print(Text(document.id, style="bold"))
    console.print(_table(document, codebook))
    console.print(_summary(document, codebook))
    console.print()


def _table(document: Document, codebook: Codebook) -> Table:
    table = Table(show_lines=True, expand=True, border_style="bright_black", header_style="bold")
    table.add_column("", justify="right", style="bright_black", no_wrap=True)
    table.add_column("Sentence", ratio=5)
    table.add_column("Frames", ratio=2)
    table.add_column("Actors", ratio=2)
    for number, sentence in enumerate(document.sentences, start=1):
        table.add_row(str(number), _marked(sentence), _frames(sentence, codebook), _actors(sentence))
    return table


def _marked(sentence: Sentence) -> Text:
    text = Text(sentence.text)
    for actor in sentence.actors:
        colour = _STANCE_COLOURS.get(actor.stance, "white")
        text.stylize(f"bold {colour}", actor.start - sentence.start, actor.end - sentence.start)
    return text


def _frames(sentence: Sentence, codebook: Codebook) -> Text:
    names = {frame.id: frame.name for frame in codebook.frames}
    lines = [
        Text(f"{names[score.frame]} {score.probability:.2f}", style=_frame_colour(number))
        for number, score in enumerate(sentence.frames)
        if score.present
    ]
    return Text("\n").join(lines)


def _actors(sentence: Sentence) -> Text:
    lines = [
        Text(
            f"{_STANCE_SIGNS.get(actor.stance, '')} {actor.mention} ({actor.stance} "
            f"{actor.probabilities[actor.stance]:.2f})".strip(),
            style=_STANCE_COLOURS.get(actor.stance, "white"),
        )
        for actor in sentence.actors
    ]
    return Text("\n").join(lines)


def _summary(document: Document, codebook: Codebook) -> RenderableType:
    total = len(document.sentences)
    present = Counter(score.frame for sentence in document.sentences for score in sentence.frames if score.present)
    frames = Text("Frames: ")
    for number, frame in enumerate(codebook.frames):
        frames.append(f"{frame.name} {present[frame.id]} of {total}", style=_frame_colour(number))
        frames.append("   ")
    known = {actor.id: actor.name for actor in codebook.actors}
    stances: dict[str, Counter[str]] = {}
    for sentence in document.sentences:
        for actor in sentence.actors:
            name = actor.mention if actor.actor is None else known[actor.actor]
            stances.setdefault(name, Counter())[actor.stance] += 1
    actors = Text("Actors: ")
    for name, counts in sorted(stances.items(), key=lambda item: -item[1].total()):
        actors.append(name, style="bold")
        for stance, count in counts.most_common():
            actors.append(f" {count} {stance}", style=_STANCE_COLOURS.get(stance, "white"))
        actors.append("   ")
    return Group(frames, actors)


def _frame_colour(number: int) -> str:
    return _FRAME_COLOURS[number % len(_FRAME_COLOURS)]
