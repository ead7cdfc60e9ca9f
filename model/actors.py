"""The codebook's known actors: finding their forms in a text and resolving a mention to an actor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from model.codebook import Actor, Codebook
from model.text import DOTTED, TOKEN, fold, folded, without_dots

#: What a listed form is; the position is the id that the model sees, 0 stands for "not listed".
FORM_KINDS = ("none", "state", "capital", "nationality", "organisation", "armed group", "person")
_SHORT = 3
#: The kind of a name that holds a listed form and means somebody or something else ("New Jersey").
_OTHER = "other"
#: Who has fighters of its own, by the kind of the form.
_WITH_FIGHTERS = ("organisation", "armed group")
#: The end of a possessive, with what parts it from the next word
_POSSESSIVE = re.compile(r"(?:['’]s?)?\s+$")
#: How many words a full name has with one or two middle names.
_WITH_MIDDLE_NAMES = (3, 4)
#: The end of the title of somebody who is to hold it
_NOT_YET = (("-", "elect"), ("-", "designate"))
#: A nickname within a name ("Benjamin 'Bibi' Netanyahu"), with the blank before it
NICKNAME = re.compile(r"""(?<=[^\W\d_])\s(?:"[A-Z][\w-]*"|“[A-Z][\w-]*”|['‘][A-Z][\w-]*['’])(?=\s[A-Z])""")
#: What goes on with a full Arabic name ("Mohammed bin Salman bin Abdulaziz Al Saud")
_ANCESTORS = re.compile(r"(?:\s(?:bin|ibn|bint)\s[A-Z][\w'’-]*)*(?:\s[Aa]l[\s-][A-Z][\w'’-]*)?")
#: Characters of the longest mention that names an actor; to look for names in longer ones takes ever more time.
_LONGEST = 300
#: Mentions whose form is remembered; the same few return all the time.
_REMEMBERED = 65_536
#: Short forms that spell a common word in capitals ("IS", "WHO"); "US" is the state in nearly every headline.
_COMMON_WORDS = frozenset({"am", "as", "at", "be", "he", "in", "is", "it", "me", "no", "or", "so", "we", "who"})
#: Full stops of initials, which many papers leave out ("George HW Bush")
_INITIAL_STOPS = re.compile(r"(?<=\b[A-Z])\.")
#: The article of an Arabic surname, which a hyphen joins to it or not ("Bashar al Assad"), and the surname
_ARABIC_SURNAME = re.compile(r"\b((?:al|el)-)([A-Z]\w+)$")
#: Signs and letters of a possessive between two words of a form ("the UN's Security Council").
_POSSESSIVE_TOKENS = 2


class Match(NamedTuple):
    """A listed form at ``text[start:end]``; ``actor`` is None where several actors share the form."""

    start: int
    end: int
    actor: str | None
    kind: str


class _Form(NamedTuple):
    text: str
    actor: str | None
    kind: str
    rank: int


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"]
    forms: list[_Form]


class ActorList:
    """Finds the forms of known actors, the longest first, without regard to diacritics.

    Case counts little (headlines are written in capitals), but a form with a capital letter matches no
    lower-case word, and one of up to three letters ("US", "IS") must stand exactly as listed.
    """

    def __init__(self, codebook: Codebook) -> None:
        self._root = _Node({}, [])
        for actor in codebook.actors:
            for form, kind, rank in _forms(actor):
                self._add(form, actor.id, kind, rank)
        for name in codebook.other_names:
            self._add(name, None, _OTHER, 0)
        #: The words of names that hold a listed form and mean something else, folded.
        self.words_of_others = frozenset(word for name in codebook.other_names for word in folded(name))
        states = {actor.id for actor in codebook.actors if actor.kind == "state"}
        self._affiliations = {actor.id: actor.affiliation for actor in codebook.actors}
        self._homes = {actor: home for actor, home in self._affiliations.items() if home in states}
        self._named: dict[str, Match | None] = {}
        #: Titles, words for a government and words for fighters, as folded tokens.
        self.government = frozenset(map(folded, codebook.government_words))
        self.fighters = frozenset(map(folded, codebook.fighter_words))
        self.titles = frozenset(map(folded, codebook.titles))

    def find(self, text: str) -> list[Match]:
        """The listed forms in ``text``, from left to right, none overlapping another."""
        return [match for match in self._scan(text) if match.kind != _OTHER]

    def find_others(self, text: str) -> list[Match]:
        """The names in ``text`` that hold a listed form and do not mean its actor."""
        return [match for match in self._scan(text) if match.kind == _OTHER]

    def _scan(self, text: str) -> list[Match]:
        words = list(map(fold, TOKEN.findall(text)))
        possible = [position for position, word in enumerate(words) if word in self._root.children]
        if not possible:
            return []
        spans = [match.span() for match in TOKEN.finditer(text)]
        matches: list[Match] = []
        free = 0
        for position in possible:
            if position >= free and (found := self._longest(text, words, spans, position)) is not None:
                match, after = found
                if (
                    after == position + 1
                    and words[position] in _COMMON_WORDS
                    and _among_capitals(text, spans, position)
                ):
                    continue
                free = after
                matches.append(match)
        return matches

    def resolve(self, mention: str) -> str | None:
        """The id of the actor that ``mention`` names, or None, whatever the sentence around it says.

        Besides a listed form itself this takes one with an article, a title ("President Biden") or a word
        for a government or its forces ("Mexican government", "government of Mexico"); such a word behind a person means
        that person's state ("Obama administration"). Of two forms of which one belongs to the other it is the second
        ("Israel's Knesset", "the Trump White House"). A nickname or ancestors within a listed full name change nothing
        ("Benjamin 'Bibi' Netanyahu", "Mohammed bin Salman Al Saud"). A word for fighters goes with an armed group or an
        organisation ("Hamas fighters") and not with a state, which they often fight ("Colombian rebels").
        """
        match = self.named(mention)
        return None if match is None else match.actor

    def named(self, mention: str) -> Match | None:
        """The listed form, with its place in ``mention``, by which `resolve` resolves it."""
        if len(mention) > _LONGEST:
            return None
        try:
            return self._named[mention]
        except KeyError:  # another thread may clear what is remembered at any time
            match = self._find_named(mention)
        if len(self._named) >= _REMEMBERED:
            self._named.clear()
        self._named[mention] = match
        return match

    def _find_named(self, mention: str) -> Match | None:
        tokens = [(match.start(), match.end(), fold(match.group())) for match in TOKEN.finditer(mention)]
        words = [token for _, _, token in tokens]
        for match in _one_person(mention, self.find(mention)):
            before = tuple(word for (_, end, _), word in zip(tokens, words, strict=True) if end <= match.start)
            after = tuple(word for (start, _, _), word in zip(tokens, words, strict=True) if start >= match.end)
            if after[:1] == ("'",):
                after = after[2:] if after[1:2] == ("s",) else after[1:]
            before = before[1:] if before[:1] == ("the",) else before
            if match.kind == "state" and self._is_government_of(before):
                before = ()
            if not before and not after:
                return match
            if not before and after in self.fighters and match.kind in _WITH_FIGHTERS:
                return match
            if not before and after in self.government:
                return match if match.kind != "person" else match._replace(actor=self._homes.get(match.actor or ""))
            if not after and match.kind == "person" and self._is_title(before):
                return match
            if not after and self._belong_together(mention[: match.start], match):
                return match
        return (
            self._find_people(mention)
            or self._find_dotted(mention)
            or self._find_full_name(mention)
            or self._find_nicknamed(mention)
            or self._find_descendant(mention)
        )

    def _belong_together(self, before: str, match: Match) -> bool:
        """Whether ``before`` names whom ``match`` belongs to ("Israel's Knesset").

        Of a state it may also be who belongs to it ("the Trump White House") or the state itself ("US Pentagon").
        """
        owner = _POSSESSIVE.sub("", before)
        first = self._find_form(owner.removeprefix("the ").removeprefix("The "))
        if first is None or match.actor is None or first.actor is None:
            return False
        if first.actor == self._affiliations.get(match.actor):
            return True
        home = self._affiliations[first.actor] if first.kind == "person" else first.actor
        return match.kind == "state" and match.actor == home

    def _find_form(self, text: str) -> Match | None:
        """The listed form that is the whole of ``text``."""
        match = next(iter(self.find(text)), None)
        return match if match is not None and (match.start, match.end) == (0, len(text)) else None

    def _find_nicknamed(self, mention: str) -> Match | None:
        """What ``mention`` names without the nickname in it ("Benjamin 'Bibi' Netanyahu")."""
        nickname = NICKNAME.search(mention)
        if nickname is None:
            return None
        match = self._find_named(mention[: nickname.start()] + mention[nickname.end() :])
        return None if match is None or match.kind != "person" else match._replace(end=len(mention))

    def _find_descendant(self, mention: str) -> Match | None:
        """The person whose listed full name goes on with ancestors in ``mention`` ("Salman bin Abdulaziz Al Saud")."""
        for match in self.find(mention):
            name = mention[match.start : match.end]
            if match.kind == "person" and " " in name and _ANCESTORS.fullmatch(mention, match.end):
                before = folded(mention[: match.start])
                return match._replace(end=len(mention)) if not before or self._is_title(before) else None
        return None

    def _find_full_name(self, mention: str) -> Match | None:
        """The person whose listed full name ``mention`` is but for a middle name or two ("Barack Hussein Obama")."""
        words = mention.split()
        if len(words) not in _WITH_MIDDLE_NAMES or not all(word[0].isupper() for word in words):
            return None
        match = self._find_form(f"{words[0]} {words[-1]}")
        return None if match is None or match.kind != "person" else match._replace(end=len(mention))

    def _find_dotted(self, mention: str) -> Match | None:
        """What ``mention`` names without the full stops of "I.A.E.A.", where it names nothing with them."""
        dots = {dot for run in DOTTED.finditer(mention) for dot in range(run.start() + 1, run.end(), 2)}
        match = self._find_named(without_dots(mention)) if dots else None
        if match is None:
            return None
        places = [place for place in range(len(mention)) if place not in dots]
        end = places[match.end - 1] + 1
        return match._replace(start=places[match.start], end=end + (end in dots))

    def _find_people(self, mention: str) -> Match | None:
        """The nationality of which ``mention`` is the plural ("Americans"), where the plural is not listed itself."""
        if not mention.endswith("s"):
            return None
        match = next((found for found in self.find(mention[:-1]) if found.kind == "nationality"), None)
        if (
            match is None
            or match.end < len(mention) - 1
            or mention[: match.start].casefold().strip() not in ("", "the")
        ):
            return None
        return match._replace(end=len(mention))

    def _is_government_of(self, words: tuple[str, ...]) -> bool:
        """Whether ``words`` are those before the name in "the government of Qatar"."""
        words = words[:-1] if words[-1:] == ("the",) else words
        return words[-1:] == ("of",) and words[:-1] in self.government

    def _is_title(self, words: tuple[str, ...]) -> bool:
        """Whether ``words`` end with a title, also of one elect, before which at most a state or an office stands."""
        words = words[:-2] if words[-2:] in _NOT_YET else words
        return any(words[-length:] in self.titles for length in range(1, len(words) + 1))

    def _add(self, form: str, actor: str | None, kind: str, rank: int) -> None:
        node = self._root
        for token in TOKEN.findall(form):
            node = node.children.setdefault(fold(token), _Node({}, []))
        for number, other in enumerate(node.forms):
            if other.text == form:
                if other.actor != actor and other.rank >= rank:
                    node.forms[number] = _Form(form, actor if other.rank > rank else None, kind, rank)
                return
        node.forms.append(_Form(form, actor, kind, rank))

    def _longest(
        self, text: str, words: list[str], spans: list[tuple[int, int]], position: int
    ) -> tuple[Match, int] | None:
        """The longest form that begins with the word at ``position``, and the number of the word after it.

        A possessive in it ("the UN's Security Council") changes nothing.
        """
        node, found, possessive = self._root, None, False
        start, last = spans[position][0], position
        for following in range(position, len(words)):
            child = node.children.get(words[following])
            if child is None:
                if 0 < following - last <= _POSSESSIVE_TOKENS and _is_possessive(words, following):
                    possessive = True
                    continue
                break
            node, end, last = child, spans[following][1], following
            written = text[start:end]
            for form in node.forms:
                if _same_case(form.text, written) and not (possessive and form.kind == _OTHER):
                    found = Match(start, end, form.actor, form.kind), following + 1
                    break
        return found


def _forms(actor: Actor) -> list[tuple[str, str, int]]:
    """The forms of ``actor``, each with its kind and its rank; the lower rank wins a shared form."""
    kind = actor.kind
    return [
        (actor.name, kind, 0),
        *((alias, kind, 1) for alias in actor.aliases),
        *((variant, kind, 2) for variant in (_variants(actor) if kind == "person" else ())),
        *((capital, "capital", 2) for capital in actor.capitals),
        *((word, "nationality", 3) for word in actor.nationalities),
    ]


def _variants(actor: Actor) -> list[str]:
    """How a person's names are written, too: "George HW Bush", "Bashar al Assad", "al-Assad"."""
    listed = (actor.name, *actor.aliases)
    forms = [_INITIAL_STOPS.sub("", form) for form in listed]
    surname = _ARABIC_SURNAME.search(actor.name)
    if surname is not None and surname[2] in forms:
        forms.append(surname[0])
    forms += [_ARABIC_SURNAME.sub(lambda found: f"{found[1][:-1]} {found[2]}", form) for form in forms]
    return [form for form in dict.fromkeys(forms) if form not in listed]


