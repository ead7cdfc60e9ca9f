from pathlib import Path

from service.archive.store import Label, LabelStore, Stance

_LABEL = Label([0.1, 1 / 3], [Stance(0, 6, "arland", [0.2, 0.3, 0.5]), Stance(8, 9, None, [1 / 3] * 3)])


def test_what_one_puts_another_gets_exactly(tmp_path: Path) -> None:
    one, other = LabelStore(tmp_path / "s"), LabelStore(tmp_path / "s")
    keys = [bytes([number // 256, number % 256]) for number in range(2_000)]
    one.put(7, dict.fromkeys(keys[:1_500], _LABEL))
    other.put(8, {keys[0]: Label([0.0, 0.0], []), keys[1_999]: Label([0.5, 0.5], [])})
    found = one.get(keys)
    assert found.keys() == {*keys[:1_500], keys[1_999]}
    assert (found[keys[0]].shard, found[keys[0]].label) == (7, _LABEL)
    assert (found[keys[1_999]].shard, found[keys[1_999]].label) == (8, Label([0.5, 0.5], []))
    one.close()
    other.close()


def test_a_damaged_store_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "s"
    file.write_bytes(b"no database at all" * 100)
    LabelStore.prepare(file)
    store = LabelStore(file)
    assert store.get([b"a"]) == {}
    store.close()
