"""The real thing: the shipped checkpoint, real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

BIN = Path(sys.executable).parent


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
