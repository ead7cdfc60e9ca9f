"""Which columns are dates and outlets."""

import pytest

from model.errors import FramelineError
from service.archive_report.columns import date_column, outlet_column


@pytest.mark.parametrize("name", ["date", "Published", "pub_date", "publication-date", "source_date", "publishedAt"])
def test_a_date_is_known_by_its_name(name: str) -> None:
    assert date_column(["title", name, "words"], None) == name


@pytest.mark.parametrize("name", ["outlet", "Source", "domain", "site_name", "source_outlet", "url"])
def test_an_outlet_is_known_by_its_name(name: str) -> None:
    assert outlet_column(["title", name, "words"], None) == name


def test_the_more_telling_name_wins() -> None:
    assert date_column(["created", "timestamp", "date"], None) == "date"
    assert outlet_column(["url", "domain", "outlet"], None) == "outlet"


def test_without_such_a_name_there_is_none() -> None:
    assert date_column(["title", "update_count"], None) is None
    assert outlet_column(["title"], None) is None


def test_a_given_column_must_exist_and_the_others_are_named() -> None:
    assert date_column(["when", "date"], "when") == "when"
    with pytest.raises(FramelineError, match=r"--date-column: there is no column 'wen'.*when, date"):
        date_column(["when", "date"], "wen")
