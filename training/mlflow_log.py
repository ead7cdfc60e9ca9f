"""Versions in MLflow: for those who keep their experiments there."""

import os
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
    return settings | {f"data/{Path(file).name}": checksum for file, checksum in version.lineage.data.items()}
