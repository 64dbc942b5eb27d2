"""Sending documents of a school system to the service, in batches, in order, with a report.

One batch at a time: what comes later names what came before. Whatever is sent again changes
nothing, so an import that was broken off is simply begun again.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import grpc.aio
from trellis.evidence.v1 import evidence_pb2, source_service_pb2, source_service_pb2_grpc

from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.document import Format, id_told_by
from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.quarantine import KEPT_RECORD_BYTES
from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.importing.sending import Caller

BATCH_DOCUMENTS: Final = 500
BATCH_BYTES: Final = 900_000
"""Of documents in one batch: the server takes 1 MiB."""

MAX_DOCUMENT_BYTES: Final = 250_000
SHOWN_REFUSALS: Final = 5
"""Refused documents of each reason that the report shows; the quarantine has all of them."""

Sync = source_service_pb2.Sync


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """One document as an importer has read it; or, with a refusal, what it could not read."""

    collection: str
    content: Mapping[str, Json]
    file: str = ""
    line: int = 0
    deleted: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptApart:
    """A document that is refused or waits: where it stood, why, and what to do."""

    place: str
    outcome: str
    reason: str
    field: str
    message: str
    hint: str


@dataclass(kw_only=True)
class DocumentReport:
    """The sum of an import of documents, counted up while it runs."""

    import_id: str
    source: str
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By collection and outcome."""
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[KeptApart] = field(default_factory=list)
    evidence: int = 0
    quarantined: int = 0
    unread: set[str] = field(default_factory=set)
    """Collections of which something could not be read of which nobody knows what it is."""
    sync: Sync | None = None
    stopped: str | None = None
    elapsed_seconds: float = 0.0

    @property
    def documents(self) -> int:
        """Return how many documents were answered."""
        return sum(self.outcomes.values())

    def total(self, outcome: str) -> int:
        """Return how many documents came to an outcome."""
        return sum(count for (_, one), count in self.outcomes.items() if one == outcome)

    def count(self, collection: str, outcome: str, apart: KeptApart | None = None) -> None:
        """Count one document."""
        self.outcomes[collection, outcome] += 1
        if apart is not None:
            self.reasons[apart.reason] += 1
            if self.reasons[apart.reason] <= SHOWN_REFUSALS:
                self.shown.append(apart)

    def as_json(self) -> str:
        """Return the report for a machine."""
        by_collection: dict[str, dict[str, int]] = {}
        for (collection, outcome), count in sorted(self.outcomes.items()):
            by_collection.setdefault(collection, {})[outcome] = count
        document: dict[str, Any] = {
            "import_id": self.import_id,
            "source": self.source,
            "documents": self.documents,
            "outcomes": {one: self.total(one) for one in OUTCOMES},
            "by_collection": by_collection,
            "by_reason": dict(sorted(self.reasons.items())),
            "first_kept_apart": [
                {
                    "place": one.place,
                    "outcome": one.outcome,
                    "reason": one.reason,
                    "field": one.field,
                    "message": one.message,
                    "hint": one.hint,
                }
                for one in self.shown
            ],
            "evidence": self.evidence,
            "quarantined": self.quarantined,
            "missing": self.sync.missing_count if self.sync else 0,
            "missing_by_collection": {
                one.collection: one.missing_count
                for one in (self.sync.counts if self.sync else ())
                if one.missing_count
            },
            "deleted": self.sync.deleted_count if self.sync else 0,
            "state": Sync.State.Name(self.sync.state) if self.sync else "",
            "elapsed_seconds": round(self.elapsed_seconds, 3),
            "stopped": self.stopped,
        }
        return json.dumps(document, indent=2, ensure_ascii=False)


OUTCOMES: Final = ("changed", "unchanged", "waiting", "refused")

_OUTCOME_NAMES: Final = {
    source_service_pb2.DocumentAnswer.OUTCOME_CHANGED: "changed",
    source_service_pb2.DocumentAnswer.OUTCOME_UNCHANGED: "unchanged",
    source_service_pb2.DocumentAnswer.OUTCOME_WAITING: "waiting",
    source_service_pb2.DocumentAnswer.OUTCOME_REFUSED: "refused",
}


