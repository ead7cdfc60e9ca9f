import hashlib
from pathlib import Path

import pytest

from model.errors import InputError
from model.seen import SEEN, Seen, whole_parts


def test_a_record_answers_for_ids_and_passes_none_on(tmp_path: Path) -> None:
    seen = Seen.of(["tip-0412", "Zürich"], ["desk-7", "tip-0412"])
    seen.write(tmp_path)
    content = (tmp_path / SEEN).read_text(encoding="utf-8")
    assert not any(name in content for name in ("tip-0412", "rich", "desk-7"))
    assert hashlib.sha256(b"desk-7").hexdigest()[:16] in content
    read = Seen.read(tmp_path)
    assert read == seen
    assert [read.part(name) for name in ("tip-0412", "Zürich", "desk-7", "other")] == [
        "train",
        "train",
        "development",
        None,
    ]
    assert [name in read for name in ("Zürich", "desk-7", "other")] == [True, False, False]
    assert Seen.read(tmp_path / "nowhere") is None


def test_two_records_together_say_what_either_does() -> None:
    one = Seen.of(["a"], ["b"]) | Seen(unknown=frozenset({"old 1"}))
    both = one | Seen.of(["b", "c"])
    assert both == Seen(train=Seen.of("abc").train, development=one.development, unknown=frozenset({"old 1"}))
    assert [both.part(name) for name in "abc"] == ["train"] * 3


def test_the_same_documents_give_the_same_small_file(tmp_path: Path) -> None:
    names = [f"news:{number}" for number in range(15_000)]
    for folder, order in (("one", names), ("other", names[::-1])):
        (tmp_path / folder).mkdir()
        Seen.of(order).write(tmp_path / folder)
    one, other = ((tmp_path / folder / SEEN).read_bytes() for folder in ("one", "other"))
    assert one == other
    assert len(one) < 400_000


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "the whole record: Invalid JSON"),
        ('{"train": ["tip-0412", "tip-0413"]}', r"train\[0\]: String should match .* \(seen: 'tip-0412'\)\); "),
        ('{"trained": []}', "trained"),
        ("[]", "the whole record: a JSON object is needed"),
    ],
)
def test_a_damaged_record_is_named(content: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / SEEN).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=rf"{SEEN}: damaged \({fault}.*bring it back, or export") as caught:
        Seen.read(tmp_path)
    assert "\n" not in str(caught.value)


def test_what_a_runs_record_lists_apart_belongs_to_the_parts() -> None:
    documents = {"train": ("a",), "development": ("b",), "test": ("c",)}
    whole = whole_parts(documents, further=("d",), chosen_by=("e", "d"))
    assert whole == {"train": ("a", "d"), "development": ("b", "e", "d"), "test": ("c",)}
    assert whole_parts({}, (), ()) == {"train": (), "development": ()}
    assert Seen.of_parts(whole) == Seen.of(["a", "d"], ["b", "d", "e"])
