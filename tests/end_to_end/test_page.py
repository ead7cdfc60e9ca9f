"""The page at ``/`` in a real browser, on a real server with the shipped checkpoint."""

import json
import random
import re
import string
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from service.page import FOLDER
from tests.end_to_end.pages import SCREENS, Open, label

EXAMPLES = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
TEXT = (
    "The minister accused NATO of abandoning its ally and called its word worthless. "
    "Dozens of civilians were killed and thousands of families fled their homes."
)


def ask(address: str, text: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(  # noqa: S310
        f"{address}v1/classify", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def paste(page: Page, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.get_by_label("Article", exact=True).focus()
    page.keyboard.press("Control+V")


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(
        """([name, bytes]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
            for (const type of ["dragenter", "dragover", "drop"]) {
                document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
            }
        }""",
        [name, list(content)],
    )


def test_the_documentation_asks_no_other_host(visit: Open) -> None:
    page = visit()
    origin, asked = page.url, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}docs")
    expect(page.get_by_text("/v1/classify", exact=True).first).to_be_visible()
    assert any(url.endswith(".js") for url in asked)
    assert all(url.startswith((origin, "data:")) for url in asked)


def test_a_pasted_article_is_labelled(visit: Open) -> None:
    page = visit()
    paste(page, TEXT)
    sentences = page.locator(".sentence")
    expect(sentences).to_have_count(2)
    expect(sentences.nth(0)).to_have_attribute("aria-label", re.compile("Sentence 1 of 2: .*Alliance criticism"))
    expect(sentences.nth(0).locator(".chip")).to_contain_text("NATO (Critical,")
    expect(sentences.nth(0).locator(".chip .sign")).to_have_text("−")
    expect(sentences.nth(1)).to_have_attribute("aria-label", "Sentence 2 of 2: Humanitarian concern")
    expect(page.get_by_role("status")).to_contain_text("2 sentences labelled. Humanitarian concern 1")
    expect(page.get_by_role("heading", name="2 sentences · 2 frames · 1 actor")).to_be_focused()


def test_text_pasted_into_other_text_waits(visit: Open) -> None:
    page = visit()
    page.get_by_label("Article", exact=True).fill("Before. ")
    page.keyboard.press("End")
    paste(page, TEXT)
    expect(page.get_by_label("Article", exact=True)).to_have_value(re.compile("Before. .*NATO"))
    page.wait_for_timeout(300)
    expect(page.locator("#results")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".sentence")).to_have_count(3)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["title"][:12]))
def test_the_examples_show_what_the_model_can_do(visit: Open, address: str, example: dict[str, str]) -> None:
    page = visit()
    page.get_by_role("button", name=example["title"]).click()
    expect(page.locator("#article .headline")).to_contain_text(example["title"])
    expect(page.get_by_role("tooltip")).to_be_hidden()  # the pointer rests where the article now is
    (document,) = json.loads(ask(address, example["text"]))["documents"]
    expect(page.locator(".sentence")).to_have_count(len(document["sentences"]))
    shown = page.evaluate(
        """() => [...document.querySelectorAll(".sentence")].map((sentence) => {
            const copy = sentence.cloneNode(true);
            copy.querySelectorAll(".sign, .hidden, .badges").forEach((part) => part.remove());
            return copy.textContent;
        })"""
    )
    assert shown == [sentence["text"] for sentence in document["sentences"]]
    assert {score["frame"] for sentence in document["sentences"] for score in sentence["frames"] if score["present"]}
    stances = {actor["stance"] for sentence in document["sentences"] for actor in sentence["actors"]}
    assert stances == {"supportive", "neutral", "critical"}


def test_a_dropped_file_is_labelled(visit: Open) -> None:
    page = visit()
    drop(page, "article.txt", "\ufeff😀 Zoë met NATO.\r\nIt left.".encode())
    expect(page.locator(".sentence")).to_have_count(2)
    expect(page.locator(".chip").first).to_contain_text("NATO")
    drop(page, "other.txt", b"Turkey left.")  # over a result, too
    expect(page.locator(".sentence")).to_have_count(1)


def test_an_opened_file_is_labelled(visit: Open, tmp_path: Path) -> None:
    page = visit()
    file = tmp_path / "article.txt"
    file.write_text(TEXT, encoding="utf-8")
    page.get_by_label("Open a file…").set_input_files(file)
    expect(page.locator(".sentence")).to_have_count(2)


