"""Further sentences for a teacher to label: the same ones about other actors.

Who is named must not decide the stance, so in a copy of a sentence every listed name becomes another one of its
kind (entity substitution, as in counterfactual augmentation, Lu et al. 2020, Gender Bias in Neural Natural
Language Processing). What the copy says is for the teacher to judge; no annotator's label is carried over.
"""

import random
from collections.abc import Sequence

from model.actors import ActorList
from model.codebook import Codebook
from training.examples import Example

#: Forms this short are abbreviations, which often mean something else.
_SHORTEST = 4


def substitute_names(examples: Sequence[Example], codebook: Codebook, copies: int, seed: int) -> list[Example]:
    """Copies, without labels, of each example that names listed actors, with other names in their places.

    Args:
        examples: the sentences; their labels are not looked at.
        codebook: gives the names.
        copies: how many of each example.
        seed: of the choice of names.
    """
    chooser = random.Random(seed)  # noqa: S311 - nothing secret
    actors = ActorList(codebook)
    names: dict[str, list[str]] = {}
    for actor in codebook.actors:
        names.setdefault(actor.kind, []).extend(form for form in (actor.name, *actor.aliases) if len(form) >= _SHORTEST)
    made = []
    for _ in range(copies):
        for example in examples:
            text = _substitute(example.text, actors, names, chooser)
            if text != example.text:
                made.append(Example(text, example.document, ()))
    return made


def _substitute(text: str, actors: ActorList, names: dict[str, list[str]], chooser: random.Random) -> str:
    """``text`` with other names; the same name gets the same substitute throughout."""
    parts: list[str] = []
    chosen: dict[str, str] = {}
    position = 0
    for match in actors.find(text):
        forms = names.get(match.kind)
        if not forms:
            continue
        written = text[match.start : match.end]
        parts += [text[position : match.start], chosen.setdefault(written, chooser.choice(forms))]
        position = match.end
    return "".join([*parts, text[position:]])
