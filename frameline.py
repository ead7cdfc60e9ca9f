"""The ``frameline`` command: its subcommands live in the packages and are imported when they are called."""

import os
import sys
from importlib import import_module
from typing import Any, NamedTuple

import click

from model.errors import FramelineError
from service.errors import ServiceError


class _Entry(NamedTuple):
    """Where a subcommand is defined and what it does; ``extra`` names the extra that it needs."""

    module: str
    attribute: str
    summary: str
    extra: str | None = None


_COMMANDS = {
    "classify": _Entry("service.classify", "classify", "Label a text or a file of documents."),
    "score": _Entry("service.archive.command", "score", "Label an archive and write tables.", "archive"),
    "report": _Entry("service.archive_report.command", "report", "Show a scored archive as one page.", "archive"),
    "serve": _Entry("service.serve", "serve", "Answer over HTTP."),
    "keys": _Entry("service.key_commands", "keys", "Make, list and revoke the service's keys."),
    "store": _Entry("service.annotations.store_commands", "store", "Get corrections of labels out, or remove some."),
    "openapi": _Entry("service.openapi_command", "openapi", "Describe the REST service."),
    "train": _Entry("training.train_command", "train", "Train a model on annotated sentences.", "train"),
    "evaluate": _Entry("training.evaluate_command", "evaluate", "Measure a model on annotated sentences.", "train"),
    "export": _Entry("training.export_command", "export", "Turn a training run into a checkpoint.", "train"),
    "models": _Entry("training.model_commands", "models", "Keep, compare, promote and roll back models."),
    "annotations": _Entry(
        "training.annotation_commands", "annotations", "Check, exchange and choose annotations.", "train"
    ),
    "codebook": _Entry("training.codebook_commands", "codebook", "Make a codebook and look after it.", "train"),
}
#: Over the commands of a package.
_HEADINGS = {"service": "Label, store and serve", "training": "Annotate, train and measure"}


class _Lazy(click.Group):
    """A group that imports a subcommand only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        try:
            command = getattr(import_module(entry.module), entry.attribute)
        except ModuleNotFoundError as error:
            if entry.extra is None or (error.name or "").split(".")[0] in ("model", "training", "service"):
                raise
            raise FramelineError(
                f"`frameline {cmd_name}` needs the package {error.name!r}: install the {entry.extra!r} extra "
                f"(in a clone: make {'setup' if entry.extra == 'archive' else 'develop'})"
            ) from None
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for package, heading in _HEADINGS.items():
            with formatter.section(heading):
                named = [(name, entry) for name, entry in _COMMANDS.items() if entry.module.startswith(f"{package}.")]
                formatter.write_dl([(name, entry.summary) for name, entry in named])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FramelineError as error:
            _show(str(error))
            sys.exit(3 if isinstance(error, ServiceError) else 2)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            # What libraries raise may be a text alone.
            named = f"{error.filename or 'the system'}: {error.strerror}"
            _show(named if error.strerror else str(error) or type(error).__name__)
            sys.exit(2)


def _show(message: str) -> None:
    for line in message.splitlines():
        click.echo(f"frameline: {line}", err=True)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="frameline")
def main() -> None:
    """Label the sentences of news texts by framing, and by stance toward every political actor in them.

    Exit codes: 0 all went well, 1 whatever reads the output went away before the end, 2 the input or the arguments are
    wrong (the message says where and how), 3 the service that --server names cannot be used; `score` and `models` have
    further ones, which their help names.
    """


if __name__ == "__main__":
    main()
