"""A OneRoster provider over objects in memory, with a writer that keeps what it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
from starlette.applications import Starlette

from services.common.rpc.credentials import Credential, Credentials
from services.common.web.access_tokens import AccessTokens, SigningKeys
from services.common.web.oauth import TokenEndpoint
from services.evidence.adapters.memory.source_objects import MemorySourceObjects
from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.oneroster.listings import all_of
from services.evidence.domain.source_object import ObjectKey
from services.evidence.entrypoints.errors import ERRORS
from services.evidence.entrypoints.http.app import http_app
from services.evidence.entrypoints.http.case import case_part
from services.evidence.entrypoints.http.oneroster.part import oneroster_part
from services.evidence.entrypoints.http.oneroster.scopes import PREFIXES, SCOPES
from services.evidence.entrypoints.scopes import FRAMEWORK_READ
from services.evidence.ports.case import CaseReader
from services.evidence.ports.source_objects import (
    Change,
    ObjectReader,
    ObjectWrite,
    ObjectWriter,
    Written,
)
from tests.support.clock import FixedClock
from tests.support.source_objects import CHANGED, Kept, memory_objects

ALL_SCOPES = frozenset(
    prefix + name for prefix in PREFIXES.values() for names in SCOPES.values() for name in names
)

CREDENTIALS = Credentials.of(
    {
        "static": Credential(
            name="office", district="henry", sources=frozenset({"sis"}), scopes=ALL_SCOPES
        ),
        "everything": Credential(
            name="operator", district="henry", sources=frozenset({"*"}), scopes=frozenset({"*"})
        ),
        "service": Credential(name="service", district=None, scopes=ALL_SCOPES),
        "unclear": Credential(
            name="two", district="henry", sources=frozenset({"sis", "lms"}), scopes=ALL_SCOPES
        ),
    },
    {
        ("lms", "secret"): Credential(
            name="lms", district="henry", sources=frozenset({"lms"}), scopes=ALL_SCOPES
        ),
        ("puller", "secret"): Credential(
            name="puller",
            district="henry",
            sources=frozenset(),
            scopes=ALL_SCOPES | {FRAMEWORK_READ},
        ),
        ("clayton", "secret"): Credential(
            name="clayton", district="clayton", sources=frozenset({"lms"}), scopes=ALL_SCOPES
        ),
    },
)


@dataclass
class MemoryWriter:
    """Keeps objects in memory; the port `ObjectWriter`."""

    memory: MemorySourceObjects
    refuse_with: Refusal | None = None
    """What the next write is refused with."""
    refused: list[tuple[str, str, bytes, Refusal]] = field(default_factory=list)
    changes: int = 1_000

    async def put(self, district: str, writes: Sequence[ObjectWrite]) -> Sequence[Written]:
        """Keep the objects, all or none."""
        refusals = [await self._refusal(district, one.source, one.key) for one in writes]
        if any(refusals):
            return [
                Written(key=one.key, refusal=refusal)
                for one, refusal in zip(writes, refusals, strict=True)
            ]
        return [Written(key=one.key, change=self._keep(district, one)) for one in writes]

    async def delete(self, district: str, source: str, key: ObjectKey) -> Written:
        """Mark an object as deleted."""
        refusal = await self._refusal(district, source, key)
        if refusal is not None:
            return Written(key=key, refusal=refusal)
        stored = await self.memory.one(district, all_of(key.collection), key.id)
        assert stored is not None
        gone = [replace(one, deleted=True) for one in (stored.object, *stored.children)]
        self.changes += 1
        for one in gone:
            self.memory.keep(district, source, one, CHANGED + timedelta(seconds=self.changes))
        return Written(key=key, change=Change.CHANGED)

    async def refuse(self, district: str, source: str, document: bytes, refusal: Refusal) -> None:
        """Note what was refused."""
        self.refused.append((district, source, document, refusal))

    def _keep(self, district: str, write: ObjectWrite) -> Change:
        self.changes += 1
        changed = CHANGED + timedelta(seconds=self.changes)
        named = {one.key for one in write.reading.objects}
        gone = [
            replace(child, deleted=True)
            for child in self.memory.children_of(district, write.key)
            if child.key not in named
        ]
        kept = [
            self.memory.keep(district, write.source, one, changed)
            for one in (*write.reading.objects, *gone)
        ]
        if kept[0] is Change.UNCHANGED and set(kept) != {Change.UNCHANGED}:
            return Change.CHANGED
        return kept[0]

    async def _refusal(self, district: str, source: str, key: ObjectKey) -> Refusal | None:
        stored = await self.memory.one(district, all_of(key.collection), key.id)
        if stored is not None and stored.source != source:
            return Refusal(
                reason=RefusalReason.SOURCE_NOT_ALLOWED,
                field="sourcedId",
                message="The object belongs to another source.",
                hint="Send it with the credential that made it.",
            )
        refusal, self.refuse_with = self.refuse_with, None
        return refusal


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The provider: its app, an HTTP client to it, what it keeps, and its clock."""

    app: Starlette
    http: httpx.AsyncClient
    kept: Kept
    writer: MemoryWriter
    clock: FixedClock


@asynccontextmanager
async def provider(
    *,
    reader: ObjectReader | None = None,
    writer: ObjectWriter | None = None,
    case: CaseReader | None = None,
) -> AsyncIterator[Provider]:
    """Serve without a network; from and to what is given; frameworks if any."""
    kept = memory_objects()
    assert kept.memory is not None
    remembering = MemoryWriter(memory=kept.memory)
    clock = FixedClock(CHANGED)
    keys = SigningKeys({"test": b"k" * 32})
    tokens = AccessTokens(keys, CREDENTIALS, clock, audience="trellis-evidence")
    parts = [oneroster_part(reader=reader or kept.reader, writer=writer or remembering)]
    if case is not None:
        parts.append(case_part(case, public_url="http://or.test"))
    app = http_app(
        parts,
        find=tokens.find,
        token_endpoint=TokenEndpoint(credentials=CREDENTIALS, tokens=tokens),
        error_table=ERRORS,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://or.test") as http:
        yield Provider(app=app, http=http, kept=kept, writer=remembering, clock=clock)
