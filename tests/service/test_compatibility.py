"""The forms of other services, and their clients."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import InferenceClient, close_session
from huggingface_hub.errors import HfHubHTTPError

from model.labeller import Labeller
from service.app import create_app
from service.settings import ServiceSettings
from tests.checkpoints import make_exclusive
from tests.service.server import serving

TEXT = "Arland said it would guard the border. The people fled with Voss."


@pytest.fixture(scope="module")
def url(checkpoint: Path) -> Iterator[str]:
    with serving(create_app(ServiceSettings(checkpoint=checkpoint, max_documents=5))) as address:
        yield address


def expected(labeller: Labeller, text: str) -> list[dict[str, Any]]:
    (sentence,) = labeller.classify(text, (), split=False).sentences
    scores = [{"label": score.frame, "score": score.probability} for score in sentence.frames]
    return sorted(scores, key=lambda score: -float(str(score["score"])))


def post(url: str, path: str, body: Any) -> httpx2.Response:
    return httpx2.post(url + path, json=body)


def test_predict_in_its_forms(url: str, labeller: Labeller) -> None:
    scores = expected(labeller, TEXT)
    assert post(url, "/predict", {"inputs": TEXT}).json() == scores
    for several in ([TEXT, "People fled."], [[TEXT], ["People fled."]]):
        answer = post(url, "/", {"inputs": several, "truncate": True, "truncation_direction": "Right"}).json()
        assert answer == [scores, expected(labeller, "People fled.")]
    assert post(url, "/predict", {"inputs": []}).json() == []
    assert post(url, "/predict", {"inputs": [" ", ""]}).json() == [[], []]


def test_raw_scores_are_log_odds(url: str, labeller: Labeller) -> None:
    given = expected(labeller, TEXT)
    raw = post(url, "/predict", {"inputs": TEXT, "raw_scores": True}).json()
    assert [one["label"] for one in raw] == [one["label"] for one in given]
    for one, other in zip(raw, given, strict=True):
        assert 1 / (1 + math.exp(-one["score"])) == pytest.approx(other["score"])


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/predict", {}, ["body", "inputs"]),
        ("/predict", {"inputs": 3}, ["body", "inputs"]),
        ("/predict", {"inputs": [["a", "b"]]}, ["body", "inputs"]),
        ("/predict", {"inputs": ["a"] * 6}, ["body", "inputs"]),
        ("/predict", {"inputs": "a", "raw_scores": "yes"}, ["body", "raw_scores"]),
        ("/predict", {"inputs": "a", "parameters": {"function_to_apply": "softmax"}}, ["body", "parameters"]),
        ("/classify", {"input": "a"}, ["body", "input"]),
        ("/classify", {"input": ["a"] * 6}, ["body", "input"]),
    ],
)
def test_what_is_wrong_is_named(url: str, path: str, body: Any, place: list[str]) -> None:
    answer = post(url, path, body)
    assert answer.status_code == 422
    assert all(fault["loc"][: len(place)] == place for fault in answer.json()["errors"])


@pytest.mark.parametrize("inputs", [3, None, {}, [["a", "b"]], ["a", 3], [[]]])
def test_what_texts_may_be_is_said_once(url: str, inputs: Any) -> None:
    (fault,) = post(url, "/predict", {"inputs": inputs}).json()["errors"]
    assert fault == {
        "loc": ["body", "inputs"],
        "msg": "give a text or a list of texts, each as it is or in a list of its own",
        "type": "texts",
    }


@pytest.mark.parametrize("inputs", ["\ud800", ["a", "b \ud800"], [["\ud800"]]])
def test_half_a_surrogate_pair_is_named(url: str, inputs: Any) -> None:
    content = json.dumps({"inputs": inputs})
    answer = httpx2.post(f"{url}/predict", content=content, headers={"Content-Type": "application/json"})
    (fault,) = answer.json()["errors"]
    assert (fault["loc"], fault["type"]) == (["body", "inputs"], "lone_surrogate")
    assert "half of a surrogate pair stands alone" in fault["msg"]


def test_infinity(url: str, labeller: Labeller) -> None:
    answer = post(url, "/classify", {"input": [TEXT, ""], "user": "x"}).json()
    assert answer["data"] == [expected(labeller, TEXT), []]
    tokens = len(labeller.tokenizer(TEXT, []).offsets)
    assert answer["usage"] == {"prompt_tokens": tokens, "total_tokens": tokens}
    assert (answer["object"], answer["model"]) == ("classify", "tiny")
    (model,) = httpx2.get(f"{url}/models").json()["data"]
    assert post(url, "/classify", {"input": [], "model": model["id"]}).json()["data"] == []
    missing = post(url, "/classify", {"input": [], "model": "other"})
    assert (missing.status_code, "'tiny'" in missing.json()["detail"]) == (404, True)
    assert httpx2.get(f"{url}/health").json()["unix"] > 0


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The client may connect, to the server of the tests."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    yield
    close_session()


@pytest.mark.usefixtures("online")
@pytest.mark.parametrize("path", ["", "/predict"])
def test_the_hugging_face_client(url: str, labeller: Labeller, path: str) -> None:
    client = InferenceClient(url + path)
    scores = expected(labeller, TEXT)
    assert [dict(one) for one in client.text_classification(TEXT)] == scores
    assert [dict(one) for one in client.text_classification(TEXT, top_k=1)] == scores[:1]
    (raw, *_) = client.text_classification(TEXT, function_to_apply="none")
    assert raw.label == scores[0]["label"]
    with pytest.raises(HfHubHTTPError, match="422"):
        client.text_classification(TEXT, function_to_apply="softmax")


def test_frames_that_exclude_each_other_have_a_softmax(checkpoint: Path, tmp_path: Path) -> None:
    folder = make_exclusive(checkpoint, tmp_path / "model", "exactly_one")
    with serving(create_app(ServiceSettings(checkpoint=folder))) as url:
        for function, status in (("softmax", 200), ("none", 200), ("sigmoid", 422)):
            answer = post(url, "/predict", {"inputs": TEXT, "parameters": {"function_to_apply": function}})
            assert answer.status_code == status
            if function == "softmax":
                assert sum(one["score"] for one in answer.json()[0]) == pytest.approx(1)


@pytest.mark.usefixtures("online")
def test_the_hugging_face_client_asks_about_the_service(url: str) -> None:
    client = InferenceClient(url, provider="hf-inference")
    assert client.get_endpoint_info()["model_type"]["classifier"]["id2label"] == {"0": "guarding", "1": "fleeing"}
    assert client.health_check()


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/v1/codebook", "/openapi.json"])
def test_head_is_answered_as_get_without_a_body(url: str, path: str) -> None:
    head, get = httpx2.head(url + path), httpx2.get(url + path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert httpx2.head(url + "/predict").headers["allow"] == "POST"
