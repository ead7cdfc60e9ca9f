"""Which version of a model is in service, and how that came to be."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from model.codebook import Schema

Action = Literal["promoted", "refused", "rolled back"]


class Decision(Schema):
    """What a registry's log says of one decision.

    ``version`` is the one that it was about: after a promotion or a rollback it is in service (None: none is, so a
    service uses the checkpoint of its settings). ``instead_of`` was in service before. ``evidence`` names the
    comparison that it rests on, and ``findings`` what that had against the version.
    """

    number: int = Field(gt=0)
    action: Action
    version: str | None
    instead_of: str | None
    at: datetime
    by: str
    reason: str = ""
    forced: bool = False
    evidence: str | None = None
    findings: tuple[str, ...] = ()


class Pointer(Schema):
    """The version in service, those that were before it (the last one is that of a rollback), and the decision.

    The decision stands here before it stands in the log, so that the log can be completed after a crash.
    """

    version: str | None = None
    before: tuple[str, ...] = ()
    decision: Decision | None = None
