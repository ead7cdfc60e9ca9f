import json
from collections.abc import Sequence
from pathlib import Path

from model.annotation import Annotation
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
