"""Lines that say how far a run is where there is no terminal."""

from types import SimpleNamespace

import pytest

from service.archive.display import LineDisplay, describe_time
from service.archive.progress import Progress


@pytest.mark.parametrize(
    ("seconds", "words"), [(4.4, "4 s"), (65, "1 min 05 s"), (3599.6, "1 h 00 min"), (90_000, "25 h 00 min")]
)
def test_times_are_said_in_two_units(seconds: float, words: str) -> None:
    assert describe_time(seconds) == words


def test_a_line_comes_when_something_begins_and_then_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr("service.archive.display.time", SimpleNamespace(monotonic=lambda: now))
    lines = LineDisplay()
    for second in range(65):
        now = float(second)
        lines(Progress("planning", message=f"second {second}"))
    lines(Progress("planned", documents_total=1_200))
    for _ in range(31):
        now += 1
        lines(Progress("progress", documents=int(now), share=now / 1_000))
    lines(Progress("finished"))
    counts = "(0/s) · 0 sentences (0/s) · 0 set aside · 0 saved · "
    assert capsys.readouterr().err.splitlines() == [
        "Planning: second 0",
        "Planning: second 30",
        "Planning: second 60",
        "Scoring: 0% of 1,200 documents are done",
        f"  6%  65 documents {counts}",
        f" 10%  95 documents {counts}",
    ]
