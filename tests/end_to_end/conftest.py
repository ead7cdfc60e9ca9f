"""The real thing: the shipped checkpoint, real processes."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import ROOT
from tests.end_to_end.pages import SCREENS, Open

BIN = Path(sys.executable).parent
#: How long the page may take on a machine that does other work, in milliseconds.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


def frameline(*arguments: str, given: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the installed command."""
    return subprocess.run(
        [str(BIN / "frameline"), *arguments],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        check=False,
    )


@pytest.fixture(scope="session")
def example_text() -> str:
    import json

    content = json.loads((ROOT / "service/example.json").read_text(encoding="utf-8"))
    text: str = content["documents"][0]["text"]
    return text


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(BIN / "frameline"), "serve", "--port", str(port)]
    database = f"sqlite:///{tmp_path_factory.mktemp('page') / 'annotations.db'}"
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "FRAMELINE_DATABASE": database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None
            assert time.monotonic() < deadline, "the server is not ready"
            try:
                urllib.request.urlopen(f"{url}health/ready", timeout=30).close()  # noqa: S310
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained of; a test that provokes complaints empties it."""
    return []


@pytest.fixture
def visit(browser: Browser, address: str, faults: list[str]) -> Iterator[Open]:
    contexts: list[BrowserContext] = []

    def open_page(screen: str = "light", path: str = "", before: Callable[[Page], None] | None = None) -> Page:
        context = browser.new_context(**SCREENS[screen])
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((address, "blob:")) else faults.append(asked.url))
        if before is not None:
            before(page)
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
