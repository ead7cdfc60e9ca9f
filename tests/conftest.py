"""A tiny model, made on the spot, on which most tests run."""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import atexit
import json
import re
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as BrowserError
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from model.annotation import Annotation
from model.checkpoint import CODEBOOK, CONFIG, TOKENIZER, Checkpoint, CheckpointConfig, Thresholds
from model.codebook import Codebook
from model.labeller import Labeller
from model.network import FramelineModel
from model.version import METRICS, RUN
from training.export import export
from training.run_folder import NETWORK, RunRecord
from training.settings import TrainingSettings
from training.splits import split_documents

# A shell starts background jobs with Ctrl-C ignored, which the processes that tests interrupt would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)

_FOLDER = tempfile.TemporaryDirectory()
atexit.register(_FOLDER.cleanup)
os.environ["FRAMELINE_DATABASE"] = f"sqlite:///{_FOLDER.name}/annotations.db"  # nobody's own is touched
ROOT = Path(__file__).parent.parent
_MISSING = re.compile(r"is not installed|is not there")
WORDS = "the a army said that it would guard border from raid people fled town with no bread ally paid late"

CODEBOOK_TEXT = """
name: tiny
version: "1"
frames:
  - {id: guarding, name: Guarding, definition: Something is guarded.}
  - {id: fleeing, name: Fleeing, definition: Somebody flees.}
stances:
  - {id: supportive, name: Supportive, definition: Praised.}
  - {id: neutral, name: Neutral, definition: Named.}
  - {id: critical, name: Critical, definition: Blamed.}
government_words: [government, forces]
titles: [President]
actors:
  - id: arland
    name: Arland
    kind: state
    aliases: [Republic of Arland, US]
    capitals: [Arville]
    nationalities: [Arlandic]
  - {id: league, name: Northern League, kind: organisation, aliases: [NL]}
  - {id: guard, name: al-Haris, kind: armed group, affiliation: arland}
  - {id: mara-voss, name: Mara Voss, kind: person, aliases: [Voss], affiliation: arland}
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where REQUIRE_TOOLS is 1, as in CI, a test fails that would be skipped for want of a program."""
    report = yield
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    if os.environ.get("REQUIRE_TOOLS") == "1" and _MISSING.search(reason):
        report.outcome, report.longrepr = "failed", f"REQUIRE_TOOLS is 1: {reason}"
    return report


@pytest.fixture(scope="session")
def codebook_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("codebook") / "codebook.yaml"
    file.write_text(CODEBOOK_TEXT, encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def codebook(codebook_file: Path) -> Codebook:
    return Codebook.load(codebook_file)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT with its tokenizer, as a local path that transformers loads."""
    folder = tmp_path_factory.mktemp("encoder")
    pieces = [chr(code) for code in range(33, 127)] + [f"##{chr(code)}" for code in range(33, 127)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces, *WORDS.split()]
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    shape: dict[str, Any] = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    }
    BertModel(BertConfig(vocab_size=len(vocabulary), max_position_embeddings=64, **shape)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def network(encoder: Path, codebook: Codebook) -> FramelineModel:
    torch.manual_seed(0)
    fields = {"frames": codebook.frame_ids, "stances": codebook.stance_ids, "window": 24, "overlap": 6}
    model = FramelineModel.from_encoder(str(encoder), {"encoder_name": "tiny", **fields})
    for module in (
        model.frame_head,
        model.mention_head,
        model.stance_head,
        model.shape_embeddings,
        model.list_embeddings,
    ):
        torch.nn.init.normal_(module.weight, std=0.5)  # so that labels vary
    model.eval()
    return model


@pytest.fixture(scope="session")
def run_folder(
    network: FramelineModel,
    encoder: Path,
    codebook_file: Path,
    codebook: Codebook,
    annotations: list[Annotation],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """What a finished training run leaves behind."""
    folder = tmp_path_factory.mktemp("run")
    network.save_pretrained(folder / NETWORK)
    (folder / TOKENIZER).write_bytes((encoder / TOKENIZER).read_bytes())
    (folder / CODEBOOK).write_bytes(codebook_file.read_bytes())
    (folder / METRICS).write_text("{}", encoding="utf-8")
    settings = TrainingSettings(window=24, overlap=6, held_out=0.2)
    learned = folder / "learned.jsonl"
    learned.write_text("".join(annotation.model_dump_json() + "\n" for annotation in annotations), encoding="utf-8")
    parts = split_documents((one.document for one in annotations), settings.seed, settings.held_out)
    documents = {name: tuple(found) for name, found in parts.items()}
    record = RunRecord(settings=settings, data={}, annotations=(learned,), newsmtsc=None, documents=documents)
    (folder / RUN).write_text(record.model_dump_json(), encoding="utf-8")
    thresholds = Thresholds(frames=dict.fromkeys(codebook.frame_ids, 0.5))
    config = CheckpointConfig(name="tiny", version="0", encoder="tiny", window=24, overlap=6, thresholds=thresholds)
    (folder / CONFIG).write_text(config.model_dump_json(), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def checkpoint(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.parity.AGREEMENT", 0.0)  # random weights leave many labels on the edge
        export(run_folder, folder, "tiny", "1.0")
    assert Checkpoint.open(folder).config.name == "tiny"
    return folder


@pytest.fixture(scope="session")
def labeller(checkpoint: Path) -> Iterator[Labeller]:
    loaded = Labeller.from_checkpoint(checkpoint, threads=2)
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def annotations() -> list[Annotation]:
    """Enough sentences in enough documents that each part gets some."""
    rows = []
    for number in range(60):
        guarding = number % 2 == 0
        text = (
            f"Arland said it would guard the border {number} ."
            if guarding
            else f"People fled the town with Voss and no bread {number} ."
        )
        mention = "Arland" if guarding else "Voss"
        start = text.index(mention)
        actor = {"start": start, "end": start + len(mention), "stance": "critical" if guarding else "neutral"}
        rows.append(
            Annotation.model_validate(
                {
                    "id": f"s{number}",
                    "document": f"d{number // 2}",
                    "text": text,
                    "frames": ["guarding"] if guarding else ["fleeing"],
                    "actors": [actor],
                    "annotator": "one",
                    "origin": "test",
                }
            )
        )
    return rows


@pytest.fixture
def annotation_file(annotations: list[Annotation], tmp_path: Path) -> Path:
    file = tmp_path / "annotated.jsonl"
    file.write_text("".join(json.dumps(row.model_dump(mode="json")) + "\n" for row in annotations), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A system Chromium or, where there is none, Playwright's own."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        except BrowserError as error:
            if chromium is not None:
                raise
            said = re.search("(?i).*(?:executable|error).*", error.message)
            why = error.message if said is None else said.group()
            pytest.skip(f"a Chromium is not installed, and Playwright's own does not start: {why}")
        yield started
        started.close()
