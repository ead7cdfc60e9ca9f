"""Checking that the settings of a run go with each other and with its data."""

from model.annotation_files import annotation_files
from training.compilation import has_compiler
from training.run_folder import RunError, RunRecord
from training.sources import Sources
from training.splits import Part


def check_settings(record: RunRecord, sources: Sources) -> None:
    """Check a run before anything is read for long or written.

    Raises:
        RunError: naming the options that do not go together, or the part without documents.
    """
    settings = record.settings
    twice = sorted(map(str, {*annotation_files(sources.annotations)} & {*annotation_files(sources.supplements)}))
    if twice:
        raise RunError(f"given both as annotations and as a supplement, be it by default: {', '.join(twice)}")
    if settings.compiled and not has_compiler():
        raise RunError("--compile needs a C++ compiler: install g++ or clang++, or leave --compile out")
    if settings.most_unlabelled is not None and not sources.unlabelled:
        raise RunError("--most-unlabelled says how many of --unlabelled FILE are taken: give that, too")
    if settings.base_share and (sources.base is None or settings.relu or settings.attention_heads is not None):
        raise RunError(
            "--base-share is for a base that is good as it is, narrowed or not: give --base, and no --attention-heads"
            " or --relu"
        )
    needed: list[Part] = ["train"]
    if settings.held_out:
        needed += ["development", "test"]
    elif not settings.folds and not record.chosen_by:
        folds = "" if sources.newsmtsc is not None else ", --folds"
        others = " with documents that neither the base nor the teacher was trained on" if sources.development else ""
        raise RunError(f"nothing chooses epoch and thresholds: give --held-out{folds} or --development{others}")
    if settings.folds and sources.newsmtsc is not None:
        raise RunError("--folds is for few sentences, which --newsmtsc is not: give --folds 0 --held-out 0.08")
    if settings.folds and settings.balance_stances:
        raise RunError("--balance-stances needs sentences that are not learned from: give --folds 0 --held-out 0.08")
    if settings.folds and sources.development:
        raise RunError("--development chooses in the place of --folds: leave one of them out")
    if settings.folds and settings.held_out:
        raise RunError("--folds learns from every sentence: leave --held-out out, or give --folds 0")
    if sources.teacher is None and (settings.rewordings or settings.imitation):
        raise RunError("--rewordings and --imitation learn from a teacher: give --teacher RUN")
    if settings.folds == 1 and len(record.documents["train"]) == 1:
        raise RunError(
            "too few documents: all sentences are of one; annotate sentences of another, or give --development FILE"
        )
    if settings.folds == 1:
        raise RunError("--folds 1 leaves nothing to learn from: give 2 or more, or 0 for none")
    if not all(record.documents[name] for name in needed):
        counts = ", ".join(f"{len(names)} in {name}" for name, names in record.documents.items())
        seen = f"; the base or the teacher was trained on {len(record.seen)} of them" if record.seen else ""
        same = ", give the --held-out and --seed of their training" if record.seen else ""
        rest = "choose by others with --development FILE" if record.seen else "use all with --folds 3"
        raise RunError(
            f"too few documents ({counts}{seen}): each part needs one; annotate more documents{same}, try another "
            f"--held-out (now {settings.held_out}) or --seed, or {rest} and --held-out 0"
        )
