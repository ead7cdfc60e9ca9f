import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from model.annotation_files import is_standoff
from model.codebook import Codebook
from model.errors import FaultsError
from model.standoff import hydrate, read_corpus, read_standoff

TEXT = "Élan 😀. Arland paid late. More."
START, END = TEXT.index("Arland"), TEXT.index(" More")


@pytest.fixture
def record() -> dict[str, Any]:
    return {
        "id": "s1",
        "document": "d1",
        "corpus": "pool",
        "corpus_document": "d1",
        "start": START,
        "end": END,
        "sha256": hashlib.sha256(TEXT[START:END].encode()).hexdigest(),
        "frames": ["fleeing"],
        "actors": [{"start": 0, "end": 6, "stance": "critical"}],
        "annotator": "adjudicated",
        "origin": "pool",
    }


def write(file: Path, *records: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def test_joins_labels_with_the_readers_copy(tmp_path: Path, codebook: Codebook, record: dict[str, Any]) -> None:
    file = write(tmp_path / "standoff.jsonl", record, {**record, "id": "s2", "corpus_document": "d2"})
    corpus = write(tmp_path / "corpus.jsonl", {"id": "d1", "text": TEXT, "source": "x"})
    assert is_standoff(file)
    assert not is_standoff(corpus)
    joined = hydrate(read_standoff([file], codebook), corpus, codebook)
    (annotation,) = joined.annotations
    assert annotation.text == "Arland paid late."
    assert annotation.mention(annotation.actors[0]) == "Arland"
    assert joined.missing == ["s2"]


def test_newsmtscs_original_file_is_a_corpus(tmp_path: Path, codebook: Codebook, record: dict[str, Any]) -> None:
    file = write(tmp_path / "standoff.jsonl", {**record, "corpus_document": "x_1_2_Arland_0_6"})
    original = {"primary_gid": "x_1_2_Arland_0_6", "sentence_normalized": TEXT, "targets": []}
    joined = hydrate(read_standoff([file], codebook), write(tmp_path / "train.jsonl", original), codebook)
    assert [annotation.text for annotation in joined.annotations] == [TEXT[START:END]]


@pytest.mark.parametrize(
    ("columns", "cells", "document"),
    [("article_id", "7", "news_articles:7"), ("id", "a-7", "a-7"), ("article_id id", "7 x", "x")],
)
def test_a_table_is_a_corpus(
    tmp_path: Path, codebook: Codebook, record: dict[str, Any], columns: str, cells: str, document: str
) -> None:
    file = write(tmp_path / "standoff.jsonl", {**record, "corpus_document": document})
    corpus = tmp_path / "corpus.CSV"
    quoted = TEXT.replace("More", '"More",\r\nhe said')
    with corpus.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = [(*columns.split(), "title", "text"), (*cells.split(), "x" * 200_000, quoted)]
        csv.writer(stream).writerows(rows)
    (found,) = read_corpus(corpus)
    assert (found["id"], found["text"]) == (document, quoted)
    joined = hydrate(read_standoff([file], codebook), corpus, codebook)
    assert [annotation.text for annotation in joined.annotations] == [TEXT[START:END]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id,body\n1,a\n", "csv:2: id, text"),
        ("id,text\n1\n", "csv:2: id, text"),
        ("id,text\n1,a,b\n", "csv:2: id, text"),
        ('id,text\n1,"a"b\n', "csv:2: not a table"),
        ("id,text, text\n1,a,b\n", "csv:1: text: the column stands twice"),
    ],
)
def test_a_table_without_documents_is_an_error(tmp_path: Path, content: str, expected: str) -> None:
    corpus = tmp_path / "corpus.csv"
    corpus.write_text(content, encoding="utf-8")
    with pytest.raises(FaultsError, match=expected):
        list(read_corpus(corpus))


