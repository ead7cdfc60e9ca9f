"""What a set of annotations holds: counts, variety and near duplicates."""

from collections import Counter
from collections.abc import Iterable, Sequence

from datasketch import MinHashLSH

from model.annotation import Annotation
from model.articles import Article
from model.codebook import Codebook, Schema
from training.near_duplicates import NEAR, grams, make_minhash, words_of


class Description(Schema):
    """Counts and shares; ``distinct_3`` is the share of different word trigrams among all (Li et al. 2016)."""

    sentences: int
    documents: int
    words_a_sentence: float
    frames: dict[str, int]
    no_frame: int
    several_frames: int
    mentions: int
    stances: dict[str, int]
    distinct_3: float
    near_duplicates: float
    genres: dict[str, int]
    regions: dict[str, int]
    decades: dict[str, int]
    conflicts: int


def describe_annotations(
    annotations: Sequence[Annotation], articles: Iterable[Article], codebook: Codebook
) -> Description:
    """Describe annotations; ``articles`` that none of them comes from do not count."""
    documents = {annotation.document for annotation in annotations}
    told = [article for article in articles if article.document in documents]
    frames = Counter(frame for annotation in annotations for frame in annotation.frames)
    stances = Counter(actor.stance for annotation in annotations for actor in annotation.actors)
    words = [words_of(annotation.text) for annotation in annotations]
    return Description(
        sentences=len(annotations),
        documents=len(documents),
        words_a_sentence=sum(map(len, words)) / max(len(words), 1),
        frames={frame: frames[frame] for frame in codebook.frame_ids},
        no_frame=sum(not annotation.frames for annotation in annotations),
        several_frames=sum(len(annotation.frames) > 1 for annotation in annotations),
        mentions=stances.total(),
        stances={stance: stances[stance] for stance in codebook.stance_ids},
        distinct_3=distinct(words, 3),
        near_duplicates=near_duplicate_share(words),
        genres=dict(Counter(article.genre for article in told).most_common()),
        regions=dict(Counter(article.region for article in told).most_common()),
        decades=dict(sorted(Counter(article.decade for article in told).items())),
        conflicts=len({article.conflict for article in told}),
    )


def distinct(sentences: Iterable[Sequence[str]], size: int) -> float:
    """The share of different n-grams of ``size`` words among all of them."""
    found = [gram for words in sentences for gram in grams(words, size)]
    return len(set(found)) / max(len(found), 1)


def near_duplicate_share(sentences: Sequence[Sequence[str]]) -> float:
    """The share of sentences that have a near duplicate among the others."""
    index = MinHashLSH(threshold=NEAR, num_perm=128)
    hashes = []
    for number, words in enumerate(sentences):
        minhash = make_minhash(words)
        index.insert(number, minhash)
        hashes.append(minhash)
    near = sum(
        any(other != number and hashes[other].jaccard(minhash) >= NEAR for other in index.query(minhash))
        for number, minhash in enumerate(hashes)
    )
    return near / max(len(hashes), 1)
