"""The address that a service listens on."""

import errno
import ipaddress
import os
import socket

from model.errors import FramelineError


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


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets that hold a port on each address of ``host``, of which none listens yet; port 0 takes a free one.

    Raises:
        FramelineError: the port is in use, or nothing can listen there.
    """
    held: list[socket.socket] = []
    try:
        for family, kind, _, _, address in dict.fromkeys(
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        ):
            held.append(socket.socket(family, kind))
            if os.name == "posix":  # elsewhere it lets two have the same port
                held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                held[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            held[-1].bind((address[0], port, *address[2:]))
            port = held[-1].getsockname()[1]
    except (OSError, UnicodeError) as error:
        for one in held:
            one.close()
        raise describe_failure(host, port, error) from None
    return held


def describe_failure(host: str, port: int, error: OSError | UnicodeError) -> FramelineError:
    """Why a service cannot listen on ``host``, with the remedy."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return FramelineError(
            f"port {port} of {host} is in use: stop what listens there, or give another with --port or FRAMELINE_PORT"
        )
    reason = error.strerror if isinstance(error, OSError) else error
    return FramelineError(
        f"cannot listen on port {port} of {host}: {reason}; give others with --host and --port, or FRAMELINE_HOST and "
        "FRAMELINE_PORT"
    )
