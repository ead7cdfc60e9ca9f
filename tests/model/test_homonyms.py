import yaml

from model.actors import ActorList
from model.codebook import Codebook
from model.homonyms import Homonyms, Sign
from tests.conftest import CODEBOOK_TEXT


def test_signs_are_found_by_their_first_word_the_shortest_first() -> None:
    homonym = {"form": "Arland", "actor": "arland", "signs": ["Arland's army"], "other_signs": ["Arland", "an arland"]}
    content = {**yaml.safe_load(CODEBOOK_TEXT), "homonyms": [homonym]}
    codebook = Codebook.model_validate(content)
    (entry,) = Homonyms(codebook, ActorList(codebook)).entries.values()
    assert entry.signs == {
        "arland": [Sign(("arland",), False, True, ()), Sign(("arland", "'", "s", "army"), True, True, ())],
        "an": [Sign(("an", "arland"), False, False, (1,))],
    }
