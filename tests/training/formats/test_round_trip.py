"""What was written comes back identical, in every format."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FaultsError
from tests.training.formats.strategies import annotation_lists
from training.formats.intake import Intake
from training.formats.registry import NAMES, get_format, read_formats

#: Formats in which control characters cannot stand.
_PRINTED_ONLY = {"inception-xmi"}


def round_trip(name: str, annotations: list[Annotation], codebook: Codebook, *, named: bool) -> list[Annotation]:
    form = get_format(name)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / ("out" if form.folder else "out.csv" if name == "csv" else "out.jsonl")
        form.write(annotations, target, codebook)
        intake = Intake(codebook)
        assert read_formats([target], name if named else None, intake) == [name]
        return intake.finish()


def in_order(annotations: list[Annotation]) -> list[Annotation]:
    return sorted(annotations, key=lambda annotation: (annotation.annotator, annotation.id))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_comes_back(name: str, codebook: Codebook) -> None:
    strategy = annotation_lists(printed=name in _PRINTED_ONLY)

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(strategy)
    def check(annotations: list[Annotation]) -> None:
        if name == "brat":
            annotations = [one for one in annotations if one.text == one.text.strip("\n")]
        if annotations:
            assert in_order(round_trip(name, annotations, codebook, named=False)) == in_order(annotations)

    check()


@pytest.mark.parametrize("name", NAMES)
def test_order_within_a_file_is_kept(name: str, annotations: list[Annotation], codebook: Codebook) -> None:
    found = round_trip(name, annotations, codebook, named=True)
    assert in_order(found) == in_order(annotations)
    for document in {annotation.document for annotation in annotations}:
        ids = [annotation.id for annotation in annotations if annotation.document == document]
        assert [annotation.id for annotation in found if annotation.document == document] == ids


@pytest.mark.parametrize("text", ["\na", "\x01a", " a"])
@pytest.mark.parametrize("name", ["brat", "inception-xmi", "csv"])
def test_what_a_format_cannot_carry_is_said_before_anything_is_written(
    name: str, text: str, annotations: list[Annotation], codebook: Codebook
) -> None:
    fits = {"brat": text != "\na", "inception-xmi": text != "\x01a", "csv": True}[name]
    one = annotations[0].model_copy(update={"text": text, "actors": ()})
    if fits:
        assert round_trip(name, [one], codebook, named=True) == [one]
    else:
        with pytest.raises(FaultsError, match="text"):
            round_trip(name, [one], codebook, named=True)
