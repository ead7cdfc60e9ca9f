import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Browser

from frameline import main
from model.annotation import Annotation
from model.labeller import Labeller
from tests.training.rows import labelled
from training.error_page import render_errors
from training.error_report import report_errors

VOID = {"meta"}


class Structure(HTMLParser):
    """Fails where elements are not nested well; keeps their names and all that they may load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.loads: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href", "xlink:href", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parse(page: str) -> Structure:
    structure = Structure()
    structure.feed(page)
    assert structure.open == []
    return structure


def row_of(name: str, *counts: int) -> str:
    cells = "".join(f'<td class="number">{count}</td>' for count in counts)
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


@pytest.fixture
def page(labeller: Labeller) -> str:
    text = "<script>alert(1)</script> Voss & NL fled"
    rows = [
        labelled(
            "<id>",
            text,
            probabilities={"guarding": 0.75, "fleeing": 0.25},
            actors=[("Voss", "critical", (0.625, 0.25, 0.125)), ("NL", "critical", None)],
            origin="<origin>",
            document="d",
        ),
        labelled("2", "guarded", gold=["guarding", "fleeing"], probabilities={"guarding": 0.75, "fleeing": 0.25}),
    ]
    return render_errors([report_errors(labeller, rows, {"d": "<genre>"}, f"<set{number}>") for number in (1, 2)])


def test_everything_is_escaped(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>Voss</mark> &amp; NL fled" in page
    for name in ("id", "origin", "genre", "set1", "set2"):
        assert f"<{name}>" not in page
        assert f"&lt;{name}&gt;" in page


def test_it_is_well_formed_and_asks_for_nothing(page: str) -> None:
    structure = parse(page)
    assert structure.loads == ["#set-1", "#set-2"]
    assert "url(" not in page
    assert "://" not in page
    assert "default-src 'none'" in page
    assert structure.seen.count("caption") == structure.seen.count("table")
    assert structure.seen.count("svg") == 4
    assert [tag for tag in structure.seen if re.fullmatch("h[1-6]", tag)][:5] == ["h1", "h2", "h3", "h3", "h4"]
    assert "prefers-color-scheme: dark" in page


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_read_it_on_any_screen(
    labeller: Labeller, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    texts = (
        "Families fled while the ministers in Amsterdam were still busy with the minutes of their last meeting.",
        "משפחות נמלטו מבתיהן כאשר השרים עדיין דנו בפרוטוקול של הפגישה האחרונה שלהם",
    )
    rows = [
        labelled(str(number), text, probabilities={"guarding": 0.75, "fleeing": 0.25})
        for number, text in enumerate(texts)
    ]
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.set_content(render_errors([report_errors(labeller, rows, {}, "mine.jsonl")]))
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cells = page.locator("td.text")
    assert cells.evaluate_all("cells => cells.every((cell) => cell.offsetWidth >= 280)")
    assert {*cells.evaluate_all("cells => cells.map((cell) => getComputedStyle(cell).direction)")} == {"ltr", "rtl"}
    page.close()


def test_the_figures_by_hand(page: str) -> None:
    # guarding: both at 0.75, one annotated; fleeing: both at 0.25, one annotated
    assert page.count("Expected calibration error 0.250, n=2.") == 4
    assert row_of("Guarding", 1, 0, 1) in page
    assert row_of("not Guarding", 1, 0, 1) in page
    assert "Given, not annotated: 1, highest probability first" in page
    assert "Annotated, not given: 1, lowest probability first" in page
    assert "Annotated, not given: none" in page
    assert '<td class="number">2</td><td>0.667, n=1</td><td>0.000, n=1</td><td>0.000, n=2</td>' in page
    assert '<tr><td>Supportive</td><td class="number">0.625</td><td class="number">0.125</td>' in page
    assert '<th scope="col" class="number">not judged</th><th scope="col" class="number">all</th>' in page
    assert row_of("Critical", 1, 0, 0, 1, 2) in page  # supportive, neutral, critical, not judged, all


def test_evaluate_writes_the_page_and_prints_the_calibration(
    checkpoint: Path, annotations: list[Annotation], tmp_path: Path
) -> None:
    rows = [row.model_dump(mode="json") for row in annotations]
    rows[0] |= {"text": rows[0]["text"] + " <script>", "frames": ["guarding", "fleeing"]}
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    article = {"document": "d0", "conflict": "c", "region": "r", "decade": "1990s", "genre": "wire", "writer": "1"}
    (tmp_path / "documents.jsonl").write_text(json.dumps(article) + "\n", encoding="utf-8")
    arguments = [checkpoint, "--annotations", tmp_path / "mine.jsonl"]
    options = ["--errors", tmp_path / "errors.html", "--json", tmp_path / "out.json"]
    result = CliRunner().invoke(main, ["evaluate", *map(str, [*arguments, *options])])
    assert result.exit_code == 0, result.output
    (content,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    errors = content["calibration"]
    assert list(errors) == ["guarding", "fleeing", "macro average"]
    assert errors["macro average"] == pytest.approx((errors["guarding"] + errors["fleeing"]) / 2)
    printed = " ".join(result.output.split())
    assert "Calibration (expected calibration error): guarding" in printed
    assert f"macro average {errors['macro average']:.3f}" in printed
    page = (tmp_path / "errors.html").read_text(encoding="utf-8")
    parse(page)
    assert "<script" not in page
    assert '<th scope="row">wire</th><td class="number">2</td>' in page
    assert '<th scope="row">unknown</th><td class="number">58</td>' in page
    for frame in ("guarding", "fleeing"):
        assert f"Expected calibration error {errors[frame]:.3f}, n=60." in page


def test_evaluate_shows_held_out_documents(run_folder: Path, tmp_path: Path) -> None:
    pictures = ["--errors", str(tmp_path / "errors.html"), "--reliability", str(tmp_path / "reliability.svg")]
    result = CliRunner().invoke(main, ["evaluate", str(run_folder), *pictures])
    assert result.exit_code == 0, result.output
    drawn = (tmp_path / "reliability.svg").read_text(encoding="utf-8")
    assert drawn.count("</svg>") == 3  # two frames, and the file around them
    assert "Guarding" in drawn
    assert "test documents of" in (tmp_path / "errors.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--errors", "--reliability"])
def test_a_picture_without_sentences_is_refused(checkpoint: Path, tmp_path: Path, option: str) -> None:
    options = ["--newsmtsc", str(tmp_path), option, str(tmp_path / "errors.html")]
    result = CliRunner().invoke(main, ["evaluate", str(checkpoint), *options])
    assert result.exit_code == 2
    assert "--annotations or --held-out" in result.output
    assert not (tmp_path / "errors.html").exists()
