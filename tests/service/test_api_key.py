import hashlib
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from service.api_key import PREFIX, ApiKey, Caller, digest, make_key


def test_a_key_is_long_random_and_not_kept() -> None:
    made = [make_key("newsroom") for _ in range(50)]
    keys = [key for _, key in made]
    assert len(set(keys)) == len({kept.id for kept, _ in made}) == 50
    for kept, key in made:
        assert key.startswith(PREFIX)
        assert len(key) == len(PREFIX) + 43  # 256 bits, six a character
        assert kept.sha256 == digest(key.encode()) == hashlib.sha256(key.encode()).hexdigest()
        assert key not in kept.model_dump_json()
        assert kept.caller == Caller(kept.id, "newsroom")
        assert kept.revoked is None
        assert abs((datetime.now(UTC) - kept.created).total_seconds()) < 60


def test_what_is_kept_shows_no_hash_where_it_is_printed() -> None:
    kept, _ = make_key()
    assert kept.sha256 not in repr(kept)


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31m", "x" * 101, "\udc80"])
def test_a_name_that_would_spoil_a_log_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        make_key(name)


@pytest.mark.parametrize(("field", "value"), [("id", "../../x"), ("sha256", "abc"), ("created", "2026-01-01T00:00:00")])
def test_what_was_kept_is_checked(field: str, value: str) -> None:
    kept, _ = make_key()
    with pytest.raises(ValidationError):
        ApiKey.model_validate({**kept.model_dump(mode="json"), field: value})
