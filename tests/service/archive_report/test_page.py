"""The report in a real browser."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.service.archive_report.conftest import run
from tests.service.archive_report.tables import write_tables

SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True},
}
EVIL = "</script><script>window.evil=1</script><img src=x onerror=window.evil=1>"


def visit(browser: Browser, file: Path, screen: str = "light") -> tuple[Page, list[str]]:
    """Open a report; returns the page, and what it asked for or complained of beyond itself."""
    page = browser.new_context(**SCREENS[screen]).new_page()
    noticed: list[str] = []
    page.on("request", lambda request: noticed.append(request.url))
    page.on("console", lambda message: noticed.append(message.text))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.goto(file.as_uri())
    expect(page.locator("html")).to_have_attribute("data-drawn", "all", timeout=30_000)
    return page, [notice for notice in noticed if notice != file.as_uri()]


@pytest.mark.parametrize("screen", SCREENS)
def test_the_page_is_whole_accessible_and_asks_for_nothing(browser: Browser, scored: Path, screen: str) -> None:
    page, noticed = visit(browser, scored / "report.html", screen)
    assert noticed == []
    assert page.locator(".plot svg").count() == page.locator(".plot").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for summary in page.locator("summary").all():
        summary.click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.context.close()


def test_every_plot_has_a_table_and_its_figures(browser: Browser, scored: Path) -> None:
    page, _ = visit(browser, scored / "report.html")
    links = [str(link.get_attribute("href")) for link in page.get_by_role("link", name=".csv").all()]
    assert sorted(links) == sorted(f"report-data/{file.name}" for file in (scored / "report-data").glob("*.csv"))
    for section in ("time", "outlets", "actors"):
        table = page.locator(f"#{section} details table")
        expect(table).to_be_hidden()
        page.locator(f"#{section} summary").click()
        expect(table).to_be_visible()
    page.context.close()


def test_lines_over_time_are_told_apart_without_colours(browser: Browser, scored: Path) -> None:
    page, _ = visit(browser, scored / "report.html")
    keys = [str(line.get_attribute("stroke-dasharray")) for line in page.locator("#time .legend line").all()]
    drawn = [str(path.get_attribute("stroke-dasharray")) for path in page.locator("#time .mark-line path").all()]
    assert len(keys) == len(set(keys)) > 1
    assert sorted(drawn) == sorted(key.replace(" ", ",") for key in keys)
    page.context.close()


def test_pointing_at_a_plot_tells_its_figures(browser: Browser, scored: Path) -> None:
    page, _ = visit(browser, scored / "report.html")
    page.locator("#stances .mark-rect path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("95 % from")
    page.context.close()


def test_dark_mode_can_be_chosen(browser: Browser, scored: Path) -> None:
    page, _ = visit(browser, scored / "report.html")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark mode").click()
    assert page.evaluate(ground) != light
    page.context.close()


def test_no_value_of_the_tables_runs_or_breaks_the_page(browser: Browser, tmp_path: Path) -> None:
    def columns(number: int, day: date, outlet: str) -> dict[str, Any]:
        return {"outlet": outlet + EVIL, "date": day.isoformat() if number else EVIL}

    reason = {"input": EVIL, "record": 1, "line": 2, "id": EVIL, "kind": EVIL, "reason": EVIL}
    folder = write_tables(
        tmp_path / "evil",
        documents=40,
        columns=columns,
        text=lambda text: EVIL + text,
        actor=lambda mention: mention + EVIL,
        stances=("a" + EVIL, "b", "c" + EVIL),
        rejections=[reason],
        codebook=EVIL,
    )
    assert run(folder).exit_code == 0
    page, noticed = visit(browser, folder / "report.html")
    page.locator("#stances .mark-rect path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("window.evil")
    page.locator("#outlets-0 .mark-symbol path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("Harbour Post")
    assert noticed == []
    assert page.evaluate("window.evil") is None
    assert page.locator("img").count() == 1, "the wordmark's"
    assert page.locator("blockquote").first.inner_text().startswith(EVIL)
    page.context.close()
