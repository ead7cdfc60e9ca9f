"""Versions in MLflow: for those who keep their experiments there."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it asks for this before it is imported

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from model.errors import FramelineError
from model.version import Version

_EXPERIMENT = "frameline"


def log_version(version: Version, checkpoint: Path, uri: str) -> str:
    """Log a version's settings, scores and files as a run of the experiment ``frameline``.

    Args:
        version: the version.
        checkpoint: its checkpoint's folder.
        uri: an MLflow server, or a place that MLflow takes as one.

    Returns:
        Where it is: the URI, and the id of the run.

    Raises:
        FramelineError: MLflow cannot do it, and why.
    """
    try:
        client = MlflowClient(tracking_uri=uri)
        experiment = client.get_experiment_by_name(_EXPERIMENT)
        identity = client.create_experiment(_EXPERIMENT) if experiment is None else experiment.experiment_id
        run = client.create_run(
            identity, run_name=f"{version.name} {version.served_as}", tags=_tags(version)
        ).info.run_id
        for name, value in _parameters(version).items():
            client.log_param(run, name, value)
        for name, score in ({} if version.lineage is None else version.lineage.metrics).items():
            if isinstance(score, int | float):
                client.log_metric(run, name, score)
        client.log_artifacts(run, str(checkpoint), "checkpoint")
        client.set_terminated(run)
    except MlflowException as error:
        raise FramelineError(f"MLflow at {uri}: {error}") from None
    return f"{uri}, run {run}"


def _tags(version: Version) -> dict[str, str]:
    return {
        "frameline.version": version.id,
        "frameline.digest": version.digest,
        "frameline.codebook": version.codebook,
        "frameline.parent": version.parent or "",
        "mlflow.user": version.by,
        "mlflow.note.content": version.note,
    }


def _parameters(version: Version) -> dict[str, str]:
    """The settings, and the checksum of each file that went in."""
    if version.lineage is None:
        return {}
    settings = {name: str(value) for name, value in version.lineage.settings.items()}
    data = version.lineage.data
    return settings | {f"data/{name}": data[file] for file, name in _names(data).items()}


def _names(files: Iterable[str]) -> dict[str, str]:
    """What each file is called: the end of its path, as much of it as tells it from the others, else a number more."""
    ends = {file: _ends(Path(file)) for file in files}
    counts = Counter(end for each in ends.values() for end in each)
    taken: Counter[str] = Counter()
    names = {}
    for file, each in ends.items():
        name = next((end for end in each if counts[end] == 1), each[-1])
        taken[name] += 1
        names[file] = name if taken[name] == 1 else f"{name}-{taken[name]}"
    return names


def _ends(path: Path) -> list[str]:
    """The name of a file, that with its folder's before it, and so on, as MLflow takes them: not from the root."""
    parts = [part for part in path.parts if part not in (path.anchor, "..")]
    return ["/".join(parts[start:]) for start in reversed(range(len(parts)))]
