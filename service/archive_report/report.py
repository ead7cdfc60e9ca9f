"""Writes the report: the page, and beside it the figures behind it."""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from model.codebook import Codebook
from model.errors import FramelineError
from service.archive_report.codebook import find_codebook
from service.archive_report.dataset import Dataset
from service.archive_report.datasets import make_datasets
from service.archive_report.findings import find
from service.archive_report.page import GENERATOR, render
from service.archive_report.tables import open_tables

_NOTE = "README.txt"
_NOTE_HEAD = "Figures behind the plots of a Frameline report."


class Columns(NamedTuple):
    """Columns that the caller names; None: look for one."""

    date: str | None = None
    outlet: str | None = None


def write_report(folder: Path, page: Path, data: Path, columns: Columns, codebook: Codebook | None) -> None:
    """Write the report of a finished run.

    Args:
        folder: the run's, as `frameline score` wrote it.
        page: the HTML file to write; an older report there is replaced.
        data: the folder for CSV files; those of an older report are replaced.
        columns: the columns of dates and outlets.
        codebook: where actors' names are looked up; None: that by which the run was made, else the shipped one.

    Raises:
        FramelineError: the run is not finished, its tables are damaged or empty, a column is missing, or something
            that is not a report stands where one is to be written.
    """
    _check_free(page, data)
    with open_tables(folder, columns.date, columns.outlet) as tables:
        names = find_codebook(tables.manifest) if codebook is None else codebook
        findings = find(tables, folder, {actor.id: actor.name for actor in names.actors})
        datasets = make_datasets(findings, tables.manifest)
        link = quote(Path(os.path.relpath(data.resolve(), page.resolve().parent)).as_posix())
        content = render(findings, tables, datasets, link, data.name)
    _write_data(data, datasets)
    page.parent.mkdir(parents=True, exist_ok=True)
    _replace(page, content)


def _check_free(page: Path, data: Path) -> None:
    faults = []
    if page.is_dir():
        faults.append(f"{page}: is a folder, give a file as --out")
    elif page.exists() and GENERATOR not in page.read_text(encoding="utf-8", errors="replace")[:2000]:
        faults.append(f"{page}: is there already and is no report of Frameline; give another file as --out")
    if data.exists() and not data.is_dir():
        faults.append(f"{data}: is a file, give a folder as --data")
    elif data.is_dir() and not _is_ours(data):
        faults.append(f"{data}: holds other files; give an empty or a new folder as --data")
    if faults:
        raise FramelineError("\n".join(faults))


def _is_ours(data: Path) -> bool:
    """Whether a folder has the note of a report, or nothing but what is left where even that was not finished."""
    note = data / _NOTE
    if all(file == _draft(note) for file in data.iterdir()):
        return True
    return note.is_file() and note.read_text(encoding="utf-8", errors="replace").startswith(_NOTE_HEAD)


def _write_data(data: Path, datasets: dict[str, Dataset]) -> None:
    """Write the note, then what it lists, so that a folder that is left half written is known."""
    data.mkdir(parents=True, exist_ok=True)
    for old in _listed(data):
        old.unlink(missing_ok=True)
    lines = [f"{_NOTE_HEAD}\nShares and bounds are from 0 to 1; bounds are 95 % intervals, clustered by document.\n"]
    for dataset in datasets.values():
        lines.append(f"{dataset.name}.csv: {dataset.about}. Columns: {', '.join(c.name for c in dataset.columns)}.")
    _replace(data / _NOTE, "\n".join(lines) + "\n")
    for dataset in datasets.values():
        dataset.write(data)


def _listed(data: Path) -> list[Path]:
    """The files that an older report has put there, as its note names them."""
    note = data / _NOTE
    lines = note.read_text(encoding="utf-8").splitlines() if note.is_file() else []
    names = (line.partition(": ")[0] for line in lines)
    return [data / name for name in names if name.endswith(".csv") and Path(name).name == name]


def _replace(file: Path, content: str) -> None:
    """Write a file so that there is either the old one or the new one."""
    draft = _draft(file)
    draft.write_text(content, encoding="utf-8", newline="\n")
    draft.replace(file)


def _draft(file: Path) -> Path:
    return file.with_name(f".{file.name}.part")