def test_a_file_that_is_no_text_is_refused(visit: Open) -> None:
    page = visit()
    drop(page, "picture.png", b"\x89PNG\r\n\xff\xfe")
    expect(page.get_by_role("alert")).to_contain_text("picture.png is not a text file in UTF-8")


def test_probabilities_show_on_hover_and_can_be_read_there(visit: Open, address: str) -> None:
    page = visit()
    label(page, TEXT)
    (document,) = json.loads(ask(address, TEXT))["documents"]
    card = page.get_by_role("tooltip")
    expect(card).to_be_hidden()
    page.locator(".sentence").nth(0).hover()
    expect(card).to_be_visible()
    for score in document["sentences"][0]["frames"]:
        expect(card).to_contain_text(f"{round(score['probability'] * 100)} %")
    nato = document["sentences"][0]["actors"][0]["probabilities"]
    expect(card).to_contain_text(f"Critical {round(nato['critical'] * 100)} %")
    card.hover()
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.locator(".sentence").nth(1).hover()
    expect(card).to_contain_text("Sentence 2 of 2")
    page.get_by_role("button", name="New article").hover()
    expect(card).to_be_hidden()


def test_a_tap_shows_the_probabilities(visit: Open) -> None:
    page = visit("phone")
    label(page, TEXT)
    page.locator(".sentence").nth(1).tap()
    expect(page.get_by_role("tooltip")).to_contain_text("Sentence 2 of 2")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def focused(page: Page) -> str:
    name: str = page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? (document.activeElement.textContent.trim() "
        "|| document.activeElement.id)"
    )
    return name


def test_everything_works_by_keyboard(visit: Open) -> None:
    page = visit()
    expect(page.locator("#codebook .entry").first).to_be_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the article"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    page.keyboard.type(TEXT)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"
    page.keyboard.press("Tab")
    assert focused(page) == "Label the article"
    page.keyboard.press("Enter")
    expect(page.locator("#results-title")).to_be_focused()
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(focused(page).split(":")[0])
    buttons = ["Edit the text", "Copy a link", "Download JSON", "Correct labels", "New article"]
    assert order == [*buttons, "Sentence 1 of 2"]
    card = page.get_by_role("tooltip")
    expect(card).to_contain_text("Sentence 1 of 2")
    assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "card"
    for key, number in [("ArrowDown", 2), ("ArrowDown", 2), ("ArrowUp", 1), ("End", 2), ("Home", 1)]:
        page.keyboard.press(key)
        expect(card).to_contain_text(f"Sentence {number} of 2")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.keyboard.press("Tab")
    while "Humanitarian" not in focused(page):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # goes to the frame's first sentence
    assert focused(page).startswith("Sentence 2 of 2")


def test_the_summary_leads_to_the_sentences(visit: Open) -> None:
    page = visit()
    label(page, TEXT)
    summary = page.get_by_role("complementary", name="Summary")
    row = summary.locator(".row", has_text="Humanitarian concern")
    expect(row).to_contain_text("1 of 2")
    expect(row.get_by_role("img")).to_have_attribute("aria-label", "In sentence 2 of 2")
    expect(summary.locator("dl")).to_contain_text("NATO")
    row.get_by_role("button").hover()
    expect(page.locator(".sentence.lit")).to_have_count(1)
    row.locator(".bar.present").click()
    assert focused(page).startswith("Sentence 2 of 2")


def test_a_name_that_is_not_the_actors_is_counted_apart(visit: Open) -> None:
    def prepare(page: Page) -> None:
        def answer(route: Route) -> None:
            content = route.fetch().json()
            first, second = content["documents"][0]["sentences"]
            said = {"mention": "NATO", "probabilities": {"supportive": 0.1, "neutral": 0.1, "critical": 0.8}}
            for sentence, actor, stance in ((first, "nato", "critical"), (second, None, "neutral")):
                place = {"start": sentence["start"], "end": sentence["start"] + 4}
                sentence["actors"] = [{**said, **place, "actor": actor, "stance": stance}]
            route.fulfill(json=content)

        page.route("**/v1/classify", answer)

    page = visit(before=prepare)
    label(page, "NATO met them on a hill. NATO is a bakery in a town.")
    names = page.get_by_role("complementary", name="Summary").locator(".actor-row .name")
    expect(names).to_have_text(["NATO", "NATO (not listed)"])