@pytest.mark.parametrize("whole", [True, False])
def test_articles_of_reuters_are_a_corpus(tmp_path: Path, whole: bool) -> None:
    rows = [
        {"id": "2", "date": "26-FEB-1987", "title": "A", "body": TEXT},
        {"id": "3", "date": "26-FEB-1987", "title": "a headline alone"},
        {"id": "d1", "date": "1987", "text": "of another corpus"},
    ]
    for name, part in (("b.json", rows[:2]), ("a.json", rows[2:])):
        (tmp_path / name).write_text(json.dumps(part), encoding="utf-8")
    (tmp_path / "README.md").write_text("no corpus", encoding="utf-8")
    found = {record["id"]: record["text"] for record in read_corpus(tmp_path if whole else tmp_path / "b.json")}
    assert found == {"reuters_21578:2": TEXT} | ({"d1": "of another corpus"} if whole else {})


def test_json_lines_may_be_called_json(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.json", {"id": "1", "text": "a"})
    with corpus.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "2", "text": "b\u2028c\x85d"}, ensure_ascii=False) + "\r\n")
    assert [(record["id"], record["text"]) for record in read_corpus(corpus)] == [("1", "a"), ("2", "b\u2028c\x85d")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"id": "1", "text": "a"}, {"id": "2"}]', "json: object 2: id, text"),
        ('[{"id": 1, "date": "1987", "body": 7}]', "json: object 1: id, text"),
        ('[{"id": "1", "date": "1987", "content": "a"}]', "json: no object has a text"),
        ("[7]", "json: object 1: id, text"),
        ("7", "json: object 1: id, text"),
        ('[{"id": "1"', "json: not JSON: Expecting"),
        ('[{"id": "1", "text": "a", "text": "b"}]', "json: the key 'text' stands twice"),
        ('{"id": "1", "text": "a"}\n{"id": "2", "id": "3", "text": "a"}', "json:2: .*the key 'id' stands twice"),
        ('{"id": "1", "text": "a"}\n{', "json:2: not JSON: Expecting .* at column 2"),
    ],
)
def test_an_array_without_documents_is_an_error(tmp_path: Path, content: str, expected: str) -> None:
    corpus = tmp_path / "corpus.json"
    corpus.write_text(content, encoding="utf-8")
    with pytest.raises(FaultsError, match=expected):
        list(read_corpus(corpus))


def test_a_folder_without_arrays_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match=r"holds no \.json file"):
        list(read_corpus(tmp_path))


def test_a_document_with_two_texts_is_an_error(tmp_path: Path, codebook: Codebook, record: dict[str, Any]) -> None:
    file = write(tmp_path / "standoff.jsonl", record)
    same = {"id": "d1", "text": TEXT}
    corpus = write(tmp_path / "corpus.jsonl", same, same)
    assert len(hydrate(read_standoff([file], codebook), corpus, codebook).annotations) == 1
    corpus = write(tmp_path / "corpus.jsonl", same, {"id": "d1", "text": TEXT + "More."})
    with pytest.raises(FaultsError, match="id: 'd1' stands there with two texts"):
        hydrate(read_standoff([file], codebook), corpus, codebook)


def test_another_text_is_an_error(tmp_path: Path, codebook: Codebook, record: dict[str, Any]) -> None:
    file = write(tmp_path / "standoff.jsonl", record)
    corpus = write(tmp_path / "corpus.jsonl", {"id": "d1", "text": TEXT.replace("late", "soon")})
    with pytest.raises(FaultsError, match=f"{file}:1: sha256: .* s1 .*checksum differs"):
        hydrate(read_standoff([file], codebook), corpus, codebook)


