import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.lines import Lines
from service.problems import ProblemError


def read(pieces: list[bytes], limit: int = 1_000) -> list[tuple[int, bytes]]:
    lines, taken = Lines(limit), []
    for place, piece in enumerate(pieces):
        lines.add(piece, more=place < len(pieces) - 1)
        while (line := lines.take()) is not None:
            taken.append((lines.number, line))
    return taken


@given(st.lists(st.lists(st.sampled_from([b"ab", b"\n", b" ", b"\r\n"])).map(b"".join), min_size=1))
def test_the_lines_are_those_of_the_whole_however_it_comes(pieces: list[bytes]) -> None:
    whole = b"".join(pieces).split(b"\n")
    assert read(pieces) == [(number, line) for number, line in enumerate(whole, start=1) if line.strip()]


def test_a_mark_at_the_beginning_is_no_part_of_the_first_line() -> None:
    assert read([b"\xef\xbb", b"\xbfa\n\xef\xbb\xbfb"]) == [(1, b"a"), (2, b"\xef\xbb\xbfb")]


@pytest.mark.parametrize("pieces", [[b"a\n", b"b" * 5, b"b" * 6], [b"a\n" + b"b" * 11 + b"\n"], [b"a\n" + b"b" * 11]])
def test_a_line_beyond_the_limit_is_refused_before_it_is_whole(pieces: list[bytes]) -> None:
    assert read([b"b" * 10], limit=10) == read([b"b" * 10 + b"\n"], limit=10) == [(1, b"b" * 10)]
    with pytest.raises(ProblemError, match="line 2 has more than 10 bytes"):
        read([*pieces, b"", b""], limit=10)
