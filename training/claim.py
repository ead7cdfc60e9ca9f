"""Taking a folder for a run, or going on with the run that it holds."""

import json
import shutil
from pathlib import Path
from typing import Any

from model.checkpoint import CODEBOOK
from model.version import METRICS, RUN
from training.run_folder import RunError, RunRecord, read_record, write_record
from training.sources import ENCODER, HUB


def claim(folder: Path, record: RunRecord, codebook: Path) -> None:
    """Make the folder this run's own, or check that it is.

    Args:
        folder: the run folder.
        record: the run.
        codebook: the file of its codebook.

    Raises:
        RunError: the folder holds another run, or this very one, finished, or what it holds is damaged.
    """
    file = folder / RUN
    if file.is_file() and (other := _differences(folder, record)):
        raise RunError(
            f"{folder} holds a run with other settings or data (see {RUN}): {', '.join(other)}; choose another --out"
        )
    if (metrics := folder / METRICS).is_file():
        try:
            json.loads(metrics.read_bytes())
        except ValueError as error:
            raise RunError(f"{metrics}: damaged ({error}); remove it, and the same command writes it anew") from None
        raise RunError(f"{folder} holds this very run, finished; choose another --out or remove the folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_record(folder, record)
    shutil.copyfile(codebook, folder / CODEBOOK)


def _differences(folder: Path, record: RunRecord) -> list[str]:
    """In what the folder's record is another one, whatever it says of corpora not annotated under the codebook.

    Earlier versions recorded no encoder and no rows of a hub: what a record does not have differs in nothing. Nor do
    the documents, which follow from the rest, and among which earlier versions listed some that were not learned from.
    """
    found = read_record(folder)
    data = {
        name: checksum
        for name, checksum in record.data.items()
        if name in found.data or not name.startswith((ENCODER, HUB))
    }
    follows = {name: getattr(found, name) for name in ("further", "chosen_by", "documents")}
    same = record.model_copy(update={**follows, "data": data})
    ours, theirs = _by_name(same), _by_name(found)
    return [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]


def _by_name(record: RunRecord) -> dict[str, Any]:
    """A record's settings, checksums and other fields."""
    content = record.model_dump()
    return {**content.pop("settings"), **content.pop("data"), **content}
