import multiprocessing
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from service.annotations.database import Database
from service.annotations.errors import ConflictError, StoreError
from service.annotations.forgetting import empty_log
from service.annotations.query import Query
from service.annotations.store import Store
from service.annotations.tables import Base
from tests.service.annotations.process import annotate
from tests.service.annotations.sent import ADA, ARLAND, BO, MODEL, TEXT, sent

CODEBOOK = "tiny-1"


def test_what_is_kept_is_what_was_sent_and_who_when_and_of_which_model(store: Store) -> None:
    before = datetime.now(UTC)
    (version,) = store.add([sent(id="s")], ADA, CODEBOOK).versions
    assert version.annotation() == sent(id="s").annotation("Ada")
    assert version.model is not None
    assert version.model.model_dump() == MODEL
    assert (version.codebook, version.replaces, version.withdrawn) == (CODEBOOK, None, False)
    assert before <= version.time <= datetime.now(UTC)
    assert version.time.utcoffset() == timedelta(0)
    assert store.history("s") == [version]
    assert store.count() == 1


def test_a_further_version_replaces_the_annotators_own_and_nobody_elses(store: Store) -> None:
    (first,) = store.add([sent(id="s")], ADA, CODEBOOK).versions
    (other,) = store.add([sent(id="s", frames=["fleeing"])], BO, CODEBOOK).versions
    (second,) = store.add([sent(id="s", frames=[])], ADA, CODEBOOK).versions
    assert (other.replaces, second.replaces) == (None, first.version)
    assert store.history("s") == [first, other, second]
    assert store.find(Query())[0] == [other, second]


def test_what_is_said_already_is_no_new_version(store: Store) -> None:
    first = store.add([sent(id="s")], ADA, CODEBOOK)
    again = store.add([sent(id="s"), sent(id="t")], ADA, CODEBOOK)
    assert again.versions[0] == first.versions[0]
    assert again.new == 1
    assert store.add([sent(id="s", model=None)], ADA, CODEBOOK).new == 1


def test_a_withdrawal_is_a_version_too(store: Store) -> None:
    (first,) = store.add([sent(id="s")], ADA, CODEBOOK).versions
    assert store.withdraw("s", BO) is None
    withdrawal = store.withdraw("s", ADA)
    assert withdrawal is not None
    (version,) = withdrawal.versions
    assert version.model_copy(update={"version": 1, "replaces": None, "time": first.time, "withdrawn": False}) == first
    assert version.replaces == first.version
    again = store.withdraw("s", ADA)
    assert again is not None
    assert (again.versions, again.new) == ([version], 0)
    assert store.find(Query())[0] == []
    (anew,) = store.add([sent(id="s")], ADA, CODEBOOK).versions
    assert anew.replaces == version.version
    assert store.find(Query())[0] == [anew]
    assert store.find(Query(latest=False))[0] == [first, version, anew]


def test_a_request_sent_again_changes_nothing_even_when_others_came_between(store: Store) -> None:
    first = store.add([sent(id="s"), sent(id="t")], ADA, CODEBOOK, "one")
    store.add([sent(id="s", frames=[])], ADA, CODEBOOK, "two")
    again = store.add([sent(id="s"), sent(id="t")], ADA, CODEBOOK, "one")
    assert (again.versions, again.new) == (first.versions, 0)
    assert store.count() == 3
    assert store.add([sent(id="s"), sent(id="t")], BO, CODEBOOK, "one").new == 2  # another's names are their own
    with pytest.raises(ConflictError, match="the key of another request"):
        store.add([sent(id="s")], ADA, CODEBOOK, "one")


def test_an_id_stands_for_one_sentence_and_nothing_is_kept_of_a_request_that_says_otherwise(store: Store) -> None:
    store.add([sent(id="s")], ADA, CODEBOOK)
    with pytest.raises(ConflictError) as caught:
        store.add([sent(id="t"), sent(id="s", text=TEXT + ".", document="e")], BO, CODEBOOK)
    places = [place for place, _ in caught.value.faults]
    assert places == [("body", "annotations", 1, "text"), ("body", "annotations", 1, "document")]
    assert store.count() == 1


def test_without_an_id_document_and_text_name_the_sentence(store: Store) -> None:
    first = store.add([sent()], ADA, CODEBOOK).versions[0]
    assert store.add([sent(frames=[])], ADA, CODEBOOK).versions[0].id == first.id
    assert store.add([sent(document="e")], ADA, CODEBOOK).versions[0].id != first.id