@dataclass(kw_only=True)
class DocumentSending:
    """Sends documents of one source and format, and counts what becomes of them."""

    stub: source_service_pb2_grpc.SourceServiceStub
    caller: Caller
    source: str
    report: DocumentReport
    on_batch: Callable[[], None] = lambda: None

    @classmethod
    def over(
        cls, channel: grpc.aio.Channel, caller: Caller, source: str, report: DocumentReport
    ) -> "DocumentSending":
        """Return it over an open channel."""
        stub = source_service_pb2_grpc.SourceServiceStub(channel)
        return cls(stub=stub, caller=caller, source=source, report=report)

    async def send(self, form: Format, documents: Iterable[Read]) -> None:
        """Send every document, in order; what could not be read goes to the quarantine."""
        batch: list[Read] = []
        encoded: list[bytes] = []
        size_bytes = 0
        for one in documents:
            content = encode_json(one.content)
            if one.refusal is None and len(content) > MAX_DOCUMENT_BYTES:
                # One call takes no more; without it, everything after it would never come.
                one = replace(one, refusal=_too_large(len(content)))  # noqa: PLW2901
            if one.refusal is not None:
                content = content[:KEPT_RECORD_BYTES]
            if batch and (
                len(batch) == BATCH_DOCUMENTS
                or size_bytes + len(content) > BATCH_BYTES
                or (batch[-1].refusal is None) != (one.refusal is None)
            ):
                await self._batch(form, batch, encoded)
                batch, encoded, size_bytes = [], [], 0
            batch.append(one)
            encoded.append(content)
            size_bytes += len(content)
        if batch:
            await self._batch(form, batch, encoded)

    async def finish(self) -> None:
        """Finish the import that was begun: go on until it says that it is done or held."""
        sync = await self._steps(
            self.stub.FinishSync,
            source_service_pb2.FinishSyncRequest(
                import_id=self.report.import_id, unread_collections=sorted(self.report.unread)
            ),
        )
        self.report.sync = sync

    async def _steps(
        self, rpc: Callable[..., Awaitable[Any]], request: source_service_pb2.FinishSyncRequest
    ) -> Sync:
        while True:
            response = await self.caller.call(rpc, request)
            sync: Sync = response.sync
            if sync.state != Sync.STATE_RUNNING:
                return sync
            self.on_batch()

    async def _batch(self, form: Format, batch: Sequence[Read], encoded: Sequence[bytes]) -> None:
        if batch[0].refusal is not None:
            await self._quarantine(form, batch, encoded)
        else:
            await self._keep(form, batch, encoded)
        self.on_batch()

    async def _keep(self, form: Format, batch: Sequence[Read], encoded: Sequence[bytes]) -> None:
        response = await self.caller.call(
            self.stub.BatchKeepDocuments,
            source_service_pb2.BatchKeepDocumentsRequest(
                source=self.source,
                format=form.value,  # type: ignore[arg-type]
                import_id=self.report.import_id,
                documents=[
                    source_service_pb2.Document(
                        collection=one.collection,
                        content=content,
                        file=one.file,
                        line=one.line,
                        deleted=one.deleted,
                    )
                    for one, content in zip(batch, encoded, strict=True)
                ],
            ),
        )
        self.report.evidence += response.evidence_count
        self.report.quarantined += response.quarantined_count
        for one, answer in zip(batch, response.answers, strict=True):
            outcome = _OUTCOME_NAMES[answer.outcome]
            apart = None
            if answer.HasField("refusal"):
                reason = evidence_pb2.RefusalReason.Name(answer.refusal.reason)
                apart = _kept_apart(
                    one,
                    outcome,
                    reason.removeprefix("REFUSAL_REASON_"),
                    answer.refusal,
                )
            self._count(one, outcome, apart)

    def _count(self, one: Read, outcome: str, apart: KeptApart | None) -> None:
        self.report.count(one.collection, outcome, apart)
        if outcome == "refused" and not id_told_by(one.content):
            self.report.unread.add(one.collection)

    async def _quarantine(
        self, form: Format, batch: Sequence[Read], encoded: Sequence[bytes]
    ) -> None:
        documents = []
        for one, content in zip(batch, encoded, strict=True):
            assert one.refusal is not None
            refusal = evidence_pb2.Refusal(
                reason=one.refusal.reason.value,  # type: ignore[arg-type]
                field=one.refusal.field,
                message=one.refusal.message,
                hint=one.refusal.hint,
            )
            documents.append(
                source_service_pb2.UnreadDocument(
                    collection=one.collection,
                    content=content,
                    file=one.file,
                    line=one.line,
                    refusal=refusal,
                )
            )
            apart = _kept_apart(one, "refused", one.refusal.reason.name, refusal)
            self._count(one, "refused", apart)
        await self.caller.call(
            self.stub.BatchQuarantineDocuments,
            source_service_pb2.BatchQuarantineDocumentsRequest(
                source=self.source,
                format=form.value,  # type: ignore[arg-type]
                import_id=self.report.import_id,
                documents=documents,
            ),
        )
        self.report.quarantined += len(documents)


def _too_large(size_bytes: int) -> Refusal:
    return Refusal(
        reason=RefusalReason.RECORD_TOO_LARGE,
        field="",
        message=f"The document has {size_bytes:,} bytes; at most {MAX_DOCUMENT_BYTES:,} are kept.",
        hint="Leave out of it what is not needed, as comments or pictures.",
    )


def _kept_apart(one: Read, outcome: str, reason: str, refusal: evidence_pb2.Refusal) -> KeptApart:
    place = f"{one.file or one.collection} line {one.line}" if one.line else one.collection
    return KeptApart(
        place=place,
        outcome=outcome,
        reason=reason,
        field=refusal.field,
        message=refusal.message,
        hint=refusal.hint,
    )
