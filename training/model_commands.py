"""``frameline models``: the registry, and the gate before service."""

from collections.abc import Iterator
from pathlib import Path

import click
from rich.table import Table

from model.promotion import Decision
from model.registry import Registry
from model.version import Version
from training.compare_command import compare
from training.model_options import by_option, console, needing, service_name, with_registry
from training.options import PATHS
from training.promote_command import promote


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


@models.command(
    epilog='\b\nExample:\n  frameline models add checkpoints/mine --run runs/mine --note "with the March corrections"'
)
@click.argument("checkpoint", type=PATHS)
@click.option("--run", type=PATHS, help="The training run that it comes from: settings, data and scores are kept.")
@click.option("--parent", metavar="VERSION", help="What it was made from; default: the version of its run's base.")
@click.option("--note", default="", help="Anything to be remembered.")
@click.option("--mlflow", metavar="URI", help="Log parameters, metrics and files to this MLflow server or folder, too.")
@by_option
@with_registry
def add(
    checkpoint: Path, run: Path | None, parent: str | None, note: str, mlflow: str | None, by: str, registry: Path
) -> None:
    """Keep a copy of an exported CHECKPOINT as the next version."""
    kept = Registry(registry)
    version, new = kept.add(checkpoint, run, by=by, note=note, parent=parent)
    if new:
        click.echo(f"{version.id}: {version.name} {version.version}, {version.size / 1e6:.1f} MB, in {registry}")
    else:
        click.echo(f"{version.id} is this very checkpoint already; nothing was added")
    if mlflow is not None:
        with needing("mlflow"):
            from training.mlflow_log import log_version

            place = log_version(version, kept.checkpoint(version), mlflow)
        click.echo(f"MLflow: {place}")
    click.echo(f"Next: frameline models promote {version.id} --annotations HELD-OUT.jsonl", err=True)


@models.command(name="list")
@with_registry
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
    console().print(table)


@models.command(
    epilog='\b\nExample:\n  frameline classify --checkpoint "$(frameline models show v2 --path)" article.txt'
)
@click.argument("version")
@click.option("--path", is_flag=True, help="Print the folder of its checkpoint and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_registry
def show(version: str, path: bool, as_json: bool, registry: Path) -> None:
    """Show what a VERSION is and where it comes from."""
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


@models.command(epilog='\b\nExample:\n  frameline models rollback --reason "too many false alarms"')
@click.option("--reason", default="", help="Why; it stands in the log.")
@by_option
@with_registry
def rollback(reason: str, by: str, registry: Path) -> None:
    """Put the version into service that was before; may be given again and again."""
    decision = Registry(registry).rollback(by=by, reason=reason)
    now, before = service_name(decision.version), service_name(decision.instead_of)
    click.echo(f"{now} is in service again, in the place of {before}.")


@models.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_registry
def log(as_json: bool, registry: Path) -> None:
    """Show every promotion, refusal and rollback: who, when, why, and what spoke against it."""
    for decision in Registry(registry).log():
        if as_json:
            click.echo(decision.model_dump_json())
        else:
            click.echo("\n".join(_tell(decision)))


def _tell(decision: Decision) -> Iterator[str]:
    place = service_name(decision.instead_of)
    what = {
        "promoted": f"{service_name(decision.version)} promoted{' by force' if decision.forced else ''}, was {place}",
        "refused": f"{service_name(decision.version)} refused, {place} stays",
        "rolled back": f"rolled back from {place} to {service_name(decision.version)}",
    }[decision.action]
    yield f"{decision.number:4}  {decision.at:%Y-%m-%d %H:%M:%S}  {decision.by}: {what}"
    if decision.reason:
        yield f"      because: {decision.reason}"
    if decision.evidence is not None:
        yield f"      comparison {decision.evidence}"
    yield from (f"      against it: {finding}" for finding in decision.findings)


models.add_command(compare)
models.add_command(promote)
