"""Logs carry no personal data and never fill a disk; metrics have bounded labels."""

import asyncio
import io
import itertools
import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest
import structlog
from prometheus_client import CollectorRegistry

from services.common import metrics
from services.common.logs import LineBudget, configure, get_logger
from services.common.metrics import Red, counter, render


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Collect the log, and put the process' logging back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    collected = io.StringIO()
    configure(log_format="json", log_level="info", stream=collected)
    yield collected
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Return the lines of a log."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_an_event_its_values_a_level_and_a_time(stream: io.StringIO) -> None:
    """Event names are constant; what varies is in keywords."""
    get_logger(service="example").warning("relay_waits", wait_seconds=2.5)
    (line,) = lines(stream)
    assert line["event"] == "relay_waits"
    assert line["wait_seconds"] == 2.5
    assert line["service"] == "example"
    assert line["level"] == "warning"
    assert str(line["timestamp"]).endswith("Z")


def test_levels_below_the_set_one_are_not_written(stream: io.StringIO) -> None:
    """Debug lines cost next to nothing in production."""
    get_logger().debug("detail")
    assert lines(stream) == []


def test_what_libraries_log_looks_the_same(stream: io.StringIO) -> None:
    """One format for a whole process."""
    logging.getLogger("uvicorn.error").warning("port %d", 80)
    (line,) = lines(stream)
    assert line["event"] == "port 80"
    assert line["logger"] == "uvicorn.error"


def test_a_kafka_client_in_an_outage_writes_a_bounded_number_of_lines(
    stream: io.StringIO,
) -> None:
    """A line every few milliseconds becomes ten in ten seconds; other loggers are not held back."""
    for _ in range(1_000):
        logging.getLogger("aiokafka.conn").error("no broker")
    logging.getLogger("elsewhere").error("still heard")
    written = [line["event"] for line in lines(stream)]
    assert written.count("no broker") == 10
    assert written[-1] == "still heard"


def test_a_budget_says_how_much_it_held_back() -> None:
    """After the window the next line carries the count."""
    now = [0.0]
    budget = LineBudget(lines=2, window_seconds=10, monotonic=lambda: now[0])
    assert [budget.take("k") for _ in range(5)] == [0, 0, None, None, None]
    now[0] = 10.0
    assert budget.take("k") == 3
    assert budget.take("other") == 0


def test_an_exception_is_written_with_what_caused_it_and_without_local_variables(
    stream: io.StringIO,
) -> None:
    """The trace is enough to find the fault; values stay in the process."""
    canary = "Ada Lovelace"
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise RuntimeError(f"second {len(canary)}") from error
    except RuntimeError:
        get_logger().error("failed", exc_info=True)
    text = stream.getvalue()
    assert "RuntimeError: second 12" in text
    assert "KeyError: 'first'" in text
    assert "Ada" not in text.replace('canary = "Ada Lovelace"', "")


@pytest.mark.parametrize("through_library", [False, True])
def test_what_postgresql_quotes_from_a_row_is_not_written(
    stream: io.StringIO, through_library: bool
) -> None:
    """The DETAIL of a failed check shows the row, and a message about a value quotes it."""
    check = asyncpg.CheckViolationError("violates check constraint")
    check.detail = "Failing row contains (henry, Ada Lovelace)."
    value = asyncpg.InvalidTextRepresentationError('invalid input syntax: "Ada Lovelace"')
    for error in (check, value):
        if through_library:
            logging.getLogger("library").error("failed", exc_info=error)
        else:
            get_logger().error("failed", exc_info=error)
    text = stream.getvalue()
    assert "[23514] violates check constraint" in text
    assert "[22P02]" in text
    assert "Ada" not in text


def test_a_metric_has_the_prefix_and_shows_up() -> None:
    """Names are trellis_<thing>_<unit>."""
    registry = CollectorRegistry()
    counter("thing_records", "Records.", ("topic",), registry=registry).labels("t").inc(2)
    assert b'trellis_thing_records_total{topic="t"} 2.0' in render(registry)


def test_a_label_that_names_a_person_is_refused() -> None:
    """Personal, and without a bound on its values."""
    with pytest.raises(ValueError, match="learner"):
        counter("x_records", "X.", ("learner",), registry=CollectorRegistry())


def test_one_observation_gives_rate_errors_and_duration() -> None:
    """The histogram's count by code is rate and errors."""
    registry = CollectorRegistry()
    red = Red("call", "Calls.", registry=registry)
    red.observe(0.02, "Get", "OK")
    red.observe(0.02, "Get", "OK")
    red.observe(9, "Get", "INTERNAL")
    text = render(registry)
    assert b'trellis_call_seconds_count{code="OK",method="Get"} 2.0' in text
    assert b'trellis_call_seconds_bucket{code="INTERNAL",le="5.0",method="Get"} 0.0' in text


async def test_a_blocked_event_loop_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gauge is how much later than asked for the loop came back."""
    times = itertools.chain([10.0, 10.7], itertools.repeat(10.7))
    monkeypatch.setattr(metrics.time, "perf_counter", lambda: next(times))
    task = asyncio.create_task(metrics.watch_event_loop(interval_seconds=0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    assert b"trellis_event_loop_lag_seconds 0.69" in metrics.render()
