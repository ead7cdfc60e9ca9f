import json
import random
import sys
from collections.abc import Iterator

import pytest

from model import Codebook, Document, Labeller, TextDocument
from model.checkpoint import DEFAULT, Checkpoint
from model.place import Place
from model.seen import Seen
from model.unlabelled import Unlabelled
from tests.conftest import ROOT
from tests.end_to_end.conftest import frameline


@pytest.fixture(scope="module")
def labeller() -> Iterator[Labeller]:
    loaded = Labeller.from_checkpoint()
    yield loaded
    loaded.close()


def test_it_is_whole_and_small() -> None:
    checkpoint = Checkpoint.open(DEFAULT)
    assert sum(file.stat().st_size for file in DEFAULT.iterdir()) < 30e6
    assert (DEFAULT / "README.md").is_file()
    assert checkpoint.codebook == Codebook.load(ROOT / "data/annotations/codebook.yaml")


def test_it_says_which_documents_it_has_seen() -> None:
    """At least all that are annotated here but those of the test sets."""
    seen = Seen.read(DEFAULT)
    assert seen is not None
    assert not seen.unknown
    folder = ROOT / "data/annotations"
    files = {file.name: file for file in (folder / "authored.jsonl", *(folder / "standoff").glob("*.jsonl"))}
    assert len(files) == 7
    for name, file in files.items():
        documents = {json.loads(line)["document"] for line in file.read_text(encoding="utf-8").splitlines()}
        expected = None if name.endswith("_test.jsonl") else "train"
        assert {seen.part(document) for document in documents} == {expected}, name


def test_labelling_needs_no_torch() -> None:
    import subprocess

    code = (
        "import sys; from model import Labeller; Labeller.from_checkpoint().classify('NATO met.');"
        "assert not {'torch', 'transformers', 'sklearn', 'datasets'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("Warsaw said the fence was needed to protect the country from armed infiltrators.", "security_justification"),
        ("Dozens of civilians were killed and thousands of families fled their homes.", "humanitarian_concern"),
        (
            "The minister accused NATO of abandoning its ally and called its word worthless.",
            "alliance_criticism",
        ),
    ],
)
def test_plain_cases(labeller: Labeller, text: str, frame: str) -> None:
    (sentence,) = labeller.classify(text).sentences
    assert frame in {score.frame for score in sentence.frames if score.present}


def test_actors_are_found_and_resolved(labeller: Labeller) -> None:
    (sentence,) = labeller.classify("Emmanuel Macron met Hezbollah officials in Paris, the Kremlin said.").sentences
    found = {actor.actor for actor in sentence.actors}
    assert {"emmanuel-macron", "hezbollah", "russia"} <= found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The UN's human rights council condemned Israel on Friday.", ["un-human-rights-council", "israel"]),
        ("The U.N. nuclear watchdog warned Iran.", ["iaea", "iran"]),
        ("The Trump White House refused to answer.", ["united-states"]),
        ("Prime Minister Benjamin 'Bibi' Netanyahu rejected the plan.", ["benjamin-netanyahu"]),
        ("President Mohammed bin Salman Al Saud met Joe Biden.", ["mohammed-bin-salman", "joe-biden"]),
        ("Police in Athens, Georgia, said Georgia police had held two men.", [None]),
        ("Hamilton, Ontario, sent aid to Ukraine.", [None, "ukraine"]),
        ("The mayor of Rome, Georgia, endorsed Donald Trump.", [None, "donald-trump"]),
        ("Jim Jordan accused Joe Biden of weakness toward China.", [None, "joe-biden", "china"]),
        ("Pope Leo XIV called for peace.", [None]),
    ],
)
def test_names_resolve_by_their_sentence(labeller: Labeller, text: str, expected: list[str | None]) -> None:
    (sentence,) = labeller.classify(text).sentences
    assert [actor.actor for actor in sentence.actors] == expected


