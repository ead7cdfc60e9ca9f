import socket

import pytest

from model.errors import FramelineError
from service.host import bind, is_loopback, url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "localhost", "LOCALHOST"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.0.0.1", "192.168.1.2", "frameline.example", "localhost.example", "0", "127.1", "", "[::1]"],
)
def test_what_others_may_reach(host: str) -> None:
    assert not is_loopback(host)


def test_a_url_has_brackets_where_they_are_needed() -> None:
    assert url("127.0.0.1", 8000) == "http://127.0.0.1:8000"
    assert url("::1", 80) == "http://[::1]:80"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_is_held_while_nobody_can_connect_yet(host: str) -> None:
    held = bind(host, 0)
    (port,) = {one.getsockname()[1] for one in held}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    for one in held:
        one.listen()
    with socket.create_connection(("127.0.0.1", port)):
        pass
    with pytest.raises(FramelineError, match=f"port {port} of {host} is in use: .*--port"):
        bind(host, port)
    for one in held:
        one.close()
    for one in bind(host, port):  # once more at once, as after a restart
        one.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_an_address_of_either_kind_is_taken_alone() -> None:
    (held,) = bind("::1", 0)
    (same,) = bind("127.0.0.1", held.getsockname()[1])
    assert held.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    held.close()
    same.close()


@pytest.mark.parametrize(
    ("host", "reason"), [("192.0.2.1", "Cannot assign"), ("nowhere.invalid", ""), ("a" * 70, "label")]
)
def test_where_nothing_can_listen_is_told(host: str, reason: str) -> None:
    with pytest.raises(FramelineError, match=f"cannot listen on port 0 of {host}: .*{reason}.*--host"):
        bind(host, 0)
