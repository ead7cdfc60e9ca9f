"""Tests whose programs are missing are skipped with a reason, and fail in CI."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TESTS = """
import shutil
import pytest

def test_page(browser):
    pass

@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl():
    pass

@pytest.mark.skip(reason="of another system")
def test_elsewhere():
    pass
"""


@pytest.mark.slow
@pytest.mark.parametrize(("required", "outcomes"), [("0", "3 skipped"), ("1", "1 skipped, 2 errors")])
def test_programs_that_are_missing(required: str, outcomes: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "PATH": str(tmp_path),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "REQUIRE_TOOLS": required,
    }
    command = [sys.executable, "-m", "pytest", "-rsfE", "-p", "tests.conftest", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert re.search(rf"=+ {outcomes} in", done.stdout), done.stdout + done.stderr
    assert done.returncode == int(required)
    assert "a Chromium is not installed, and Playwright's own does not start: " in done.stdout
    assert "curl is not installed" in done.stdout
