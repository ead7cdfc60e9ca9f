from pathlib import Path

import pytest

from service.archive_report.dataset import Column, Dataset


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("https://evil.example")'])
def test_no_text_of_an_archive_is_a_formula(tmp_path: Path, text: str) -> None:
    Dataset("typical", "", (Column("text", "Text"),), [(text,)]).write(tmp_path)
    written = (tmp_path / "typical.csv").read_bytes().decode().split("\n", 1)[1]
    assert written.lstrip('"').startswith(f"'{text[:2]}")


def test_figures_and_other_texts_stay_as_they_are(tmp_path: Path) -> None:
    Dataset("a", "", (Column("a", "A"),) * 4, [(-1, -0.5, "two - one = one", None)]).write(tmp_path)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1] == "-1,-0.5,two - one = one,"
