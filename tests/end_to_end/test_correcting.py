"""Correcting labels on the page, in a real browser, on a real server with the shipped checkpoint."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Dialog, Locator, Page, Route, expect

from model.annotation import read_annotations
from model.codebook import Codebook
from tests.conftest import ROOT
from tests.end_to_end.pages import SCREENS, Open, label

STORE = "**/v1/annotations"


def text_of(number: int) -> str:
    """An article of a test's own, so that what others saved is not in its way; the emoji has two UTF-16 units."""
    return (
        f"😀 On page {number} the minister accused NATO of abandoning its ally and called its word worthless.\n\n"
        "Dozens of civilians were killed and thousands of families fled their homes in Lithuania."
    )


def start(page: Page, number: int) -> None:
    label(page, text_of(number))
    page.get_by_role("button", name="Correct labels").click()
    expect(page.locator("#editor")).to_contain_text("Sentence 1 of 2")
    expect(page.locator(".sentence").first).to_be_focused()


def sentence(page: Page, number: int) -> Locator:
    return page.locator(".sentence").nth(number)


def kept(address: str, number: int, **query: str) -> list[dict[str, Any]]:
    """What the service has of a test's article."""
    parameters = "&".join(f"{key}={value}" for key, value in {"limit": "1000", **query}.items())
    with urllib.request.urlopen(f"{address}v1/annotations?{parameters}", timeout=30) as answer:  # noqa: S310
        listed = json.load(answer)["annotations"]
    documents = {one["document"] for one in listed if f"On page {number} the" in one["text"]}
    return [one for one in listed if one["document"] in documents]


