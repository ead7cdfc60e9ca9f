import os
from pathlib import Path
from zipfile import ZipFile

import fsspec
import pytest

from model.errors import InputError
from service.archive.article import Article, Columns
from service.archive.articles import read
from service.archive.inputs import find_inputs
from service.archive.surveys import survey
from tests.service.archive.samples import jsonl, make_rows, pack, parquet, warc


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.jsonl",
        "a.csv.gz",
        "deep/c.PARQUET",
        "deep/d.html.zst",
        ".hidden/e.txt",
        "notes.docx",
        "f.parquet.gz",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def _names(patterns: list[str], folder: Path) -> list[str]:
    return [source.url.removeprefix(f"{folder}/") for source in find_inputs(patterns)]


def test_a_folder_is_searched_through_and_what_is_skipped_is_counted(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert _names([str(folder)], folder) == ["a.csv.gz", "b.jsonl", "deep/c.PARQUET", "deep/d.html.zst"]
    assert "2 files of an unknown format are skipped" in caplog.text


def test_format_and_compression_come_from_the_suffix(folder: Path) -> None:
    known = [(source.format, source.compression) for source in find_inputs([str(folder)])]
    assert known == [("csv", "gzip"), ("jsonl", None), ("parquet", None), ("html", "zstd")]


def test_globs_files_and_folders_give_each_file_once(folder: Path) -> None:
    patterns = [
        str(folder / "**" / "*.html.zst"),
        str(folder / "b.jsonl"),
        str(folder / "deep"),
        str(folder / "*.jsonl"),
    ]
    assert _names(patterns, folder) == ["b.jsonl", "deep/c.PARQUET", "deep/d.html.zst"]


def test_a_name_with_signs_of_a_glob_is_a_name_first(tmp_path: Path) -> None:
    (tmp_path / "a[1].txt").write_bytes(b"")
    assert _names([str(tmp_path / "a[1].txt")], tmp_path) == ["a[1].txt"]


def _write_files(root: Path, names: list[str]) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


_RUNS = [
    "a.jsonl",
    "begun/inputs.jsonl",
    "begun/plan.json",
    "begun/shards.jsonl",
    "done/manifest.json",
    "done/report-data/time.csv",
    "done/sentences/part-000000.parquet",
    "mine/inputs.jsonl",
    "plain/manifest.json",
    "plain/news.csv",
]


def test_tables_in_a_folder_are_left_out_of_its_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_files(tmp_path, _RUNS)
    monkeypatch.chdir(tmp_path)
    for folder, out in ((".", "mine"), (str(tmp_path), f"file://{tmp_path}/mine"), (f"file://{tmp_path}", "mine")):
        found = [source.url.removeprefix("file://") for source in find_inputs([folder], out)]
        assert [os.path.relpath(name) for name in found] == ["a.jsonl", "plain/news.csv"]
    assert [source.url for source in find_inputs(["**/*.jsonl"], "mine")] == [
        "a.jsonl",
        "begun/inputs.jsonl",
        "begun/shards.jsonl",
    ]
    named = ["done", "mine/inputs.jsonl"]
    assert [source.url for source in find_inputs(named, "mine")] == [
        "done/report-data/time.csv",
        "done/sentences/part-000000.parquet",
        "mine/inputs.jsonl",
    ]


@pytest.mark.parametrize("pattern", ["memory://runs", "memory://runs/*.jsonl", "memory://runs/**"])
def test_tables_at_a_url_are_left_out_of_its_inputs(pattern: str) -> None:
    memory = fsspec.filesystem("memory")
    for name in ("a.jsonl", "mine/inputs.jsonl", "mine-too.jsonl"):
        memory.pipe(f"/runs/{name}", b"")
    found = [source.url for source in find_inputs([pattern], "memory://runs/mine/")]
    assert found == ["memory:///runs/a.jsonl", "memory:///runs/mine-too.jsonl"]


def test_a_file_that_is_named_in_several_ways_is_taken_once_by_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_files(tmp_path, ["dup/a.jsonl"])
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "dup/a.jsonl")
    monkeypatch.chdir(tmp_path)
    names = ["./dup/a.jsonl", "dup", str(tmp_path / "dup/a.jsonl"), "link.jsonl"]
    assert [source.url for source in find_inputs(names)] == ["./dup/a.jsonl"]
    assert [source.url for source in find_inputs(names[1:])] == ["dup/a.jsonl"]


