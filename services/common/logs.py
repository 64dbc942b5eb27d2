"""Logs: constant event names with keywords, one line each, on stderr.

    log = get_logger()
    log.warning("relay_waits", topic=topic, wait_seconds=2.5)

What libraries log goes through the same format. The Kafka clients' loggers have a budget: while a
broker is gone they write a line every few milliseconds, which fills a disk before the fault heals.

No personal data: a fault of PostgreSQL is written without its DETAIL, which quotes rows, and one
about a value without its message, which quotes the value. Local variables are never written.
"""

import logging
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

NOISY_LOGGERS: Final = ("aiokafka", "kafka", "faust", "mode")
"""Loggers of libraries that repeat themselves during an outage."""

NOISY_LINES: Final = 10
"""Lines that one noisy logger may write in each window, at each level."""

NOISY_WINDOW_SECONDS: Final = 10.0

MESSAGE_CHARACTERS: Final = 500
"""At most this much of an exception's message is written."""

TRACE_FRAMES: Final = 30
"""At most this many frames of each exception, and this many exceptions in a chain."""

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def get_logger(**values: object) -> FilteringBoundLogger:
    """Return a logger that adds these values to each of its lines."""
    logger: FilteringBoundLogger = structlog.get_logger(**values)
    return logger


def configure(
    *, log_format: str = "json", log_level: str = "info", stream: TextIO | None = None
) -> None:
    """Set up the logs of the process, its libraries' too; calling it again replaces the set-up.

    `log_format` is "json" or "console", `log_level` "debug", "info", "warning" or "error".
    """
    out = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        render_exception,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(default=repr)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[log_level]),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        # A cached logger could not be listened to by a test, nor configured after its first line.
        cache_logger_on_first_use=False,
    )
    _configure_libraries(out, shared, renderer, max(LEVELS[log_level], logging.INFO))


def _default_logger(*_: object) -> structlog.WriteLogger:
    # Looked up at each line: whoever replaces stderr gets what is written from then on.
    return structlog.WriteLogger(sys.stderr)


def _configure_libraries(
    out: TextIO, shared: list[Processor], renderer: Processor, level: int
) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    budget = LineBudget(lines=NOISY_LINES, window_seconds=NOISY_WINDOW_SECONDS)
    handler.addFilter(NoisyFilter(budget))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


class LineBudget:
    """Lets through a number of lines for each key and window, and counts the rest.

    Bounded: it keeps one entry a key, so keys must be few.
    """

    def __init__(
        self,
        *,
        lines: int,
        window_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Let `lines` lines through in each window of `window_seconds`."""
        self._lines = lines
        self._window_seconds = window_seconds
        self._monotonic = monotonic
        self._windows: dict[object, tuple[float, int]] = {}

    def take(self, key: object) -> int | None:
        """Return None where the line must not be written, else how many were held back before."""
        now = self._monotonic()
        start, count = self._windows.get(key, (now, 0))
        if now - start >= self._window_seconds:
            self._windows[key] = (now, 1)
            return max(0, count - self._lines)
        self._windows[key] = (start, count + 1)
        return 0 if count < self._lines else None


class NoisyFilter(logging.Filter):
    """Holds the loggers in `NOISY_LOGGERS` to a budget of lines; others pass."""

    def __init__(self, budget: LineBudget) -> None:
        super().__init__()
        self._budget = budget

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the record; says how many like it were held back."""
        top = record.name.partition(".")[0]
        if top not in NOISY_LOGGERS:
            return True
        held_back = self._budget.take((top, record.levelno))
        if held_back:
            record.msg = f"{record.getMessage()} ({held_back} lines before this were held back)"
            record.args = ()
        return held_back is not None


def render_exception(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Turn `exc_info` into the text `exception`, without values that may be personal."""
    exc_info: Any = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()[1]
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    if isinstance(exc_info, BaseException):
        event["exception"] = describe(exc_info)
    return event


def describe(error: BaseException) -> str:
    """Return the traceback of an exception and of what caused it, with messages made safe."""
    parts: list[str] = []
    chain: BaseException | None = error
    while chain is not None and len(parts) < TRACE_FRAMES:
        frames = traceback.format_tb(chain.__traceback__, limit=-TRACE_FRAMES)
        parts.append("".join(frames) + f"{type(chain).__qualname__}: {safe_message(chain)}")
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    return "\nwhich came from:\n".join(parts)


def safe_message(error: BaseException) -> str:
    """Return an exception's message, bounded, without what PostgreSQL quotes from rows."""
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        # Class 22 is about values, and its messages quote them.
        primary = "" if state.startswith("22") else str(error.args[0] if error.args else "")
        return f"[{state}] {primary}".strip()[:MESSAGE_CHARACTERS]
    return str(error)[:MESSAGE_CHARACTERS]


if not structlog.is_configured():
    # Until `configure` is called, and in commands that never do: structlog's own default writes to
    # stdout, and with an exception it writes every local variable.
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            render_exception,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_default_logger,
        cache_logger_on_first_use=False,
    )
