"""The command, its figures and its refusals."""

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from model.checkpoint import CODEBOOK, DEFAULT
from model.codebook import Actor, Codebook
from service.archive_report.codebook import find_codebook
from service.archive_report.dataset import Dataset
from service.archive_report.manifest import Manifest
from service.archive_report.timeline import _periods
from tests.conftest import ROOT
from tests.service.archive_report.conftest import run
from tests.service.archive_report.tables import FRAMES, write_tables


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return list(pq.read_table(folder / table).to_pylist())


def digests(folder: Path) -> dict[str, str]:
    files = [folder / "report.html", *(folder / "report-data").iterdir()]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def page(folder: Path) -> str:
    return unescape((folder / "report.html").read_text(encoding="utf-8"))


def test_frames_are_counted_as_the_tables_say(scored: Path) -> None:
    sentences = rows(scored, "sentences")
    for row, frame in zip(read(scored / "report-data/frames.csv"), FRAMES, strict=True):
        assert int(row["sentences"]) == len(sentences)
        assert int(row["with_frame"]) == sum(sentence[frame] for sentence in sentences)
        mean = sum(sentence[f"{frame}_probability"] for sentence in sentences) / len(sentences)
        assert float(row["calibrated_share"]) == pytest.approx(mean, abs=1e-5)
        assert float(row["low"]) < float(row["share"]) < float(row["high"])


def test_time_and_outlets_are_counted_as_the_tables_say(scored: Path) -> None:
    months: Counter[str] = Counter()
    outlets: Counter[str] = Counter()
    for sentence in rows(scored, "sentences"):
        months[sentence["date"][:7] + "-01"] += sentence[FRAMES[0]]
        outlets[sentence["outlet"]] += sentence[FRAMES[0]]
    by_month = {row["month"]: int(row["with_frame"]) for row in read(scored / "report-data/time.csv")[::3]}
    assert by_month == months
    by_outlet = {row["outlet"]: int(row["with_frame"]) for row in read(scored / "report-data/outlets.csv")[::3]}
    assert by_outlet == outlets


def test_actors_are_counted_as_the_tables_say(scored: Path) -> None:
    sentences = {row["sentence_id"]: row for row in rows(scored, "sentences")}
    stances = [row for row in rows(scored, "stances") if row["actor"] == "united-nations"]
    (row,) = (
        row
        for row in read(scored / "report-data/actors.csv")
        if (row["actor"], row["stance"]) == ("United Nations", "Critical")
    )
    assert int(row["mentions"]) == len(stances)
    assert int(row["with_stance"]) == sum(stance["stance"] == "critical" for stance in stances)
    (row,) = (
        row
        for row in read(scored / "report-data/actors_by_outlet.csv")
        if (row["actor"], row["outlet"], row["stance"]) == ("United Nations", "Valley Herald", "Critical")
    )
    there = [stance for stance in stances if sentences[stance["sentence_id"]]["outlet"] == "Valley Herald"]
    assert int(row["mentions"]) == len(there)
    assert int(row["with_stance"]) == sum(stance["stance"] == "critical" for stance in there)
    (row, *_) = (row for row in read(scored / "report-data/actors_by_frame.csv") if row["actor"] == "United Nations")
    named = {stance["sentence_id"] for stance in stances}
    assert int(row["sentences"]) == len(named)
    assert int(row["with_frame"]) == sum(sentences[name][FRAMES[0]] for name in named)


def test_actors_outside_the_codebook_are_called_by_their_mention(scored: Path) -> None:
    mentions = Counter(row["mention"] for row in rows(scored, "stances") if row["actor"] is None)
    found = {row["actor"]: int(row["mentions"]) for row in read(scored / "report-data/actors.csv")}
    assert mentions.items() <= found.items()


def test_typical_sentences_are_probable_and_differ(scored: Path) -> None:
    examples = [row for row in read(scored / "report-data/typical.csv") if row["frame"] == "Humanitarian concern"]
    probabilities = [float(row["probability"]) for row in examples]
    assert len(examples) == 5
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[0] == pytest.approx(
        max(row[f"{FRAMES[1]}_probability"] for row in rows(scored, "sentences")), rel=1e-5
    )
    assert len({row["document"] for row in examples}) == 5
    assert all(row["text"] in page(scored) for row in examples)


def test_copies_of_a_sentence_are_shown_once(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "copies", documents=30, text=lambda _: "The bridge at Orm was shut again today.")
    assert run(folder).exit_code == 0
    assert [row["frame"] for row in read(folder / "report-data/typical.csv")] == [
        "Security justification",
        "Humanitarian concern",
        "Alliance criticism",
    ]


