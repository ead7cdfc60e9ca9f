"""Cross-validation by document: where labels are few, all are learned from, and all choose the thresholds."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.model_selection import StratifiedGroupKFold

from model.actors import ActorList
from model.annotation import Annotation
from training.examples import Example
from training.fitting import Fit, Fitter
from training.remembering_runtime import RememberingRuntime
from training.reserved import Reserved
from training.run_folder import RunError
from training.torch_runtime import TorchRuntime


def check_folds(annotations: Sequence[Annotation], folds: int) -> None:
    """Check that every fold can have a document of its own.

    Raises:
        RunError: there are fewer documents than folds.
    """
    documents = {annotation.document for annotation in annotations}
    if len(documents) < folds:
        raise RunError(
            f"too few documents for --folds {folds}: {len(documents)}; annotate sentences of more documents, or give "
            "fewer folds"
        )


def assign_folds(annotations: Sequence[Annotation], folds: int, seed: int) -> list[int]:
    """The fold of each sentence: all of a document are in one, and every frame is spread over all as far as it goes.

    Raises:
        RunError: there are fewer documents than folds.
    """
    check_folds(annotations, folds)
    documents = [annotation.document for annotation in annotations]
    counts = Counter(frame for annotation in annotations for frame in annotation.frames)
    rarest = [
        min(annotation.frames, key=lambda frame: (counts[frame], frame), default="") for annotation in annotations
    ]
    # A class with fewer members than folds cannot be spread, and the splitter warns of it: it joins those without one.
    sizes = Counter(rarest)
    strata = [frame if sizes[frame] >= folds else "" for frame in rarest]
    if 0 < Counter(strata)[""] < folds:
        strata = [""] * len(strata)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    assigned = [0] * len(annotations)
    for number, (_, chosen) in enumerate(splitter.split(assigned, strata, documents)):
        for place in chosen:
            assigned[place] = number
    return assigned


def cross_validate(
    fitter: Fitter,
    annotations: Sequence[Annotation],
    examples: Sequence[Example],
    further: Sequence[Example],
    times: int,
    folder: Path,
) -> tuple[RememberingRuntime, list[list[dict[str, Any]]]]:
    """Train a network a fold on all other folds, and let it judge its own, none of whose sentences it has seen.

    Args:
        fitter: what the fits share.
        annotations: the annotated sentences that are judged, no two of them copies.
        examples: the annotated sentences as examples, these and others.
        further: what each network learns from besides.
        times: how often an annotated sentence is seen for each of those.
        folder: what interrupted training leaves behind; a fold that is done is not trained again.

    Returns:
        A runtime that says of each sentence what the network says that has not seen it, and the folds' histories.
    """
    folds = assign_folds(annotations, fitter.settings.folds, fitter.settings.seed)
    runtime = RememberingRuntime(None)
    histories = []
    actors = ActorList(fitter.codebook)
    for number in range(fitter.settings.folds):
        kept = folder / f"fold-{number + 1}"
        if not Fit.is_done(kept):
            fitter.say(f"fold {number + 1} of {fitter.settings.folds}")
        judged = [annotation for annotation, fold in zip(annotations, folds, strict=True) if fold == number]
        kept_from = Reserved().also(judged)
        learned = kept_from.without(examples)
        if not learned:
            raise RunError(f"fold {number + 1} has every sentence that there is: annotate sentences that differ")
        # Among the further ones are copies with other names, also of these sentences where other documents have them.
        apart = [one for one in kept_from.without(further) if not kept_from.holds(one.document, one.origin or one.text)]
        fit = fitter.fit([*apart, *learned * times], (), kept)
        histories.append(fit.history)
        network = TorchRuntime(fit.network)
        for annotation in judged:
            runtime.remember(network, fitter.tokenizer(annotation.text, actors.find(annotation.text)).windows)
    return runtime, histories
