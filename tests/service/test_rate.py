import pytest

from service.rate import Rate, parse_rate


def test_rates() -> None:
    assert parse_rate("600/minute") == Rate(600, 60)
    assert parse_rate("1 / hour") == Rate(1, 3_600)
    assert parse_rate("5/10 seconds") == Rate(5, 10)
    assert parse_rate("100000/2 days") == Rate(100_000, 172_800)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "600",
        "0/minute",
        "1/0 minutes",
        "1/minutely",
        "٣/minute",
        "1/10minutes",
        "-1/minute",
        "9/fortnight",
        "1/s; 2/minute",
        "a/b",
    ],
)
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="as in 600/minute"):
        parse_rate(text)
