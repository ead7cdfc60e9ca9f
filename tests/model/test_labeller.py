import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from model.checkpoint import CODEBOOK, CONFIG, seal
from model.codebook import Codebook
from model.errors import CheckpointError, CodebookError, InputError
from model.labeller import Labeller
from model.prediction import Document, TextDocument
from model.runtime import OnnxRuntime
from tests.conftest import CODEBOOK_TEXT

WORDS = [
    "Arland",
    "said",
    "the",
    "army",
    "fled",
    "NL",
    "Voss",
    "US",
    "bread.",
    "late.",
    "“No!”",
    "é",
    "😀",
    "\n\n",
    "?",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)


def check_offsets(document: Document, text: str) -> None:
    for sentence in document.sentences:
        assert text[sentence.start : sentence.end] == sentence.text
        starts = [(actor.start, actor.end) for actor in sentence.actors]
        assert starts == sorted(starts)
        for actor in sentence.actors:
            assert sentence.start <= actor.start < actor.end <= sentence.end
            assert text[actor.start : actor.end] == actor.mention
            assert sum(actor.probabilities.values()) == pytest.approx(1)


@settings(deadline=None)
@given(text=st.one_of(TEXTS, ANY), split=st.booleans())
def test_offsets_are_those_of_the_text(labeller: Labeller, text: str, split: bool) -> None:
    document = labeller.classify(text, split=split)
    check_offsets(document, text)
    for sentence in document.sentences:
        assert [score.frame for score in sentence.frames] == ["guarding", "fleeing"]


@settings(deadline=None)
@given(text=st.one_of(TEXTS, ANY), data=st.data(), split=st.booleans())
def test_every_given_mention_is_judged(labeller: Labeller, text: str, data: st.DataObject, split: bool) -> None:
    if not text.strip():
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    mention = text[start:end]
    if mention.strip() != mention:
        return
    document = labeller.classify(text, [mention], split=split)
    check_offsets(document, text)
    found = [actor.mention for sentence in document.sentences for actor in sentence.actors]
    assert found
    assert set(found) == {mention}


def close(one: Document, other: Document) -> None:
    """Equal in everything, probabilities to 1e-5."""
    left, right = one.model_dump(), other.model_dump()
    for sentence, same in zip(left["sentences"], right["sentences"], strict=True):
        for score, also in zip(sentence["frames"], same["frames"], strict=True):
            assert score.pop("probability") == pytest.approx(also.pop("probability"), abs=1e-5)
        for actor, also in zip(sentence["actors"], same["actors"], strict=True):
            assert actor.pop("probabilities") == pytest.approx(also.pop("probabilities"), abs=1e-5)
    left["id"] = right["id"]
    assert left == right


@settings(deadline=None, max_examples=40)
@given(text=TEXTS, company=st.lists(TEXTS, max_size=8), seed=st.integers(0, 9))
def test_a_sentence_alone_is_labelled_as_in_any_company(
    labeller: Labeller, text: str, company: list[str], seed: int
) -> None:
    alone = labeller.classify(text)
    texts = [text, *company, text]
    random.Random(seed).shuffle(texts)
    documents = [TextDocument(id=str(number), text=one) for number, one in enumerate(texts)]
    for document, one in zip(labeller.classify_documents(documents), texts, strict=True):
        if one == text:
            close(document, alone)


def test_one_thread_gives_what_many_give(labeller: Labeller, checkpoint: Path) -> None:
    text = "Arland said the army fled. " * 30
    single = Labeller.from_checkpoint(checkpoint, threads=1)
    close(single.classify(text), labeller.classify(text))
    single.close()


def test_the_network_of_an_earlier_version_runs_sentence_by_sentence(checkpoint: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(checkpoint, tmp_path / "earlier"))
    config = json.loads((folder / CONFIG).read_text())
    assert config.pop("fixed_scales") is True
    (folder / CONFIG).write_text(json.dumps(config))
    seal(folder)
    earlier, now = Labeller.from_checkpoint(folder), Labeller.from_checkpoint(checkpoint)
    assert isinstance(earlier.runtime, OnnxRuntime)
    assert earlier.in_bulk == earlier.together < now.in_bulk
    session = Counting(earlier.runtime._session)
    earlier.runtime._session = session
    text = "Arland said the army fled. " * 30
    assert earlier.classify(text) == now.classify(text)
    assert session.sizes == [1] * 30
    earlier.close()
    now.close()


def test_a_labeller_can_be_closed_while_it_labels(checkpoint: Path) -> None:
    labeller = Labeller.from_checkpoint(checkpoint, threads=1)
    errors: list[str] = []

    def consume() -> None:
        try:
            for _ in labeller.classify_documents(TextDocument(text="The army fled. " * 5) for _ in iter(int, 1)):
                began.set()
        except RuntimeError as error:
            errors.append(str(error))

    began = Event()
    consumers = [Thread(target=consume, daemon=True) for _ in range(2)]
    for consumer in consumers:
        consumer.start()
    assert began.wait(20)
    closing = Thread(target=labeller.close, daemon=True)
    closing.start()
    for thread in (closing, *consumers):
        thread.join(20)
        assert not thread.is_alive()
    assert len(errors) == 2


