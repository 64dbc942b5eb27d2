"""Handing over what a pull brings: documents to the service, and how far the pull has come.

One batch at a time, in order, each acknowledged before the next is asked for; so whoever stops
anywhere has lost nothing, and begins where the last cursor stands. What comes twice is kept once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from trellis.evidence.v1 import source_service_pb2 as messages

from services.evidence.domain.document import Format
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.documents import DocumentSending, Read


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptCursor:
    """How far a pull has come. put: when that was kept; None for never."""

    content: str
    put: datetime | None


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Hands over the documents of one pull from one source."""

    sending: DocumentSending

    async def settle_source(self, *, time_zone: str, learners_org: str | None) -> None:
        """Let the service read the source as configured; what is not configured stays."""
        source = self.sending.source
        before = (await self.sources()).get(source)
        wanted = messages.Source(source=source)
        if before is not None:
            wanted.CopyFrom(before)
        wanted.time_zone = time_zone
        if learners_org is not None:
            wanted.learners_org = learners_org
        if wanted == before:
            return
        await self.sending.caller.call(
            self.sending.stub.PutSource, messages.PutSourceRequest(source=wanted)
        )

    async def cursor(self, name: str) -> KeptCursor:
        """Return how far the pull of this name has come."""
        request = messages.GetPullCursorRequest(source=self.sending.source, name=name)
        answer = await self.sending.caller.call(self.sending.stub.GetPullCursor, request)
        kept = answer.cursor
        put = kept.put_time.ToDatetime(tzinfo=UTC) if kept.HasField("put_time") else None
        return KeptCursor(content=kept.content, put=put)

    async def put_cursor(self, name: str, content: str) -> None:
        """Keep how far the pull has come: everything before this is acknowledged."""
        cursor = messages.PullCursor(source=self.sending.source, name=name, content=content)
        request = messages.PutPullCursorRequest(cursor=cursor)
        await self.sending.caller.call(self.sending.stub.PutPullCursor, request)

    async def begin_whole(self, collections: Sequence[Collection]) -> None:
        """Begin a pull that brings all there is of some collections."""
        request = messages.BeginSyncRequest(
            source=self.sending.source,
            import_id=self.sending.report.import_id,
            collections=[one.value for one in collections],
        )
        await self.sending.caller.call(self.sending.stub.BeginSync, request)

    async def send(self, form: Format, documents: Sequence[Read]) -> None:
        """Hand documents over; returns once they are kept."""
        await self.sending.send(form, documents)

    async def finish_whole(self) -> None:
        """Let what the pull did not bring be deleted, or be held for a person where it is much."""
        await self.sending.finish()

    async def sources(self) -> Mapping[str, messages.Source]:
        """Return how the sources are doing."""
        listed = await self.sending.caller.call(
            self.sending.stub.ListSources, messages.ListSourcesRequest()
        )
        return {one.source: one for one in listed.sources}
