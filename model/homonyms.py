"""Names that mean an actor in one sentence and something else in another ("Georgia", "Jordan", "Turkey").

What such a name means is read from its sentence alone (`model.reading`), by the signs that the codebook gives and by
who else is named.
"""

from dataclasses import dataclass

from model.actors import ActorList
from model.codebook import Codebook, Homonym
from model.text import TOKEN, fold, folded


@dataclass(frozen=True)
class Sign:
    """A sign's folded words; whether the first needs a capital letter, and which must not have one."""

    words: tuple[str, ...]
    speaks: bool
    capital: bool
    small: tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """A homonym made ready: its signs by their first word."""

    homonym: Homonym
    signs: dict[str, list[Sign]]


class Homonyms:
    """The homonyms of a codebook, by which the mentions of a sentence are resolved."""

    def __init__(self, codebook: Codebook, actors: ActorList) -> None:
        self.actors = actors
        self.offices = actors.titles | actors.government | actors.fighters
        self.entries = {folded(homonym.form): _entry(homonym) for homonym in codebook.homonyms}
        self.affiliations = {actor.id: actor.affiliation for actor in codebook.actors}


def _entry(homonym: Homonym) -> Entry:
    signs: dict[str, list[Sign]] = {}
    for speaks, phrases in ((True, homonym.signs), (False, homonym.other_signs)):
        for phrase in phrases:
            sign = _sign(phrase, speaks, folded(homonym.form))
            signs.setdefault(sign.words[0], []).append(sign)
    for alike in signs.values():
        alike.sort(key=lambda sign: len(sign.words))
    return Entry(homonym, signs)


def _sign(phrase: str, speaks: bool, form: tuple[str, ...]) -> Sign:
    """A sign that is written small matches any case, but "turkey" is not "Turkey"."""
    written = TOKEN.findall(phrase)
    small = tuple(place for place, word in enumerate(written) if fold(word) in form and word == word.lower())
    return Sign(folded(phrase), speaks, not small and phrase[0] != phrase[0].lower(), small)
