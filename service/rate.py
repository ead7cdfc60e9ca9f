"""How many requests are too many."""

import re
from typing import NamedTuple

from pydantic_core import PydanticCustomError

_FORM = re.compile(r"([1-9][0-9]{0,8}) ?/ ?([1-9][0-9]{0,3} )?(second|minute|hour|day)s?", re.ASCII)
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


class Rate(NamedTuple):
    """So many requests in so many seconds."""

    requests: int
    seconds: int


def parse_rate(text: str) -> Rate:
    """Read a rate, as ``600/minute`` or ``50/10 seconds``.

    Raises:
        PydanticCustomError: it is none.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise PydanticCustomError("rate", "a rate is a count per second, minute, hour or day, as in 600/minute")
    return Rate(int(found[1]), int(found[2] or 1) * _SECONDS[found[3]])