def test_what_was_set_aside_is_told_by_reason(scored: Path) -> None:
    told = [(row["kind"], row["records"], row["place"]) for row in read(scored / "report-data/set_aside.csv")]
    assert told == [("fault", "7", "a.jsonl, line 1"), ("language", "3", "b.csv, record 0"), ("fault", "1", "c.warc")]
    assert "11 records could not be labelled: 8 damaged or incomplete, 3 in another language." in page(scored)


def test_the_same_tables_give_the_same_bytes(scored: Path, tmp_path: Path) -> None:
    again = tmp_path / "elsewhere"
    shutil.copytree(scored, again, ignore=shutil.ignore_patterns("report*"))
    subprocess.run(
        [sys.executable, "-m", "frameline", "report", str(again)],
        cwd=ROOT, check=True, capture_output=True, env={"PYTHONHASHSEED": "3", "TZ": "Pacific/Auckland"},
    )  # fmt: skip
    first = digests(again)
    assert first == digests(scored)
    assert run(again).exit_code == 0, "an older report is replaced"
    assert digests(again) == first


def test_the_page_can_load_nothing(scored: Path) -> None:
    content = (scored / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in content
    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", content)
    assert {"page.css"} >= set(re.findall(r"@import|url\((?!data:)", content.partition("<script")[0]))


def test_a_page_elsewhere_finds_its_figures(scored: Path, tmp_path: Path) -> None:
    result = run(scored, "--out", tmp_path / "pages/my page.html", "--data", tmp_path / "my figures")
    assert result.exit_code == 0, result.output
    assert 'href="../my%20figures/time.csv"' in (tmp_path / "pages/my page.html").read_text(encoding="utf-8")
    assert (tmp_path / "my figures/time.csv").is_file()


def test_without_texts_the_places_are_shown(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "bare", documents=20, text=None)
    assert run(folder).exit_code == 0
    assert "scored with <code>--no-text</code>" in page(folder)
    assert "<blockquote" not in page(folder)
    assert len(read(folder / "report-data/typical.csv")) == 15


def test_a_sentence_runs_in_the_direction_of_its_language(scored: Path) -> None:
    assert page(scored).count('<blockquote dir="auto">') == page(scored).count("<blockquote") == 15


def test_without_dates_and_outlets_the_page_says_how_to_name_them(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "plain", documents=20, columns=lambda *_: {"words": 3})
    assert run(folder).exit_code == 0
    assert "--date-column NAME" in page(folder)
    assert "--outlet-column NAME" in page(folder)
    assert {file.name for file in (folder / "report-data").iterdir()}.isdisjoint(
        {"time.csv", "outlets.csv", "actors_by_outlet.csv"}
    )


def test_columns_can_be_named(tmp_path: Path) -> None:
    def columns(number: int, day: date, outlet: str) -> dict[str, Any]:
        return {"gedruckt": f"{day:%d.%m.%Y}", "haus": outlet, "date": "unknown"}

    folder = write_tables(tmp_path / "named", documents=20, columns=columns)
    assert run(folder, "--date-column", "gedruckt", "--outlet-column", "haus").exit_code == 0
    assert len(read(folder / "report-data/time.csv")) > 20
    assert read(folder / "report-data/outlets.csv")[0]["outlet"] == "The Harbour Post"
    result = run(folder, "--date-column", "when")
    assert result.exit_code == 2
    assert "gedruckt, haus, date" in result.output


def test_dates_that_mislead_are_left_out_and_counted(tmp_path: Path) -> None:
    def columns(number: int, day: date, outlet: str) -> dict[str, Any]:
        stray = {3: "1970-01-01", 5: "soon", 6: None}
        return {
            "date": stray.get(number, f"{day.month}/{day.day}/{day.year}"),
            "url": f"https://www.{number % 3}.org/x",
        }

    folder = write_tables(tmp_path / "strays", documents=400, columns=columns, days=300)
    assert run(folder).exit_code == 0
    assert min(row["month"] for row in read(folder / "report-data/time.csv")) == "2022-03-01"
    assert "2 documents without a date that can be read are left out here (for instance “soon”)." in page(folder)
    assert "1 document dated far before or after all others is left out here." in page(folder)
    assert "were read as month first" in page(folder)
    assert {row["outlet"] for row in read(folder / "report-data/outlets.csv")} == {"0.org", "1.org", "2.org"}


@pytest.mark.parametrize("stray", ["9999-12-31", "20240-01-05", "0024-03-01"])
def test_dates_out_of_all_bounds_cannot_be_read(tmp_path: Path, stray: str) -> None:
    def columns(number: int, day: date, outlet: str) -> dict[str, Any]:
        return {"date": stray if number == 3 else day.isoformat()}

    folder = write_tables(tmp_path / "strays", documents=20, columns=columns, days=20)
    result = run(folder)
    assert result.exit_code == 0, result.output
    assert f"1 document without a date that can be read is left out here (for instance “{stray}”)." in page(folder)
    assert "day" in read(folder / "report-data/time.csv")[0]


def test_a_stray_date_among_few_documents_is_left_out(tmp_path: Path) -> None:
    def columns(number: int, day: date, outlet: str) -> dict[str, Any]:
        return {"date": "1970-01-01" if number == 3 else day.isoformat()}

    folder = write_tables(tmp_path / "stray", documents=12, columns=columns, days=30)
    assert run(folder).exit_code == 0
    assert min(row["day"] for row in read(folder / "report-data/time.csv")) == "2022-03-01"
    assert "1 document dated far before or after all others is left out here." in page(folder)


@pytest.mark.parametrize("documents", [2, 3, 6, 60])
def test_documents_that_spread_over_years_stay(tmp_path: Path, documents: int) -> None:
    folder = write_tables(tmp_path / "spread", documents=documents, days=9000)
    assert run(folder).exit_code == 0
    assert "dated far before" not in page(folder)
    assert min(row["year"] for row in read(folder / "report-data/time.csv")) == "2022-01-01"


@pytest.mark.parametrize(
    ("first", "last", "grain", "count"),
    [
        (date(9998, 1, 1), date(9999, 1, 1), "year", 2),
        (date(9999, 11, 1), date(9999, 12, 1), "month", 2),
        (date(9999, 12, 20), date(9999, 12, 27), "week", 2),
        (date(9999, 12, 30), date(9999, 12, 31), "day", 2),
        (date(2024, 3, 1), date(2024, 3, 1), "day", 1),
    ],
)
def test_periods_end_with_the_last_one(first: date, last: date, grain: str, count: int) -> None:
    periods = list(_periods(first, last, grain))
    assert (periods[0], periods[-1], len(periods)) == (first, last, count)


@pytest.mark.parametrize(("days", "grain"), [(20, "day"), (120, "week"), (900, "month"), (7000, "year")])
def test_the_span_decides_on_the_period(tmp_path: Path, days: int, grain: str) -> None:
    folder = write_tables(tmp_path / grain, documents=60, days=days)
    assert run(folder).exit_code == 0
    assert grain in read(folder / "report-data/time.csv")[0]


def test_another_codebook_may_have_any_frames_and_stances(tmp_path: Path) -> None:
    frames = [*FRAMES, "order", "select", 'a "quoted" one', "7", "group", "moral_duty"]
    folder = write_tables(tmp_path / "nine", documents=30, frames=frames, stances=["warm", "cool", "cold", "hostile"])
    result = run(folder)
    assert result.exit_code == 0, result.output
    assert len(read(folder / "report-data/frames.csv")) == 9
    assert "Hostile: who by whom" in page(folder)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("any", "A frame counts as present from this probability: Security justification 0.5"),
        ("at_most_one", "a sentence has the likeliest one, or none where that is likelier."),
        ("exactly_one", "a sentence has the likeliest one."),
    ],
)
def test_the_page_says_when_a_frame_is_present(tmp_path: Path, choice: str, said: str) -> None:
    folder = write_tables(tmp_path / "scored")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["model"]["frames_per_sentence"] = choice
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run(folder).exit_code == 0
    assert said in page(folder)
    assert ("A sentence can have several frames." in page(folder)) == (choice == "any")


