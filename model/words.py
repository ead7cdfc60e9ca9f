"""The words of one sentence and how they stand beside each other."""

from bisect import bisect_right
from collections.abc import Set
from functools import cached_property

from model.text import TOKEN, fold

#: After these a capital letter says nothing.
_OPENING = frozenset(":;.!?…\"“”‘'([{—–-•*|")
_SPACES = frozenset({" ", "\u00a0"})
#: A headline has at least so many words of so many letters, and more than this share of them with a capital.
_FEWEST, _LONG, _SHARE = 3, 4, 0.8

#: How long titles and other phrases are, in words and signs.
_LENGTHS = range(1, 5)


class Words:
    """The words and signs of ``sentence``, each by its number."""

    def __init__(self, sentence: str) -> None:
        matches = list(TOKEN.finditer(sentence))
        self._sentence = sentence
        self._starts = [match.start() for match in matches]
        self._ends = [match.end() for match in matches]
        self._written = [match.group() for match in matches]
        self.folded = [fold(word) for word in self._written]

    def __len__(self) -> int:
        return len(self.folded)

    def at(self, offset: int) -> int:
        """The word in which the code point at ``offset`` stands."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def stands(self, words: tuple[str, ...], position: int, capital: bool = False) -> bool:
        """Whether the folded ``words`` stand from ``position`` on, with a capital letter if there must be one."""
        return tuple(self.folded[position : position + len(words)]) == words and (
            not capital or self.is_capitalised(position)
        )

    def begin_with(self, phrases: Set[tuple[str, ...]], position: int) -> bool:
        """Whether one of the folded ``phrases`` stands from ``position`` on."""
        return any(tuple(self.folded[position : position + length]) in phrases for length in _LENGTHS)

    def end_with(self, phrases: Set[tuple[str, ...]], position: int) -> bool:
        """Whether one of the folded ``phrases``, with a capital letter, stands up to ``position``."""
        return any(
            tuple(self.folded[position - length + 1 : position + 1]) in phrases
            and self.is_capitalised(position - length + 1)
            for length in _LENGTHS
            if length <= position + 1
        )

    def is_capitalised(self, position: int) -> bool:
        """Whether the word begins with a capital letter."""
        return self._written[position][:1].isupper()

    def is_abbreviation(self, position: int) -> bool:
        """Whether the word is written in capitals alone ("EU"), an initial excepted."""
        word = self._written[position]
        return len(word) > 1 and word.isupper()

    def adjoin(self, position: int) -> bool:
        """Whether a single space, and no line break, parts the word from the next one."""
        if not 0 <= position < len(self) - 1:
            return False
        return self._sentence[self._ends[position] : self._starts[position + 1]] in _SPACES

    def opens(self, position: int) -> bool:
        """Whether a sentence or a quotation begins with the word, so that its capital letter says nothing."""
        return position <= 0 or self._written[position - 1] in _OPENING

    def initial_before(self, position: int) -> bool:
        """Whether an initial stands right before the word ("Booker T. Washington")."""
        dot = position - 1
        return (
            dot > 1
            and self.adjoin(dot)
            and self._written[dot] == "."
            and len(self._written[dot - 1]) == 1
            and self.is_capitalised(dot - 1)
            and self._ends[dot - 1] == self._starts[dot]
            and self.adjoin(dot - 2)
            and self.is_capitalised(dot - 2)
        )

    @property
    def singulars(self) -> list[str]:
        """The words with a capital letter and an s at their end, without it."""
        return [word[:-1] for word in self._written if len(word) > _LONG and word[0].isupper() and word[-1] == "s"]

    @cached_property
    def is_headline(self) -> bool:
        """Whether nearly every word begins with a capital letter."""
        long = [position for position, word in enumerate(self._written) if len(word) >= _LONG and word.isalpha()]
        return len(long) >= _FEWEST and sum(map(self.is_capitalised, long)) > _SHARE * len(long)
