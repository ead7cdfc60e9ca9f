"""``frameline models``: the registry, and the gate before service."""

import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from model.checkpoint import Checkpoint
from model.errors import FramelineError
from model.promotion import Decision
from model.registry import Registry
from model.version import Version
from training.contender import SHIPPED, Contender, find_contender, of_version
from training.gate import Evidence, Verdict, judge, keep, latest, recorded

#: The exit code of a promotion that was refused.
REFUSED = 4
_DEFAULT = Path("registry")
_Function = TypeVar("_Function", bound=Callable[..., Any])
_paths = click.Path(path_type=Path)


def _with_registry(function: _Function) -> _Function:
    option = click.option(
        "--registry",
        type=_paths,
        envvar="FRAMELINE_REGISTRY",
        default=_DEFAULT,
        show_default=True,
        show_envvar=True,
        help="The registry's folder.",
    )
    return option(function)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # as in a container whose user has no name
        return "unknown"


_by = click.option("--by", default=_who, show_default="your user name", help="Who decides; the log names them.")
_annotations = click.option(
    "--annotations", type=_paths, multiple=True, help="Annotated sentences, files or folders; may be given often."
)
_keep_known = click.option(
    "--keep-known", is_flag=True, help="Keep sentences that a model has seen; such figures prove nothing."
)


@click.group(
    epilog="""\b
Exit codes: 0 done, 2 the input or the arguments are wrong, 4 the version was refused.

\b
  frameline models add checkpoints/mine --run runs/mine
  frameline models compare default v1 --annotations held-out.jsonl --page comparison.html
  frameline models promote v1 --annotations held-out.jsonl
  frameline serve --registry registry
  frameline models rollback --reason "complaints from the desk"
"""
)
def models() -> None:
    """Keep versions of models, compare them, put one into service, and take it back.

    A registry is a folder. Its versions never change; one of them is in service, and every `frameline serve
    --registry FOLDER` follows it without a pause. Its log says who put which version into service, when and why.
    """


@models.command()
@click.argument("checkpoint", type=_paths)
@click.option("--run", type=_paths, help="The training run that it comes from: settings, data and scores are kept.")
@click.option("--parent", metavar="VERSION", help="What it was made from; default: the version of its run's base.")
@click.option("--note", default="", help="Anything to be remembered.")
@click.option("--mlflow", metavar="URI", help="Log parameters, metrics and files to this MLflow server or folder, too.")
@_by
@_with_registry
def add(
    checkpoint: Path, run: Path | None, parent: str | None, note: str, mlflow: str | None, by: str, registry: Path
) -> None:
    """Keep a copy of an exported CHECKPOINT as the next version.

    \b
    Example: frameline models add checkpoints/mine --run runs/mine --note "with the March corrections"
    """
    kept = Registry(registry)
    version, new = kept.add(checkpoint, run, by=by, note=note, parent=parent)
    if new:
        click.echo(f"{version.id}: {version.name} {version.version}, {version.size / 1e6:.1f} MB, in {registry}")
    else:
        click.echo(f"{version.id} is this very checkpoint already; nothing was added")
    if mlflow is not None:
        with _needing("mlflow"):
            from training.mlflow_log import log_version

            place = log_version(version, kept.checkpoint(version), mlflow)
        click.echo(f"MLflow: {place}")
    click.echo(f"Next: frameline models promote {version.id} --annotations HELD-OUT.jsonl", err=True)


@models.command(name="list")
@_with_registry
def list_(registry: Path) -> None:
    """Show every version; a star marks the one in service."""
    kept = Registry(registry)
    versions, pointer = kept.versions(), kept.pointer()
    if not versions:
        click.echo(f"{registry} holds no versions; `frameline models add CHECKPOINT` adds one.", err=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "Version", "Model", "Codebook", "Parent", "Added", "MB", "Note"):
        table.add_column(heading, justify="right" if heading == "MB" else "left", overflow="fold")
    for version in versions:
        mark = "*" if version.id == pointer.version else ""
        model = f"{version.name} {version.version}"
        added, size = f"{version.added:%Y-%m-%d}", f"{version.size / 1e6:.1f}"
        codebook = version.codebook.split("+")[0]
        table.add_row(mark, version.id, model, codebook, version.parent or "", added, size, version.note)
    _console().print(table)