@pytest.mark.parametrize("statement", ["UPDATE versions SET annotator = 'Bo'", "DELETE FROM actors"])
def test_the_database_itself_refuses_changes(store: Store, statement: str) -> None:
    store.add([sent(id="s")], ADA, CODEBOOK)
    with pytest.raises(Exception, match="rows are only ever added|failed"), store._database.writing() as connection:
        connection.execute(text(statement))
    assert store.history("s")[0].annotation() == sent(id="s").annotation("Ada")


def test_what_is_forgotten_is_gone_and_the_rest_is_kept_as_before(store: Store) -> None:
    hidden = "Äneas hid in the mill ."
    for by in (ADA, BO):
        store.add([sent(id="s"), sent(id="t", document="e", text=hidden, actors=[])], by, CODEBOOK, "first")
    store.add([sent(id="t", document="e", text=hidden, actors=[], frames=[])], ADA, CODEBOOK)
    store.withdraw("t", ADA)
    kept = store.history("s")
    assert store.find_matter(Query(document="e")) == (4, 1)
    assert store.find_matter(Query(document="e", annotator="Bo")) == (1, 1)
    assert store.forget(Query(document="e"))
    assert (store.history("t"), store.history("s"), store.count()) == ([], kept, 2)
    assert store.find_matter(Query(document="e")) == (0, 0)
    with pytest.raises(Exception, match="rows are only ever added|failed"), store._database.writing() as connection:
        connection.execute(text("DELETE FROM versions"))
    again = store.add([sent(id="s"), sent(id="t", document="e", text=hidden, actors=[])], BO, CODEBOOK, "first")
    assert (again.new, again.versions[0]) == (1, kept[1])
    assert store.forget(Query(annotator="Bo"))
    assert store.history("s") == kept[:1]


def test_nothing_of_it_is_left_in_the_files_of_sqlite(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'annotations.db'}")
    long = "Äneas hid in the mill . " * 400
    store.add([sent(id="s"), sent(id="t", document="e", text=long, actors=[])], ADA, CODEBOOK)
    assert any(b"the mill" in file.read_bytes() for file in tmp_path.iterdir())
    reader = sqlite3.connect(tmp_path / "annotations.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM versions").fetchone()
    assert not store.forget(Query(document="e"))
    reader.close()
    assert empty_log(store._database)
    assert not any(b"the mill" in file.read_bytes() for file in tmp_path.iterdir())
    store.close()


@pytest.fixture
def filled(store: Store) -> Store:
    critical = {**ARLAND, "stance": "critical"}
    voss: dict[str, Any] = {"start": 0, "end": 5, "stance": "supportive"}
    store.add([sent(id="a"), sent(id="b", frames=["fleeing"], actors=[critical, voss])], ADA, CODEBOOK)
    store.add([sent(id="c", document="100%", frames=[], actors=[], text="a_b said.")], BO, CODEBOOK)
    return store


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "abc"),
    ({"annotator": "Ada"}, "ab"),
    ({"annotator": "ada"}, ""),
    ({"document": "100%"}, "c"),
    ({"frame": "fleeing"}, "b"),
    ({"stance": "supportive"}, "ab"),
    ({"actor": "arland"}, "ab"),
    ({"actor": "arland", "stance": "supportive"}, "a"),  # of b it is another actor's stance
    ({"text": "äNEAS"}, "ab"),
    ({"text": "%"}, ""),
    ({"text": "A_B"}, "c"),
    ({"text": "aXb"}, ""),
    ({"since": datetime(2000, 1, 1, tzinfo=UTC)}, "abc"),
    ({"until": datetime(2000, 1, 1, tzinfo=UTC)}, ""),
    ({"annotator": "Ada", "frame": "guarding", "text": "thanked"}, "a"),
]


def test_filters(filled: Store) -> None:
    for filters, found in FILTERS:
        assert "".join(version.id for version in filled.find(Query(**filters))[0]) == found, filters


def test_since_holds_its_moment_and_until_does_not(filled: Store) -> None:
    moment = filled.history("c")[0].time
    shifted = moment.astimezone(datetime.now().astimezone().tzinfo)
    assert [version.id for version in filled.find(Query(since=shifted))[0]] == ["c"]
    assert [version.id for version in filled.find(Query(until=shifted))[0]] == ["a", "b"]


