"""The address that a service listens on."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a service on ``host``; other names than localhost count as reachable."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url(host: str, port: int) -> str:
    """The URL of a service on ``host``."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
