"""What the description of the service (OpenAPI) says of keys and of the rate limit."""

from typing import Any

from service.key_guard import HEADER, is_open, takes_password
from service.settings import ServiceSettings

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": HEADER},
}
#: For clients that can send nothing else.
_BASIC = "basic"
_PASSWORD = {"type": "http", "scheme": "basic", "description": "The password is the key; any name will do."}


def describe_security(document: dict[str, Any], settings: ServiceSettings) -> None:
    """Add how a key is given to every operation that is not open to everybody; {} stands for "without one"."""
    document["components"]["securitySchemes"] = {**_SCHEMES, _BASIC: _PASSWORD}
    without: list[dict[str, list[str]]] = [] if settings.needs_keys else [{}]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not is_open(method, path):
                names = (*_SCHEMES, _BASIC) if takes_password(path) else _SCHEMES
                operation["security"] = [*({name: []} for name in names), *without]