def test_columns_of_any_name_are_no_matter(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "scored")
    for file in (folder / "sentences").iterdir():
        table = pq.read_table(file)
        for name in ("place", "key", "n", "once", "stance"):
            table = table.append_column(name, table["document"])
        pq.write_table(table, file)
    plain = write_tables(tmp_path / "plain")
    assert (run(folder).exit_code, run(plain).exit_code) == (0, 0)
    for name in ("actors.csv", "frames.csv"):
        assert (folder / "report-data" / name).read_bytes() == (plain / "report-data" / name).read_bytes()


def test_actors_have_the_names_of_the_codebook_by_which_they_were_found(tmp_path: Path) -> None:
    shipped = Codebook.load(DEFAULT / CODEBOOK)
    pact = Actor(id="nato", name="The Pact", kind="organisation")
    own = Codebook(name="own", version="1", frames=shipped.frames, stances=shipped.stances, actors=(pact,))
    (tmp_path / "model").mkdir()
    for file in (tmp_path / "own.yaml", tmp_path / "model" / CODEBOOK):
        file.write_text(json.dumps(own.model_dump(mode="json")), encoding="utf-8")
    for options, names in (
        ({"codebook": str(tmp_path / "own.yaml")}, own),
        ({"model": str(tmp_path / "model")}, own),
        ({"codebook": str(tmp_path / "gone.yaml")}, shipped),
        ({}, shipped),
    ):
        folder = write_tables(tmp_path / "scored", codebook=own.label)
        manifest = json.loads((folder / "manifest.json").read_bytes())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "options": options}), encoding="utf-8")
        assert find_codebook(Manifest.load(folder)) == names
        shutil.rmtree(folder)
    folder = write_tables(tmp_path / "scored", codebook="changed since")
    assert find_codebook(Manifest.load(folder)) == shipped


