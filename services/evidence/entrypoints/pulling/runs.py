"""One pull from one peer, whatever it speaks: read, hand over, note how far it has come.

The cursor is put last, once everything before it is acknowledged. A pull that ends anywhere else is
begun again where the last one ended. Two of one peer at a time do no harm: what comes twice is kept
once, an older cursor only makes the next pull bring more, and what another one has brought since a
pull of everything began is not missing.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from services.common.clock import Clock, SystemClock
from services.evidence.domain.case.values import uuid_of
from services.evidence.domain.document import Format
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.documents import Read
from services.evidence.entrypoints.pulling.case import (
    KnownFramework,
    PulledFramework,
    list_frameworks,
    pull_frameworks,
)
from services.evidence.entrypoints.pulling.configuration import (
    CasePart,
    EdFiPart,
    OneRosterPart,
    PeerPart,
)
from services.evidence.entrypoints.pulling.delivery import Delivery
from services.evidence.entrypoints.pulling.edfi import (
    Cursor,
    EdFiPull,
    HistoryLostError,
    Pulled,
)
from services.evidence.entrypoints.pulling.edfi_api import EdFiApi
from services.evidence.entrypoints.pulling.fetching import (
    Anonymous,
    Authorisation,
    Exchange,
    Peer,
    open_client,
)
from services.evidence.entrypoints.pulling.oneroster import OneRosterPull
from services.evidence.entrypoints.pulling.timetable import whole_pull_is_due
from services.evidence.entrypoints.pulling.tokens import Client, ClientCredentials

MakeExchange = Callable[[httpx.AsyncClient], Exchange]

State = Mapping[str, Any]
"""What a cursor holds: JSON of the kind's own, and under "whole" the day of the last whole pull."""

_FORMATS: Final = {
    Version.V1_1: Format.ONEROSTER_JSON_1_1,
    Version.V1_2: Format.ONEROSTER_JSON_1_2,
}
_CASE_FORMATS: Final = {"1.0": Format.CASE_1_0, "1.1": Format.CASE_1_1}
_CASE_PATHS: Final = {"1.0": "ims/case/v1p0", "1.1": "ims/case/v1p1"}
_FRAMEWORK_PARTS: Final = (
    Collection.CF_DOCUMENTS,
    Collection.CF_ITEMS,
    Collection.CF_ASSOCIATIONS,
)


@dataclass(kw_only=True)
class Run:
    """One pull: what it hands over to, when it began, and what a person should know of it.

    whole: it brings everything. notes: what could not be read, one sentence each; the rest is kept.
    """

    delivery: Delivery
    began: datetime
    whole: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class PeerPull:
    """Pulls from one peer. transport and make_exchange: for tests."""

    settings: OneRosterPart | EdFiPart | CasePart
    clock: Clock = field(default_factory=SystemClock)
    transport: httpx.AsyncBaseTransport | None = None
    make_exchange: MakeExchange = lambda client: Exchange(client=client)

    async def run(self, delivery: Delivery, *, everything: bool = False) -> Run:
        """Pull what is new, or everything where that is due or asked for.

        Raises PullError and RefusedError where the peer, and grpc.aio.AioRpcError where the service
        cannot be talked to.
        """
        settings, name = self.settings, self.settings.called
        await delivery.settle_source(
            time_zone=settings.time_zone, learners_org=settings.learners_org
        )
        state = _state_of((await delivery.cursor(name)).content)
        began = self.clock.now()
        today = began.astimezone(ZoneInfo(settings.time_zone)).date()
        due = whole_pull_is_due(_day_of(state), settings.whole_weekday, today)
        run = Run(delivery=delivery, began=began, whole=everything or due)
        async with self._peer() as peer:
            try:
                new = await self._pull(run, peer, state)
            except HistoryLostError as lost:
                run.notes.append(f"{lost} Everything was pulled.")
                run.whole = True
                new = await self._pull(run, peer, state)
        last = today.isoformat() if run.whole else state.get("whole")
        await delivery.put_cursor(name, json.dumps({"whole": last, **new}))
        return run

    async def _pull(self, run: Run, peer: Peer, state: State) -> State:
        settings = self.settings
        if isinstance(settings, OneRosterPart):
            pull = OneRosterPull(peer, settings.of_version, collections=settings.wanted())
            return await pull_oneroster(run, pull, settings, state)
        if isinstance(settings, EdFiPart):
            api = EdFiApi(
                peer=peer, data_path=settings.data_path, changes_path=settings.changes_path
            )
            return await pull_edfi(run, EdFiPull(api, settings.resources), state)
        return await pull_case(run, peer, settings)

    @asynccontextmanager
    async def _peer(self) -> AsyncIterator[Peer]:
        settings = self.settings
        async with open_client(self.transport, ca_file=settings.ca_file) as client:
            exchange = self.make_exchange(client)
            yield Peer(
                base_url=_base_url(settings),
                exchange=exchange,
                authorisation=_authorisation(settings, exchange),
            )


