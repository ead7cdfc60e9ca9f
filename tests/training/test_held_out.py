import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from model.annotation import Annotation
from model.errors import FaultsError
from model.registry import Registry
from tests.checkpoints import vary
from training.contender import find_contender
from training.held_out import read_held_out


def finish(run: Path, learned: Sequence[str], **models: Path) -> Path:
    run.mkdir()
    record = {"settings": {}, "data": {}, "documents": {"train": learned}}
    names = {kind: str(model) for kind, model in models.items()}
    (run / "run.json").write_text(json.dumps({**record, **names}), encoding="utf-8")
    (run / "metrics.json").write_text("{}", encoding="utf-8")
    return run


def test_which_of_two_models_comes_first_does_not_decide_how_many_frames_a_sentence_may_have(
    annotations: list[Annotation], checkpoint: Path, tmp_path: Path
) -> None:
    registry, file = Registry(tmp_path / "registry"), tmp_path / "two.jsonl"
    file.write_text(annotations[0].model_copy(update={"frames": ("guarding", "fleeing")}).model_dump_json(), "utf-8")
    vary(checkpoint, tmp_path / "any", 0.5)
    for name in ("one", "other"):
        vary(checkpoint, tmp_path / name, 0.5, **{"name: tiny": "name: tiny\nframes_per_sentence: exactly_one"})
    some, one, other = (find_contender(str(tmp_path / name), registry) for name in ("any", "one", "other"))
    for a, b in ((some, one), (one, some)):
        assert len(read_held_out([file], a, b, keep_known=False).sentences) == 1
    with pytest.raises(FaultsError, match="2 frames, but the codebook allows one"):
        read_held_out([file], one, other, keep_known=False)


def test_what_a_models_base_and_teacher_learned_from_is_left_out(
    annotation_file: Path, annotations: list[Annotation], checkpoint: Path, tmp_path: Path
) -> None:
    """Also where the registry has none of them."""
    registry = Registry(tmp_path / "registry")
    base = finish(tmp_path / "base", ["d1"], teacher=finish(tmp_path / "large", ["d2"]))
    run = finish(tmp_path / "run", ["d3"], base=base, teacher=finish(tmp_path / "own", ["d4"]))
    registry.add(vary(checkpoint, tmp_path / "earlier", 0.5), run, by="a")
    model = find_contender("v1", registry)
    found = read_held_out([annotation_file], model, model, keep_known=False)
    left_out = {one.document for one in annotations} - {one.document for one in found.sentences}
    assert left_out == {one.document for one in found.known} == {"d1", "d2", "d3", "d4"}