def _among_capitals(text: str, spans: Sequence[tuple[int, int]], position: int) -> bool:
    """Whether a word in capitals stands before the one at ``position``, and no word in small letters behind it."""
    before, behind = (text[slice(*span)] for span in (spans[position - 1], spans[min(position + 1, len(spans) - 1)]))
    return position > 0 and before.isupper() and not any(letter.islower() for letter in behind)


def _is_possessive(words: Sequence[str], position: int) -> bool:
    """Whether the sign or letter at ``position``, with a word before it, is one of a possessive ("'s", "s'")."""
    return words[position] == "'" or (words[position] == "s" and words[position - 1] == "'")


def _one_person(text: str, matches: list[Match]) -> list[Match]:
    """``matches``, with forms of one person that stand side by side as one ("Bibi Netanyahu")."""
    joined: list[Match] = []
    for match in matches:
        last = joined[-1] if joined else None
        if (
            last is not None
            and match.kind == last.kind == "person"
            and match.actor == last.actor is not None
            and text[last.end : match.start].isspace()
        ):
            joined[-1] = last._replace(end=match.end)
        else:
            joined.append(match)
    return joined


def _same_case(form: str, written: str) -> bool:
    if len(form) <= _SHORT:
        return form == written
    return written != written.lower() or form == form.lower()