def test_labels_are_corrected_by_keyboard_alone(visit: Open, address: str) -> None:
    page = visit()
    start(page, 11)
    nato = text_of(11).index("NATO")
    editor = page.locator("#editor")
    expect(editor.get_by_role("button", name="Alliance criticism")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("1")
    page.keyboard.press("3")
    expect(sentence(page, 0)).to_have_attribute("aria-label", "Sentence 1 of 2: Security justification. Unsaved")
    page.keyboard.press("s")
    expect(editor.get_by_label("Stance toward NATO")).to_have_value("supportive")
    page.keyboard.press("u")
    expect(editor.get_by_label("Stance toward NATO")).to_have_value("critical")
    page.keyboard.press("n")
    page.keyboard.press("Enter")  # saves, and goes on
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    expect(sentence(page, 1)).to_be_focused()
    page.keyboard.press("Enter")  # right as it is
    expect(sentence(page, 1)).to_have_attribute("aria-label", re.compile("Humanitarian concern. Saved$"))
    first, second = kept(address, 11)
    assert first["text"] == text_of(11).split("\n")[0]
    assert first["frames"] == ["security_justification"]
    assert first["actors"] == [{"start": nato, "end": nato + 4, "stance": "neutral", "actor": "nato"}]
    assert (first["annotator"], first["origin"], first["model"]["name"]) == ("anonymous", "page", "frameline-minilm")
    assert second["frames"] == ["humanitarian_concern"]
    page.keyboard.press("k")
    expect(sentence(page, 0)).to_be_focused()
    page.keyboard.press("x")
    expect(sentence(page, 0).locator(".chip")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Critical toward the chosen actor")
    page.keyboard.press("c")  # no shortcut while the help is open
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.locator("#editor :focus")).to_have_count(1)


def select(page: Page, words: str) -> None:
    """Select words within the article as a mouse would leave them selected."""
    page.evaluate(
        """(words) => {
            const walker = document.createTreeWalker(document.getElementById("article"), NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf(words);
                if (at >= 0) {
                    getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + words.length);
                    return;
                }
            }
            throw new Error(words);
        }""",
        words,
    )


def test_labels_are_corrected_by_mouse(visit: Open, address: str) -> None:
    page = visit()
    start(page, 12)
    chip = sentence(page, 0).locator(".chip")
    expect(chip).to_contain_text("NATO (Critical)")
    chip.click()
    expect(chip).to_contain_text("NATO (Supportive)")
    page.get_by_label("Stance toward NATO").select_option("Neutral")
    expect(chip).to_contain_text("NATO (Neutral)")
    sentence(page, 0).locator(".badge").first.click()
    expect(sentence(page, 0).locator(".badge")).to_have_count(0)
    select(page, " minister ")
    page.get_by_role("button", name="Add “minister”").click()
    expect(sentence(page, 0).locator(".chip").first).to_contain_text("minister (Neutral)")
    select(page, "inister")  # within a mention
    page.get_by_role("button", name="Add “inister”").click()
    expect(page.locator("#editor")).to_contain_text("“inister” overlaps with “minister”; remove that one first.")
    page.get_by_label("Or type an actor’s name").fill("ally")
    page.keyboard.press("Enter")
    expect(sentence(page, 0).locator(".chip").nth(2)).to_contain_text("ally (Neutral)")
    page.get_by_label("Or type an actor’s name").fill("Nobody")
    page.keyboard.press("Enter")
    expect(page.locator("#editor")).to_contain_text("“Nobody” stands nowhere in this sentence")
    page.get_by_role("button", name="Remove ally").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    (version,) = kept(address, 12)
    spans = [(actor["start"], actor["end"], actor["stance"]) for actor in version["actors"]]
    minister, nato = text_of(12).index("minister"), text_of(12).index("NATO")
    assert spans == [(minister, minister + 8, "neutral"), (nato, nato + 4, "neutral")]
    assert version["frames"] == []


@pytest.mark.parametrize(("choice", "cleared"), [("at_most_one", None), ("exactly_one", "Security justification")])
def test_a_frame_takes_the_place_of_another_where_they_exclude_each_other(
    visit: Open, address: str, choice: str, cleared: str | None
) -> None:
    with urllib.request.urlopen(f"{address}v1/codebook", timeout=30) as answer:  # noqa: S310
        codebook = {**json.load(answer), "frames_per_sentence": choice}
    page = visit(before=lambda page: page.route("**/v1/codebook", lambda route: route.fulfill(json=codebook)))
    start(page, 17)
    for key, frame in (("2", "Humanitarian concern"), ("1", "Security justification"), ("1", cleared)):
        page.keyboard.press(key)
        said = "" if frame is None else f": {frame}"
        expect(sentence(page, 0)).to_have_attribute("aria-label", f"Sentence 1 of 2{said}. Unsaved")


def test_what_was_saved_is_there_again_with_its_history(visit: Open, address: str) -> None:
    page = visit()
    start(page, 13)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    page.reload()
    start(page, 13)
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Security justification, .*Saved$"))
    expect(page.locator("#editor")).to_contain_text("You are anonymous. 1 saved.")
    page.keyboard.press("1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile(": Alliance criticism. Saved$"))
    page.keyboard.press("k")
    page.keyboard.press("h")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 versions")
    expect(dialog.get_by_role("listitem").last).to_contain_text("Security justification")
    dialog.get_by_role("button", name="Use these labels").last.click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Security justification, .*Unsaved$"))
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Withdraw").click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("As the model says$"))
    assert kept(address, 13) == []
    withdrawn = [one["withdrawn"] for one in kept(address, 13, latest="false")]
    assert withdrawn == [False, False, True]


def test_nothing_is_lost_when_saving_fails_or_the_page_is_left(visit: Open, address: str, faults: list[str]) -> None:
    page = visit()
    start(page, 14)
    page.route(STORE, lambda route: route.abort())
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Not saved$"))
    page.keyboard.press("k")
    expect(page.locator("#editor")).to_contain_text("The service cannot be reached.")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator("#drafts")).to_contain_text("On page 14 the minister")
    page.unroute(STORE)
    page.get_by_role("button", name="Go on with").click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Security justification, .*Unsaved$"))
    page.get_by_role("button", name="Save all unsaved").click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    assert len(kept(address, 14)) == 1
    assert page.evaluate("localStorage.length") == 0
    page.get_by_role("button", name="New article").click()
    expect(page.locator("#drafts")).to_be_hidden()
    faults.clear()


def test_without_storage_the_page_itself_keeps_what_is_unsaved(visit: Open) -> None:
    full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }"
    page = visit(before=lambda page: page.add_init_script(full))
    start(page, 22)
    page.keyboard.press("1")
    expect(page.locator("#editor")).to_contain_text("This browser keeps nothing: save before you leave.")
    page.get_by_role("button", name="New article").click()
    page.get_by_role("button", name="Go on with").click()
    expect(page.locator("#editor")).to_be_visible()  # the article is there anew
    expect(sentence(page, 0)).to_be_focused()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Security justification, .*Unsaved$"))
    page.keyboard.press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))


def test_an_answer_that_got_lost_leaves_one_version(visit: Open, address: str, faults: list[str]) -> None:
    def lose(route: Route) -> None:
        route.fetch()  # the service has it, the browser does not know
        route.abort()

    page = visit()
    start(page, 15)
    page.route(STORE, lose)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Not saved$"))
    page.unroute(STORE)
    page.keyboard.press("k")
    page.get_by_role("button", name="Try again").click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    assert len(kept(address, 15, latest="false")) == 1
    faults.clear()


