import re
from pathlib import Path
from typing import Any

import pytest

from model.errors import FramelineError
from service.settings import ServiceSettings, read_settings
from tests.conftest import ROOT

ROW = re.compile(r"^\| `(FRAMELINE_\w+)` \| (.*?) \| (.*) \|$", re.MULTILINE)


def test_the_table_in_the_guide_is_that_of_the_settings() -> None:
    rows = ROW.findall((ROOT / "docs/serving.md").read_text(encoding="utf-8"))
    fields = ServiceSettings.model_fields.items()
    assert rows == [(f"FRAMELINE_{name.upper()}", default(field), field.description) for name, field in fields]


def default(field: Any) -> str:
    """The default as the table shows it, to be copied; where it is no plain value, the description has it in words."""
    if isinstance(field.default, (str, int, float)):
        return f"{field.default:_}" if isinstance(field.default, int) and field.default > 9_999 else f"{field.default}"
    assert "default: " in field.description
    return ""


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", "valid integer"),
        ("PORT", "65536", "less than or equal to 65535"),
        ("HOST", "", "empty; give it letters or digits"),
        ("MAX_BODY", "0", "greater than 0"),
        ("REQUIRE_KEYS", "perhaps", "valid boolean"),
        ("RATE_LIMIT", "often", "as in 600/minute (seen: 'often')"),
        ("RATE_LIMIT", "", "as in 600/minute"),
        ("DATABASE", "mysql://me:secret@host/x", "a database is sqlite:///FILE or postgresql://USER@HOST/NAME"),
        ("DATABASE", "sqlite:///:memory:", "a database is"),
        ("CORS_ORIGINS", "*", "a scheme and a host, as https://news.example"),
        ("CORS_ORIGINS", "https://a.example,", "a scheme and a host"),
        ("CORS_ORIGINS", "https://a.example/", "a scheme and a host"),
        ("CORS_ORIGINS", "news.example", "a scheme and a host"),
    ],
)
def test_a_wrong_value_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"FRAMELINE_{name}", value)
    with pytest.raises(FramelineError) as caught:
        read_settings()
    assert str(caught.value).startswith(f"FRAMELINE_{name}: ")
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_everything_wrong_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMELINE_PORT", "x")
    monkeypatch.setenv("FRAMELINE_RATE_LIMIT", "y")
    with pytest.raises(FramelineError) as caught:
        read_settings()
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["FRAMELINE_PORT", "FRAMELINE_RATE_LIMIT"]


def test_values_come_from_the_environment_unless_they_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": "81",
        "HOST": "0.0.0.0",
        "REQUIRE_KEYS": "false",
        "CORS_ORIGINS": "https://a.example, http://localhost:3000",
        "KEYS_FILE": "here.json",
    }.items():
        monkeypatch.setenv(f"FRAMELINE_{name}", value)
    settings = read_settings(port=82, threads=None)
    assert (settings.host, settings.port, settings.require_keys) == ("0.0.0.0", 82, False)
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert settings.keys_file == Path("here.json")
