import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from frameline import main
from model.codebook import Codebook, FrameChoice, Stance
from model.label_studio import FRAMES, STANCE
from service.label_studio_project import Project
from tests.conftest import ROOT
from training.label_studio_config import labelling_config


def labels(config: str, tag: str) -> list[ET.Element]:
    return ET.fromstring(config).findall(f".//*[@name='{tag}']/*")  # noqa: S314


def test_labels_have_definitions_colours_and_keys() -> None:
    codebook = Codebook.load(ROOT / "data/annotations/codebook.yaml")
    config = labelling_config(codebook)
    frames = labels(config, FRAMES)
    assert [frame.get("alias") for frame in frames] == list(codebook.frame_ids)
    style = (ROOT / "service/page/page.css").read_text(encoding="utf-8")
    for number, (frame, known) in enumerate(zip(frames, codebook.frames, strict=True)):
        colour = re.search(rf"--frame-{number}: light-dark\((#\w+)", style)
        assert colour is not None
        assert colour[1] in str(frame.get("style"))
        assert str(frame.get("hint")).startswith(known.definition)
        assert known.do_not_code[0] in str(frame.get("hint"))
    assert [stance.get("hotkey") for stance in labels(config, STANCE)] == ["s", "n", "c"]


def test_no_key_is_given_twice(codebook: Codebook) -> None:
    stances = tuple(Stance(id=f"s{number}", name="Sad", definition="") for number in range(40))
    config = labelling_config(codebook.model_copy(update={"stances": stances}))
    keys = re.findall(r'hotkey="(.)"', config)
    assert len(keys) == len(set(keys)) == 35
    assert "u" not in keys


@pytest.mark.parametrize(
    ("how_many", "heading", "choice", "required"),
    [
        ("any", "none, one or several", "multiple", None),
        ("at_most_one", "none or one", "single", None),
        ("exactly_one", "exactly one", "single", "true"),
    ],
)
def test_as_many_frames_can_be_chosen_as_the_codebook_allows(
    codebook: Codebook, how_many: FrameChoice, heading: str, choice: str, required: str | None
) -> None:
    config = labelling_config(codebook.model_copy(update={"frames_per_sentence": how_many}))
    assert f'"Frames of the sentence: {heading}"' in config
    (frames,) = ET.fromstring(config).findall(f".//*[@name='{FRAMES}']")  # noqa: S314
    assert (frames.get("choice"), frames.get("required")) == (choice, required)
    assert (frames.get("requiredMessage") is None) == (required is None)


def test_the_service_fills_what_the_configuration_asks_for(codebook: Codebook) -> None:
    project = Project.read(labelling_config(codebook), codebook)
    assert project.field == "text"
    assert project.tags == {"frames", "span", "stance", "actor_id"}


def test_the_command(codebook_file: Path, codebook: Codebook, tmp_path: Path) -> None:
    out = tmp_path / "config.xml"
    command = ["codebook", "label-studio", "--codebook", str(codebook_file)]
    shown = CliRunner().invoke(main, command)
    assert shown.output == labelling_config(codebook)
    assert CliRunner().invoke(main, [*command, "--out", str(out)]).exit_code == 0
    assert out.read_text(encoding="utf-8") == shown.output
    again = CliRunner().invoke(main, [*command, "--out", str(out)])
    assert again.exit_code == 2
    assert "exists already" in again.stderr


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("<View>", "not XML"),
        ("<View/>", "no text 'text'"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><View/>', "declarations"),
        (
            '<View><Text name="text" value="$t"/><Choices name="frames" toName="text"><Choice value="fleeing"/>'
            "</Choices></View>",
            "the tag 'frames' lacks guarding",
        ),
    ],
)
def test_other_configurations_are_named(config: str, message: str, codebook: Codebook) -> None:
    from pydantic_core import PydanticCustomError

    with pytest.raises(PydanticCustomError, match="frameline codebook label-studio") as caught:
        Project.read(config, codebook)
    assert message in caught.value.message()
