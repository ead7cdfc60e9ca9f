import asyncio
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from service.log_output import configure_logging, log_forgotten
from service.logs import get_logger
from service.record import Record, recording
from service.stack import describe_exception


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """What `configure_logging` changes is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    hooks = threading.excepthook, sys.unraisablehook
    with warnings.catch_warnings():
        yield
    root.handlers, root.level = handlers, level
    threading.excepthook, sys.unraisablehook = hooks
    for name in ("frameline", "uvicorn"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_line_is_one_json_object_with_the_requests_id(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    with recording(Record("abc", "f00")):
        get_logger("x").info("said", number=3)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "said",
        "number": 3,
        "request_id": "abc",
        "trace_id": "f00",
        "level": "info",
        "logger": "frameline.x",
    }


def test_levels(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "warning")
    get_logger("x").info("no")
    logging.getLogger("uvicorn.error").info("no")
    logging.getLogger("uvicorn.error").warning("server\n")
    configure_logging("json", "debug")
    get_logger("x").debug("detail")
    logging.getLogger("library").info("no")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["server", "detail"]


def test_a_console_line_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("console")
    get_logger("x").info("said", number=3)
    shown = capsys.readouterr().err
    assert "said" in shown
    assert "number=3" in shown


def test_an_exception_that_nobody_waits_for(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(log_forgotten)
        loop.call_soon(int, "canary")
        await asyncio.sleep(0.01)

    asyncio.run(work())
    shown = capsys.readouterr().err
    assert json.loads(shown)["exception"].endswith("ValueError")
    assert "canary" not in shown


def test_without_any_configuration_an_exceptions_message_stays_out(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().handlers = []
    try:
        raise ValueError("canary")
    except ValueError:
        get_logger("x").exception("failed")
    shown = capsys.readouterr().err
    assert "failed" in shown
    assert "ValueError" in shown
    assert "canary" not in shown


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError("canary"), KeyError("canary")
    first.__cause__, second.__cause__ = second, first
    assert describe_exception(first) == "KeyError\n--- which led to ---\nValueError"


def test_a_suppressed_context_is_left_out() -> None:
    def fail() -> None:
        try:
            raise KeyError("canary")
        except KeyError:
            raise ValueError("canary") from None

    with pytest.raises(ValueError, match="canary") as raised:
        fail()
    assert "KeyError" not in describe_exception(raised.value)
    assert "canary" not in describe_exception(raised.value)
