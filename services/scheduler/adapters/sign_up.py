"""Whether learners can rank: what a process says with each heartbeat (`entrypoints.uptime`)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.scheduler.adapters.lasting import Lasting
from services.scheduler.domain.errors import UpstreamError


class SignUp:
    """What ranking needs of other services: who learners are, and what they may choose from."""

    def __init__(
        self,
        reach: Callable[[], Awaitable[None]],
        people: Lasting[Any, Any],
        *more: Lasting[Any, Any],
    ) -> None:
        """`reach` raises UpstreamError where the roster is away; `people`: who learners are."""
        self._reach = reach
        self._people = people
        self._every: Sequence[Lasting[Any, Any]] = (people, *more)

    async def require_up(self) -> None:
        """Raise UpstreamError where learners cannot rank.

        That is where somebody was refused since this was asked last, because a service was away
        and nothing was remembered; or where the roster is away and nobody at all is remembered. An
        outage that met the learners of one school counts for all: it costs nobody their time.
        """
        # Every one is asked: what is counted is counted anew.
        if sum([one.take_refusals() for one in self._every]):
            raise UpstreamError(service="evidence", cause="learners were refused")
        try:
            await self._reach()
        except UpstreamError:
            if self._people.is_empty:
                raise
