"""What stands between the service and whoever can reach it."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from model.errors import FramelineError
from service.key_file import KeyFile
from service.key_guard import HEADER, KeyGuard
from service.key_ring import KeyRing
from service.labelling import MODEL_HEADER
from service.page_guard import PageGuard
from service.rate import parse_rate
from service.rate_limiter import RateLimiter
from service.settings import ServiceSettings

_SEEN = ("Retry-After", "RateLimit", "RateLimit-Policy", "WWW-Authenticate", "X-Request-ID", MODEL_HEADER)


def protect(app: FastAPI, settings: ServiceSettings) -> None:
    """Put keys, a rate limit and rules for pages before ``app``, as the settings say.

    Cross-origin rules come first, since browsers send no key with a preflight and read no refusal without them; keys
    come before the limit, which counts by key.

    Raises:
        FramelineError: keys are needed, and there is none.
    """
    if settings.rate_limit is not None:
        app.add_middleware(RateLimiter, rate=parse_rate(settings.rate_limit))
    if settings.needs_keys:
        app.add_middleware(KeyGuard, ring=_open_ring(settings))
    else:
        app.add_middleware(PageGuard, origins=settings.cors_origins, any_name=settings.require_keys is False)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", HEADER),
            expose_headers=_SEEN,
        )


def _open_ring(settings: ServiceSettings) -> KeyRing:
    ring = KeyRing(KeyFile(settings.keys_file))
    if not ring.has_valid:
        raise FramelineError(
            f"{settings.keys_file} holds no valid key, and the service needs one where it listens on {settings.host}; "
            "make one with `frameline keys create`, or set FRAMELINE_REQUIRE_KEYS=false if something else keeps "
            "strangers out"
        )
    return ring
