from benchmarks.few_shot import draw
from model.annotation import Annotation


def test_draws_as_many_of_each_frame_and_of_none(annotations: list[Annotation]) -> None:
    without = [one.model_copy(update={"id": f"none-{one.id}", "frames": ()}) for one in annotations]
    sample = draw([*annotations, *without], ("guarding", "fleeing"), 7, seed=1)
    assert sum(one.frames == ("guarding",) for one in sample) == 7
    assert sum(one.frames == ("fleeing",) for one in sample) == 7
    assert sum(not one.frames for one in sample) == 7
    assert sample == draw([*annotations, *without], ("guarding", "fleeing"), 7, seed=1)
    assert sample != draw([*annotations, *without], ("guarding", "fleeing"), 7, seed=2)


def test_draws_all_of_a_frame_that_is_rare(annotations: list[Annotation]) -> None:
    assert len(draw(annotations, ("guarding", "fleeing"), 1000, seed=1)) == len(annotations)
