import pytest

from model.regions import in_list, lies_in_region


@pytest.mark.parametrize(
    ("sentence", "place", "expected"),
    [
        ("He left Paris, Texas, at dawn.", "Paris", True),
        ("He left Paris, Tex., at dawn.", "Paris", True),
        ("He left Paris, TX.", "Paris", True),
        ("He left Cairo, Illinois", "Cairo", True),
        ("He left Berlin, N.H., at dawn.", "Berlin", True),
        ("He left London, Ontario.", "London", True),
        ("He left Paris, Texans say.", "Paris", False),
        ("He left Moscow, UN envoys say.", "Moscow", False),
        ("He left Washington, D.C.", "Washington", False),
        ("He left Paris Texas.", "Paris", False),
        ("He left Paris.", "Paris", False),
        ("Canada, Mexico, California and Texas agreed.", "Mexico", False),
        ("Mexico, California and Texas agreed.", "Mexico", False),
        ("Mexico, Ohio, Texas and Iowa agreed.", "Mexico", False),
        ("Talks between Mexico, Texas, Iowa", "Mexico", False),
    ],
)
def test_a_region_behind_a_place_tells_it_from_a_namesake(sentence: str, place: str, expected: bool) -> None:
    start = sentence.index(place)
    assert lies_in_region(sentence, start, start + len(place)) is expected


def test_names_in_a_row_are_a_list() -> None:
    sentence = "Ankara, Iran, Russia and Syria met; in Tripoli, Lebanon, nobody did."
    assert in_list(sentence, 0, len("Ankara, Iran"))
    start = sentence.index("Tripoli")
    assert not in_list(sentence, start, start + len("Tripoli, Lebanon"))
