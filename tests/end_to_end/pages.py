"""The page in a browser: screens, and what every test does on it."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}

Open = Callable[..., Page]


def label(page: Page, text: str) -> None:
    page.get_by_label("Article", exact=True).fill(text)
    page.get_by_role("button", name="Label the article").click()
    expect(page.locator("#results")).to_be_visible()
