"""``frameline classify --server`` against a real service."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from frameline import main
from service.app import create_app
from service.settings import ServiceSettings
from tests.conftest import ROOT
from tests.service.server import serving

TEXT = "Arland said it would guard the border. 😀 The people fled.\r\n\r\nVoss paid.\n"
ROWS = [{"id": f"d{n}", "text": TEXT * n, **({"actors": ["Voss"]} if n % 3 == 1 else {})} for n in range(40)]


@pytest.fixture(scope="module")
def url(checkpoint: Path) -> Iterator[str]:
    with serving(create_app(ServiceSettings(checkpoint=checkpoint, max_documents=50, max_characters=5_000))) as address:
        yield address


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "in.txt").write_bytes(TEXT.encode())
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n\n" for row in ROWS), encoding="utf-8")
    return {"text": tmp_path / "in.txt", "jsonl": tmp_path / "in.jsonl"}


def classify(*arguments: str | Path, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["classify", *map(str, arguments)], input=given)


@pytest.mark.parametrize("form", ["text", "jsonl"])
@pytest.mark.parametrize("output", ["table", "jsonl"])
@pytest.mark.parametrize("options", [(), ("--no-split",), ("--min-confidence", "0.9")])
def test_the_output_is_byte_for_byte_that_of_labelling_here(
    url: str, checkpoint: Path, files: dict[str, Path], form: str, output: str, options: tuple[str, ...]
) -> None:
    arguments: tuple[str | Path, ...] = (files[form], "--output", output, *options)
    here = classify("--checkpoint", checkpoint, *arguments)
    there = classify("--server", url + "/", *arguments)
    assert (there.exit_code, there.stderr) == (0, "")
    assert there.stdout_bytes == here.stdout_bytes
    assert len(here.stdout_bytes) > 100


def test_a_refused_document_is_named_by_its_line_after_what_came_before(url: str) -> None:
    rows = [{"id": "a", "text": "Voss fled."}, {"id": "b", "text": "x" * 5_001}]
    given = "\n".join(json.dumps(row) + "\n" for row in rows)
    result = classify("--format", "jsonl", "--server", url, given=given)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["id"] == "a"
    assert result.stderr.startswith("frameline: standard input:3: text: 5001 characters; send at most 5000")
    text = classify("--server", url, given="x" * 5_001)
    assert text.stderr.startswith("frameline: standard input: text: 5001 characters")


def test_a_faulty_line_is_named_as_it_is_here(url: str) -> None:
    result = classify("--format", "jsonl", "--server", url, given='{"id": "a", "text": "Voss fled."}\n{"id": "b"}\n')
    assert result.exit_code == 2
    assert json.loads(result.stdout)["id"] == "a"
    assert result.stderr == "frameline: standard input:2: text: Field required\n"


def test_a_service_that_cannot_be_used_has_an_exit_code_of_its_own(url: str) -> None:
    result = classify("--server", f"{url}/nowhere", given=TEXT)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "/nowhere/v1/codebook; is this a Frameline service?" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--server", "localhost:8000"), "--server: 'localhost:8000' is not http:// or https://"),
        (("--server", "http://127.0.0.1:9", "--api-key", "a b"), "--api-key"),
        (("--server", "http://127.0.0.1:9", "--threads", "2"), "--threads: cannot be given with --server"),
        (
            ("--server", "http://127.0.0.1:9", "--codebook", "a", "--checkpoint", "b"),
            "--checkpoint, --codebook: cannot",
        ),
        (("--server", "http://127.0.0.1:9", "--patience", "0"), "--patience"),
        (("--patience", "9", "--api-key", "k"), "--api-key, --patience: needs --server"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(arguments: tuple[str, ...], message: str) -> None:
    result = classify(*arguments, given=TEXT)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr
    assert message in " ".join(result.stderr.split())


def test_the_key_comes_from_the_environment_and_means_nothing_here(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAMELINE_API_KEY", "two words")
    assert classify("--checkpoint", checkpoint, given=TEXT).exit_code == 0
    refused = classify("--server", "http://127.0.0.1:9", given=TEXT)
    assert "FRAMELINE_API_KEY" in refused.stderr
    assert "two words" not in refused.stderr


def test_no_model_is_loaded(url: str) -> None:
    code = (
        "import sys; from frameline import main\n"
        "try: main()\n"
        "finally: print(sorted({'onnxruntime', 'numpy', 'tokenizers', 'sentencex', 'fastapi'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "classify", "--server", url]
    done = subprocess.run(command, input=TEXT.encode(), capture_output=True, cwd=ROOT, check=True)
    assert done.stdout.decode().splitlines()[-1] == "[]"


def test_it_ends_with_its_error_although_standard_input_is_open(url: str) -> None:
    command = [sys.executable, "-m", "frameline", "classify", "--format", "jsonl", "--server", f"{url}/nowhere"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write(b'{"id": "a", "text": "Voss fled."}\n')
        process.stdin.flush()
        assert process.wait(timeout=60) == 3
        assert b"is this a Frameline service?" in process.stderr.read()
