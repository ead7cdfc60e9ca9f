"""The two servers that are measured: Frameline, and infinity in an environment of its own."""

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from benchmarks.serving.process import ROOT, Server
from benchmarks.serving.workload import PEER_MODEL
from training.encoders import find_encoder

PEER_ENVIRONMENT = ROOT / ".venv-infinity"
_PEER_PACKAGES = ("infinity_emb[server]==0.0.78", "transformers<4.49", "optimum<2", "torch==2.13.0")
_OFFLINE = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}


def frameline() -> Server:
    """``frameline serve`` with its default settings."""
    return Server([sys.executable, "-m", "frameline", "serve", "--port", "{port}"], "/health/ready")


def infinity(environment: Path) -> Server:
    """Infinity with its default settings, on the same encoder with a classification head.

    Args:
        environment: its virtual environment; what is missing of it is installed first.
    """
    model = _peer_model(environment)
    options = ["--engine", "torch", "--no-bettertransformer", "--host", "127.0.0.1", "--port", "{port}"]
    command = [str(environment / "bin/infinity_emb"), "v2", "--model-id", str(model), *options]
    return Server([*command, "--served-model-name", PEER_MODEL], "/health", _OFFLINE)


def _peer_model(environment: Path) -> Path:
    """The folder of the peer's model, made where it is not there yet."""
    if not (environment / "bin/infinity_emb").exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run([str(environment / "bin/pip"), "install", "--quiet", *_PEER_PACKAGES], check=True)
    folder = environment / "encoder-with-head"
    if not (folder / "tokenizer.json").exists():
        script = Path(__file__).with_name("peer_model.py")
        encoder = find_encoder("minilm").source
        subprocess.run([str(environment / "bin/python"), "-P", str(script), encoder, str(folder)], check=True)
    return folder


def versions(environment: Path | None) -> dict[str, str]:
    """The versions of what is measured; ``environment`` is the peer's, where it takes part.

    Uvicorn takes httptools and uvloop where they are installed, which shows in the figures.
    """
    installed = {distribution.name: distribution.version for distribution in distributions()}
    names = ("onnxruntime", "fastapi", "uvicorn", "httptools", "uvloop")
    found = {"python": sys.version.split()[0], **{name: installed.get(name, "none") for name in names}}
    if environment is None:
        return found
    peers = ("infinity_emb", "torch", "transformers", "optimum", "uvicorn", "httptools", "uvloop")
    script = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {peers}}}))"
    answer = subprocess.run([str(environment / "bin/python"), "-c", script], check=True, capture_output=True)
    return found | {f"peer: {name}": number for name, number in json.loads(answer.stdout).items()}
