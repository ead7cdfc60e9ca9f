"""``frameline models compare``."""

import json
from pathlib import Path

import click

from model.checkpoint import Checkpoint
from model.registry import Registry
from training.contender import find_contender
from training.gate import keep
from training.model_options import (
    annotations_option,
    console,
    keep_known_option,
    needing,
    progress_bar,
    with_registry,
)
from training.options import PATHS, further_actors_option


@click.command(epilog="\b\nExample:\n  frameline models compare v1 v2 --annotations held-out.jsonl --on scored")
@click.argument("a")
@click.argument("b")
@annotations_option
@further_actors_option
@keep_known_option
@click.option("--on", "archive", type=PATHS, metavar="DIR", help="Say what B would change in a scored archive.")
@click.option("--sample", type=click.IntRange(min=1), default=2_000, show_default=True, help="Sentences of it.")
@click.option("--json", "json_file", type=PATHS, metavar="FILE", help="Write everything as JSON, too.")
@click.option("--page", type=PATHS, metavar="FILE.html", help="Write a page with examples, too.")
@with_registry
def compare(
    a: str,
    b: str,
    annotations: tuple[Path, ...],
    codebook: Path | None,
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
    """
    if not annotations:
        raise click.UsageError("name held-out sentences: --annotations FILE")
    kept = Registry(registry)
    before, after = find_contender(a, kept), find_contender(b, kept)
    with needing("train"):
        from training.archive_sample import check_archive, measure_change
        from training.comparing import PASSES, comparison_key
        from training.comparing import compare as run
        from training.comparison_page import render_comparison
        from training.comparison_table import show_change, show_comparison
        from training.held_out import read_held_out
        from training.options import check_unread, check_writable
    check_unread([*annotations, *([] if codebook is None else [codebook])], json_file, page)
    check_writable(json_file, page)
    if archive is not None:
        check_archive(archive)
    held_out = read_held_out(annotations, before, after, keep_known=keep_known, codebook=codebook)
    with progress_bar(f"Comparing {a} with {b}", PASSES * len(held_out.sentences)) as advance:
        compared = run(before, after, held_out, keep_known=keep_known, advance=advance)
    terminal = console()
    show_comparison(terminal, compared.comparison)
    if kept.exists:
        key = comparison_key(before, after, held_out, keep_known=keep_known)
        keep(kept, key, compared.comparison)
        terminal.print(f"Kept in {registry} as {key}.", style="dim")
    change = None
    if archive is not None:
        from model.labeller import Labeller

        labeller = Labeller.from_checkpoint(after.folder, held_out.codebook)
        with progress_bar(f"Labelling sentences of {archive} again", sample) as advance:
            change = measure_change(archive, labeller, sample, advance=advance)
        labeller.close()
        show_change(terminal, change)
    if json_file is not None:
        content = {**compared.comparison.model_dump(mode="json"), "findings": compared.comparison.findings}
        content["archive"] = None if change is None else change.model_dump(mode="json")
        json_file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if page is not None:
        labels = held_out.codebook or Checkpoint.open(after.folder).codebook
        page.write_text(render_comparison(compared, labels, change), encoding="utf-8")
