from pathlib import Path

import pytest

from service.archive.article import Input
from service.jobs.roots import Roots
from service.problems import ProblemError
from tests.service.jobs.conftest import Start, wait


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two files below a folder, links that lead out of it, and one that stays in it."""
    root, outside = tmp_path / "archive", tmp_path / "secret"
    for folder in (root / "2024", outside):
        folder.mkdir(parents=True)
    for file in (root / "2024" / "a.jsonl", root / "b.jsonl", outside / "c.jsonl"):
        file.write_text('{"id": "a", "text": "finish"}', encoding="utf-8")
    (root / "out").mkdir()
    (root / "out" / "link.jsonl").symlink_to(outside / "c.jsonl")
    (root / "folder").symlink_to(outside)
    (root / "again.jsonl").symlink_to(root / "b.jsonl")
    return root


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("b.jsonl", ["b.jsonl"]),
        ("2024", ["2024/a.jsonl"]),
        ("2024/*", ["2024/a.jsonl"]),
        ("*.jsonl", ["b.jsonl"]),
        ("20*/**/*.jsonl", ["2024/a.jsonl"]),
    ],
)
def test_files_below_a_root_are_found_without_links(root: Path, pattern: str, names: list[str]) -> None:
    assert Roots([str(root)]).find([str(root / pattern)]) == tuple(str(root / name) for name in names)


@pytest.mark.parametrize(
    "pattern",
    [
        "../secret/c.jsonl",
        "2024/../../secret/c.jsonl",
        "folder/c.jsonl",
        "folder/*",
        "folder",
        "fol*/c.jsonl",
        "out/link.jsonl",
        "out",
        "out/*",
        "**/*.jsonl",
        "2024/nothing.jsonl",
        "2024/a.jsonl::zip://x",
        "\0",
    ],
)
def test_nothing_leads_out(root: Path, pattern: str) -> None:
    with pytest.raises(ProblemError) as caught:
        Roots([str(root)]).find([str(root / "b.jsonl"), f"{root}/{pattern}"])
    assert caught.value.problem.status == 422
    assert [fault.loc for fault in caught.value.problem.errors] == [("body", "input", 1)]


@pytest.mark.parametrize(
    "pattern",
    ["/etc/passwd", "b.jsonl", "/", "*", "file:///etc/passwd", "s3://other/x.jsonl", "s3://newspaper/x.jsonl", "~/x"],
)
def test_whether_there_is_something_outside_is_not_said(root: Path, pattern: str) -> None:
    with pytest.raises(ProblemError) as caught:
        Roots([str(root), "s3://news/"]).find([pattern])
    assert caught.value.problem.detail == "body.input.0: is not below a folder that may be read"


def test_urls_are_below_urls() -> None:
    import fsspec

    system = fsspec.filesystem("memory")
    system.pipe_file("/roots/news/a.jsonl", b"{}")
    roots = Roots(["memory://roots/news/"])
    assert roots.find(["memory://roots/news/*.jsonl"]) == ("memory:///roots/news/a.jsonl",)
    for pattern in ("memory://roots/newspaper/a.jsonl", "memory://roots/news/../x", "memory://roots/news/%2E%2e/x"):
        with pytest.raises(ProblemError):
            roots.find([pattern])
    system.rm("/roots", recursive=True)


@pytest.mark.parametrize(
    "name", ["..%2fx.jsonl", "..%252Fx.jsonl", "..%5Cx.jsonl", "a%2F..%2F..%2Fx.jsonl", "..\\x.jsonl"]
)
def test_no_way_up_is_hidden_from_what_decodes_it_later(name: str) -> None:
    with pytest.raises(ProblemError) as caught:
        Roots(["https://news.example/archive"]).find([f"https://news.example/archive/{name}"])
    assert caught.value.problem.detail == "body.input.0: is not below a folder that may be read"


def test_a_listing_that_names_files_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, elsewhere = (
        Input(url=f"https://news.example/{name}.jsonl", format="jsonl") for name in ("archive/a", "secret/b")
    )
    monkeypatch.setattr("service.jobs.roots.find_inputs", lambda patterns: [inside, elsewhere])
    with pytest.raises(ProblemError, match="leads out"):
        Roots(["https://news.example/archive"]).find(["https://news.example/archive/"])


def test_a_job_reads_files_by_itself(start: Start, root: Path) -> None:
    with start(jobs_roots=(str(root),)) as client:
        answer = client.post("/v1/jobs", json={"input": [f"{root}/2024/*"], "no_text": True})
        assert answer.status_code == 202
        job = wait(client, answer.json())
        assert (job["status"], job["name"]) == ("finished", f"{root}/2024/*")
        assert job["options"]["no_text"] is True
        assert client.post("/v1/jobs", json={"input": ["/etc"]}).status_code == 422
    assert (root / "2024" / "a.jsonl").is_file()
