"""What the names in one sentence mean, by what else stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from model.actors import Match
from model.homonyms import Entry, Homonyms, Sign
from model.intervals import Intervals
from model.regions import in_list, lies_in_region
from model.text import cuts_word, fold, folded, without_dots
from model.words import Words

#: What stands between two that are named side by side; a hyphen or a slash joins them, too.
_LINKS = frozenset({("and",), ("or",), ("&",), (",", "and"), (",", "or"), ("-",), ("–",), ("/",), ("and", "the")})
_STATES = frozenset({"state", "capital", "organisation"})
#: After these a name is that of a ship ("USS Ronald Reagan").
_SHIPS = ("USS ", "U.S.S. ", "USNS ", "HMS ", "HMAS ", "HMCS ")
#: Kinds of forms that are names of places.
_PLACES = frozenset({"state", "capital"})
#: After these a place is named, and somebody's name may follow ("in Rome Matteo Salvini said").
_WHERE = (["in"], ["to"])
#: Capitalised words that follow a name without being a part of it ("in Washington Tuesday").
_CALENDAR = frozenset(
    fold(word)
    for word in (
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "March"),
        *("April", "May", "June", "July", "August", "September", "October", "November", "December"),
    )
)


@dataclass
class _Evidence:
    """What a sentence says of one homonym, apart from what stands right beside it.

    ``covered`` gives for words within a sign that holds the form whether the sign speaks for the actor.
    """

    own: bool = False
    speaks: bool = False
    against: bool = False
    covered: dict[int, bool] = field(default_factory=dict)
    against_words: set[int] = field(default_factory=set)


class Reading:
    """One sentence, whose mentions it resolves; it looks closer only where one is a homonym."""

    def __init__(self, homonyms: Homonyms, sentence: str, matches: Sequence[Match]) -> None:
        self.sentence = sentence
        self._homonyms = homonyms
        self._matches = matches
        self._evidence: dict[str, _Evidence] = {}

    def resolve(self, start: int, end: int) -> str | None:
        """The id of the actor that ``sentence[start:end]`` names, or None where it names none or nobody can tell."""
        mention = self.sentence[start:end]
        match = self._homonyms.actors.named(mention)
        if match is None or cuts_word(self.sentence, start, end):
            return None
        if not self._homonyms.actors.words_of_others.isdisjoint(folded(mention)) and self._others.touching(start, end):
            return None
        if self.sentence.endswith(_SHIPS, 0, start + match.start):
            return None
        if match.kind in _PLACES and match.end == len(mention) and self._is_elsewhere(match, start):
            return None
        entry = self._homonyms.entries.get(folded(without_dots(mention[match.start : match.end])))
        if entry is None or match.actor != entry.homonym.actor:
            return match.actor
        means = self._means(entry, start + match.start, start + match.end)
        return entry.homonym.actor if means else None

    def _is_elsewhere(self, match: Match, offset: int) -> bool:
        """Whether what stands at ``offset`` is a namesake ("Paris, Texas") or begins a longer name ("Rome Statute").

        An abbreviation ("US Marines") and a name before an office or a word for a government begin none.
        """
        start, end = offset + match.start, offset + match.end
        if lies_in_region(self.sentence, start, end):
            return True
        if match.kind == "capital" and self._lies_in_other_state(match.actor, start, end):
            return True
        if not (self.sentence.startswith(" ", end) and self.sentence[end + 1 : end + 2].isupper()):
            return False
        words, first, last = self._words, self._words.at(start), self._words.at(end - 1)
        if words.is_abbreviation(last) or words.folded[last] == "." or words.folded[first - 1 : first] in _WHERE:
            return False
        after = last + 1
        while not self._is_office(after):
            if not (words.adjoin(after - 1) and self._is_name(after) and len(words.folded[after]) > 1):
                return after > last + 1
            after += 1
        return False

    def _lies_in_other_state(self, actor: str | None, start: int, end: int) -> bool:
        """Whether another state than the one that it is the capital of stands behind a capital ("Tripoli, Lebanon")."""
        if not self.sentence.startswith(", ", end):
            return False
        state = self._by_start.get(end + 2)
        return (
            state is not None
            and state.kind == "state"
            and state.actor not in (actor, None)
            and not in_list(self.sentence, start, state.end)
        )

    def _means(self, entry: Entry, start: int, end: int) -> bool:
        """Whether the form at ``sentence[start:end]`` means the actor."""
        first, last = self._words.at(start), self._words.at(end - 1)
        evidence = self._evidence_of(entry)
        covered = evidence.covered.get(first)
        if covered is not None:
            return covered
        if self._is_called(first) or self._has_surname(last, evidence) or self._is_region(entry, start, end):
            return False
        if evidence.own or self._is_linked(first, last):
            return True
        speaks = evidence.speaks or self._has_government(last, evidence)
        return speaks and not evidence.against if speaks or evidence.against else entry.homonym.usual

    @cached_property
    def _others(self) -> Intervals:
        """The names in the sentence that hold a listed form and do not mean its actor."""
        return Intervals((match.start, match.end) for match in self._homonyms.actors.find_others(self.sentence))

    @cached_property
    def _by_start(self) -> dict[int, Match]:
        return {match.start: match for match in self._matches}

    @cached_property
    def _by_end(self) -> dict[int, Match]:
        return {match.end: match for match in self._matches}

    @cached_property
    def _words(self) -> Words:
        return Words(self.sentence)

    @cached_property
    def _listed(self) -> dict[int, Match]:
        """The listed form in which each word stands."""
        words = self._words
        return {
            index: match
            for match in self._matches
            for index in range(words.at(match.start), words.at(match.end - 1) + 1)
        }

    def _entry(self, match: Match) -> Entry | None:
        return self._homonyms.entries.get(folded(self.sentence[match.start : match.end]))

    def _evidence_of(self, entry: Entry) -> _Evidence:
        form = entry.homonym.form
        if form not in self._evidence:
            named = [match for match in self._matches if self._entry(match) is entry]
            places = [(self._words.at(match.start), self._words.at(match.end - 1)) for match in named]
            evidence = self._evidence[form] = _Evidence()
            self._read_signs(entry, {word for first, last in places for word in range(first, last + 1)}, evidence)
            self._read_names(entry, evidence)
            if any(self._is_called(first) and first not in evidence.covered for first, _ in places) or any(
                self._is_region(entry, match.start, match.end) for match in named
            ):
                evidence.against = True
        return self._evidence[form]

    def _read_signs(self, entry: Entry, places: set[int], evidence: _Evidence) -> None:
        for position, word in enumerate(self._words.folded):
            for sign in entry.signs.get(word, ()):  # the shortest first, so that the longest has the last word
                if not self._stands(sign, position):
                    continue
                span = range(position, position + len(sign.words))
                if not places.isdisjoint(span):
                    evidence.covered.update(dict.fromkeys(span, sign.speaks))
                elif sign.speaks:
                    evidence.speaks = True
                else:
                    evidence.against = True
                    evidence.against_words.update(span)

    def _stands(self, sign: Sign, position: int) -> bool:
        words = self._words
        return words.stands(sign.words, position, sign.capital) and not any(
            words.is_capitalised(position + place) for place in sign.small
        )

    def _read_names(self, entry: Entry, evidence: _Evidence) -> None:
        silent = {*entry.homonym.mute}
        for match in self._matches:
            other = self._entry(match)
            if other is entry or (other is not None and not other.homonym.usual):
                continue
            belongs = {match.actor, self._homonyms.affiliations.get(match.actor or "")} - {None}
            if belongs & silent:
                continue
            if entry.homonym.actor in belongs:
                evidence.own = True
            elif match.kind != "person" or len(belongs) > 1:
                evidence.speaks = True
        if not {*self._peoples} <= {entry.homonym.actor, *silent}:
            evidence.speaks = True

    @cached_property
    def _peoples(self) -> list[str | None]:
        """The states whose people are named in the plural ("Syrians"), which the actor list does not hold."""
        found = [self._homonyms.actors.named(word) for word in self._words.singulars]
        return [match.actor for match in found if match is not None and match.kind == "nationality"]

    def _is_state(self, match: Match) -> bool:
        """Whether the form names a state or an alliance and nothing else."""
        other = self._entry(match)
        return match.kind in _STATES and (other is None or other.homonym.usual)

    def _is_called(self, first: int) -> bool:
        """Whether a title or a first name stands before the word ("Mr. Jordan", "Michael Jordan")."""
        words = self._words
        before = first - 1
        if words.initial_before(first):
            return True
        if words.end_with(self._homonyms.actors.titles, before):
            return True
        return self._is_name(before) and words.adjoin(before) and not words.opens(before)

    def _has_surname(self, last: int, evidence: _Evidence) -> bool:
        """Whether a name goes on after the word ("Chad Johnson", "Washington Post")."""
        after = last + 1
        adjoins = self._words.adjoin(last) and after not in evidence.covered
        return adjoins and self._is_name(after) and not self._is_office(after)

    def _is_region(self, entry: Entry, start: int, end: int) -> bool:
        """Whether the form stands behind a capital of another state ("Athens, Georgia")."""
        capital = self._by_end.get(start - 2)
        return (
            capital is not None
            and capital.kind == "capital"
            and capital.actor != entry.homonym.actor
            and self.sentence[capital.end : start] == ", "
            and not in_list(self.sentence, capital.start, end)
        )

    def _is_name(self, word: int) -> bool:
        """Whether the word looks like a part of a name that is not listed."""
        words = self._words
        if not 0 <= word < len(words) or word in self._listed or words.folded[word] in _CALENDAR:
            return False
        return words.is_capitalised(word) and not words.is_abbreviation(word) and not words.is_headline

    def _is_office(self, word: int) -> bool:
        return self._words.begin_with(self._homonyms.offices, word)

    def _has_government(self, last: int, evidence: _Evidence) -> bool:
        """Whether an office or a word for a government follows ("Jordan's King", "Chad's army")."""
        after = last + 1 + 2 * self._words.stands(("'", "s"), last + 1)
        return after not in evidence.against_words and self._is_office(after)

    def _is_linked(self, first: int, last: int) -> bool:
        """Whether the form is named side by side with a state ("Washington and Ankara", "Russia-Georgia")."""
        words = self._words.folded
        for length in (1, 2):
            for other, gap in (
                (first - length - 1, words[max(first - length, 0) : first]),
                (last + length + 1, words[last + 1 : last + length + 1]),
            ):
                match = self._listed.get(other)
                if match is not None and self._is_state(match) and tuple(gap) in _LINKS:
                    return True
        return False