@pytest.mark.parametrize(
    ("end", "text", "expected"),
    [
        (END + 9, TEXT[:END], f"end: {END + 9} lies outside d1 in "),
        (END, "", f"end: {END} lies outside d1 in "),
        (END, TEXT.replace("late", "\ud800ate"), "text: half of a surrogate pair stands alone"),
    ],
)
def test_a_sentence_that_cannot_be_taken_from_its_text(
    tmp_path: Path, codebook: Codebook, record: dict[str, Any], end: int, text: str, expected: str
) -> None:
    digest = hashlib.sha256(text[START:end].encode(errors="surrogatepass")).hexdigest()
    file = write(tmp_path / "standoff.jsonl", {**record, "end": end, "sha256": digest})
    corpus = write(tmp_path / "corpus.jsonl", {"id": "d1", "text": text})
    with pytest.raises(FaultsError) as caught:
        hydrate(read_standoff([file], codebook), corpus, codebook)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{file}:1: {expected}")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"frames": ["other"]}, "frames[0]"),
        ({"end": 3}, "end: 3 is not behind"),
        ({"start": str(START)}, "start: "),
        ({"end": float(END)}, "end: "),
        ({"end": 10**30}, f"end: a sentence of {10**30 - START} characters"),
        ({"sha256": "abc"}, "sha256"),
        ({"actors": [{"start": 0, "end": 99, "stance": "critical"}]}, "actors[0].end"),
    ],
)
def test_faults_are_named(
    tmp_path: Path, codebook: Codebook, record: dict[str, Any], change: dict[str, Any], expected: str
) -> None:
    file = write(tmp_path / "standoff.jsonl", {**record, **change})
    with pytest.raises(FaultsError) as caught:
        read_standoff([file], codebook)
    assert f"{file}:1: {expected}" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"end": 3}, ["end", "frames[0]", "actors[0].stance"]),
        ({"end": "3"}, ["end", "frames[0]", "actors[0].stance"]),
        ({"sha256": "abc"}, ["sha256", "actors[0].end", "frames[0]", "actors[0].stance"]),
        ({"extra": 1}, ["extra", "actors[0].end", "frames[0]", "actors[0].stance"]),
    ],
)
def test_one_fault_hides_no_other(
    tmp_path: Path, codebook: Codebook, record: dict[str, Any], change: dict[str, Any], expected: list[str]
) -> None:
    faulty = {"frames": ["other"], "actors": [{"start": 0, "end": 99, "stance": "meh"}]}
    file = write(tmp_path / "standoff.jsonl", {**record, **faulty, **change})
    with pytest.raises(FaultsError) as caught:
        read_standoff([file], codebook)
    assert [fault.split(": ")[1] for fault in caught.value.faults] == expected


def test_the_kind_of_a_file_is_that_of_its_first_line_that_can_be_read(
    tmp_path: Path, codebook: Codebook, record: dict[str, Any]
) -> None:
    file = tmp_path / "standoff.jsonl"
    file.write_text("\n \n" + json.dumps(record) + "\n", encoding="utf-8")
    assert is_standoff(file)
    assert [one.id for one in read_standoff([file], codebook)] == ["s1"]
    file.write_text('{"corpus": \n[]\n' + json.dumps(record) + "\n", encoding="utf-8")
    assert is_standoff(file)
    file.write_text('{"corpus": \n' + json.dumps({"text": "Voss fled."}) + json.dumps(record), encoding="utf-8")
    assert not is_standoff(file)
    for content in ("", "\n", "[" * 200_000):
        file.write_text(content, encoding="utf-8")
        assert not is_standoff(file)


def test_a_sentence_labelled_twice_is_a_fault(tmp_path: Path, codebook: Codebook, record: dict[str, Any]) -> None:
    file = write(tmp_path / "standoff.jsonl", record, record)
    with pytest.raises(FaultsError, match=rf":2: id: 's1' by 'adjudicated' stands at {file}:1 already"):
        read_standoff([file], codebook)


@pytest.mark.parametrize("content", ["{", "[]", '{"id": "d1"}'])
def test_a_file_that_is_no_corpus_is_an_error(
    tmp_path: Path, codebook: Codebook, record: dict[str, Any], content: str
) -> None:
    standoffs = read_standoff([write(tmp_path / "standoff.jsonl", record)], codebook)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(content, encoding="utf-8")
    with pytest.raises(FaultsError, match="corpus.jsonl:1"):
        hydrate(standoffs, corpus, codebook)
    with pytest.raises(FaultsError, match="cannot be read"):
        hydrate(standoffs, tmp_path / "nothing.jsonl", codebook)
