"""Checking that a run which goes on, or is finished, is the one that is asked for."""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version

from service.archive.article import Input
from service.archive.errors import ArchiveError
from service.archive.identity import ModelIdentity
from service.archive.options import ScoreOptions
from service.archive.plan import ListedInput, Plan, Run, digest_inputs
from service.archive.storage import digest, measure, stamp


def check_version(plan: Plan, folder: str) -> None:
    """Check that a plan is of this version of Frameline: another one may cut sentences and find actors otherwise.

    Args:
        plan: that of a run which goes on.
        folder: its folder, for the message.

    Raises:
        ArchiveError: it is of another one.
    """
    now = version("frameline")
    if plan.frameline != now:
        raise ArchiveError(
            f"{folder}: was begun with Frameline {plan.frameline}, now it is {now}, whose tables may differ. Finish it "
            "with that version, or give --out another folder"
        )


def check_run(
    run: Run,
    listed: Callable[[], Iterable[ListedInput]],
    inputs: Iterable[Input],
    options: ScoreOptions,
    model: ModelIdentity,
    folder: str,
    *,
    on_compare: Callable[[str], None],
) -> dict[str, str]:
    """Check that a run is that of these inputs, options and model.

    An input whose stamp differs is the same if its content is: one that was copied anew, or touched.

    Args:
        run: the run to which a folder belongs.
        listed: gives its inputs.
        inputs: those that are asked for.
        options: likewise.
        model: likewise.
        folder: the folder, for the message.
        on_compare: is told the input whose content is compared.

    Returns:
        The stamps that the inputs have now, by their URLs.

    Raises:
        ArchiveError: all that differs, and the remedy.
    """
    differences = [*_other_options(run, options, model)]
    now = {source.url: stamp(source.url) for source in inputs}
    if digest_inputs(now) != run.inputs_digest:
        differences += _other_inputs(now, {one.url: one for one in listed()}, on_compare)
    if differences:
        raise ArchiveError(
            f"{folder}: holds another run: {'; '.join(differences)}. Give --out another folder, or give the command of "
            "that run"
        )
    return now


def _other_options(run: Run, options: ScoreOptions, model: ModelIdentity) -> Iterator[str]:
    """What differs in options and model."""
    pairs = {
        "--text-column": (run.options.columns.text, options.columns.text),
        "--id-column": (run.options.columns.id, options.columns.id),
        "--actors-column": (run.options.columns.actors, options.columns.actors),
        "--language": (run.language, run.model_copy(update={"options": options, "model": model}).language),
        "--no-text": (not run.options.keep_text, not options.keep_text),
    }
    for name, (before, now) in pairs.items():
        if before != now:
            yield f"{name} was {_say(before)}, now {_say(now)}"
    if run.model.fingerprint != model.fingerprint:
        yield (
            f"its model was {run.model.name} {run.model.version} with the codebook {run.model.codebook}, now it is "
            f"{model.name} {model.version} with {model.codebook}"
        )


def _say(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "given" if value else "not given"
    return "any" if value is None else repr(value)


def _other_inputs(
    now: dict[str, str], before: dict[str, ListedInput], on_compare: Callable[[str], None]
) -> Iterator[str]:
    """What differs in the inputs: new ones, missing ones, changed ones."""
    groups = {
        "were not among its inputs": [url for url in now if url not in before],
        "were among its inputs and are not now": [url for url in before if url not in now],
        "changed since (put back what was there)": [
            url
            for url, state in now.items()
            if url in before and before[url].stamp != state and _differs(before[url], on_compare)
        ],
    }
    for what, urls in groups.items():
        if urls:
            yield f"{', '.join(urls[:5])}{f' and {len(urls) - 5} more' if len(urls) > 5 else ''} {what}"


def _differs(listed: ListedInput, on_compare: Callable[[str], None]) -> bool:
    """Whether an input has another content than a run found in it."""
    try:
        if measure(listed.url) not in (listed.size, 0):
            return True
        on_compare(listed.url)
        return digest(listed.url) != listed.sha256
    except OSError:
        return True