@models.command()
@click.argument("version")
@click.option("--path", is_flag=True, help="Print the folder of its checkpoint and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@_with_registry
def show(version: str, path: bool, as_json: bool, registry: Path) -> None:
    """Show what a VERSION is and where it comes from.

    \b
    Example: frameline classify --checkpoint "$(frameline models show v2 --path)" article.txt
    """
    kept = Registry(registry)
    found = kept.version(version)
    if path:
        click.echo(kept.checkpoint(found))
    elif as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        click.echo("\n".join(f"{name:12} {value}" for name, value in _describe(found, kept)))


def _describe(version: Version, registry: Registry) -> Iterator[tuple[str, object]]:
    yield "version", version.id + (" (in service)" if registry.pointer().version == version.id else "")
    yield "model", f"{version.name} {version.version}, {version.precision}, {version.size / 1e6:.1f} MB"
    yield "codebook", version.codebook
    yield "digest", version.digest
    yield "parent", version.parent or "unknown"
    yield "added", f"{version.added:%Y-%m-%d %H:%M} UTC by {version.by}"
    if version.note:
        yield "note", version.note
    if version.lineage is None:
        yield "run", "unknown"
        return
    lineage = version.lineage
    yield "run", lineage.run
    parts = ", ".join(f"{len(names)} in {part}" for part, names in lineage.documents.items())
    yield "documents", parts
    for name, value in lineage.settings.items():
        yield "setting", f"{name} = {value}"
    for file, checksum in lineage.data.items():
        yield "data", f"{checksum[:12]}  {file}"
    for name, value in lineage.metrics.items():
        yield "metric", f"{name} = {value:.4f}" if isinstance(value, float) else f"{name} = {value}"


@models.command()
@click.argument("a")
@click.argument("b")
@_annotations
@_keep_known
@click.option("--on", "archive", type=_paths, metavar="DIR", help="Say what B would change in a scored archive.")
@click.option("--sample", type=click.IntRange(min=1), default=2_000, show_default=True, help="Sentences of the archive.")
@click.option("--json", "json_file", type=_paths, metavar="FILE", help="Write everything as JSON, too.")
@click.option("--page", type=_paths, metavar="FILE.html", help="Write a page with examples, too.")
@_with_registry
def compare(
    a: str,
    b: str,
    annotations: tuple[Path, ...],
    keep_known: bool,
    archive: Path | None,
    sample: int,
    json_file: Path | None,
    page: Path | None,
    registry: Path,
) -> None:
    """Compare model B, the candidate, with model A on the same held-out sentences.

    A and B are versions of the registry, folders of checkpoints, or `default`, the model that ships. Sentences of
    documents from which either was made are left out, and named. Each label's F1 has a paired interval, and two tests
    say whether it differs; all p-values together are corrected by Holm's method. The registry keeps the figures, and
    `promote` can rest on them. The page of --page shows sentences, so pass it on only where you may pass them on.

    \b
    Example: frameline models compare v1 v2 --annotations held-out.jsonl --on scored --page comparison.html
    """
    if not annotations:
        raise click.UsageError("name held-out sentences: --annotations FILE")
    kept = Registry(registry)
    before, after = find_contender(a, kept), find_contender(b, kept)
    with _needing("train"):
        from training.archive_sample import measure_change
        from training.comparing import compare as run
        from training.comparing import comparison_key
        from training.comparison_page import render_comparison
        from training.comparison_table import show_change, show_comparison
        from training.held_out import read_held_out
    held_out = read_held_out(annotations, before, after, keep_known=keep_known)
    with _progress(f"Comparing {a} with {b}", _passes(len(held_out.sentences))) as advance:
        compared = run(before, after, held_out, keep_known=keep_known, advance=advance)
    console = _console()
    show_comparison(console, compared.comparison)
    change = None
    if archive is not None:
        from model.labeller import Labeller

        labeller = Labeller.from_checkpoint(after.folder)
        with _progress(f"Labelling sentences of {archive} again", sample) as advance:
            change = measure_change(archive, labeller, sample, advance=advance)
        labeller.close()
        show_change(console, change)
    if json_file is not None:
        content = {**compared.comparison.model_dump(mode="json"), "findings": compared.comparison.findings}
        content["archive"] = None if change is None else change.model_dump(mode="json")
        json_file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if page is not None:
        codebook = Checkpoint.open(after.folder).codebook
        page.write_text(render_comparison(compared, codebook, change), encoding="utf-8")
    if kept.exists:
        key = comparison_key(before, after, held_out, keep_known=keep_known)
        keep(kept, key, compared.comparison)
        console.print(f"Kept in {registry} as {key}.", style="dim")


@models.command()
@click.argument("version")
@_annotations
@click.option("--against", metavar="A", help="What serves now, where the registry has no version in service yet.")
@click.option("--force", is_flag=True, help="Promote it whatever speaks against it; needs --reason.")
@click.option("--reason", default="", help="Why; it stands in the log.")
@_by
@_with_registry
@click.pass_context
def promote(
    context: click.Context,
    version: str,
    annotations: tuple[Path, ...],
    against: str | None,
    force: bool,
    reason: str,
    by: str,
    registry: Path,
) -> None:
    """Put a VERSION into service, if it is on no label significantly worse than the one in service.

    With --annotations both are compared on those sentences (a comparison of the same pair on the same sentences is
    taken from the registry); without, the newest comparison of the pair counts. A version that is worse on a label, that
    no longer has a label, or that was never compared is refused with exit code 4, unless --force gives a --reason.

    \b
    Example: frameline models promote v2 --annotations held-out.jsonl --reason "learned the March corrections"
    """
    if force and not reason.strip():
        raise click.UsageError("--force needs a --reason, which stands in the log")
    kept = Registry(registry)
    found, current = kept.version(version), kept.pointer().version
    if found.id == current:
        click.echo(f"{found.id} is in service already.")
        return
    if against is not None and current is not None:
        raise click.UsageError(f"--against: {current} is in service, so {found.id} is compared with that")
    candidate = of_version(found, kept)
    incumbent = _incumbent(against, current, candidate, kept)
    if incumbent is None or incumbent.digest == candidate.digest:
        verdict = Verdict(None, ())
    else:
        verdict = judge(_evidence(kept, incumbent, candidate, annotations), candidate, incumbent)
    evidence = None if verdict.evidence is None else verdict.evidence.key
    if not verdict.passed and not force:
        kept.refuse(found, by=by, reason=reason, evidence=evidence, findings=verdict.findings)
        for finding in verdict.findings:
            click.echo(f"frameline: {finding}", err=True)
        click.echo(f"{found.id} is not promoted. To do so nevertheless: --force --reason TEXT", err=True)
        context.exit(REFUSED)
    forced = force and not verdict.passed
    kept.promote(
        found, current, by=by, reason=reason, forced=forced, evidence=evidence, findings=verdict.findings
    )
    for finding in verdict.findings:
        click.echo(f"frameline: forced: {finding}", err=True)
    click.echo(f"{found.id} is in service, in the place of {_name(current)}.")


def _incumbent(against: str | None, current: str | None, candidate: Contender, registry: Registry) -> Contender | None:
    """What a candidate is compared with; None for the first version of a codebook of which nothing is in service."""
    if against is None and current is None:
        shipped = find_contender(SHIPPED, registry)
        ours, theirs = (Checkpoint.open(one.folder).codebook for one in (candidate, shipped))
        if set(ours.frame_ids).isdisjoint(theirs.frame_ids):
            click.echo(f"{candidate.name} is the first of its codebook, so there is nothing to compare it with.")
            return None
        return shipped
    return find_contender(against or current or SHIPPED, registry)


def _evidence(
    registry: Registry, incumbent: Contender, candidate: Contender, annotations: tuple[Path, ...]
) -> Evidence | None:
    """The comparison on which a promotion rests; made now if the registry does not have it."""
    if not annotations:
        return latest(registry, incumbent, candidate)
    with _needing("train"):
        from training.comparing import compare as run
        from training.comparing import comparison_key
        from training.comparison_table import show_comparison
        from training.held_out import read_held_out
    held_out = read_held_out(annotations, incumbent, candidate, keep_known=False)
    key = comparison_key(incumbent, candidate, held_out, keep_known=False)
    evidence = recorded(registry, key)
    if evidence is None:
        words = f"Comparing {incumbent.name} with {candidate.name}"
        with _progress(words, _passes(len(held_out.sentences))) as advance:
            evidence = Evidence(key, run(incumbent, candidate, held_out, advance=advance).comparison)
        keep(registry, key, evidence.comparison)
    show_comparison(_console(), evidence.comparison)
    return evidence


@models.command()
@click.option("--reason", default="", help="Why; it stands in the log.")
@_by
@_with_registry
def rollback(reason: str, by: str, registry: Path) -> None:
    """Put the version into service that was before; may be given again and again.

    \b
    Example: frameline models rollback --reason "too many false alarms"
    """
    decision = Registry(registry).rollback(by=by, reason=reason)
    click.echo(f"{_name(decision.version)} is in service again, in the place of {_name(decision.instead_of)}.")


@models.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@_with_registry
def log(as_json: bool, registry: Path) -> None:
    """Show every promotion, refusal and rollback: who, when, why, and what spoke against it."""
    for decision in Registry(registry).log():
        if as_json:
            click.echo(decision.model_dump_json())
        else:
            click.echo("\n".join(_tell(decision)))


def _tell(decision: Decision) -> Iterator[str]:
    place = _name(decision.instead_of)
    what = {
        "promoted": f"{_name(decision.version)} promoted{' by force' if decision.forced else ''}, was {place}",
        "refused": f"{_name(decision.version)} refused, {place} stays",
        "rolled back": f"rolled back from {place} to {_name(decision.version)}",
    }[decision.action]
    yield f"{decision.number:4}  {decision.at:%Y-%m-%d %H:%M:%S}  {decision.by}: {what}"
    if decision.reason:
        yield f"      because: {decision.reason}"
    if decision.evidence is not None:
        yield f"      comparison {decision.evidence}"
    yield from (f"      against it: {finding}" for finding in decision.findings)


def _name(version: str | None) -> str:
    return "the service's own checkpoint" if version is None else version


def _passes(sentences: int) -> int:
    from training.comparing import PASSES

    return PASSES * sentences


def _console() -> Console:
    return Console(highlight=False)


@contextmanager
def _progress(words: str, total: int) -> Iterator[Callable[..., None]]:
    """A bar on standard error; what is yielded advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(words, total=total)
        yield lambda steps=1: progress.advance(task, steps)


@contextmanager
def _needing(extra: str) -> Iterator[None]:
    """Say which extra to install where its packages are missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("model", "training", "service"):
            raise
        raise FramelineError(
            f"this needs the package {error.name!r}: pip install 'frameline[{extra}]' (in a clone: make develop)"
        ) from None
