"""``frameline models promote``."""

from pathlib import Path

import click

from model.checkpoint import Checkpoint
from model.registry import Registry
from training.contender import SHIPPED, Contender, find_contender, of_version
from training.gate import Evidence, Verdict, judge, keep, latest, recorded
from training.model_options import (
    annotations_option,
    by_option,
    console,
    needing,
    progress_bar,
    service_name,
    with_registry,
)
from training.options import further_actors_option

#: The exit code of a promotion that was refused.
REFUSED = 4


@click.command(
    epilog='\b\nExample:\n  frameline models promote v2 --annotations held-out.jsonl --reason "learned the corrections"'
)
@click.argument("version")
@annotations_option
@further_actors_option
@click.option("--against", metavar="A", help="What serves now, where the registry has no version in service yet.")
@click.option("--force", is_flag=True, help="Promote it whatever speaks against it; needs --reason.")
@click.option("--reason", default="", help="Why; it stands in the log.")
@by_option
@with_registry
@click.pass_context
def promote(
    context: click.Context,
    version: str,
    annotations: tuple[Path, ...],
    codebook: Path | None,
    against: str | None,
    force: bool,
    reason: str,
    by: str,
    registry: Path,
) -> None:
    """Put a VERSION into service, if it is on no label significantly worse than the one in service.

    With --annotations both are compared on those sentences (a comparison of the same pair on the same sentences is
    taken from the registry); without, the newest comparison of the pair counts. A version that is worse on a label,
    that no longer has a label, or that was never compared is refused with exit code 4, unless --force gives a --reason.
    """
    if force and not reason.strip():
        raise click.UsageError("--force needs a --reason, which stands in the log")
    if codebook is not None and not annotations:
        raise click.UsageError("--codebook is what sentences are labelled by: name them with --annotations FILE")
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
        verdict = judge(_evidence(kept, incumbent, candidate, annotations, codebook), candidate, incumbent)
    evidence = None if verdict.evidence is None else verdict.evidence.key
    if not verdict.passed and not force:
        kept.refuse(found, by=by, reason=reason, evidence=evidence, findings=verdict.findings)
        for finding in verdict.findings:
            click.echo(f"frameline: {finding}", err=True)
        click.echo(f"{found.id} is not promoted. To do so nevertheless: --force --reason TEXT", err=True)
        context.exit(REFUSED)
    forced = force and not verdict.passed
    kept.promote(found, current, by=by, reason=reason, forced=forced, evidence=evidence, findings=verdict.findings)
    for finding in verdict.findings:
        click.echo(f"frameline: forced: {finding}", err=True)
    click.echo(f"{found.id} is in service, in the place of {service_name(current)}.")
    click.echo(f"`frameline serve --registry {registry}` follows; back again: frameline models rollback", err=True)


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
    registry: Registry,
    incumbent: Contender,
    candidate: Contender,
    annotations: tuple[Path, ...],
    codebook: Path | None,
) -> Evidence | None:
    """The comparison on which a promotion rests; made now if the registry does not have it."""
    if not annotations:
        return latest(registry, incumbent, candidate)
    with needing("train"):
        from training.comparing import PASSES, comparison_key
        from training.comparing import compare as run
        from training.comparison_table import show_comparison
        from training.held_out import read_held_out
    held_out = read_held_out(annotations, incumbent, candidate, keep_known=False, codebook=codebook)
    key = comparison_key(incumbent, candidate, held_out, keep_known=False)
    evidence = recorded(registry, key)
    if evidence is None:
        words = f"Comparing {incumbent.name} with {candidate.name}"
        with progress_bar(words, PASSES * len(held_out.sentences)) as advance:
            evidence = Evidence(key, run(incumbent, candidate, held_out, advance=advance).comparison)
        keep(registry, key, evidence.comparison)
    show_comparison(console(), evidence.comparison)
    return evidence
