"""The time in which learners rank: who is in, when it closes, and what an outage of sign-up does.

A ranking is in where it was received before the close, in a window that nobody has closed yet. A
window that learners could not use in full is made longer by what was lost, be it that sign-up was
down or that it opened late, up to the hour of the draft, which waits for nobody; beyond that last
week's choices stand. Nobody is ever marked as having forgotten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.scheduler.domain.errors import WindowClosedError, WindowInvalidError

DRAINED_AFTER = timedelta(seconds=30)
"""How long a call without a deadline of its own may take: what came in time is in by then."""
OUTAGE_COUNTS_FROM = timedelta(minutes=2)
"""A shorter silence is a restart or a missed heartbeat, and costs nobody their chance."""
MAX_NOTE_LENGTH = 300
NOT_YET_OPEN = "choosing for that week has not opened yet: try again later"
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class ChoiceWindow:
    """When learners rank for a school's week. All times are aware.

    `promised_open_time` and `promised_close_time` are opening and close as they were told at first:
    between them lies the time that learners were promised. `open_time` is when it really opened,
    `close_time` the close that holds, never after `latest_close_time`, the hour of the draft.
    `closed_time`: when it was closed for good; None: not yet.
    """

    school_id: str
    monday: date
    promised_open_time: datetime
    open_time: datetime
    promised_close_time: datetime
    close_time: datetime
    latest_close_time: datetime
    closed_time: datetime | None = None
    note: str = ""
    """What people are told of the window: why it was made longer, or that sign-up was down."""

    @property
    def promised(self) -> timedelta:
        """Return how long learners were promised to be able to rank."""
        return self.promised_close_time - self.promised_open_time

    def takes(self, receive_time: datetime) -> bool:
        """Whether a ranking that was received then is in."""
        is_within = self.open_time <= receive_time < self.close_time
        return is_within and self.closed_time is None


@dataclass(frozen=True, kw_only=True)
class Uptime:
    """A process that could take rankings: from when, and when it last said so.

    It says so while it can write and knows learners, be it by what the roster said before.
    """

    owner: str
    start_time: datetime
    beat_time: datetime


@dataclass(frozen=True, kw_only=True)
class WindowClose:
    """What came of an attempt to close a window. `again_time`: when to try again; None: closed."""

    window: ChoiceWindow
    again_time: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the rankings of the window are final."""
        return self.again_time is None


def new_window(
    *,
    school_id: str,
    monday: date,
    open_time: datetime,
    close_time: datetime,
    latest_close_time: datetime | None = None,
    now: datetime | None = None,
) -> ChoiceWindow:
    """Return a window as it is opened; raises WindowInvalidError.

    `latest_close_time`: until when the close may move; None: as long again as it is. `now`: when
    it really opens, where that is later than was told; None: in time.
    """
    really = max(open_time, now or open_time)
    if close_time <= really:
        raise WindowInvalidError(f"it closes at {close_time:%Y-%m-%d %H:%M} UTC, before it opens")
    latest = latest_close_time or close_time + (close_time - open_time)
    if latest < close_time:
        raise WindowInvalidError("its latest close is before its close")
    return ChoiceWindow(
        school_id=school_id,
        monday=monday,
        promised_open_time=open_time,
        open_time=really,
        promised_close_time=close_time,
        close_time=close_time,
        latest_close_time=latest,
    )


def require_open(window: ChoiceWindow | None, receive_time: datetime) -> ChoiceWindow:
    """Return the window where it takes a ranking that was received then; else raises."""
    if window is None:
        raise WindowClosedError(NOT_YET_OPEN)
    if receive_time < window.open_time:
        raise WindowClosedError(
            f"choosing for the week of {window.monday} opens at"
            f" {window.open_time:%Y-%m-%d %H:%M} UTC"
        )
    if not window.takes(receive_time):
        raise WindowClosedError(
            f"choosing for the week of {window.monday} closed at"
            f" {window.close_time:%Y-%m-%d %H:%M} UTC, and this came after it: what was sent"
            " before stands; ask an adult of the school, who may extend the time"
        )
    return window