def test_pages_show_the_store_as_it_was_at_the_first(store: Store) -> None:
    kept = store.add([sent(id=f"s{number}") for number in range(5)], ADA, CODEBOOK).versions
    seen, cursor = store.find(Query(limit=2))
    store.add([sent(id="s0", frames=[]), sent(id="s3", frames=[]), sent(id="new")], ADA, CODEBOOK)
    while cursor is not None:
        versions, cursor = store.find(Query(limit=2), cursor)
        seen += versions
    assert seen == kept


def test_lines_are_all_there_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.annotations.store.MOST", 2)
    kept = store.add([sent(id=f"s{number}") for number in range(5)], ADA, CODEBOOK).versions
    parts = list(store.lines(Query()))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert [version for part in parts for version in part] == kept
    assert list(store.lines(Query(annotator="nobody"))) == [[]]


def test_the_tables_are_those_of_the_code(store: Store) -> None:
    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_opened_again_everything_is_there(url: str) -> None:
    for number in range(2):
        store = Store.open(url)
        assert store.count() == number
        store.add([sent(id=f"s{number}")], ADA, CODEBOOK)
        store.close()


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    Store.open(url).close()
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match="changed by a newer version"):
        Store.open(url)


def test_threads_that_annotate_the_same_sentence_lose_nothing(store: Store) -> None:
    def annotate_once(number: int) -> None:
        frames = ["guarding"] if number % 2 else ["fleeing"]
        store.add([sent(id="s", frames=frames, origin=f"{number}")], ADA, CODEBOOK)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(annotate_once, range(24)))
    history = store.history("s")
    assert sorted(int(version.origin) for version in history) == list(range(24))
    assert [version.replaces for version in history] == [None, *(version.version for version in history[:-1])]


def test_processes_that_start_and_annotate_at_once_lose_nothing(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=annotate, args=(url, number)) for number in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    store = Store.open(url)
    history = store.history("s")
    store.close()
    assert len({version.origin for version in history}) == 20
    assert [version.replaces for version in history] == [None, *(version.version for version in history[:-1])]


def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'annotations.db'}"


def read_only(folder: Path) -> str:
    Store.open(sqlite(folder)).close()
    return f"sqlite:///file:{folder / 'annotations.db'}?mode=ro&uri=true"


def damaged(folder: Path) -> str:
    (folder / "annotations.db").write_bytes(b"no database " * 1_000)
    return sqlite(folder)


def absent(folder: Path) -> str:
    return f"sqlite:///file:{folder / 'none.db'}?mode=rw&uri=true"


def occupied(folder: Path) -> str:
    (folder / "file").write_bytes(b"")
    return f"sqlite:///{folder / 'file' / 'annotations.db'}"


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (read_only, "read-only"),
        (damaged, "damaged"),
        (absent, "cannot be opened"),
        (occupied, "cannot be made"),
        (lambda _: "postgresql://nobody:secret@127.0.0.1:1/none", "cannot be opened"),
        (lambda _: "postgresql://[:secret", "no URL"),
    ],
)
def test_a_database_that_cannot_be_used_says_why_and_no_password(
    tmp_path: Path, prepare: Callable[[Path], str], reason: str
) -> None:
    with pytest.raises(StoreError, match=reason) as caught:
        Store.open(prepare(tmp_path)).add([sent()], ADA, CODEBOOK)
    assert "secret" not in str(caught.value)


def test_a_locked_database_says_so_and_can_still_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.annotations.database._WAIT", 0)
    store, other = Store.open(sqlite(tmp_path)), Database(sqlite(tmp_path))
    with other.writing():
        with pytest.raises(StoreError, match="locked by another process") as caught:
            store.add([sent()], ADA, CODEBOOK)
        assert caught.value.passing
        assert store.count() == 0
    assert store.add([sent()], ADA, CODEBOOK).new == 1
    other.close()
    store.close()


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'new' / 'annotations.db'}")
    store.add([sent()], ADA, CODEBOOK)
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()} == {0o600}
    store.close()


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(content=TEXTS, document=TEXTS, part=st.tuples(st.integers(0, 39), st.integers(1, 40)))
def test_any_text_comes_back_and_is_found_by_any_of_its_parts(
    store: Store, content: str, document: str, part: tuple[int, int]
) -> None:
    (version,) = store.add([sent(text=content, document=document, actors=[])], ADA, CODEBOOK).versions
    assert (version.text, version.document) == (content, document)
    searched = content[part[0] % len(content) :][: part[1]]
    if searched.isascii():
        found, _ = store.find(Query(text=searched, document=document, limit=1_000))
        assert version in found
