import re
import warnings
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from model.labeller import Labeller
from service.app import create_app
from service.metrics import Metrics
from service.settings import ServiceSettings
from tests.conftest import ROOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TEXT = "Arland said it would guard the border. The people fled with Voss and no bread. " * 3
SUFFIXES = {"counter": "_total", "info": "_info"}
DOCUMENT = ROOT / "docs/observability.md"


def test_labels_sentences_and_tokens_are_counted(checkpoint: Path, labeller: Labeller) -> None:
    expected = labeller.classify(TEXT).sentences
    tokens = 0
    for sentence in expected:
        windows = labeller.tokenizer(sentence.text, labeller._actors.find(sentence.text)).windows
        tokens += sum(window.input_ids.size for window in windows)
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as client:
        for _ in range(2):
            assert client.post("/v1/classify", json={"text": TEXT}).status_code == 200
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    values = {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}
    assert values["frameline_sentences_total",] == 2 * len(expected) == 12
    assert values["frameline_tokens_total",] == 2 * tokens
    for number, frame in enumerate(labeller.codebook.frame_ids):
        assert values["frameline_frames_total", frame] == 2 * sum(one.frames[number].present for one in expected)
    for stance in labeller.codebook.stance_ids:
        count = sum(actor.stance == stance for one in expected for actor in one.actors)
        assert values["frameline_stances_total", stance] == 2 * count
    none = sum(not any(score.present for score in one.frames) for one in expected)
    assert values["frameline_sentences_without_frame_total",] == 2 * none
    assert values["frameline_model_info", labeller.codebook.label, "tiny", "1.0"] == 1
    assert values["frameline_queue_seconds_count",] == 2
    assert values["frameline_queue_sentences",] == values["frameline_busy_threads",] == 0
    assert values["process_resident_memory_bytes",] > 0


def rows() -> list[tuple[str, str, str, str]]:
    """The table of the metrics, as they are."""
    kept = Metrics().registry
    found = []
    for collector in kept._collector_to_names:
        for family in collector.collect():
            if family.name.startswith("frameline_"):
                labels = ", ".join(f"`{label}`" for label in getattr(collector, "_labelnames", ()))
                if family.type == "info":
                    labels = "`name`, `version`, `codebook`"
                name = f"`{family.name}{SUFFIXES.get(family.type, '')}`"
                found.append((name, family.type, labels, family.documentation))
    return found


def test_the_documented_metrics_are_those_that_there_are() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    documented = re.findall(r"^\| (`frameline_\w+`) \| (\w+) \| (.*?) ?\| (.+) \|$", text, re.MULTILINE)
    assert documented == rows()


def test_the_queries_name_metrics_that_there_are() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    known = {name.strip("`") for name, *_ in rows()}
    used = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"frameline_\w+", text)}
    assert used <= known
