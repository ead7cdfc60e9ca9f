"""What a process of its own does; this module imports little, so that it starts soon."""

from service.annotations.store import Store
from tests.service.annotations.sent import ADA, sent


def annotate(url: str, process: int) -> None:
    store = Store.open(url)
    for number in range(10):
        store.add([sent(id="s", origin=f"{process}-{number}")], ADA, "tiny-1")
    store.close()
