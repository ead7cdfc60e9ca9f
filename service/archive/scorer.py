"""Scoring a shard: from the records of its extents to its part of each table."""

import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

from model.decoding import present_frames
from model.labeller import Labeller
from model.prediction import Sentence, TextDocument
from model.unlabelled import Unlabelled
from service.archive.article import Article, Rejection
from service.archive.articles import read
from service.archive.counts import Counts
from service.archive.folder import Folder
from service.archive.labelled import SentenceRows, StanceRows
from service.archive.layout import Layout
from service.archive.plan import Plan
from service.archive.rejected import as_line, foreign
from service.archive.shard import Shard
from service.archive.store import Label, LabelStore, Stance

#: Sentences that are looked up, labelled and kept together.
_BLOCK = 256
#: A document is set aside only where its language is known with at least this probability.
_SURE = 0.5
Report = Callable[[Counts], None]


def score_shard(
    shard: Shard, plan: Plan, labeller: Labeller, store: LabelStore, folder: Folder, report: Report | None = None
) -> Counts:
    """Score a shard and write its parts, last of all the marker that they are complete.

    It may be called in any process, on any machine, and again for the same shard: the parts are the same.

    Args:
        shard: what to score.
        plan: the run to which it belongs.
        labeller: the plan's model.
        store: labels of the sentences that this machine knows.
        folder: where the tables are.
        report: is told now and then how far the shard is.

    Raises:
        FramelineError: an input changed since its survey, or the disk is full.
        OSError: an input cannot be read, or a file cannot be written.
    """
    work = _Work(shard, plan, labeller, store)
    waiting = work.sentences()
    while block := list(islice(waiting, _BLOCK)):
        work.label(block)
        if report is not None:
            report(work.counts())
    counts = work.counts()
    folder.write(shard.sentences, work.sentence_rows.encode())
    folder.write(shard.stances, work.stance_rows.encode())
    folder.write(shard.rejected, "".join(work.rejected).encode())
    folder.write(shard.marker, json.dumps(counts.as_dict()).encode())
    return counts


class _Waiting(NamedTuple):
    """A sentence that waits for its label; ``number`` is that of its document in the shard, ``identifier`` its own."""

    document: str
    number: int
    identifier: str
    position: int
    unlabelled: Unlabelled
    key: bytes

    @property
    def text(self) -> str:
        """The sentence's."""
        return self.unlabelled.text[self.unlabelled.place.start : self.unlabelled.place.end]


class _Work:
    """A shard on its way to its tables."""

    def __init__(self, shard: Shard, plan: Plan, labeller: Labeller, store: LabelStore) -> None:
        self._shard = shard
        self._plan = plan
        self._labeller = labeller
        self._store = store
        layout = Layout.of(plan)
        self._thresholds = [frame.threshold or 0.0 for frame in plan.model.frames]
        self._choice = plan.model.frames_per_sentence
        self._stances = layout.stance_ids
        self.sentence_rows = SentenceRows(layout)
        self.stance_rows = StanceRows(layout)
        self.rejected: list[str] = []
        self._known: dict[bytes, Label] = {}
        self._documents = self._saved = self._scored = 0
        self._kinds = {"fault": 0, "language": 0}

    def counts(self) -> Counts:
        """What is done so far."""
        return Counts(
            documents=self._documents,
            sentences=self._scored + self._saved,
            stances=len(self.stance_rows),
            scored=self._scored,
            saved=self._saved,
            **self._kinds,
        )

    def sentences(self) -> Iterator[_Waiting]:
        """The sentences of all extents, in order; what cannot be labelled is set aside."""
        for extent in self._shard.extents:
            prefix = blake2b(extent.input.url.encode(errors="surrogateescape"), digest_size=8).hexdigest()
            for item in read(extent, self._plan.options.columns, self._plan.columns):
                rejection = item if isinstance(item, Rejection) else self._check_language(item)
                if rejection is not None:
                    self.rejected.append(as_line(rejection))
                    self._kinds[rejection.kind] += 1
                elif isinstance(item, Article):
                    yield from self._split(item, f"{prefix}-{item.place.record:07d}")
                    self._documents += 1

    def label(self, block: Sequence[_Waiting]) -> None:
        """Label sentences and add their rows."""
        missing = {one.key: one for one in block if one.key not in self._known}
        for key, known in self._store.get(list(missing)).items():
            self._known[key] = known.label
            if known.shard != self._shard.number:
                del missing[key]
        unlabelled = [one for key, one in missing.items() if key not in self._known]
        self._score(unlabelled)
        self._scored += len(missing)
        self._saved += len(block) - len(missing)
        for one in block:
            self._add(one, self._known[one.key])

    def _score(self, waiting: Sequence[_Waiting]) -> None:
        labelled = self._labeller.label([one.unlabelled for one in waiting])
        self._known.update((one.key, _label(sentence)) for one, sentence in zip(waiting, labelled, strict=True))
        self._store.put(self._shard.number, {one.key: self._known[one.key] for one in waiting})

    def _check_language(self, article: Article) -> Rejection | None:
        wanted = self._plan.language
        if wanted is None:
            return None
        from service.archive.language import identify

        language, probability = identify(article.text)
        if language == wanted or probability < _SURE:
            return None
        return foreign(article, language, probability, wanted)

    def _split(self, article: Article, identifier: str) -> Iterator[_Waiting]:
        number = self.sentence_rows.begin(article.id, article.columns)
        document = TextDocument(id=article.id, text=article.text, actors=article.actors)
        for position, unlabelled in enumerate(self._labeller.sentences(document)):
            yield _Waiting(
                article.id,
                number,
                f"{identifier}-{position:04d}",
                position,
                unlabelled,
                _key(unlabelled),
            )

    def _add(self, one: _Waiting, label: Label) -> None:
        text, start = one.text, one.unlabelled.place.start
        present = present_frames(label.frames, self._thresholds, self._choice)
        self.sentence_rows.add(
            one.number, one.identifier, one.position, start, one.unlabelled.place.end, text, label.frames, present
        )
        for stance in label.stances:
            likeliest = self._stances[stance.probabilities.index(max(stance.probabilities))]
            self.stance_rows.add(
                (
                    one.identifier,
                    one.document,
                    text[stance.start : stance.end],
                    start + stance.start,
                    start + stance.end,
                    stance.actor,
                    likeliest,
                    *stance.probabilities,
                )
            )


def _key(unlabelled: Unlabelled) -> bytes:
    """The same for sentences that get the same label: those of one text in which the same mentions are judged."""
    sentence = unlabelled.text[unlabelled.place.start : unlabelled.place.end]
    content = sentence.encode()
    if unlabelled.mentions is not None:
        judged = sorted((name, whole) for name, whole in unlabelled.mentions.items() if name in sentence)
        content += b"\0" + json.dumps(judged).encode()
    return blake2b(content, digest_size=16).digest()


def _label(sentence: Sentence) -> Label:
    return Label(
        [frame.probability for frame in sentence.frames],
        [
            Stance(
                actor.start - sentence.start,
                actor.end - sentence.start,
                actor.actor,
                list(actor.probabilities.values()),
            )
            for actor in sentence.actors
        ],
    )
