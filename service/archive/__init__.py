"""Archives: many documents from files, to tables of sentences and stances."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.archive.local import LocalEngine
    from service.archive.options import ScoreOptions
    from service.archive.scoring import score

__all__ = ["LocalEngine", "ScoreOptions", "score"]
_HOMES = {"LocalEngine": "local", "ScoreOptions": "options", "score": "scoring"}


def __getattr__(name: str) -> Any:
    """The public names, imported when they are used: they need the ``archive`` extra, which serving does without."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
