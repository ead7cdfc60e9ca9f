"""Annotations as lines, in the form that is trained on."""

from collections.abc import Iterable

from service.annotations.wire import Version


def lines_of(versions: Iterable[Version]) -> bytes:
    """One JSON object a line; ``frameline train --from-annotations`` reads them."""
    return b"".join(
        version.annotation().model_dump_json(exclude_defaults=True).encode() + b"\n" for version in versions
    )