@pytest.mark.parametrize(
    ("status", "detail"), [(503, "the database of annotations is read-only"), (409, "another text already")]
)
def test_a_refusal_is_explained(visit: Open, faults: list[str], status: int, detail: str) -> None:
    page = visit()
    start(page, 16)
    problem = {"title": "No", "status": status, "detail": detail}
    page.route(STORE, lambda route: route.fulfill(status=status, json=problem, headers={"Retry-After": "1"}))
    page.keyboard.press("1")
    page.get_by_role("button", name="Save", exact=True).click()
    page.keyboard.press("k")
    expect(page.locator("#editor")).to_contain_text(detail)
    faults.clear()


def test_a_wrong_key_is_asked_for_again_and_then_saved(visit: Open, address: str, faults: list[str]) -> None:
    page = visit()
    start(page, 17)

    def guard(route: Route) -> None:
        if route.request.headers.get("authorization") == "Bearer right":
            route.continue_()
        else:
            route.fulfill(status=401, json={"title": "Unauthorized", "status": 401, "detail": "A key is needed."})

    page.route(STORE, guard)
    page.keyboard.press("1")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Unsaved$"))
    page.keyboard.press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Not saved$"))
    page.get_by_label("API key").fill("right")
    page.get_by_label("API key").press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    assert len(kept(address, 17)) == 1
    faults.clear()


def test_all_corrections_are_downloaded_as_training_reads_them(visit: Open, tmp_path: Path) -> None:
    page = visit()
    start(page, 18)
    page.keyboard.press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all corrections").click()
    assert download.value.suggested_filename == "frameline-corrections.jsonl"
    file = tmp_path / "corrections.jsonl"
    download.value.save_as(file)
    codebook = Codebook.load(ROOT / "data" / "annotations" / "codebook.yaml")
    assert text_of(18).split("\n")[0] in {one.text for one in read_annotations([file], codebook)}


def test_leaving_shows_the_models_labels_again(visit: Open) -> None:
    page = visit()
    start(page, 19)
    page.keyboard.press("1")
    page.get_by_role("button", name="Correct labels").click()
    expect(page.locator("#editor")).to_be_hidden()
    expect(page.locator("#summary")).to_be_visible()
    expect(sentence(page, 0)).to_have_attribute("aria-label", "Sentence 1 of 2: Alliance criticism")
    page.keyboard.press("1")  # no shortcut any more
    page.get_by_role("button", name="Correct labels").click()
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Security justification, .*Unsaved$"))


def test_a_service_that_keeps_none_does_not_offer_it(visit: Open) -> None:
    health = {"status": "ready", "annotations": None}
    page = visit(before=lambda page: page.route("**/health/ready", lambda route: route.fulfill(json=health)))
    label(page, text_of(20))
    expect(page.get_by_role("button", name="Correct labels")).to_be_hidden()


def test_a_phone_has_room_for_sentence_and_labels(visit: Open) -> None:
    page = visit("phone")
    start(page, 21)
    page.keyboard.press("j")
    chip = sentence(page, 0).locator(".chip")
    chip.tap()  # the first tap chooses the sentence
    editor = page.locator("#editor")
    expect(editor).to_contain_text("Sentence 1 of 2")
    expect(chip).to_contain_text("NATO (Critical)")
    chip.tap()
    expect(chip).to_contain_text("NATO (Supportive)")
    sentence(page, 1).tap(position={"x": 30, "y": 10})
    expect(editor).to_contain_text("Sentence 2 of 2")
    editor.get_by_role("button", name="Security justification").tap()
    editor.get_by_role("button", name="Save", exact=True).tap()
    expect(sentence(page, 1)).to_have_attribute("aria-label", re.compile("Security justification, .*Saved$"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(sentence(page, 1)).to_be_in_viewport()


@pytest.mark.parametrize("screen", SCREENS)
def test_no_accessibility_violations(visit: Open, faults: list[str], screen: str) -> None:
    def check(state: str) -> None:
        found = Axe().run(page, options={"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}})
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"

    page = visit(screen)
    start(page, 31 + [*SCREENS].index(screen))
    check("as the model says")
    page.keyboard.press("Enter")
    expect(sentence(page, 0)).to_have_attribute("aria-label", re.compile("Saved$"))
    page.route(STORE, lambda route: route.abort())
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(sentence(page, 1)).to_have_attribute("aria-label", re.compile("Not saved$"))
    check("saved and failed")
    page.keyboard.press("?")
    check("help")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("h")
    expect(page.get_by_role("dialog")).to_contain_text("1 version")
    check("history")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New article").click()
    expect(page.locator("#drafts")).to_be_visible()
    check("drafts")
    faults.clear()
