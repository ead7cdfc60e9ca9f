"""Part "sentences": requests of one sentence from 32 clients, against infinity."""

import asyncio

from benchmarks.serving import servers, workload
from benchmarks.serving.load import Load, closed_loop
from benchmarks.serving.options import Options
from benchmarks.serving.report import Figure, Floor

PART = "sentences"
_CLIENTS = 32
#: The two take turns, so that what else the machine does meets both.
_ROUNDS = 3


def measure(options: Options) -> list[Figure]:
    """Requests a second and latencies of both."""
    texts = workload.sentences()
    ours, peers = Load(), Load()
    with servers.frameline() as service, servers.infinity(options.infinity_venv) as peer:
        turns = [(service, ours, workload.for_service(texts)), (peer, peers, workload.for_peer(texts))]
        for _ in range(_ROUNDS):
            for server, load, requests in turns:
                seconds = options.seconds / _ROUNDS
                load.add(asyncio.run(closed_loop(server.port, requests, clients=_CLIENTS, seconds=seconds)))
    return figures(ours, peers)


def figures(ours: Load, peers: Load) -> list[Figure]:
    """What the two loads say, in this part's units."""

    def milliseconds(share: float) -> tuple[float, float]:
        return 1e3 * ours.latency(share), 1e3 * peers.latency(share)

    (p50, peers_p50), (p99, peers_p99) = milliseconds(0.5), milliseconds(0.99)
    return [
        Figure(part=PART, name="requests/s", value=ours.rate, other=peers.rate, floor=Floor("≥", 5)),
        Figure(part=PART, name="p50, ms", value=p50, other=peers_p50),
        Figure(part=PART, name="p99, ms", value=p99, other=peers_p99, floor=Floor("≤", 0.5)),
        Figure(part=PART, name="not answered 200", value=ours.failed, floor=Floor("≤", 0)),
        Figure(part=PART, name="not answered 200 by the peer", value=peers.failed),
    ]
