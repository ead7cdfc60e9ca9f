"""A new codebook as a file that explains itself."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import yaml

from model.checkpoint import CODEBOOK, DEFAULT
from model.codebook import FrameChoice

_STANCES = (
    ("supportive", "Supportive", "Praised, defended, shown as right, able or admirable."),
    ("neutral", "Neutral", "Mentioned, quoted or acting, with no evaluation either way."),
    ("critical", "Critical", "Blamed, accused, doubted, mocked, shown as wrong or failing."),
)
_FRAMES = """
# The frames. `id` is what annotations and answers say; `name` is shown to people; `definition` says when a sentence
# has the frame. Lines under `code` and `do_not_code` settle doubtful cases, and `examples` show them, for instance
#   examples:
#     - {text: Bread costs a third more than it did at Easter., label: true}
# People who annotate read all of it; a model learns from annotated sentences alone. Changing the ids or the order,
# adding or removing a frame needs training (`frameline train`); changing words does not.
"""
_CHOICE = """
# How many frames a sentence has: any (each is judged by itself), at_most_one or exactly_one (the likeliest is given).
"""
_STANCE = """
# The stances that a sentence can take toward an actor in it; two at least. With supportive, neutral and critical, in
# this order, the actors and stances of the shipped model can be kept (`frameline train --base default`).
"""
_ACTORS = """
# Known actors, optional: a model finds others, too, and here they get an id. One a line, for example
#   - {id: northern-league, name: Northern League, kind: organisation, aliases: [NL]}
# with the kinds state, organisation, armed group and person. Adding actors needs no training.
actors: []
"""


class Label(NamedTuple):
    """A frame or a stance: its id, what people call it and what it means."""

    id: str
    name: str
    definition: str


def identifier(name: str) -> str:
    """An id made from a name: lower case letters, digits and underscores.

    Raises:
        ValueError: nothing is left of the name.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not found:
        raise ValueError(f"{name!r} has no letter from a to z and no digit, of which an id is made; give one")
    return found


def usual_stances() -> list[Label]:
    """The stances of the shipped codebook, with shorter definitions."""
    return [Label(*stance) for stance in _STANCES]


def write_codebook(
    name: str,
    language: str,
    frames: Sequence[Label],
    stances: Sequence[Label],
    choice: FrameChoice = "any",
    *,
    with_states: bool = False,
) -> str:
    """The text of a codebook, with comments that say what each part is for.

    Args:
        name: the codebook's name, an id.
        language: the language of the texts (ISO 639-1).
        frames: the frames, in the order in which a model gives them.
        stances: the stances.
        choice: how many frames a sentence has.
        with_states: whether the states and the other actors of the shipped codebook are put in.
    """
    parts = [
        f"# The labelling schema {name}. `frameline codebook check FILE` checks it after every edit.\n",
        _yaml({"name": name, "version": "1.0", "language": language}),
        _CHOICE,
        _yaml({"frames_per_sentence": choice}),
        _FRAMES,
        "frames:\n",
        *(_label(frame, ("code", "do_not_code", "examples")) for frame in frames),
        _STANCE,
        "stances:\n",
        *(_label(stance, ()) for stance in stances),
        f"\n{shipped_actors()}" if with_states else _ACTORS,
    ]
    return "".join(parts)


def shipped_actors() -> str:
    """The part of the shipped codebook that is about actors, as it stands there."""
    text = (DEFAULT / CODEBOOK).read_text(encoding="utf-8")
    return text[text.index("actor_definition:") :]


def _label(label: Label, lists: Sequence[str]) -> str:
    content = [*label._asdict().items(), *((name, []) for name in lists)]
    lines = [f"{_yaml({key: value})}" for key, value in content]
    return "  - " + "    ".join(lines)


def _yaml(content: dict[str, object]) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100_000)