def test_links_in_a_folder_are_followed_but_in_no_circle(tmp_path: Path) -> None:
    _write_files(tmp_path, ["there/deep/b.jsonl", "here/a.jsonl"])
    (tmp_path / "here/disk").symlink_to(tmp_path / "there")
    (tmp_path / "there/deep/up").symlink_to(tmp_path / "there")
    (tmp_path / "here/gone.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    assert _names([str(tmp_path / "here")], tmp_path) == [
        "here/a.jsonl",
        "here/disk/deep/b.jsonl",
        "here/gone.jsonl",
    ]
    assert _names([str(tmp_path / "here/*.jsonl")], tmp_path) == ["here/a.jsonl", "here/gone.jsonl"]


def test_a_folder_that_cannot_be_searched_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_files(tmp_path, ["a.jsonl", "closed/b.jsonl"])
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match=r"cannot be listed: .*Permission denied: .*closed"):
        find_inputs([str(tmp_path)])


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_folders_that_a_glob_means_are_told(tmp_path: Path, scheme: str, caplog: pytest.LogCaptureFixture) -> None:
    _write_files(tmp_path, ["a.jsonl", "2024/b.jsonl", "out/sentences/part-000000.parquet"])
    out = str(tmp_path / "out")
    assert len(find_inputs([f"{scheme}{tmp_path}/*"], out)) == 1
    pattern = f"{scheme}{tmp_path}/*"
    told = f"{pattern}: 1 folders among these are not searched ({tmp_path}/2024); give {pattern}/** besides"
    assert told in caplog.text
    caplog.clear()
    assert len(find_inputs([f"{scheme}{tmp_path}/**"], out)) == 2
    assert not caplog.text


def test_a_stream_is_refused_since_it_can_be_read_but_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    for name in (str(tmp_path / "pipe.jsonl"), "-"):
        with pytest.raises(InputError, match=f"{name}: no file but a stream; .* write it to a file"):
            find_inputs([name])


def test_a_name_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/caf\xe9.jsonl"
    try:
        os.close(os.open(file, os.O_CREAT))
    except OSError:
        pytest.skip("the disk takes no such name")
    for pattern in (str(tmp_path), os.fsdecode(file), str(tmp_path / "*")):
        with pytest.raises(InputError, match=r"caf\?\.jsonl: its name is not UTF-8; rename it") as caught:
            find_inputs([pattern])
        str(caught.value).encode()


def test_all_that_is_wrong_is_said_at_once(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        find_inputs(
            [
                str(folder / "gone.csv"),
                str(folder / "*.tsv"),
                str(folder / "notes.docx"),
                str(folder / "empty"),
                "no-such://y/z",
            ]
        )
    gone, none, unknown, empty, protocol = str(caught.value).splitlines()
    assert gone == f"{folder}/gone.csv: there is no such file"
    assert none == f"{folder}/*.tsv: matches no file"
    assert unknown.startswith(f"{folder}/notes.docx: unknown format; known are .jsonl, .ndjson, .csv, .tsv, .txt")
    assert empty.startswith(f"{folder}/empty: no file of a known format")
    assert protocol.startswith("no-such://y/z: no URL that can be opened")


def test_storage_whose_package_is_missing_names_it() -> None:
    with pytest.raises(InputError, match=r"gs://bucket/a.csv: .*needs a further package: .*gcsfs"):
        find_inputs(["gs://bucket/a.csv"])


@pytest.mark.parametrize("pattern", ["memory://archive", "memory://archive/*.*", "memory://archive/**"])
def test_urls_are_read_as_paths_are(pattern: str) -> None:
    memory = fsspec.filesystem("memory")
    rows = make_rows(9)
    files = {"a.jsonl": jsonl(rows), "b.jsonl.gz": pack(jsonl(rows), "gzip"), "c.parquet": parquet(rows)}
    files["d.warc"] = b"".join(warc(9))
    for name, content in files.items():
        memory.pipe(f"/archive/{name}", content)

    sources = find_inputs([pattern])

    assert [source.url for source in sources] == [f"memory:///archive/{name}" for name in files]
    for source in sources:
        found = survey(source, Columns(), records=4, size=1 << 20)
        articles = [article for extent in found.extents for article in read(extent, Columns(), found.columns)]
        assert [isinstance(article, Article) for article in articles] == [True] * 9
        assert found.size == len(files[source.url.rpartition("/")[2]])


def test_file_urls_and_files_within_a_zip_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(make_rows(2)))
    with ZipFile(tmp_path / "c.zip", "w") as file:
        file.writestr("deep/b.jsonl", jsonl(make_rows(3)))
    sources = find_inputs([f"file://{tmp_path}/*.jsonl", f"zip://**::file://{tmp_path}/c.zip"])
    assert [source.url for source in sources] == [
        f"file://{tmp_path}/a.jsonl",
        f"zip://deep/b.jsonl::file://{tmp_path}/c.zip",
    ]
    assert [survey(source, Columns(), records=9, size=9).records for source in sources] == [2, 3]
