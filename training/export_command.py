"""``frameline export``."""

from pathlib import Path

import click

from model.checkpoint import Precision
from training.options import PATHS
from training.run_folder import check_unchanged, read_record


@click.command()
@click.argument("run", type=PATHS)
@click.option("--out", type=PATHS, required=True, help="The checkpoint's folder.")
@click.option("--name", help="The model's name; by default that of the run folder.")
@click.option("--version", default="0.1.0", show_default=True, help="The model's version.")
@click.option("--precision", type=click.Choice(["int8", "float16", "float32"]), default="int8", show_default=True)
@click.option("--replace", is_flag=True, help="Replace the checkpoint that stands in --out.")
def export(run: Path, out: Path, name: str | None, version: str, precision: Precision, replace: bool) -> None:
    """Turn a training RUN into a checkpoint: ONNX, which labels without torch.

    In int8 it is fastest on a CPU. In float16 or float32 it labels many sentences at a time, on a GPU where there is
    one (with the package onnxruntime-gpu in the place of onnxruntime).

    On the run's held-out documents, or where it has none on the others, the export must give torch's probabilities
    (float32, to 1e-4), and int8 or float16 must agree with float32 on at least 98 % of the frames, of the mentions
    and of the stances; otherwise nothing is written. A checkpoint that stands in the folder is refused before that,
    unless --replace is given.
    """
    from training.export import export as write

    check_unchanged(read_record(run))
    parity = write(run, out, name or run.resolve().name, version, precision, replace=replace)
    size = sum(file.stat().st_size for file in out.iterdir()) / 1e6
    click.echo(f"{out}: {size:.1f} MB")
    click.echo(
        f"on {parity.sentences} sentences: ONNX differs from torch by {parity.torch_to_onnx:.1e}; {precision} "
        f"agrees with float32 on {parity.frames:.2%} of the frames, {parity.mentions:.2%} of the mentions and "
        f"{parity.stances:.2%} of the stances"
    )
    click.echo(f"Next: frameline models add {out} --run {run}", err=True)
