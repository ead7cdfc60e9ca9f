"""Pages of other origins, which have their reader's browser send what they like to a service that asks for no key."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.problems import ProblemError
from service.refusal import refuse

_READING = ("GET", "HEAD", "OPTIONS")
#: Ends of names that nobody can register (RFC 2606, 6761 and 6762; .internal by ICANN), as host.docker.internal.
_PRIVATE = (".localhost", ".local", ".internal", ".test")
_FOREIGN = ("cross-site", "same-site")
_ELSEWHERE = ProblemError(
    403, "pages of other origins send nothing here, unless FRAMELINE_CORS_ORIGINS names their origins"
)
_MISNAMED = ProblemError(
    421,
    "this service answers its own machine alone, as 127.0.0.1 or localhost; where a proxy lets others in by another "
    "name, set FRAMELINE_REQUIRE_KEYS=true, or false if everybody may use it",
)


class PageGuard:
    """Refuses what a page of another origin sends, for which browsers ask nobody where the form is that of a file.

    Such a page cannot read an answer, but what it sends would be kept. It could even read answers if the name of its
    own host came to lead to this machine; therefore a service on loopback answers to names that nobody can own.

    Args:
        app: what is guarded.
        origins: those whose pages may send.
        any_name: whether the service may be called by any name.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str], any_name: bool) -> None:
        self._app = app
        self._origins = origins
        self._any_name = any_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._any_name and _is_public(headers.get("host", "")):
            await refuse(_MISNAMED, scope, receive, send)
        elif scope["method"] not in _READING and self._is_foreign(headers):
            await refuse(_ELSEWHERE, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether a page of an origin that is not let in sends this; what is no browser names no origin."""
        origin = headers.get("origin", "")
        if origin in self._origins:
            return False
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in _FOREIGN
        return origin != "" and origin.partition("://")[2] != headers.get("host", "")


def _is_public(host: str) -> bool:
    """Whether a host, with its port, is a name that somebody may own: one with a full stop in it and a public end."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." in name and not name.endswith(_PRIVATE)
    return False
