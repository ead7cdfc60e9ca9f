"""Further sentences to learn from: the same ones about other actors, and in other words.

Who is named must not decide the stance, so in a copy of a sentence every listed name becomes another one of its
kind (entity substitution, as in counterfactual augmentation, Lu et al. 2020, Gender Bias in Neural Natural
Language Processing), and an annotator's mentions and stances go with it; the frames do not, since it matters to them
who is allied with whom. What words say must decide, so in another copy some become words that the encoder takes to be
like them, opposites among them (word replacement, Jiao et al. 2020, TinyBERT), and all labels are left to a teacher.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from model.actors import ActorList
from model.annotation import Span
from model.codebook import Codebook
from training.examples import Example

#: Forms this short are abbreviations, which often mean something else.
_SHORTEST = 4
#: Words that may be replaced: in small letters, so that no name is among them.
_WORD = re.compile(r"\b[a-z]{3,}\b")
#: The share of such words that is replaced, at least one in a sentence.
_REPLACED = 0.3
#: The most frequent words are those of grammar, and stay.
_GRAMMAR = 150
#: Words among which a substitute is drawn.
_NEAREST = 12
#: Words whose neighbours are looked for at a time.
_BLOCK = 1024


def substitute_names(examples: Sequence[Example], codebook: Codebook, copies: int, seed: int) -> list[Example]:
    """Copies of each example that names listed actors, with other names in their places.

    A copy has the example's mentions and stances where it has any, and no frames.

    Args:
        examples: the sentences.
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
            substitution = _substitute(example.text, actors, names, chooser)
            if substitution.text != example.text:
                made.append(substitution.of(example))
    return made


def reword(
    examples: Sequence[Example], vocabulary: Mapping[str, int], embeddings: Tensor, copies: int, seed: int
) -> list[Example]:
    """Copies, without labels, of each example, with some of its words replaced by similar ones.

    Args:
        examples: the sentences; their labels are not looked at.
        vocabulary: the number of each token.
        embeddings: of the tokens, shape (V, H).
        copies: how many of each example.
        seed: of the choice of words.
    """
    chooser = random.Random(seed)  # noqa: S311 - nothing secret
    frequencies = Counter(word for example in examples for word in _WORD.findall(example.text))
    grammar = {word for word, _ in frequencies.most_common(_GRAMMAR)}
    similar = _neighbours([word for word in frequencies if word not in grammar], vocabulary, embeddings)
    made = []
    for _ in range(copies):
        for example in examples:
            text = _replace(example.text, similar, chooser)
            if text != example.text:
                made.append(Example(text, example.document, (), origin=example.text))
    return made


def _neighbours(words: Iterable[str], vocabulary: Mapping[str, int], embeddings: Tensor) -> dict[str, list[str]]:
    """For each word that is one token, the words whose embeddings have the highest cosine with its own."""
    all_words = [token for token in vocabulary if _WORD.fullmatch(token)]
    wanted = [word for word in words if word in vocabulary]
    vectors = torch.nn.functional.normalize(embeddings.detach().float(), dim=-1)
    table = vectors[[vocabulary[word] for word in all_words]]
    similar = {}
    for start in range(0, len(wanted), _BLOCK):
        block = wanted[start : start + _BLOCK]
        cosines = vectors[[vocabulary[word] for word in block]] @ table.T
        nearest = cosines.topk(min(_NEAREST + 1, len(all_words))).indices.tolist()
        for word, row in zip(block, nearest, strict=True):
            similar[word] = [all_words[number] for number in row if all_words[number] != word]
    return similar


def _replace(text: str, similar: Mapping[str, list[str]], chooser: random.Random) -> str:
    """``text`` with about a third of the words that have neighbours replaced, at least one where there is one."""
    places = [match for match in _WORD.finditer(text) if similar.get(match[0])]
    chosen = chooser.sample(places, min(len(places), max(1, round(_REPLACED * len(places)))))
    for match in sorted(chosen, key=re.Match.start, reverse=True):
        text = text[: match.start()] + chooser.choice(similar[match[0]]) + text[match.end() :]
    return text


@dataclass(frozen=True)
class _Substitution:
    """A text with other names, and where each stands: ``(start, end, length of the other)`` in the old text."""

    text: str
    places: tuple[tuple[int, int, int], ...]

    def of(self, example: Example) -> Example:
        """The example's copy; without mentions and stances where one ends within a name."""
        copy = Example(self.text, example.document, (), origin=example.text)
        spans = [*(span for span, _ in example.stances), *(example.mentions or ()), *example.undecided]
        if any(
            start < border < end for span in spans for border in (span.start, span.end) for start, end, _ in self.places
        ):
            return copy
        return replace(
            copy,
            stances=tuple((self._moved(span), stance) for span, stance in example.stances),
            mentions=None if example.mentions is None else tuple(map(self._moved, example.mentions)),
            undecided=tuple(map(self._moved, example.undecided)),
        )

    def _moved(self, span: Span) -> Span:
        return Span(start=self._place(span.start), end=self._place(span.end))

    def _place(self, border: int) -> int:
        return border + sum(length - (end - start) for start, end, length in self.places if end <= border)


def _substitute(text: str, actors: ActorList, names: dict[str, list[str]], chooser: random.Random) -> _Substitution:
    """``text`` with other names; the same name gets the same substitute throughout."""
    parts: list[str] = []
    places: list[tuple[int, int, int]] = []
    chosen: dict[str, str] = {}
    position = 0
    for match in actors.find(text):
        forms = names.get(match.kind)
        if not forms:
            continue
        name = chosen.setdefault(text[match.start : match.end], chooser.choice(forms))
        parts += [text[position : match.start], name]
        places.append((match.start, match.end, len(name)))
        position = match.end
    return _Substitution("".join([*parts, text[position:]]), tuple(places))
