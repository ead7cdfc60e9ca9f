"""Further sentences for a teacher to label: the same ones about other actors, and in other words.

Who is named must not decide the stance, so in a copy of a sentence every listed name becomes another one of its
kind (entity substitution, as in counterfactual augmentation, Lu et al. 2020, Gender Bias in Neural Natural
Language Processing). What words say must, so in another copy some become words that the encoder takes to be like them,
opposites among them (word replacement, Jiao et al. 2020, TinyBERT). What a copy says is for the teacher to judge; no
annotator's label is carried over.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from model.actors import ActorList
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
                made.append(Example(text, example.document, ()))
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
