import json
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner

from frameline import main

pytest.importorskip("mlflow")


@pytest.mark.filterwarnings("ignore")  # of MLflow's own making
def test_a_version_is_logged(
    checkpoint: Path, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("FRAMELINE_REGISTRY", str(tmp_path / "registry"))
    run = tmp_path / "run"
    run.mkdir()
    record = json.loads((run_folder / "run.json").read_bytes())
    record["data"] = {
        "a/b.jsonl": "0123",
        "one/train.jsonl": "1",
        "/two/train.jsonl": "2",
        "train.jsonl": "3",
        "../train.jsonl": "4",
        "encoder: minilm/model.safetensors": "5",
        "../one/network/model.safetensors": "6",
        "../two/network/model.safetensors": "7",
    }
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (run / "metrics.json").write_text('{"development": {"eval_f1": 0.75}}', encoding="utf-8")
    uri = (tmp_path / "mlruns").as_uri()
    added = CliRunner().invoke(main, ["models", "add", str(checkpoint), "--run", str(run), "--mlflow", uri])
    assert added.exit_code == 0, added.output
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient

        client = MlflowClient(tracking_uri=uri)
        experiment = client.get_experiment_by_name("frameline")
        assert experiment is not None
        (logged,) = client.search_runs([experiment.experiment_id])
        files = {Path(file.path).name for file in client.list_artifacts(logged.info.run_id, "checkpoint")}
    assert logged.info.run_id in added.stdout
    assert logged.info.run_name == "tiny 1.0+v1"
    assert logged.data.params["seed"] == "1"
    assert {name: value for name, value in logged.data.params.items() if name.startswith("data/")} == {
        "data/b.jsonl": "0123",
        "data/one/train.jsonl": "1",
        "data/two/train.jsonl": "2",
        "data/train.jsonl": "3",
        "data/train.jsonl-2": "4",
        "data/encoder: minilm/model.safetensors": "5",
        "data/one/network/model.safetensors": "6",
        "data/two/network/model.safetensors": "7",
    }
    assert logged.data.metrics == {"eval_f1": 0.75}
    assert logged.data.tags["frameline.version"] == "v1"
    assert {"model.onnx", "config.json"} <= files


@pytest.mark.filterwarnings("ignore")
def test_what_mlflow_refuses_is_told(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    monkeypatch.setenv("FRAMELINE_REGISTRY", str(tmp_path / "registry"))
    uri = (tmp_path / "mlruns").as_uri()
    added = CliRunner().invoke(main, ["models", "add", str(checkpoint), "--mlflow", uri])
    assert added.exit_code == 2
    assert f"frameline: MLflow at {uri}: " in added.stderr
    assert "v1: tiny 1.0" in added.stdout
