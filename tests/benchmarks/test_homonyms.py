"""The labels of the homonyms benchmark, and how it joins and counts them; no corpus is needed."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.homonyms import DATA, Label, by_list, hydrate, main, outcome, read_labels, read_texts
from model.codebook import Codebook
from model.standoff import sentence_digest

CODEBOOK = Codebook.load(DATA / "annotations/codebook.yaml")
TEXT = "They spoke. Michael Jordan met King Abdullah of Jordan."
SENTENCE = TEXT[12:]


def label(name: str, number: int, actor: str | None) -> Label:
    start = SENTENCE.index(name) if number == 0 else SENTENCE.rindex(name)
    place = {"start": 12, "end": len(TEXT), "mention_start": start, "mention_end": start + len(name)}
    known = {"corpus": "news_pool", "corpus_document": "d", "sha256": sentence_digest(SENTENCE), "name": name}
    return Label.model_validate({**place, **known, "actor": actor})


def test_the_committed_labels_are_of_homonyms_and_name_their_actor_or_none() -> None:
    labels = read_labels(DATA / "homonyms.jsonl")
    actors = {homonym.form: homonym.actor for homonym in CODEBOOK.homonyms}
    assert all(label.actor in (actors[label.name], None) for label in labels)
    assert all(0 <= label.mention_start < label.mention_end <= label.end - label.start for label in labels)
    assert len({(label.corpus_document, label.start, label.mention_start) for label in labels}) == len(labels)
    assert max(Counter(label.name for label in labels).values()) <= 40
    assert {label.name for label in labels} == {"Chad", "Georgia", "Jordan", "Turkey", "Washington"}


@pytest.mark.parametrize(
    ("expected", "given", "result"),
    [("a", "a", "right"), (None, None, "right"), ("a", None, "open"), (None, "a", "wrong"), ("a", "b", "wrong")],
)
def test_an_outcome_is_right_wrong_or_open(expected: str | None, given: str | None, result: str) -> None:
    assert outcome(expected, given) == result


def test_labels_are_joined_with_the_corpus_and_counted(tmp_path: Path) -> None:
    labels = [label("Jordan", 0, None), label("Jordan", 1, "jordan")]
    (tmp_path / "corpus.jsonl").write_text(f'{{"id": "d", "text": "{TEXT}"}}\n', encoding="utf-8")
    (tmp_path / "newsmtsc.jsonl").write_text('{"primary_gid": "n", "sentence_normalized": "Y"}\n', encoding="utf-8")
    texts = read_texts(tmp_path / "corpus.jsonl", tmp_path / "newsmtsc.jsonl")
    assert texts == {("news_pool", "d"): TEXT, ("newsmtsc", "n"): "Y"}
    occurrences = list(hydrate(labels, texts))
    assert [occurrence.sentence for occurrence in occurrences] == [SENTENCE, SENTENCE]
    assert by_list(CODEBOOK, occurrences) == {("Jordan", "right"): 2}
    without = CODEBOOK.model_copy(update={"homonyms": ()})
    assert by_list(without, occurrences) == {("Jordan", "right"): 1, ("Jordan", "wrong"): 1}


def test_a_sentence_that_the_corpus_has_otherwise_is_left_out() -> None:
    assert not list(hydrate([label("Jordan", 0, None)], {("news_pool", "d"): TEXT.replace("met", "saw")}))
    assert not list(hydrate([label("Jordan", 0, None)], {}))


@pytest.mark.parametrize("given", [(), ("--corpus", "other.jsonl"), ("--newsmtsc", "other.jsonl")])
def test_without_the_labelled_sentences_it_says_which_corpora_it_needs(
    given: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = '{"id": "x", "text": "Y", "primary_gid": "x", "sentence_normalized": "Y"}\n'
    (tmp_path / "other.jsonl").write_text(row, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["homonyms", *given])
    with pytest.raises(SystemExit) as caught:
        main()
    said = capsys.readouterr()
    assert (caught.value.code, said.out) == (2, "")
    assert "--corpus" in said.err.splitlines()[-1]