async def pull_oneroster(
    run: Run, pull: OneRosterPull, settings: OneRosterPart, state: State
) -> State:
    """Pull from a OneRoster service; return how far that has come."""
    since = None if run.whole else _since(state)
    run.whole = since is None
    if run.whole:
        await run.delivery.begin_whole(await pull.whole_collections())
    absent = len(pull.skipped)
    async for collection, documents in pull.changes(since):
        await run.delivery.send(
            _FORMATS[settings.of_version],
            [Read(collection=collection.value, content=one) for one in documents],
        )
    if pull.skipped:
        names = ", ".join(one.value for one in pull.skipped)
        run.notes.append(f"The service does not have {names}.")
    if run.whole and not pull.incomplete and len(pull.skipped) == absent:
        await run.delivery.finish_whole()
    elif run.whole:
        names = ", ".join(one.value for one in pull.incomplete)
        run.notes.append(
            f"Fewer came than the service says there are, of {names or 'some collections'};"
            " nothing was deleted."
        )
    elif since is not None and pull.incomplete:
        names = ", ".join(one.value for one in pull.incomplete)
        run.notes.append(
            f"Fewer changes came than the service says there are, of {names}; the next pull asks"
            " for them again."
        )
        return {"since": since.isoformat()}
    # Of two clocks the one that is behind: what changes from now on must not fall between them.
    served = min(run.began, pull.served_time or run.began)
    return {"since": (served - settings.overlap).isoformat()}


async def pull_edfi(run: Run, pull: EdFiPull, state: State) -> State:
    """Pull from an Ed-Fi API; return how far that has come."""
    since = Cursor() if run.whole else _cursor_of(state)
    run.whole = since.newest == 0
    collections = pull.whole_collections if run.whole else ()
    if collections:
        await run.delivery.begin_whole(collections)
    unnamed, cursor = 0, since
    async for pulled in pull.changes(since):
        unnamed += pulled.unnamed_deletes
        cursor = pulled.cursor or cursor
        await run.delivery.send(Format.EDFI, _reads_of(pulled))
    if collections:
        await run.delivery.finish_whole()
    new = {"previous": cursor.previous, "newest": cursor.newest, "whole_version": cursor.whole}
    if not unnamed:
        return new
    run.notes.append(
        f"Deletions of which the API does not say the key: {unnamed}. The next pull brings"
        " everything, which shows them."
    )
    return {**new, "whole": None}


async def pull_case(run: Run, peer: Peer, settings: CasePart) -> State:
    """Pull from a CASE service; what is known of each framework has a cursor of its own."""
    listed = await list_frameworks(peer)
    ids = {uuid_of(one.get("identifier")) for one in listed} - {None}
    missing = sorted(set(settings.frameworks) - ids)
    run.notes += [f"The publisher does not list the framework {one}." for one in missing]
    wanted = sorted(
        one for one in ids if one and (not settings.frameworks or one in settings.frameworks)
    )
    delivery, whole = run.delivery, not missing
    known: dict[str, KnownFramework] = {}
    if run.whole:
        await delivery.begin_whole(_FRAMEWORK_PARTS)
    else:
        for one in wanted:
            kept = _state_of((await delivery.cursor(f"{settings.called}/{one}")).content)
            known[one] = KnownFramework(
                changed=str(kept.get("changed", "")), etag=str(kept.get("etag", ""))
            )
    faults: list[str] = []

    def on_fault(document_id: str, problem: str) -> None:
        faults.append(f"The framework {document_id} could not be read: {problem}")

    async for framework in pull_frameworks(
        peer, known, only=wanted, listed=listed, on_fault=on_fault
    ):
        whole = whole and framework.whole
        await _deliver_framework(delivery, framework, settings)
    run.notes += faults
    if run.whole and whole and not faults:
        await delivery.finish_whole()
    return {}


async def _deliver_framework(
    delivery: Delivery, framework: PulledFramework, settings: CasePart
) -> None:
    await delivery.send(
        _CASE_FORMATS[settings.version],
        [
            Read(collection=collection.value, content=content)
            for collection, content in framework.documents
        ],
    )
    known = {"changed": framework.known.changed, "etag": framework.known.etag}
    await delivery.put_cursor(f"{settings.called}/{framework.document_id}", json.dumps(known))


def _reads_of(pulled: Pulled) -> list[Read]:
    gone = [Read(collection=pulled.resource, content=one, deleted=True) for one in pulled.deleted]
    return [*gone, *(Read(collection=pulled.resource, content=one) for one in pulled.documents)]


def _base_url(settings: PeerPart) -> str:
    if isinstance(settings, CasePart):
        return f"{settings.address}/{_CASE_PATHS[settings.version]}"
    return settings.address


def _authorisation(settings: PeerPart, exchange: Exchange) -> Authorisation:
    token_url = settings.token_url()
    if not settings.client_id or token_url is None:
        return Anonymous()
    client = Client(
        token_url=token_url,
        client_id=settings.client_id,
        client_secret=settings.secret(),
        scopes=settings.scopes,
    )
    return ClientCredentials(client, exchange)


def _state_of(content: str) -> State:
    """Return what a cursor holds; nothing where it holds what no pull has put."""
    try:
        state = json.loads(content) if content else {}
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def _day_of(state: State) -> date | None:
    try:
        return date.fromisoformat(str(state.get("whole")))
    except ValueError:
        return None


def _since(state: State) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(state.get("since")))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _cursor_of(state: State) -> Cursor:
    previous, newest = state.get("previous"), state.get("newest")
    whole = state.get("whole_version")
    if not (isinstance(previous, int) and isinstance(newest, int) and isinstance(whole, int)):
        return Cursor()
    return Cursor(previous=previous, newest=newest, whole=whole)
