from model.codebook import Codebook
from training.augmentation import substitute_names
from training.examples import Example


def example(text: str) -> Example:
    return Example(text, "d", (), ("fleeing",), ())


def test_names_become_others_of_their_kind_and_labels_are_dropped(codebook: Codebook) -> None:
    forms = {form for actor in codebook.actors if actor.kind == "state" for form in (actor.name, *actor.aliases)}
    seen = set()
    for seed in range(20):
        for copy in substitute_names([example("Arland said Arland would pay .")], codebook, 1, seed):
            first, _, rest = copy.text.partition(" said ")
            assert first in forms
            assert rest == f"{first} would pay ."
            assert copy.frames is None
            assert copy.mentions is None
            seen.add(first)
    assert seen == {"Republic of Arland"}  # "US" is too short


def test_sentences_without_listed_names_are_left_out(codebook: Codebook) -> None:
    assert substitute_names([example("People fled .")], codebook, 1, 1) == []


def test_the_same_seed_gives_the_same_copies(codebook: Codebook) -> None:
    sentences = [example("Mara Voss met al-Haris in the Northern League .")] * 5
    assert substitute_names(sentences, codebook, 2, 3) == substitute_names(sentences, codebook, 2, 3)
    once = substitute_names(sentences, codebook, 1, 3)
    assert substitute_names(sentences, codebook, 2, 3)[: len(once)] == once
    assert len(substitute_names(sentences, codebook, 2, 3)) > len(once)
