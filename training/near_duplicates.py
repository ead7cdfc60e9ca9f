"""Which sentences are nearly the same: MinHash over three-word shingles (Broder 1997)."""

import re
from collections.abc import Sequence

from datasketch import MinHash, MinHashLSH

#: Two sentences are near duplicates from this Jaccard similarity of their three-word shingles on.
NEAR = 0.5
_WORD = re.compile(r"\w+")


class NearDuplicates:
    """Remembers sentences and says whether a further one is nearly one of them."""

    def __init__(self) -> None:
        self._index = MinHashLSH(threshold=NEAR, num_perm=128)
        self._hashes: list[MinHash] = []

    def add(self, text: str) -> bool:
        """Remember a sentence; True, and nothing is remembered, if one like it is known."""
        minhash = make_minhash(words_of(text))
        if any(self._hashes[number].jaccard(minhash) >= NEAR for number in self._index.query(minhash)):
            return True
        self._index.insert(len(self._hashes), minhash)
        self._hashes.append(minhash)
        return False


def words_of(text: str) -> list[str]:
    """The words of a text, without case."""
    return [word.casefold() for word in _WORD.findall(text)]


def grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The n-grams of ``size`` words."""
    return list(zip(*(words[start:] for start in range(size)), strict=False))


def make_minhash(words: Sequence[str]) -> MinHash:
    """The signature of a sentence's shingles; of the sentence itself, where it has fewer than three words."""
    minhash = MinHash(num_perm=128)
    minhash.update_batch([" ".join(gram).encode() for gram in grams(words, 3)] or [" ".join(words).encode()])
    return minhash
