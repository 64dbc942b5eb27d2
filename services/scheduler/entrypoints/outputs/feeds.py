"""The addresses that people subscribe to: a calendar without sign-in, for who knows the secret.

An unknown, a revoked and an expired address are answered alike, so nobody learns which there were.
Each address may be asked for so often, and whoever guesses, less often.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.common.clock import Clock
from services.common.web.pace import Pace
from services.scheduler.domain.feed import Feed
from services.scheduler.domain.model import Absence
from services.scheduler.domain.revision import WeekHead
from services.scheduler.entrypoints.outputs.calendars import Whose, calendar_of
from services.scheduler.entrypoints.outputs.placed import PlacedWeeks
from services.scheduler.entrypoints.outputs.registry import FEED_ROUTE, ICS
from services.scheduler.entrypoints.pages.addresses import (
    copy_headers,
    etag_of,
    holds_copy,
    not_modified,
)
from services.scheduler.handlers.feeds import hash_of, may_be_secret, open_feed
from services.scheduler.handlers.meanwhile import absences_in
from services.scheduler.handlers.settings import get_policy
from services.scheduler.ports.store import FeedAddresses, Store
from services.scheduler.ports.upstream import NameBook

PUBLIC_PATH = "/feeds/"
FILE_NAME = "calendar.ics"
EACH_PER_SECOND, EACH_BURST = 0.2, 20.0
"""For one address: a calendar program asks some times an hour."""
MISSES_PER_SECOND, MISSES_BURST = 1.0, 60.0
"""For one host that asks for addresses which there are not; a school shares one host."""

SEEN_ADDRESSES = 10_000
"""Hashes of addresses that were asked for and are there."""


def no_such_calendar() -> HTTPException:
    """Return the one answer to every address that shows nothing."""
    return HTTPException(HTTPStatus.NOT_FOUND, "there is no such calendar")


class FeedPages:
    """Answers at the addresses of feeds."""

    def __init__(
        self,
        *,
        store: Store,
        addresses: FeedAddresses,
        names: NameBook,
        clock: Clock,
        paces: tuple[Pace, Pace] | None = None,
    ) -> None:
        """Take the paces of each address and of misses; None: the usual ones."""
        self._store = store
        self._addresses = addresses
        self._names = names
        self._clock = clock
        self._placed = PlacedWeeks(store)
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._each, self._misses = paces or (
            Pace(per_second=EACH_PER_SECOND, burst=EACH_BURST),
            Pace(per_second=MISSES_PER_SECOND, burst=MISSES_BURST),
        )

    def routes(self) -> list[Route]:
        """Return the address and who answers."""
        return [Route(FEED_ROUTE, self.feed)]

    async def feed(self, request: Request) -> Response:
        """Return the calendar of an address."""
        secret = request.path_params["token"]
        host = request.client.host if request.client else ""
        known = hash_of(secret) if may_be_secret(secret) else b""
        # Whoever guesses costs no look into the database once the host's misses are spent; an
        # address that was there a while ago is asked for whatever others on the host guess.
        if known not in self._seen and self._misses.is_spent(host):
            self._misses.admit(host, what="this host")
        found = None
        if known:
            found = await open_feed(secret, addresses=self._addresses, clock=self._clock)
        if found is None:
            self._seen.pop(known, None)
            self._misses.admit(host, what="this host")
            raise no_such_calendar()
        self._each.admit(known, what="this calendar")
        self._remember(known)
        return await self._calendar(request, *found)

    def _remember(self, known: bytes) -> None:
        self._seen[known] = None
        self._seen.move_to_end(known)
        while len(self._seen) > SEEN_ADDRESSES:
            self._seen.popitem(last=False)

    async def _calendar(self, request: Request, district: str, feed: Feed) -> Response:
        policy = await get_policy(district, feed.school_id, store=self._store)
        names = await self._names.names(district, feed.school_id)
        heads = await self._placed.heads(district, feed.school_id)
        absences = await self._absences(district, feed.school_id, heads)
        revisions = [f"{one.monday} {one.newest.number}" for one in heads if one.newest]
        etag = etag_of(
            *("feed", feed.feed_id, names.roster_version, str(policy.version)),
            *revisions,
            repr(absences),
        )
        if holds_copy(request, etag):
            return not_modified(etag)
        weeks = await self._placed.weeks(district, feed.school_id, heads)
        whose = Whose(
            district=district,
            school_id=feed.school_id,
            subject=feed.subject,
            school_name=policy.school_display_name,
            time_zone=policy.time_zone,
            adults=names.adults,
            absences=absences,
        )
        content = await asyncio.to_thread(calendar_of, whose, weeks)
        disposition = f'inline; filename="{FILE_NAME}"'
        return Response(
            content,
            media_type=ICS,
            headers={**copy_headers(etag), "Content-Disposition": disposition},
        )

    async def _absences(
        self, district: str, school_id: str, heads: Sequence[WeekHead]
    ) -> list[Absence]:
        """Return who is away in the weeks of a feed, as it is known now."""
        async with self._store.snapshot(district) as view:
            return list(await absences_in(view, school_id, *(one.monday for one in heads)))
