"""Who may use the service."""

import base64
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.key_ring import KeyRing
from service.problems import ProblemError
from service.refusal import refuse

#: The ASGI state under which a request's ``Caller`` is found.
CALLER = "key"
HEADER = "X-API-Key"
#: Below which the files lie that `/docs` is shown with.
DOCUMENTATION = "/docs/files"
_OPEN = frozenset({"/", "/docs", "/health", "/openapi.json"})
_OPEN_BELOW = ("/health/", "/page/", f"{DOCUMENTATION}/")
_BASIC_BELOW = "/label-studio/"


def is_open(method: str, path: str) -> bool:
    """Whether everybody may read a path; one that is not known is not open, and nothing is that changes or labels."""
    return method.upper() in ("GET", "HEAD") and (path in _OPEN or path.startswith(_OPEN_BELOW))


def takes_password(path: str) -> bool:
    """Whether a path's client can send a key as a password only; elsewhere a password is that of some proxy."""
    return path.startswith(_BASIC_BELOW)


class KeyGuard:
    """Lets requests through that come with a key, and all that ask for what is open, before a body is read.

    Args:
        app: what is guarded.
        ring: the keys.
    """

    def __init__(self, app: ASGIApp, ring: KeyRing) -> None:
        self._app = app
        self._ring = ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its caller in the state, or refuse it."""
        if scope["type"] == "lifespan" or is_open(scope.get("method", ""), scope["path"]):
            await self._app(scope, receive, send)
            return
        key = _sent(Headers(scope=scope), scope["path"])
        caller = None if key is None else self._ring.find(key)
        if caller is not None:
            scope.setdefault("state", {})[CALLER] = caller
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refuse(_refusal(key is not None), scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def _sent(headers: Headers, path: str) -> bytes | None:
    """The key that a request came with, as its bytes were sent."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else headers.get(HEADER, "").strip()
    if not key and scheme.lower() == "basic" and takes_password(path):
        return _password(token)
    return key.encode("latin-1") or None


def _password(credentials: str) -> bytes | None:
    """The password of basic credentials, whatever the name is."""
    with suppress(ValueError):
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2] or None
    return None


def _refusal(has_key: bool) -> ProblemError:
    if has_key:
        detail = "the key is unknown, or it was revoked"
    else:
        detail = f"a key is needed; send it as Authorization: Bearer KEY, or as {HEADER}: KEY"
    return ProblemError(401, detail, headers={"WWW-Authenticate": "Bearer"})
