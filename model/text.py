"""Finding words and mentions in a text; every offset counts Unicode code points, end exclusive."""

import re
import unicodedata
from functools import lru_cache
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError

#: Combining marks, as a part of a set of characters.
MARKS = r"\u0300-\u036f\u20d0-\u20ff"
#: A word with its combining marks, or a single sign.
TOKEN = re.compile(rf"\w[\w{MARKS}]*|[^\w\s]")
#: A letter or a digit.
LETTER = re.compile(r"[^\W_]")
#: Single capitals with a full stop each ("I.A.E.A.").
DOTTED = re.compile(r"(?<!\w)(?:[A-Z]\.){2,}")
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_APOSTROPHES = str.maketrans("’‘ʼ", "'''")
#: Characters of the longest word whose folded form is remembered: a text may be one word of a million letters.
_LONGEST_WORD = 64
#: Places of a mention within words that are passed over one by one, as compiling a search takes longer than a few.
_TRIES = 8
Checked = TypeVar("Checked")


def check_unicode(text: Checked) -> Checked:
    """The text, if it can be written as UTF-8; what is no text is left to others.

    Raises:
        PydanticCustomError: it holds a lone surrogate.
    """
    if not isinstance(text, str):
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError(
            "lone_surrogate", "half of a surrogate pair stands alone at position {place}", {"place": error.start}
        ) from None
    return text


#: A string, not bytes, that can be written as UTF-8; Python's own may hold lone surrogates.
#: That is checked first, since pydantic itself tells of them in the words of its own implementation.
UnicodeText = Annotated[str, Strict(), BeforeValidator(check_unicode)]


def _check_filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "blank; give it letters or digits")
    return text


#: No name is white space alone.
FILLED = AfterValidator(_check_filled)
FilledText = Annotated[str, Field(min_length=1), FILLED]


def fold(token: str) -> str:
    """``token`` without case, diacritics and apostrophe variants."""
    return _fold_word(token) if len(token) <= _LONGEST_WORD else _fold(token)


@lru_cache(maxsize=65_536)
def _fold_word(word: str) -> str:
    return _fold(word)


def _fold(token: str) -> str:
    decomposed = unicodedata.normalize("NFKD", token.translate(_APOSTROPHES).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def folded(phrase: str) -> tuple[str, ...]:
    """The words and signs of ``phrase``, each as `fold` gives it."""
    return tuple(map(fold, TOKEN.findall(phrase)))


def without_dots(text: str) -> str:
    """``text`` with "IAEA" for "I.A.E.A."."""
    return DOTTED.sub(lambda run: run[0].replace(".", ""), text)


def find_mention(text: str, mention: str, start: int = 0, end: int | None = None) -> int:
    """Offset of the first occurrence of ``mention`` in ``text[start:end]`` that is not a part of a word, or -1."""
    end = len(text) if end is None else end
    position = text.find(mention, start, end)
    for _ in range(_TRIES):
        if position == -1 or not (_inside_word(text, position) or _inside_word(text, position + len(mention))):
            return position
        position = text.find(mention, position + 1, end)
    # A text may hold a mention within words a million times: only a compiled search passes over these in no time.
    before = _NO_LETTER_BEFORE if mention[0].isalnum() else ""
    after = _NO_LETTER_AFTER if mention[-1].isalnum() else ""
    found = re.compile(f"{before}{re.escape(mention)}{after}").search(text, max(position, 0))
    return found.start() if position != -1 and found is not None and found.end() <= end else -1


def _inside_word(text: str, position: int) -> bool:
    return 0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum()


def cuts_word(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` begins or ends within a word ("US" in "RUSSIAN").

    Scripts without small letters are left out, as some of them write words without anything in between.
    """
    return any(
        _inside_word(text, place) and all(letter.lower() != letter.upper() for letter in text[place - 1 : place + 1])
        for place in (start, end)
    )
