"""Sentences a second of the Python path, over the texts (a JSON list) on standard input.

python -m benchmarks.serving.direct SECONDS < texts.json
"""

import itertools
import json
import random
import sys
import time
from collections.abc import Iterator

from model.labeller import Labeller
from model.prediction import TextDocument


def main(seconds: float) -> None:
    """Label the texts over and over for some seconds, and print the rate."""
    texts = json.load(sys.stdin)
    documents = [TextDocument(id=str(number), text=text) for number, text in enumerate(texts)]
    documents = random.Random(0).sample(documents, len(documents))  # noqa: S311
    labeller = Labeller.from_checkpoint()
    list(labeller.classify_documents(documents[:10]))
    start = time.perf_counter()

    def until_the_end() -> Iterator[TextDocument]:
        return itertools.takewhile(lambda _: time.perf_counter() < start + seconds, itertools.cycle(documents))

    count = sum(len(document.sentences) for document in labeller.classify_documents(until_the_end()))
    print(count / (time.perf_counter() - start))


if __name__ == "__main__":
    main(float(sys.argv[1]))
