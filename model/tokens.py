"""From a sentence to the model's input: word pieces, their shape, and what the actor list says of them."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from unicodedata import combining

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model.actors import FORM_KINDS, Match
from model.errors import CheckpointError
from model.text import TOKEN

#: How a word is written; the position is the id that the model sees.
SHAPES = ("lower", "capitalised", "capitals", "digits")
#: Shows whether a tokenizer counts white space to its tokens, or has tokens of white space.
_SPACED = " a b  c\n\td "
#: Characters of the longest word whose shape is remembered.
_LONGEST_WORD = 64
_KIND_IDS = {kind: number for number, kind in enumerate(FORM_KINDS)}
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the model; all arrays have shape (1, T), special tokens included.

    ``first`` is the index in the sentence of the window's first token that is not special, ``prefix`` and
    ``suffix`` count the special tokens around them.
    """

    input_ids: Ids
    shape_ids: Ids
    list_ids: Ids
    first: int
    prefix: int
    suffix: int

    @property
    def inputs(self) -> dict[str, Ids]:
        """The arrays by the names of the model's inputs."""
        return {"input_ids": self.input_ids, "shape_ids": self.shape_ids, "list_ids": self.list_ids}


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenized sentence of N tokens, not counting special ones.

    ``offsets`` (N, 2) are code points of the sentence, ``words`` (N,) number the word of each token; a
    sentence longer than one window is covered by several overlapping ones.
    """

    offsets: Ids
    words: Ids
    windows: tuple[Window, ...]

    def within(self, start: int, end: int) -> Ids:
        """Indices of the tokens that touch ``sentence[start:end]``; starts and ends never go back."""
        first = np.searchsorted(self.offsets[:, 1], start, side="right")
        return np.arange(first, np.searchsorted(self.offsets[:, 0], end, side="left"))


class SentenceTokenizer:
    """A fast tokenizer with overlapping windows; nothing is ever cut off.

    Args:
        file: a ``tokenizer.json`` of the tokenizers library.
        window: the most tokens that the model reads at once, special tokens included.
        overlap: tokens that neighbouring windows share.

    Raises:
        CheckpointError: the file is missing or damaged.
    """

    def __init__(self, file: Path, window: int, overlap: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises bare Exception
            raise CheckpointError(f"{file}: cannot be read as a tokenizer: {error}") from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._counts_spaces = any(
            _SPACED[start:end].strip() != _SPACED[start:end] for start, end in self._tokenizer.encode(_SPACED).offsets
        )
        self._step = window - self._tokenizer.num_special_tokens_to_add(is_pair=False) - overlap
        if self._step < 1:
            raise CheckpointError(f"{file}: windows of {window} tokens cannot overlap by {overlap}; it must be fewer")
        self._tokenizer.enable_truncation(max_length=window, stride=overlap)

    def __call__(self, sentence: str, matches: list[Match]) -> Tokens:
        """Tokenize ``sentence``, in which the actor list found ``matches``."""
        encoding = self._tokenizer.encode(sentence)
        strip = self._counts_spaces or not sentence.isascii()
        offsets: list[tuple[int, int]] = []
        parts = []
        for number, part in enumerate([encoding, *encoding.overflowing]):
            special = part.special_tokens_mask
            prefix = special.index(0) if 0 in special else len(special) - 1
            body = special.count(0)
            first = number * self._step
            known = len(offsets) - first
            places = part.offsets[prefix + known : prefix + body]
            offsets += [_strip(sentence, *place) for place in places] if strip else places
            parts.append((part.ids, first, prefix, body))
        if strip:
            offsets = _beside_words(offsets)
        words = _words(sentence, offsets)
        shapes = _shapes(sentence, offsets, words)
        listed = _listed(offsets, matches)
        windows = tuple(
            Window(
                input_ids=np.array([ids], dtype=np.int64),
                shape_ids=_padded(shapes[first : first + body], prefix, len(ids)),
                list_ids=_padded(listed[first : first + body], prefix, len(ids)),
                first=first,
                prefix=prefix,
                suffix=len(ids) - prefix - body,
            )
            for ids, first, prefix, body in parts
        )
        return Tokens(np.array(offsets, dtype=np.int64).reshape(-1, 2), np.array(words, dtype=np.int64), windows)


def _strip(sentence: str, start: int, end: int) -> tuple[int, int]:
    """A token's place without white space, which some tokenizers count to it, and with its combining marks."""
    piece = sentence[start:end]
    start, end = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    while start < end < len(sentence) and combining(sentence[end]):
        end += 1
    return min(start, end), end


def _beside_words(offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Tokens of white space stand where the token before them ends, or where the first word begins."""
    place = next((start for start, end in offsets if start < end), 0)
    moved = []
    for start, end in offsets:
        if start < end:
            place = end
        moved.append((start, end) if start < end else (place, place))
    return moved


def _words(sentence: str, offsets: list[tuple[int, int]]) -> list[int]:
    """The number of the word, or sign, to which each token belongs."""
    starts = [match.start() for match in TOKEN.finditer(sentence)]
    words = [bisect_right(starts, start) - 1 for start, _ in offsets]
    return [max(word, 0) for word in words] if words and words[0] < 0 else words


def _padded(values: list[int], prefix: int, length: int) -> Ids:
    padded = np.zeros((1, length), dtype=np.int64)
    padded[0, prefix : prefix + len(values)] = values
    return padded


def _shapes(sentence: str, offsets: list[tuple[int, int]], words: list[int]) -> list[int]:
    """The shape id of each token's word, judged by the word's first token."""
    shapes: list[int] = []
    before, shape = -1, 0
    for (start, end), word in zip(offsets, words, strict=True):
        if word != before and start < end:
            piece = sentence[start:end]
            before, shape = word, _shape(piece) if len(piece) <= _LONGEST_WORD else _shape.__wrapped__(piece)
        shapes.append(shape)
    return shapes


@lru_cache(maxsize=1 << 16)
def _shape(token: str) -> int:
    if any(map(str.isdigit, token)):
        return 3
    if len(token) > 1 and token.isupper():
        return 2
    return 1 if token[:1].isupper() else 0


def _listed(offsets: list[tuple[int, int]], matches: list[Match]) -> list[int]:
    """The id of the listed form in which each token stands, 0 where there is none."""
    if not matches:
        return [0] * len(offsets)
    listed = []
    following = iter(matches)
    match = next(following, None)
    for start, end in offsets:
        while match is not None and match.end <= start:
            match = next(following, None)
        listed.append(0 if match is None or match.start >= end else _KIND_IDS[match.kind])
    return listed
