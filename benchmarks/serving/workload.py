"""What is asked: sentences and articles of ten, from the texts of the project."""

import json
import random
from itertools import islice

from benchmarks.serving.client import post
from benchmarks.texts import load_texts
from model.sentences import split

CLASSIFY = "/v1/classify"
PEER_CLASSIFY = "/classify"
#: The name under which the peer serves its model.
PEER_MODEL = "peer"
SENTENCES_AN_ARTICLE = 10


def sentences() -> list[str]:
    """The texts' sentences in their order, each of them one for the service too."""
    lines = [line for document in load_texts(None) for line in document.text.split("\n")]
    return [line for line in lines if len(list(islice(split(line), 2))) == 1]


def articles() -> list[str]:
    """Texts of ten sentences."""
    lines = sentences()
    starts = range(0, len(lines) - SENTENCES_AN_ARTICLE + 1, SENTENCES_AN_ARTICLE)
    return ["\n".join(lines[start : start + SENTENCES_AN_ARTICLE]) for start in starts]


def for_service(texts: list[str]) -> list[bytes]:
    """Requests to Frameline, one a text."""
    return [post(CLASSIFY, json.dumps({"text": text}).encode()) for text in _shuffled(texts)]


def for_peer(texts: list[str]) -> list[bytes]:
    """The same requests, in the same order, to the peer."""
    bodies = [{"input": [text], "model": PEER_MODEL} for text in _shuffled(texts)]
    return [post(PEER_CLASSIFY, json.dumps(body).encode()) for body in bodies]


def mixed(count: int) -> list[bytes]:
    """Requests to Frameline, every other with one sentence and every other with ten."""
    pairs = zip(_shuffled(sentences()), _shuffled(articles()), strict=False)
    return for_service([text for pair in islice(pairs, count // 2) for text in pair])


def _shuffled(texts: list[str]) -> list[str]:
    return random.Random(0).sample(texts, len(texts))  # noqa: S311
