"""The formats by name, and which of them a file is."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

from model.annotation_files import check_rereadable
from training.formats.format import Format
from training.formats.intake import Intake
from training.labelled_table import is_table
from training.table_records import JSON_LINES

#: Module and class of each format, in the order in which `detect` asks them.
_FORMATS = {
    "jsonl": ("json_lines", "JsonLines"),
    "label-studio": ("label_studio", "LabelStudio"),
    "prodigy": ("prodigy", "Prodigy"),
    "doccano": ("doccano", "Doccano"),
    "inception-xmi": ("uima_cas", "UimaXmi"),
    "inception-json": ("uima_cas", "UimaJson"),
    "webanno-tsv": ("webanno_tsv", "WebAnnoTsv"),
    "brat": ("brat", "Brat"),
    "csv": ("csv_table", "CsvTable"),
}
NAMES = tuple(_FORMATS)
_HEAD = 65_536


def get_format(name: str) -> Format:
    """The format of that name, one of `NAMES`."""
    module, attribute = _FORMATS[name]
    found: Format = getattr(import_module(f"training.formats.{module}"), attribute)()
    return found


def detect(path: Path) -> Format | None:
    """The format of a file, judged by its name and how it begins; None where no format knows it.

    Raises:
        FaultsError: the file can be read only once.
        OSError: the file cannot be read.
    """
    check_rereadable(path)
    with path.open("rb") as stream:
        head = stream.read(_HEAD).decode("utf-8-sig", errors="replace")
    return next((found for found in map(get_format, NAMES) if found.recognises(path, head)), None)


def read_formats(paths: Iterable[Path], name: str | None, intake: Intake) -> list[str]:
    """Read files and folders.

    Args:
        paths: files, and folders that stand for what the format finds below them.
        name: the format, or None to judge each file by itself.
        intake: takes annotations and faults; among these what is not there, what no format knows, and folders that
            hold no such file.

    Returns:
        The names of the formats that were read.

    Raises:
        FaultsError: a file can be read only once, and its format is to be found.
    """
    grouped: dict[str, list[Path]] = {}
    known: set[Path] = set()
    for path in paths:
        try:
            found = _formats(path, name)
        except OSError as error:
            intake.fault(path, "", f"cannot be read: {error.strerror}")
            continue
        if not found:
            what = "no annotation files there" if path.is_dir() else "not a known format"
            remedy = f"say which with --format ({', '.join(NAMES)}), and unpack archives first"
            if not path.is_dir() and is_table(path):
                what, remedy = "a table without a column text", "name the one that holds the sentences (--text-column)"
                if path.suffix.lower() in JSON_LINES:
                    what = "no known format, or a table whose columns are called otherwise"
                    remedy = "say which with --format, or name the columns (--text-column, --label-column)"
            intake.fault(path, "", f"{what}; {remedy}")
        for file, kind in found:
            if file.resolve() in known:
                intake.fault(file, "", "is given twice; give it once")
            known.add(file.resolve())
            grouped.setdefault(kind, []).append(file)
    for kind, files in grouped.items():
        get_format(kind).read(files, intake)
    return list(grouped)


def _formats(path: Path, name: str | None) -> Sequence[tuple[Path, str]]:
    """The files for which ``path`` stands, each with its format."""
    if not path.is_dir():
        path.stat()  # raises where nothing is there
        found = detect(path) if name is None else get_format(name)
        return [] if found is None else [(path, found.name)]
    files: dict[Path, str] = {}
    for kind in map(get_format, NAMES if name is None else [name]):
        for file in kind.files(path):
            judged = kind if name is not None else detect(file)
            if judged is not None and judged.name == kind.name:
                files.setdefault(file, kind.name)
    return sorted(files.items())