def test_a_link_carries_the_text_and_the_server_never_sees_it(visit: Open, address: str) -> None:
    text = EXAMPLES[0]["text"] + "\n\n😀 “Ça va?” <b>&amp;</b> +/="
    page = visit()
    label(page, text)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator("#link-note")).to_contain_text("The link is copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert re.fullmatch(re.escape(address) + r"#z=[\w-]+", link)
    asked: list[str] = []
    other = visit(
        path=link.removeprefix(address), before=lambda page: page.on("request", lambda sent: asked.append(sent.url))
    )
    expect(other.locator(".sentence").first).to_be_visible()
    assert all("#" not in url or url.startswith(address + "#") for url in asked)
    other.get_by_role("button", name="Edit the text").click()
    expect(other.get_by_label("Article", exact=True)).to_have_value(text)
    other.get_by_label("Article", exact=True).fill("NATO met.")
    other.keyboard.press("Control+Enter")
    expect(other.locator(".sentence")).to_have_count(1)
    assert other.url == address  # the old link is not that of the new text


def test_without_a_clipboard_the_link_can_be_copied_by_hand(visit: Open) -> None:
    hide = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
    page = visit(before=lambda page: page.add_init_script(hide))
    label(page, TEXT)
    page.get_by_role("button", name="Copy a link").click()
    expect(page.get_by_label("Link to this article")).to_be_focused()
    assert page.get_by_label("Link to this article").input_value() == page.url
    assert "#z=" in page.url


def test_a_plain_link_works_and_a_damaged_one_is_explained(visit: Open) -> None:
    page = visit(path="#t=TkFUTyBtZXQu")
    expect(page.locator(".sentence")).to_have_text(re.compile("NATO.* met."))
    page = visit(path="#z=TkFUTyBtZXQu")
    expect(page.get_by_role("alert")).to_contain_text("damaged")


def test_a_text_too_long_for_a_link_says_so(visit: Open) -> None:
    page = visit()
    letters = random.Random(0).choices(string.ascii_letters + string.digits, k=40_000)
    label(page, " ".join("".join(letters[start : start + 200]) for start in range(0, len(letters), 200)))
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator("#link-note")).to_contain_text("too long for a link")


def test_the_export_is_the_answer_of_the_service(visit: Open, address: str) -> None:
    page = visit()
    page.get_by_role("button", name=EXAMPLES[1]["title"]).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    assert download.value.suggested_filename == "frameline-eleven-trucks-at-the-bridge.json"
    assert Path(download.value.path()).read_bytes() == ask(address, EXAMPLES[1]["text"])


def test_html_is_shown_as_text(visit: Open) -> None:
    text = '<img src=x onerror="document.title=1"> NATO <script>document.title=2</script> met <b>Turkey</b>.'
    page = visit()
    label(page, text)
    shown = page.locator("#article").inner_text()
    assert "<script>document.title=2</script>" in shown
    assert page.locator("#article img, #article script, #article b").count() == 0
    page.locator(".sentence").first.hover()
    assert page.title() == "Frameline"


def answer_with(status: int, body: object, headers: dict[str, str] | None = None) -> Callable[[Page], None]:
    def prepare(page: Page) -> None:
        content = body if isinstance(body, str) else json.dumps(body)
        page.route("**/v1/classify", lambda route: route.fulfill(status=status, body=content, headers=headers or {}))

    return prepare


FAULT = {"loc": ["body", "text"], "msg": "1200000 characters; send at most 1000000", "type": "too_long"}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (422, {"detail": [FAULT]}, "text: 1200000 characters; send at most 1000000"),
        (422, {"type": "x", "title": "T", "status": 422, "detail": "d", "errors": [FAULT]}, "text: 1200000 characters"),
        (413, {"type": "about:blank", "title": "Too large", "status": 413, "detail": "At most 8 MB."}, "At most 8 MB."),
        (500, "Internal Server Error", "The service failed to label the text."),
        (418, {"title": "I am a teapot"}, "I am a teapot"),
        (404, "<h1>nothing</h1>", "status 404"),
    ],
)
def test_errors_are_readable(visit: Open, faults: list[str], status: int, body: object, said: str) -> None:
    page = visit(before=answer_with(status, body))
    page.get_by_label("Article", exact=True).fill(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_label("Article", exact=True)).to_have_value(TEXT)
    assert page.get_by_role("button", name="Try again").count() == (status == 500)
    assert all("Failed to load resource" in fault for fault in faults)
    faults.clear()


