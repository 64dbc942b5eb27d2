"""Says every few seconds that this process can take rankings: an outage leaves a gap to be seen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from services.common.clock import Clock
from services.common.logs import get_logger, safe_message
from services.scheduler.domain.asking.windows import Uptime
from services.scheduler.ports.asking import UptimeBook

BEAT_SECONDS = 15.0

log = get_logger()


async def keep_beating(
    book: UptimeBook,
    clock: Clock,
    owner: str,
    *,
    require_up: Callable[[], Awaitable[None]],
    machine: Clock | None = None,
    beat_seconds: float = BEAT_SECONDS,
) -> None:
    """Beat until cancelled, while `require_up` does not raise.

    A beat that fails is the outage that the gap tells of. After a gap of several beats the process
    counts as started anew, so that what it missed is not told as time in which it could work.
    `machine` tells how long a gap is, where a rehearsal moves `clock`: what is leapt over is none.
    """
    machine = machine or clock
    start_time: datetime = clock.now()
    last: datetime = machine.now()
    name, restarts = owner, 0
    while True:
        now, machine_now = clock.now(), machine.now()
        missed = (machine_now - last).total_seconds() > 2 * beat_seconds
        # A clock that is set back would else end before it started, and be refused till then.
        if missed or now < start_time:
            restarts += 1
            start_time, name = now, f"{owner}.{restarts}"
        try:
            await require_up()
            await book.beat(Uptime(owner=name, start_time=start_time, beat_time=now))
        except Exception as error:
            log.warning("uptime_not_kept", problem=safe_message(error))
        else:
            last = machine_now
        await asyncio.sleep(beat_seconds)
