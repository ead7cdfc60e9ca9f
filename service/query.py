"""The query of a request: parameters that exist, each once."""

from collections.abc import Sequence

from fastapi import Request

from service.problems import Fault, ProblemError, invalid
from service.refusal import discard

#: Faults that are named; an address has room for thousands of them.
_MOST = 20


async def check_query(request: Request) -> None:
    """Check that an operation has every parameter that its query names; of a misspelt one nothing would come.

    Raises:
        ProblemError: 422 that names the parameters which do not exist, with those that do, or stand twice, up to
            twenty of them.
    """
    faults = _find_faults(request) if request.query_params else []
    if faults:
        if "expect" not in request.headers:  # whose client sends nothing before it is told to
            await discard(request.receive)
        raise invalid(faults[:_MOST])


def unknown_parameter(name: str, known: Sequence[str]) -> ProblemError:
    """A 422 about a parameter of the query that is none of those that an operation has."""
    return invalid([_unknown(name, known)])


def _find_faults(request: Request) -> list[Fault]:
    known = _known(request)
    faults = []
    for name in request.query_params:
        if name not in known:
            faults.append(_unknown(name, known))
        elif len(request.query_params.getlist(name)) > 1:  # of two values the last would be taken
            faults.append(Fault(loc=("query", name), msg="stands twice; give it once", type="repeated_parameter"))
    return faults


def _unknown(name: str, known: Sequence[str]) -> Fault:
    exist = f"those that exist: {', '.join(known)}" if known else "this operation has none"
    return Fault(loc=("query", name), msg=f"there is no such parameter; {exist}", type="unknown_parameter")


def _known(request: Request) -> list[str]:
    """The names that the description gives to the operation's parameters."""
    operation = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    return sorted(each["name"] for each in operation.get("parameters", []) if each["in"] == "query")
