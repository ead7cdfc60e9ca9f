"""The words with which a run ends."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from service.archive.counts import Counts
from service.archive.display import describe_time
from service.archive.folder import Folder
from service.archive.progress import Progress
from service.archive.rejected import REJECTED

#: Reasons that are shown, and the most that are told apart.
_SHOWN, _MOST = 5, 1_000
_OTHER = "for other reasons"
#: What differs between records that were set aside for the same reason.
_OWN = re.compile(r"'(?:[^'\\]|\\.)*'…?|\"(?:[^\"\\]|\\.)*\"…?|(?<![\w.-])\d+(?:\.\d+)?\b")


def summarise(counts: Counts, folder: Folder, paused: Progress | None) -> Iterator[str]:
    """Lines that say what came of a run, and what to do next.

    Args:
        counts: of all that was scored.
        folder: that of its tables.
        paused: how far the whole run is after a trial, None where it is finished.
    """
    yield f"{counts.documents:,} documents, {counts.sentences:,} sentences, {counts.stances:,} stances toward actors."
    if counts.saved:
        share = counts.saved / counts.sentences
        yield f"Saved by repetition: {counts.saved:,} sentences ({share:.1%}) repeat others and were scored once."
    if counts.rejected:
        parts = [f"{counts.fault:,} faulty"] if counts.fault else []
        parts += [f"{counts.language:,} in another language"] if counts.language else []
        yield f"Set aside: {' and '.join(parts)}; each stands with place and reason in {folder.url}/{REJECTED}."
        yield from _describe_reasons(folder)
    if paused is not None:
        yield f"Tables so far: {folder.url}/sentences and {folder.url}/stances."
        yield _describe_trial(paused)
        yield "Next: the same command without --limit goes on from here."
        return
    yield f"Tables: {folder.url}/sentences and {folder.url}/stances, described in {folder.url}/manifest.json."
    if counts.sentences:
        yield f"Next: frameline report {folder.url}"


def _describe_trial(paused: Progress) -> str:
    """How much of the whole a trial was, and how long the rest takes at its speed, where it had any."""
    done = round(paused.share * paused.documents_total)
    told = f"This was a trial: {done:,} of {paused.documents_total:,} documents are done"
    if paused.seconds_left is None:
        return f"{told}."
    speed = f"{paused.documents_per_second:,.0f} documents and {paused.sentences_per_second:,.0f} sentences a second"
    return f"{told}. At its speed, {speed}, the rest takes about {describe_time(paused.seconds_left)}."


def _describe_reasons(folder: Folder) -> Iterator[str]:
    """The commonest reasons, with how often each was given."""
    reasons: Counter[str] = Counter()
    for line in folder.lines(REJECTED):
        rejection = json.loads(line)
        reason = rejection["reason"] if rejection["kind"] == "language" else _OWN.sub("…", rejection["reason"])
        reasons[reason.partition("; ")[0] if len(reasons) < _MOST else _OTHER] += 1
    others = reasons.total()
    reasons.pop(_OTHER, None)
    for reason, count in reasons.most_common(_SHOWN):
        others -= count
        yield f"  {count:>8,}  {reason}"
    if others:
        yield f"  {others:>8,}  {_OTHER}"
