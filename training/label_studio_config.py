"""The labelling configuration of a Label Studio project, made from the codebook."""

import xml.etree.ElementTree as ET
from string import ascii_lowercase, digits

from model.codebook import Codebook, Frame, FrameChoice
from model.label_studio import ACTOR, ACTOR_ID, FRAMES, SPANS, STANCE, TEXT, UNDECIDED

#: The colours of the web page's light theme, in the order of the codebook.
_FRAME_COLOURS = ("#00706c", "#9a5200", "#5b2fb0", "#3a4bff", "#561c61", "#1b2d11")
_FIRST_STANCE, _BETWEEN, _LAST_STANCE = "#0b5cad", "#5d5850", "#b3261e"
_ACTOR_COLOUR, _UNDECIDED_COLOUR = "#1f4a66", "#8a8375"
_UNDECIDED_HINT = "Whether this is an actor, or which stance the sentence takes toward it, is open."
_CHOICE = "border-left: 5px solid {colour}; padding-left: 6px; margin-right: 12px"
_HOW_MANY: dict[FrameChoice, str] = {
    "any": "none, one or several",
    "at_most_one": "none or one",
    "exactly_one": "exactly one",
}
_STYLE = """
.frameline-text { font-size: 1.125rem; line-height: 1.7; margin: 0.5rem 0 1rem; }
"""


class _Keys:
    """Hands out keys, each once; ``u`` is Label Studio's own."""

    def __init__(self) -> None:
        self._free = dict.fromkeys(digits[1:] + digits[0] + ascii_lowercase.replace("u", ""))

    def take(self, wishes: str = "") -> str:
        """The first of the wishes that is free, else the first key that is; empty when none is left."""
        key = next((key for key in (*wishes.lower(), *self._free) if key in self._free), "")
        self._free.pop(key, None)
        return key


def labelling_config(codebook: Codebook) -> str:
    """The XML to paste under Settings, Labeling Interface, Code.

    It asks for the frames of the sentence, as many as the codebook allows, and for the actors in it, and of each actor
    for the stance and the id.
    Definitions are the hints, the colours are those of the web page, and every label has a key.
    """
    keys = _Keys()
    view = ET.Element("View")
    ET.SubElement(view, "Style").text = _STYLE
    _add_spans(view, codebook, keys)
    sheet = ET.SubElement(view, "View", className="frameline-text")
    ET.SubElement(sheet, "Text", name=TEXT, value="$text", granularity="word")
    _add_frames(view, codebook, keys)
    _add_stances(view, codebook, keys)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _add_spans(view: ET.Element, codebook: Codebook, keys: _Keys) -> None:
    spans = ET.SubElement(view, "Labels", name=SPANS, toName=TEXT)
    for name, alias, key, colour, hint in (
        ("Actor", ACTOR, "a", _ACTOR_COLOUR, codebook.actor_definition),
        ("Undecided", UNDECIDED, "d", _UNDECIDED_COLOUR, _UNDECIDED_HINT),
    ):
        label = ET.SubElement(spans, "Label", value=name, alias=alias, background=colour, hotkey=keys.take(key))
        _explain(label, hint)


def _add_frames(view: ET.Element, codebook: Codebook, keys: _Keys) -> None:
    """As many as the codebook allows; a ``single`` choice can be taken back, so that there is none."""
    how_many = codebook.frames_per_sentence
    _head(view, f"Frames of the sentence: {_HOW_MANY[how_many]}")
    choice = "multiple" if how_many == "any" else "single"
    choices = ET.SubElement(view, "Choices", name=FRAMES, toName=TEXT, choice=choice, showInline="true")
    if how_many == "exactly_one":
        choices.set("required", "true")
        choices.set("requiredMessage", "Every sentence needs a frame: choose one.")
    for number, frame in enumerate(codebook.frames):
        colour = _FRAME_COLOURS[number % len(_FRAME_COLOURS)]
        _add_choice(choices, frame.name, frame.id, keys.take(), colour, _explained(frame))


def _add_stances(view: ET.Element, codebook: Codebook, keys: _Keys) -> None:
    """What is asked of the actor that is selected."""
    when = {"whenTagName": SPANS, "whenLabelValue": ACTOR}
    part = ET.SubElement(view, "View", {"visibleWhen": "region-selected", **when})
    asked = {"toName": TEXT, "perRegion": "true", **when}
    _head(part, "Stance of the sentence toward the selected actor")
    choices = ET.SubElement(part, "Choices", {"name": STANCE, "choice": "single-radio", "showInline": "true", **asked})
    choices.set("required", "true")
    choices.set("requiredMessage", "Every actor needs a stance: select the actor, then choose one.")
    last = len(codebook.stances) - 1
    for number, stance in enumerate(codebook.stances):
        colour = _FIRST_STANCE if number == 0 else _LAST_STANCE if number == last else _BETWEEN
        _add_choice(choices, stance.name, stance.id, keys.take(stance.name), colour, stance.definition)
    _head(part, "Its id or name in the codebook, where it is listed there")
    field = ET.SubElement(part, "TextArea", {"name": ACTOR_ID, "maxSubmissions": "1", "editable": "true", **asked})
    field.set("rows", "1")
    if codebook.actors:
        field.set("placeholder", f"such as {codebook.actors[0].id}; press Enter to keep it")


def _head(part: ET.Element, text: str) -> None:
    ET.SubElement(part, "Header", value=text, size="6")


def _add_choice(choices: ET.Element, name: str, alias: str, key: str, colour: str, hint: str) -> None:
    choice = ET.SubElement(choices, "Choice", value=name, alias=alias, style=_CHOICE.format(colour=colour))
    if key:
        choice.set("hotkey", key)
    _explain(choice, hint)


def _explain(element: ET.Element, hint: str) -> None:
    if hint.strip():
        element.set("hint", " ".join(hint.split()))


def _explained(frame: Frame) -> str:
    """A frame's definition with what to code and what not."""
    parts = [frame.definition]
    for heading, cases in (("Code it:", frame.code), ("Do not code it:", frame.do_not_code)):
        if cases:
            parts.append(f"{heading} {' '.join(cases)}")
    return " ".join(parts)
