"""Part "articles": articles of ten sentences from 8 clients, against the Python path without HTTP."""

import asyncio
import json
import subprocess
import sys

from benchmarks.serving import servers, workload
from benchmarks.serving.load import Load, closed_loop
from benchmarks.serving.options import Options
from benchmarks.serving.process import ROOT
from benchmarks.serving.report import Figure, Floor

PART = "articles"
_CLIENTS = 8
_ROUNDS = 3


def measure(options: Options) -> list[Figure]:
    """Sentences a second over HTTP and without."""
    texts = workload.articles()
    requests = workload.for_service(texts)
    seconds = options.seconds / _ROUNDS
    over_http, direct = Load(), []
    with servers.frameline() as service:
        for _ in range(_ROUNDS):
            over_http.add(asyncio.run(closed_loop(service.port, requests, clients=_CLIENTS, seconds=seconds)))
            direct.append(_direct(texts, seconds))
    value = over_http.rate * workload.SENTENCES_AN_ARTICLE
    other = sum(direct) / _ROUNDS
    return [
        Figure(part=PART, name="sentences/s, against Python", value=value, other=other, floor=Floor("≥", 0.8)),
        Figure(part=PART, name="p99, ms", value=1e3 * over_http.latency(0.99)),
        Figure(part=PART, name="not answered 200", value=over_http.failed, floor=Floor("≤", 0)),
    ]


def _direct(texts: list[str], seconds: float) -> float:
    """Sentences a second of ``Labeller.classify_documents`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.serving.direct", str(seconds)]
    answer = subprocess.run(command, input=json.dumps(texts).encode(), stdout=subprocess.PIPE, check=True, cwd=ROOT)
    return float(answer.stdout)