def test_a_real_refusal_names_the_field(visit: Open, faults: list[str]) -> None:
    page = visit()
    page.get_by_label("Article", exact=True).evaluate("(box) => { box.value = 'word '.repeat(210_000); }")
    page.get_by_label("Article", exact=True).press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("text: 1050000 characters; .*at most 1000000"))
    faults.clear()


def test_no_text_is_no_request(visit: Open) -> None:
    page = visit()
    page.get_by_role("button", name="Label the article").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no text yet")


def test_an_unreachable_service_can_be_tried_again(visit: Open, faults: list[str]) -> None:
    page = visit()
    expect(page.locator("#codebook .entry").first).to_be_visible()
    page.route("**/v1/classify", lambda route: route.abort())
    page.get_by_label("Article", exact=True).fill(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/v1/classify")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".sentence")).to_have_count(2)
    expect(page.get_by_role("alert")).to_be_hidden()
    faults.clear()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again(visit: Open, faults: list[str], status: int) -> None:
    asked: list[float] = []

    def busy_once(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) == 1:
            route.fulfill(status=status, headers={"Retry-After": "2"}, body="{}")
        else:
            route.continue_()

    page = visit(before=lambda page: page.route("**/v1/classify", busy_once))
    page.get_by_label("Article", exact=True).fill(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#progress")).to_contain_text(re.compile(r"busy. Trying again in [12] s"))
    expect(page.get_by_role("status")).to_contain_text("Trying again in 2 seconds")
    expect(page.locator(".sentence")).to_have_count(2)
    assert asked[1] - asked[0] >= 2
    faults.clear()


def test_waiting_can_be_cancelled(visit: Open, faults: list[str]) -> None:
    page = visit(before=answer_with(503, {}, {"Retry-After": "600"}))
    page.get_by_label("Article", exact=True).fill(TEXT)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.get_by_label("Article", exact=True)).to_be_focused()
    expect(page.get_by_label("Article", exact=True)).to_have_value(TEXT)
    faults.clear()


def test_a_key_is_asked_for_kept_in_the_tab_and_sent(visit: Open, faults: list[str]) -> None:
    def guard(route: Route) -> None:
        if route.request.headers.get("authorization") == "Bearer right":
            route.continue_()
        else:
            problem = {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "No such key."}
            route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(problem))

    page = visit(before=lambda page: page.route("**/v1/*", guard))
    field = page.get_by_label("API key")
    expect(field).to_be_focused()
    field.fill("wrong")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No such key.")
    field.fill("right")
    field.press("Enter")
    expect(page.locator("#codebook .entry").first).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    label(page, TEXT)
    assert page.evaluate("Object.values(sessionStorage)") == ["right"]
    assert page.evaluate("Object.values(localStorage)") == []
    page.reload()
    expect(page.locator("#codebook .entry").first).to_be_visible()
    page.get_by_role("button", name="Forget the API key").click()
    assert page.evaluate("sessionStorage.length") == 0
    faults.clear()


def test_the_codebook_is_shown(visit: Open, address: str) -> None:
    page = visit()
    with urllib.request.urlopen(f"{address}v1/codebook", timeout=30) as answer:  # noqa: S310
        codebook = json.load(answer)
    section = page.get_by_role("region", name=f"Codebook: {codebook['name']}")
    for entry in (*codebook["frames"], *codebook["stances"]):
        expect(section).to_contain_text(entry["name"])
        expect(section).to_contain_text(entry["definition"])
    section.get_by_text("What counts, and what does not").first.click()
    expect(section.get_by_text(codebook["frames"][0]["code"][0])).to_be_visible()
    section.get_by_text("actors known by name").click()
    expect(section.get_by_text("Afghanistan", exact=False).first).to_be_visible()