def ended_by(window: ChoiceWindow, draft_time: datetime) -> ChoiceWindow:
    """Return the window with no close after the hour of the draft, whatever was told before."""
    latest = max(min(window.latest_close_time, draft_time), window.open_time + A_MOMENT)
    return replace(
        window,
        promised_close_time=min(window.promised_close_time, latest),
        close_time=min(window.close_time, latest),
        latest_close_time=latest,
    )


def closing(window: ChoiceWindow, uptimes: Iterable[Uptime], now: datetime) -> WindowClose:
    """Return what closing a window comes to now: closed, made longer, or too early.

    A window holds as much time in which rankings could be taken as was promised: before it opened
    none could. It closes once all calls that were received in time have ended.
    """
    if window.closed_time is not None:
        return WindowClose(window=window)
    if now < window.close_time:
        return WindowClose(window=window, again_time=window.close_time)
    up = uptime_within(_since(uptimes, window.open_time), window.promised_open_time, now)
    missing = window.promised - up
    longer = min(now + missing, window.latest_close_time)
    if missing > timedelta() and longer > now:
        note = (
            f"Sign-up was down for {_minutes(missing)} of the time for choosing, so it closes at"
            f" {longer:%H:%M} UTC instead."
        )
        return WindowClose(window=replace(window, close_time=longer, note=note), again_time=longer)
    drained_time = window.close_time + DRAINED_AFTER
    if now < drained_time:
        return WindowClose(window=window, again_time=drained_time)
    note = window.note
    if missing > timedelta():
        note = (
            f"Sign-up was down for {_minutes(missing)} of the time for choosing, which could not"
            " be made longer: last week's choices stand for who could not answer."
        )
    return WindowClose(window=replace(window, closed_time=now, note=note))


def extended(
    window: ChoiceWindow, close_time: datetime, now: datetime, reason: str, draft_time: datetime
) -> ChoiceWindow:
    """Return the window with a later close, open again where it was closed; a person decided.

    Raises WindowInvalidError where the new close is no later, is past, or is after the hour of the
    draft: no run would read what comes then, and the week would wait.
    """
    drafted = f"the draft of the week is made at {draft_time:%Y-%m-%d %H:%M} UTC"
    if now >= draft_time:
        raise WindowInvalidError(f"{drafted}, and choosing for it is over")
    if close_time <= max(now, window.close_time):
        raise WindowInvalidError(
            f"the new close, {close_time:%Y-%m-%d %H:%M} UTC, is past or no later than the one that"
            f" holds, {window.close_time:%Y-%m-%d %H:%M} UTC: send a later one"
        )
    if close_time > draft_time:
        raise WindowInvalidError(f"{drafted}, and waits for nobody: send a close no later")
    return replace(
        window,
        close_time=close_time,
        latest_close_time=draft_time,
        closed_time=None,
        note=reason[:MAX_NOTE_LENGTH],
    )


def uptime_within(uptimes: Iterable[Uptime], begin: datetime, end: datetime) -> timedelta:
    """Return how much of a time some process could take rankings; short silences count as up."""
    total, reached = timedelta(), begin
    for one in _merged(uptimes, begin, end):
        start, stop = one
        if start - reached < OUTAGE_COUNTS_FROM:
            start = reached
        total += stop - start
        reached = stop
    if reached < end and end - reached < OUTAGE_COUNTS_FROM:
        total += end - reached
    return total


def _since(uptimes: Iterable[Uptime], begin: datetime) -> Sequence[Uptime]:
    """Return the uptimes without what lies before a time."""
    return [
        replace(one, start_time=max(one.start_time, begin))
        for one in uptimes
        if one.beat_time > begin
    ]


def _merged(
    uptimes: Iterable[Uptime], begin: datetime, end: datetime
) -> Sequence[tuple[datetime, datetime]]:
    """Return the times in which at least one was up, cut to a span, in order and apart."""
    spans = sorted(
        (max(one.start_time, begin), min(one.beat_time, end))
        for one in uptimes
        if one.start_time < end and one.beat_time > begin
    )
    found: list[tuple[datetime, datetime]] = []
    for start, stop in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def _minutes(span: timedelta) -> str:
    count = max(round(span.total_seconds() / 60), 1)
    return "1 minute" if count == 1 else f"{count} minutes"
