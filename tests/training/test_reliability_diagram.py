import re
from xml.etree import ElementTree

from training.calibration_error import bin_probabilities
from training.reliability_diagram import draw_reliabilities, draw_reliability


def test_a_dot_for_each_bin_that_holds_something() -> None:
    bins = bin_probabilities([0.0, 0.0, 0.0, 1.0, 0.5], [False, False, False, True, False])
    picture = ElementTree.fromstring(draw_reliability(bins, "<Guarding>"))  # noqa: S314 - our own
    assert picture.findtext("title") == "<Guarding>"
    dots = {dot.findtext("title"): dot.attrib for dot in picture.findall("circle")}
    first, middle, last = (
        dots[f"{bin_}, {told}"]
        for bin_, told in (
            ("0.0 to 0.1: n=3", "0.000 and 0.000"),
            ("0.5 to 0.6: n=1", "0.500 and 0.000"),
            ("0.9 to 1.0: n=1", "1.000 and 1.000"),
        )
    )
    diagonal = next(line.attrib for line in picture.findall("line") if line.get("class") == "diagonal")
    assert (first["cx"], first["cy"]) == (diagonal["x1"], diagonal["y1"])
    assert (last["cx"], last["cy"]) == (diagonal["x2"], diagonal["y2"])
    assert middle["cy"] == first["cy"]
    assert float(first["r"]) > float(last["r"]) == float(middle["r"])
    counts = [word.text for word in picture.findall("text") if re.fullmatch(r"\d+", word.text or "")]
    assert counts == ["3", "0", "0", "0", "0", "1", "0", "0", "0", "1"]


def test_nothing_can_be_drawn() -> None:
    picture = ElementTree.fromstring(draw_reliability(bin_probabilities([], []), "None"))  # noqa: S314 - our own
    assert picture.findall("circle") == []


def test_several_diagrams_stand_side_by_side() -> None:
    bins = bin_probabilities([0.0, 1.0], [False, True])
    picture = ElementTree.fromstring(draw_reliabilities([("Guarding", bins), ("Fleeing & more", bins)]))  # noqa: S314
    name = "{http://www.w3.org/2000/svg}"
    groups = picture.findall(f"{name}g")
    assert [group.findtext(f"{name}text") for group in groups] == ["Guarding", "Fleeing & more"]
    assert [len(group.findall(f".//{name}circle")) for group in groups] == [2, 2]
    assert len({group.get("transform") for group in groups}) == 2
