from string import ascii_lowercase

import torch

from model.annotation import Span
from model.codebook import Codebook
from training.augmentation import reword, substitute_names
from training.examples import Example


def example(text: str) -> Example:
    return Example(text, "d", (), ("fleeing",), ())


def test_names_become_others_of_their_kind_and_frames_are_dropped(codebook: Codebook) -> None:
    forms = {form for actor in codebook.actors if actor.kind == "state" for form in (actor.name, *actor.aliases)}
    seen = set()
    for seed in range(20):
        for copy in substitute_names([example("Arland said Arland would pay .")], codebook, 1, seed):
            first, _, rest = copy.text.partition(" said ")
            assert first in forms
            assert rest == f"{first} would pay ."
            assert copy.frames is None
            seen.add(first)
    assert seen == {"Republic of Arland"}  # "US" is too short


def test_mentions_and_stances_go_with_the_names(codebook: Codebook) -> None:
    text = "Mara Voss praised Arland troops and Ena Rill in Arland ."
    spans = [Span(start=text.index(name), end=text.index(name) + len(name)) for name in ("Mara Voss", "Arland troops")]
    spans.append(Span(start=text.index("Ena"), end=text.index(" in")))
    labelled = Example(text, "d", ((spans[1], "supportive"), (spans[0], "neutral")), (), tuple(spans), (spans[2],))
    copies = [copy for seed in range(10) for copy in substitute_names([labelled], codebook, 1, seed)]
    assert len({copy.text for copy in copies}) > 1
    for copy in copies:
        found = {copy.text[span.start : span.end]: stance for span, stance in copy.stances}
        other = copy.text[copy.text.index(" in ") + len(" in ") : -2]
        assert found == {copy.text.partition(" praised")[0]: "neutral", f"{other} troops": "supportive"}
        assert copy.mentions is not None
        assert [copy.text[span.start : span.end] for span in copy.mentions[2:] + copy.undecided] == ["Ena Rill"] * 2
        assert copy.frames is None


def test_a_mention_that_ends_within_a_name_leaves_the_copy_without_labels(codebook: Codebook) -> None:
    part = Span(start=0, end=4)  # of Mara Voss
    for copy in substitute_names([Example("Mara Voss left .", "d", ((part, "neutral"),), (), (part,))], codebook, 3, 1):
        assert copy.stances == ()
        assert copy.mentions is None


def test_sentences_without_listed_names_are_left_out(codebook: Codebook) -> None:
    assert substitute_names([example("People fled .")], codebook, 1, 1) == []


def test_the_same_seed_gives_the_same_copies(codebook: Codebook) -> None:
    sentences = [example("Mara Voss met al-Haris in the Northern League .")] * 5
    assert substitute_names(sentences, codebook, 2, 3) == substitute_names(sentences, codebook, 2, 3)
    once = substitute_names(sentences, codebook, 1, 3)
    assert substitute_names(sentences, codebook, 2, 3)[: len(once)] == once
    assert len(substitute_names(sentences, codebook, 2, 3)) > len(once)


_VOCABULARY = {word: number for number, word in enumerate(["the", "praised", "condemned", "army", "[CLS]", "Arland"])}
_EMBEDDINGS = torch.tensor([[0.0, 0, 1], [1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [1, 0, 0], [1, 0, 0]])


def test_a_word_becomes_one_that_the_encoder_takes_to_be_like_it() -> None:
    frequent = " ".join(f"w{first}{second}" for first in ascii_lowercase for second in ascii_lowercase[:6])
    copies = reword([example(frequent)] * 3 + [example("Arland praised it .")], _VOCABULARY, _EMBEDDINGS, 8, 1)
    assert {copy.text for copy in copies} == {"Arland condemned it .", "Arland the it .", "Arland army it ."}
    assert all(copy.frames is None and copy.mentions is None for copy in copies)


def test_frequent_words_stay() -> None:
    assert reword([example("praised the army")], _VOCABULARY, _EMBEDDINGS, 4, 1) == []


def test_words_without_neighbours_give_no_copy() -> None:
    assert reword([example("Arland ? !")], _VOCABULARY, _EMBEDDINGS, 3, 1) == []


def test_the_same_seed_gives_the_same_rewordings() -> None:
    frequent = " ".join(f"w{first}{second}" for first in ascii_lowercase for second in ascii_lowercase[:6])
    sentences = [example(frequent)] * 9 + [example("praised army condemned praised army")] * 4
    assert len(reword(sentences, _VOCABULARY, _EMBEDDINGS, 2, 5)) == 8
    assert reword(sentences, _VOCABULARY, _EMBEDDINGS, 2, 5) == reword(sentences, _VOCABULARY, _EMBEDDINGS, 2, 5)