class Counting:
    """A session that notes how many windows it is given at a time."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self.session = session
        self.sizes: list[int] = []

    def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.sizes.append(len(inputs["input_ids"]))
        return self.session.run(names, inputs)  # type: ignore[no-any-return]


def test_documents_come_back_in_order_and_are_taken_as_needed(labeller: Labeller) -> None:
    taken = 0

    def endless() -> Iterator[TextDocument]:
        nonlocal taken
        while True:
            taken += 1
            yield TextDocument(id=str(taken), text="" if taken % 3 == 0 else "The army fled. It said so.")

    labelled = labeller.classify_documents(endless())
    assert [next(labelled).id for _ in range(50)] == [str(number) for number in range(1, 51)]
    assert taken < 50 + 2 * labeller.threads * labeller.in_bulk


def test_sentences_are_told_in_order(labeller: Labeller) -> None:
    told: list[int] = []
    document = TextDocument(text="The army fled. " * 40)
    list(labeller.classify_documents([document], on_sentence=lambda sentence: told.append(sentence.start)))
    assert told == sorted(told)
    assert len(told) == 40


def test_empty_texts_have_no_sentences(labeller: Labeller) -> None:
    for text in ("", "  \n\r\n "):
        for split in (True, False):
            assert labeller.classify(text, split=split).sentences == ()


def test_without_splitting_the_whole_text_is_one_sentence(labeller: Labeller) -> None:
    text = " One. Two. \n\n Three "
    (sentence,) = labeller.classify(text, split=False).sentences
    assert (sentence.start, sentence.end, sentence.text) == (0, len(text), text)


def test_a_very_long_sentence_is_labelled_whole(labeller: Labeller) -> None:
    text = "people fled " * 4_000 + "with Voss"
    (sentence,) = labeller.classify(text, ["Voss"]).sentences
    assert sentence.end == len(text)
    (actor,) = sentence.actors
    assert actor.start == text.index("Voss")
    assert actor.actor == "mara-voss"


def test_a_mention_is_judged_once_a_sentence_at_its_first_place(labeller: Labeller) -> None:
    text = "Voss fled. Then Voss said that Voss paid."
    document = labeller.classify(text, ["Voss", "Voss"])
    assert [[actor.start for actor in sentence.actors] for sentence in document.sentences] == [[0], [16]]


@pytest.mark.parametrize("identity", ["", " ", "\t\u3000\n"])
def test_an_id_is_not_blank(identity: str) -> None:
    with pytest.raises(ValidationError, match="blank; give it letters or digits"):
        TextDocument(id=identity, text="Voss fled")


def test_documents_of_one_id_are_answered_in_their_order(labeller: Labeller) -> None:
    documents = [TextDocument(id="same", text=text) for text in ("Voss fled.", "The army paid.", "Voss fled.")]
    found = list(labeller.classify_documents(documents))
    assert [(one.id, one.sentences[0].text) for one in found] == [("same", one.text) for one in documents]


def test_mentions_may_overlap(labeller: Labeller) -> None:
    (sentence,) = labeller.classify("President Voss fled", ["Voss", "President Voss"]).sentences
    assert [actor.mention for actor in sentence.actors] == ["President Voss", "Voss"]
    assert [actor.actor for actor in sentence.actors] == ["mara-voss", "mara-voss"]


def test_no_mentions_asked_for_gives_none(labeller: Labeller) -> None:
    assert all(not sentence.actors for sentence in labeller.classify("Voss fled. Arland paid.", []).sentences)


@pytest.mark.parametrize(
    ("text", "actors", "expected"),
    [
        ("Voss fled", ["Ode"], "actors[0]: 'Ode' does not occur"),
        ("Voss fled", ["Voss", " "], "actors[1]: blank; leave it out"),
        ("Voss \ud800 fled", None, "text"),
        (b"Voss fled", None, "text: Input should be a valid string (seen: b'Voss fled')"),
        (None, None, "text: Input should be a valid string"),
        ("Voss fled", 5, "actors: a list of mentions is needed, not int"),
        ("Voss fled", {"Voss": 1}, "actors: a list of mentions is needed, not dict"),
        ("Voss fled", b"Voss", "actors: a list of mentions is needed, not bytes"),
        ("Voss fled", [b"Voss"], "actors[0]: Input should be a valid string"),
    ],
)
def test_input_that_cannot_be_labelled(labeller: Labeller, text: Any, actors: Any, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        labeller.classify(text, actors)
    assert expected in str(caught.value)


@pytest.mark.parametrize("split", ["false", None, 0])
def test_splitting_is_asked_for_or_not(labeller: Labeller, split: Any) -> None:
    with pytest.raises(InputError) as caught:
        labeller.classify("Voss fled", split=split)
    assert str(caught.value) == f"split: True or False is needed, not {split!r}"


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        (["Voss fled"], "documents[0]: a TextDocument(id=…, text=…) is needed, not str"),
        ([{"id": "a", "text": "Voss fled"}], "documents[0]: a TextDocument(id=…, text=…) is needed, not dict"),
        (TextDocument(text="Voss fled"), "documents[0]: a TextDocument(id=…, text=…) is needed, not tuple"),
        (None, "documents: a list of TextDocument is needed, not NoneType"),
    ],
)
def test_documents_that_are_none(labeller: Labeller, documents: Any, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        list(labeller.classify_documents(documents))
    assert str(caught.value) == expected


def test_documents_before_one_that_is_none_are_labelled(labeller: Labeller) -> None:
    documents: list[Any] = [TextDocument(id="a", text="Voss fled"), 7]
    found = labeller.classify_documents(documents)
    assert next(found).id == "a"
    with pytest.raises(InputError, match=r"documents\[1\]: .* not int"):
        next(found)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"folder": None}, "folder: a checkpoint's folder is needed, not None"),
        ({"threads": 0}, "threads: a whole number from 1 is needed, not 0"),
        ({"threads": True}, "threads: a whole number from 1 is needed, not True"),
        ({"threads": "2"}, "threads: a whole number from 1 is needed, not '2'"),
        ({"codebook": {}}, "codebook: a Codebook or its file is needed, not dict"),
    ],
)
def test_arguments_with_which_no_checkpoint_is_loaded(
    checkpoint: Path, arguments: dict[str, Any], expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        Labeller.from_checkpoint(**{"folder": checkpoint, **arguments})
    assert str(caught.value) == expected


def test_a_codebook_may_be_given_by_its_file(checkpoint: Path, codebook_file: Path) -> None:
    for file in (codebook_file, str(codebook_file)):
        labeller = Labeller.from_checkpoint(checkpoint, file)
        assert labeller.codebook == Codebook.load(codebook_file)
        labeller.close()


def test_further_actors_need_no_training(checkpoint: Path, tmp_path: Path) -> None:
    file = tmp_path / "codebook.yaml"
    file.write_text(CODEBOOK_TEXT + "  - {id: fleet, name: Grey Fleet, kind: armed group}\n", encoding="utf-8")
    labeller = Labeller.from_checkpoint(checkpoint, Codebook.load(file))
    (sentence,) = labeller.classify("The Grey Fleet paid", ["Grey Fleet"]).sentences
    assert sentence.actors[0].actor == "fleet"
    labeller.close()


def test_a_homonym_is_resolved_by_its_sentence(checkpoint: Path, tmp_path: Path) -> None:
    file = tmp_path / "codebook.yaml"
    file.write_text(CODEBOOK_TEXT + "homonyms: [{form: Voss, actor: mara-voss, other_signs: [river]}]\n", "utf-8")
    labeller = Labeller.from_checkpoint(checkpoint, Codebook.load(file))
    text = "Arland blamed Voss. People fled the river Voss. Nobody saw Voss."
    document = labeller.classify(text, ["Voss"])
    assert [actor.actor for sentence in document.sentences for actor in sentence.actors] == ["mara-voss", None, None]
    labeller.close()


def test_a_codebook_with_other_frames_does_not_fit(checkpoint: Path, tmp_path: Path) -> None:
    file = tmp_path / "codebook.yaml"
    file.write_text(CODEBOOK_TEXT.replace("id: fleeing", "id: leaving"), encoding="utf-8")
    with pytest.raises(CodebookError, match="leaving"):
        Labeller.from_checkpoint(checkpoint, Codebook.load(file))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "stances:\n",
            "  - {id: paying, name: Paying, definition: P.}\nstances:\n",
            "its network gives 2 frames, codebook.yaml has 3",
        ),
        (
            "  - {id: critical, name: Critical, definition: Blamed.}\n",
            "",
            "its network gives 3 stances, codebook.yaml has 2",
        ),
    ],
)
def test_a_network_with_other_outputs_than_its_codebook_is_refused(
    checkpoint: Path, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    folder = Path(shutil.copytree(checkpoint, tmp_path / "other"))
    assert old in CODEBOOK_TEXT
    (folder / CODEBOOK).write_text(CODEBOOK_TEXT.replace(old, new), encoding="utf-8")
    config = json.loads((folder / CONFIG).read_text())
    config["thresholds"]["frames"] = dict.fromkeys(Codebook.load(folder / CODEBOOK).frame_ids, 0.5)
    (folder / CONFIG).write_text(json.dumps(config))
    seal(folder)
    with pytest.raises(CheckpointError) as caught:
        Labeller.from_checkpoint(folder)
    assert str(caught.value).startswith(f"{folder}: {expected}; put back the codebook")


def test_strings_of_other_libraries_are_texts(labeller: Labeller) -> None:
    assert labeller.classify(np.str_("Voss fled"), [np.str_("Voss")]) == labeller.classify("Voss fled", ["Voss"])


def test_mentions_are_a_list(labeller: Labeller) -> None:
    with pytest.raises(InputError, match="a list of mentions"):
        labeller.classify("Voss fled", "Voss")
