"""Who annotates."""

from typing import NamedTuple

from starlette.requests import Request

from service.api_key import Caller
from service.key_guard import CALLER

ANONYMOUS = "anonymous"


class Annotator(NamedTuple):
    """The name under which somebody annotates, and the id of the key by which the service knows it."""

    name: str
    key_id: str | None = None

    @classmethod
    def of(cls, request: Request) -> "Annotator":
        """Whose request it is: the name of its key, or the key's id where it has no name."""
        caller: Caller | None = request.scope.get("state", {}).get(CALLER)
        if caller is None:
            return cls(ANONYMOUS)
        return cls(caller.name if caller.name.strip() else caller.id, caller.id)