def test_any_codebook_will_do(visit: Open) -> None:
    frames = [{"id": f"f{number}", "name": "Moral panic", "definition": f"Definition {number}."} for number in range(8)]
    stances = [{"id": f"s{number}", "name": f"Stance {number}", "definition": "So."} for number in range(4)]
    empty: dict[str, Any] = {"code": [], "do_not_code": [], "examples": []}
    codebook = {
        "name": "other",
        "version": "3",
        "frames": [{**frame, **empty} for frame in frames],
        "stances": stances,
        "actors": [],
        "actor_definition": "",
    }
    actor = {"mention": "NATO", "start": 2, "end": 6, "actor": None, "stance": "s2"}
    actor["probabilities"] = {"s0": 0.1, "s1": 0.1, "s2": 0.7, "s3": 0.1}
    scores = [{"frame": f"f{number}", "probability": number / 10, "present": number > 5} for number in range(8)]
    sentence = {"start": 0, "end": 11, "text": "😀 NATO met.", "frames": scores, "actors": [actor]}
    answer = {
        "model": {"name": "m", "version": "1", "codebook": "other"},
        "documents": [{"id": "0", "sentences": [sentence]}],
    }

    def prepare(page: Page) -> None:
        page.route("**/v1/codebook", lambda route: route.fulfill(json=codebook))
        page.route("**/v1/classify", lambda route: route.fulfill(json=answer))

    page = visit(before=prepare)
    label(page, "😀 NATO met.")
    expect(page.locator(".sentence .badge")).to_have_text(["MP7", "MP8"])
    expect(page.locator(".sentence .chip")).to_have_text("▲NATO (Stance 2, 70 %)")


@pytest.mark.parametrize("screen", ["light", "phone"])
def test_long_names_stay_within_their_box(visit: Open, screen: str) -> None:
    names = ["Office of the United Nations High Commissioner for Human Rights", "Bundesverteidigungsministerium" * 3]

    def ask(route: Route) -> None:
        text = json.loads(route.request.post_data or "")["text"]
        route.continue_(post_data=json.dumps({"documents": [{"text": text, "actors": names}]}))

    page = visit(screen, before=lambda page: page.route("**/v1/classify", ask))
    label(page, f"The {names[0]} met the {names[1]}.")
    expect(page.locator("#article .chip")).to_have_count(2)
    expect(page.locator("#summary .actor-row")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for box in ("article", "summary"):
        outside = page.evaluate(
            """(id) => {
                const edge = document.getElementById(id).getBoundingClientRect().right + 8; // a chip's rim hangs over
                const parts = document.querySelectorAll(`#${id} :is(.chip, .name, .share, .track)`);
                const shapes = [...parts].flatMap((part) => [...part.getClientRects()]);
                return shapes.filter((shape) => shape.right > edge).length;
            }""",
            box,
        )
        assert outside == 0, box


def test_each_paragraph_runs_in_the_direction_of_its_language(visit: Open) -> None:
    page = visit()
    label(page, "ישראל האשימה את NATO בתקיפה.\n\nTurkey left.")
    directions = "(all) => all.map((one) => getComputedStyle(one).direction)"
    assert page.locator("#article p").evaluate_all(directions) == ["rtl", "ltr"]
    page.get_by_role("button", name="Edit the text").click()
    assert page.get_by_label("Article", exact=True).evaluate_all(directions) == ["rtl"]


def test_paper_is_white_whatever_the_theme(visit: Open) -> None:
    page = visit()
    ink = "getComputedStyle(document.querySelector('#composer-title')).color"
    dark_on_light = page.evaluate(ink)
    page.get_by_role("button", name="Dark mode").click()
    assert page.evaluate(ink) != dark_on_light
    page.emulate_media(media="print")
    assert page.evaluate(ink) == dark_on_light


@pytest.mark.parametrize("screen", SCREENS)
def test_no_accessibility_violations(visit: Open, faults: list[str], screen: str) -> None:
    def check(page: Page, state: str) -> None:
        found = Axe().run(page, options={"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}})
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"

    page = visit(screen)
    expect(page.locator("#codebook .entry").first).to_be_visible()
    page.locator("#codebook details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    check(page, "empty")
    page.get_by_role("button", name=EXAMPLES[0]["title"]).click()
    expect(page.locator(".sentence").first).to_be_visible()
    check(page, "result")
    page.locator(".sentence").nth(2).focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    check(page, "card")
    page.get_by_role("button", name="New article").click()
    answer_with(401, {"title": "No key"})(page)
    page.get_by_label("Article", exact=True).fill(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("API key")).to_be_visible()
    check(page, "key")
    page.unroute("**/v1/classify")
    answer_with(422, {"detail": [FAULT]})(page)
    page.get_by_role("button", name="Label the article").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, "error")
    faults.clear()


def test_the_theme_follows_the_system_and_can_be_chosen(visit: Open) -> None:
    page = visit("dark")
    button = page.get_by_role("button", name="Dark mode")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(ground)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    light = page.evaluate(ground)
    assert light != dark
    page.reload()
    assert page.evaluate(ground) == light
    page.emulate_media(color_scheme="light")
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.evaluate(ground) == light
