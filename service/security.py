"""What the description of the service (OpenAPI) says of keys and of the rate limit."""

from typing import Any

from service.key_guard import HEADER, is_open
from service.settings import ServiceSettings

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": HEADER},
}


def describe_security(document: dict[str, Any], settings: ServiceSettings, answers: dict[str, Any]) -> None:
    """Add what every operation asks for and answers that is not open to everybody.

    Args:
        document: the description.
        settings: the service's settings.
        answers: the answers to a refused key, ``401``, and to too many requests, ``429``.
    """
    statuses = [*(["401"] if settings.needs_keys else []), *(["429"] if settings.rate_limit is not None else [])]
    if settings.needs_keys:
        document["components"]["securitySchemes"] = _SCHEMES
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if is_open(method, path):
                continue
            operation["responses"].update({status: answers[status] for status in statuses})
            if settings.needs_keys:
                operation["security"] = [{name: []} for name in _SCHEMES]