def test_names_outside_the_list_are_found_without_an_actor(labeller: Labeller) -> None:
    (sentence,) = labeller.classify(
        "Senator Brunhild Ostvik accused Tadeusz Marchwicz of lying to parliament."
    ).sentences
    found = {actor.mention: actor.actor for actor in sentence.actors}
    assert any("Ostvik" in mention for mention in found)
    assert any("Marchwicz" in mention for mention in found)
    assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("text", "mention", "actor"),
    [
        ("Jordan accused Iran of sending drones over Amman.", "Jordan", "jordan"),
        ("Jim Jordan accused the FBI of lying to Congress.", "Jordan", None),
        ("Russia accused Georgia of massing troops at the border.", "Georgia", "georgia"),
        ("Georgia Republicans accused the secretary of state of fraud.", "Georgia", None),
        ("Ankara and Washington accused each other of bad faith.", "Washington", "united-states"),
    ],
)
def test_homonyms_are_resolved_by_their_sentence(text: str, mention: str, actor: str | None) -> None:
    labeller = Labeller.from_checkpoint(codebook=Codebook.load(ROOT / "data/annotations/codebook.yaml"))
    found = [actor for sentence in labeller.classify(text).sentences for actor in sentence.actors]
    given = labeller.classify(text, [mention]).sentences[0].actors
    labeller.close()
    assert [judged.actor for judged in given] == [actor]
    assert {judged.actor for judged in found if mention in judged.mention} <= {actor}


def test_many_together_are_labelled_as_each_alone(labeller: Labeller) -> None:
    lines = (ROOT / "data/annotations/authored.jsonl").read_text(encoding="utf-8").splitlines()
    texts = list(dict.fromkeys(json.loads(line)["text"] for line in lines))
    # with a mean in float32 the first three differ from themselves in company
    first = [
        text for text in texts if text.startswith(("The Red Cross, which has run", "Fatah officers who", "“Step by"))
    ]
    chosen = [*first, *texts[::12]]
    assert len(first) == 3
    sentences = [Unlabelled(text, Place(0, len(text)), None) for text in chosen]
    together = labeller.label(sentences * 2)
    alone = [labeller.label([one])[0] for one in sentences]
    assert together == alone * 2


def test_company_changes_nothing(labeller: Labeller) -> None:
    lines = (ROOT / "data/annotations/authored.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    texts = [json.loads(line)["text"] for line in lines]
    alone = {text: labeller.classify(text) for text in texts}
    for seed in range(3):
        order = list(texts)
        random.Random(seed).shuffle(order)
        documents = [TextDocument(id=str(number), text=text) for number, text in enumerate(order)]
        for text, document in zip(order, labeller.classify_documents(documents), strict=True):
            assert document.sentences == alone[text].sentences
    whole = labeller.classify("\n".join(texts))
    by_text = {sentence.text: sentence for sentence in whole.sentences}
    for document in alone.values():
        for sentence in document.sentences:
            assert by_text[sentence.text].frames == sentence.frames


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b \x00. NATO\x00 met.",
        "😀 ça va\u0301? NATO 👩‍👩‍👧 met.",
        "قال حلف NATO إنه اجتمع. ثم غادر.",
        "NATO met.\r\n\r\nIt left.\r",
        "<p>NATO <b>met</b>.</p><script>x</script>",
        "NATO " + "very " * 9_998 + "long.",
        "x" * 50_000,
        "\u200b\ufeff \u2028",
    ],
)
def test_odd_texts_keep_their_offsets(labeller: Labeller, text: str) -> None:
    document = labeller.classify(text)
    for sentence in document.sentences:
        assert text[sentence.start : sentence.end] == sentence.text
        for actor in sentence.actors:
            assert text[actor.start : actor.end] == actor.mention


def test_the_command_answers_as_the_python_api(labeller: Labeller, example_text: str) -> None:
    done = frameline("classify", "--output", "jsonl", given=example_text)
    assert done.returncode == 0, done.stderr
    assert Document.model_validate_json(done.stdout).sentences == labeller.classify(example_text).sentences


def test_the_command_shows_a_table(example_text: str) -> None:
    done = frameline("classify", given=example_text)
    shown = done.stdout.decode()
    assert "Alliance criticism" in shown
    assert "Humanitarian concern" in shown
    assert "NATO" in shown
    assert "Actors:" in shown
