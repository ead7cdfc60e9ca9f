import pytest

from service.host import is_loopback, url


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
