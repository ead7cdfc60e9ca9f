"""What doccano itself wrote."""

from pathlib import Path

from model.annotation import read_annotations
from model.codebook import Codebook
from tests.conftest import ROOT
from training.formats.doccano import Doccano
from training.formats.intake import Intake

#: Version 1.8.4 took an export of ours into a project for intents and slots, and exported it.
EXPORT = Path(__file__).parent / "doccano/admin.jsonl"


def test_what_goes_through_doccano_comes_back_as_it_was() -> None:
    codebook = Codebook.load(ROOT / "data/annotations/codebook.yaml")
    intake = Intake(codebook)
    Doccano().read([EXPORT], intake)
    found = intake.finish()
    assert len(found) == 25
    authored = {one.id: one for one in read_annotations([ROOT / "data/annotations/authored.jsonl"], codebook)}
    assert found == [authored[one.id] for one in found]