def test_faults_of_the_folder_are_named_with_the_remedy(tmp_path: Path) -> None:
    def message(folder: Path) -> str:
        result = run(folder)
        assert result.exit_code == 2, result.output
        return " ".join(result.output.split())

    assert "no such folder on this machine" in message(tmp_path / "nowhere")
    assert "not a folder of `frameline score`" in message(tmp_path)
    folder = write_tables(tmp_path / "scored", documents=10)
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").unlink()
    assert "this run is not finished" in message(folder)
    assert f"`frameline score … --out {folder}` again" in message(folder)
    (folder / "manifest.json").write_text(json.dumps({"frameline": "1"}), encoding="utf-8")
    assert "frames: Field required" in message(folder)
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    (part,) = (folder / "sentences").iterdir()
    part.write_bytes(part.read_bytes()[:-200])
    assert "cannot read the tables" in message(folder)
    part.unlink()
    assert "there are no Parquet files" in message(folder)
    assert not (folder / "report.html").exists()
    assert "no sentence was labelled" in message(write_tables(tmp_path / "empty", documents=0))


def test_files_that_are_no_report_are_left_alone(scored: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("<p>my own</p>", encoding="utf-8")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/time.csv").write_text("mine", encoding="utf-8")
    result = run(scored, "--out", tmp_path / "mine.html", "--data", tmp_path / "figures")
    assert result.exit_code == 2
    assert "is no report of Frameline" in result.output
    assert "holds other files" in result.output
    assert (tmp_path / "mine.html").read_text(encoding="utf-8") == "<p>my own</p>"
    assert (tmp_path / "figures/time.csv").read_text(encoding="utf-8") == "mine"


def test_own_tables_beside_the_figures_stay_when_a_report_is_replaced(scored: Path, tmp_path: Path) -> None:
    page, figures = tmp_path / "page.html", tmp_path / "figures"
    assert run(scored, "--out", page, "--data", figures).exit_code == 0
    (figures / "mine.csv").write_text("mine", encoding="utf-8")
    assert run(scored, "--out", page, "--data", figures).exit_code == 0
    assert (figures / "mine.csv").read_text(encoding="utf-8") == "mine"


def test_a_report_that_was_interrupted_can_be_written_again(
    scored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, figures = tmp_path / "page.html", tmp_path / "figures"
    write = Dataset.write

    def break_off(dataset: Dataset, folder: Path) -> None:
        if (folder / "frames.csv").exists():
            raise KeyboardInterrupt
        write(dataset, folder)

    with monkeypatch.context() as patched:
        patched.setattr(Dataset, "write", break_off)
        assert run(scored, "--out", page, "--data", figures).exit_code != 0
    assert (figures / "frames.csv").is_file()
    assert not page.exists()
    assert run(scored, "--out", page, "--data", figures).exit_code == 0
    assert (figures / "time.csv").is_file()


def test_half_a_note_is_no_other_file(scored: Path, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/.README.txt.part").write_text("Fig", encoding="utf-8")
    assert run(scored, "--out", tmp_path / "page.html", "--data", tmp_path / "figures").exit_code == 0
    assert not (tmp_path / "figures/.README.txt.part").exists()


def test_nobody_named_leaves_the_actors_out(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "nobody", documents=10)
    (part,) = (folder / "stances").iterdir()
    pq.write_table(pq.read_table(part).slice(0, 0), part)
    result = run(folder)
    assert result.exit_code == 0, result.output
    assert "No actor is named in these documents." in page(folder)


def test_the_guide_names_every_file_and_option(scored: Path) -> None:
    guide = (ROOT / "docs/report.md").read_text(encoding="utf-8")
    options = set(re.findall(r"--[a-z-]+", run("--help").output)) - {"--help", "--data"}
    assert all(f"`{file.name}`" in guide for file in (scored / "report-data").iterdir())
    assert all(option in guide for option in options)
