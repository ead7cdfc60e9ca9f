from hypothesis import given
from hypothesis import strategies as st

from training.splits import part_of, split_documents


@given(st.text(), st.integers(0, 99))
def test_a_document_always_belongs_to_the_same_part(document: str, seed: int) -> None:
    assert part_of(document, seed, 0.1) == part_of(document, seed, 0.1)


def test_parts_are_about_as_large_as_asked_for_and_do_not_overlap() -> None:
    parts = split_documents((f"d{number}" for number in range(2_000)), seed=1, held_out=0.1)
    assert abs(len(parts["development"]) - 200) < 50
    assert abs(len(parts["test"]) - 200) < 50
    assert len({name for names in parts.values() for name in names}) == 2_000


def test_another_seed_draws_other_documents() -> None:
    documents = [f"d{number}" for number in range(100)]
    assert split_documents(documents, 1, 0.2)["test"] != split_documents(documents, 2, 0.2)["test"]
