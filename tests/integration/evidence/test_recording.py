"""EvidenceService over gRPC on a real PostgreSQL: what a producer meets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from trellis.evidence.v1 import evidence_pb2
from trellis.evidence.v1 import evidence_service_pb2 as messages
from trellis.framework.v1 import framework_pb2
from trellis.roster.v1 import roster_pb2

from services.common.rpc.client import reason_of
from tests.support.evidence import (
    DISTRICT,
    OTHER_TOKEN,
    READER_TOKEN,
    SERVICE_TOKEN,
    Client,
    RunningApi,
    a_message,
    running_api,
)
from tests.support.evidence_api import register
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

ACCEPTED = evidence_pb2.RecordAnswer.OUTCOME_ACCEPTED
REPEATED = evidence_pb2.RecordAnswer.OUTCOME_REPEATED
REFUSED = evidence_pb2.RecordAnswer.OUTCOME_REFUSED


@dataclass(frozen=True, kw_only=True)
class District:
    """A running api with a client of a district in which two learners are known."""

    api: RunningApi
    client: Client
    learners: list[str]

    def message(self, number: int = 1, **changes: Any) -> evidence_pb2.Record:
        """Return a valid record of the first learner, made an hour ago."""
        occur_time = Timestamp()
        occur_time.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
        fields = {"learner": self.learners[0], "occur_time": occur_time, **changes}
        return a_message(number, **fields)

    async def send(self, *records: evidence_pb2.Record, **fields: Any) -> list[Any]:
        """Send a batch and return its answers."""
        request = messages.RecordEvidenceBatchRequest(records=records, **fields)
        return list((await self.client.evidence.RecordEvidenceBatch(request)).answers)


@pytest.fixture
async def api(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[RunningApi]:
    """Give a running api on a migrated database."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as running:
        yield running


@pytest.fixture
async def district(api: RunningApi) -> AsyncIterator[District]:
    """Give a client of a district with two learners."""
    async with api.client() as client:
        learners = await register(client)
        yield District(api=api, client=client, learners=learners)


async def test_a_record_is_kept_and_can_be_read_as_it_stands(district: District) -> None:
    """The answer names the evidence; reading it gives the event as it is published."""
    request = messages.RecordEvidenceRequest(record=district.message())
    answer = (await district.client.evidence.RecordEvidence(request)).answer
    assert answer.outcome == ACCEPTED
    found = await district.client.evidence.GetEvidence(
        messages.GetEvidenceRequest(name=answer.evidence)
    )
    assert found.evidence.state == evidence_pb2.Evidence.STATE_ACTIVE
    assert found.evidence.event.recorded.score == 22_500
    assert found.evidence.event.learner == district.learners[0]
    assert found.evidence.ledger_position == answer.ledger_position
    listed = await district.client.evidence.ListEvidence(
        messages.ListEvidenceRequest(parent=district.learners[0])
    )
    assert list(listed.evidence) == [found.evidence]


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"event_id": ""}, "MISSING_EVENT_ID", "event_id"),
        ({"event_id": "x" * 129}, "MALFORMED", "event_id"),
        ({"source": "not a source!"}, "MALFORMED", "source"),
        ({"source": "erp"}, "SOURCE_NOT_ALLOWED", "source"),
        ({"learner": f"districts/{DISTRICT}/learners/nobody"}, "UNKNOWN_LEARNER", "learner"),
        ({"learner": "districts/cedar/learners/nobody"}, "MALFORMED", "learner"),
        (
            {
                "alignments": [
                    evidence_pb2.Alignment(competency=f"districts/{DISTRICT}/competencies/none")
                ]
            },
            "UNKNOWN_COMPETENCY",
            "alignments[0].competency",
        ),
        ({"alignments": [], "item": ""}, "ALIGNMENT_INVALID", "alignments"),
        (
            {"learner": None, "learner_reference": roster_pb2.Reference(value="of no kind")},
            "MALFORMED",
            "learner_reference",
        ),
        (
            {
                "alignments": [],
                "referenced_alignments": [
                    evidence_pb2.ReferencedAlignment(
                        competency=framework_pb2.CompetencyReference(value="of no kind")
                    )
                ],
            },
            "MALFORMED",
            "referenced_alignments[0].competency",
        ),
        (
            {"score": evidence_pb2.Score(points={"earned_milli": 41, "possible_milli": 4})},
            "SCORE_OUT_OF_RANGE",
            "score.points",
        ),
        (
            {"score": evidence_pb2.Score(level_milli=4_001)},
            "SCORE_OUT_OF_RANGE",
            "score.level_milli",
        ),
        ({"occur_time": {"seconds": 0}}, "TIME_OUT_OF_RANGE", "occur_time"),
        ({"item": "a\x00b"}, "MALFORMED", "item"),
        ({"artefact": "x" * 70_000}, "RECORD_TOO_LARGE", ""),
    ],
    ids=lambda one: str(one)[:40] if isinstance(one, str) else "",
)
async def test_a_faulty_record_is_refused_with_its_reason_and_the_next_one_kept(
    district: District, changes: dict[str, Any], reason: str, field: str
) -> None:
    """A refusal says why, where and what to do, waits in quarantine, and stops nobody else."""
    bad = district.message(1)
    for name, value in changes.items():
        bad.ClearField(name)  # type: ignore[arg-type]
        bad.MergeFrom(evidence_pb2.Record(**{name: value}))
    refused, kept = await district.send(bad, district.message(2))
    assert refused.outcome == REFUSED
    assert evidence_pb2.RefusalReason.Name(refused.refusal.reason) == f"REFUSAL_REASON_{reason}"
    assert refused.refusal.field == field
    assert refused.refusal.message
    assert refused.refusal.hint
    assert kept.outcome == ACCEPTED
    listed = await district.client.evidence.ListQuarantinedRecords(
        messages.ListQuarantinedRecordsRequest()
    )
    (quarantined,) = listed.records
    assert quarantined.refusal == refused.refusal
    assert quarantined.record == bad.SerializeToString()[:65_536]


async def test_a_message_above_the_limit_is_refused_and_the_connection_lives(
    district: District,
) -> None:
    """2 MB are RESOURCE_EXHAUSTED; the next call on the same channel is answered."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await district.send(district.message(1, artefact="x" * 2_000_000))
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    (answer,) = await district.send(district.message(2))
    assert answer.outcome == ACCEPTED


async def test_a_batch_of_more_than_500_is_refused_whole(district: District) -> None:
    """Nothing of it is kept, and the refusal is INVALID_ARGUMENT."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await district.send(*[district.message(number) for number in range(501)])
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    (answer,) = await district.send(district.message(0))
    assert answer.outcome == ACCEPTED


async def test_an_empty_batch_is_answered_with_nothing(district: District) -> None:
    """No records, no answers, no error."""
    assert await district.send() == []


async def test_without_a_known_token_nothing_is_answered(district: District) -> None:
    """No token and a made-up one are UNAUTHENTICATED."""
    for token in (None, "made-up"):
        async with district.api.client(token) as client:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await client.evidence.RecordEvidence(
                    messages.RecordEvidenceRequest(record=district.message())
                )
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_token_without_the_scope_may_not_write(district: District) -> None:
    """Reading with it works; writing is PERMISSION_DENIED with SCOPE_MISSING."""
    async with district.api.client(READER_TOKEN.token) as client:
        await client.evidence.ListEvidence(
            messages.ListEvidenceRequest(parent=district.learners[0])
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.evidence.RecordEvidence(
                messages.RecordEvidenceRequest(record=district.message())
            )
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert reason_of(refused.value) == "SCOPE_MISSING"


async def test_a_token_of_another_district_sees_and_writes_nothing_here(
    district: District,
) -> None:
    """Evidence is not found; a known and an unknown learner are refused alike."""
    (answer,) = await district.send(district.message())
    async with district.api.client(OTHER_TOKEN.token) as client:
        for name in (answer.evidence, answer.evidence.replace(DISTRICT, "cedar")):
            with pytest.raises(grpc.aio.AioRpcError) as missing:
                await client.evidence.GetEvidence(messages.GetEvidenceRequest(name=name))
            assert missing.value.code() is grpc.StatusCode.NOT_FOUND
        reasons = set()
        for learner in (district.learners[0], f"districts/{DISTRICT}/learners/nobody"):
            request = messages.RecordEvidenceRequest(record=district.message(9, learner=learner))
            refused = (await client.evidence.RecordEvidence(request)).answer.refusal
            reasons.add((refused.reason, refused.field, refused.hint))
        assert len(reasons) == 1
        with pytest.raises(grpc.aio.AioRpcError) as invalid:
            await client.evidence.ListEvidence(
                messages.ListEvidenceRequest(parent=district.learners[0])
            )
        assert invalid.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        with pytest.raises(grpc.aio.AioRpcError) as not_there:
            await client.evidence.RetractEvidence(
                messages.RetractEvidenceRequest(name=answer.evidence, event_id="away")
            )
        assert not_there.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_retraction_is_answered_again_and_its_event_id_is_taken(
    district: District,
) -> None:
    """A repeat gives the first answer; the id for another observation is ALREADY_EXISTS."""
    first, second = await district.send(district.message(1), district.message(2))
    request = messages.RetractEvidenceRequest(name=first.evidence, event_id="away")
    answer = await district.client.evidence.RetractEvidence(request)
    assert answer.retracted
    assert await district.client.evidence.RetractEvidence(request) == answer
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await district.client.evidence.RetractEvidence(
            messages.RetractEvidenceRequest(name=second.evidence, event_id="away")
        )
    assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert reason_of(refused.value) == "EVENT_ID_REUSED"


async def test_the_ledger_is_streamed_to_a_service_from_every_district(
    district: District,
) -> None:
    """A service's token sees all, a district's its own; a cursor goes on where it was given."""
    await district.send(*[district.message(number) for number in range(5)])
    async with district.api.client(OTHER_TOKEN.token) as other:
        (theirs,) = await register(other, district="cedar", source_ids=["1"])
        record = district.message(1, learner=theirs)
        record.alignments[0].competency = "districts/cedar/competencies/6.rp.1"
        await other.evidence.RecordEvidence(messages.RecordEvidenceRequest(record=record))
        own = [one async for one in other.evidence.StreamLedger(messages.StreamLedgerRequest())]
    assert [event.learner for one in own for event in one.events] == [theirs]
    async with district.api.client(SERVICE_TOKEN.token) as service:
        stream = service.evidence.StreamLedger(messages.StreamLedgerRequest(page_size=2))
        runs = [one async for one in stream]
        assert [len(one.events) for one in runs] == [2, 2, 2]
        rest = service.evidence.StreamLedger(messages.StreamLedgerRequest(cursor=runs[0].cursor))
        again = [event async for one in rest for event in one.events]
    assert again == [event for one in runs[1:] for event in one.events]


async def test_a_made_up_cursor_or_page_token_is_refused(district: District) -> None:
    """Whatever a client makes up is INVALID_ARGUMENT, never an inner fault."""
    calls = [
        lambda token: district.client.evidence.ListEvidence(
            messages.ListEvidenceRequest(parent=district.learners[0], page_token=token)
        ),
        lambda token: district.client.evidence.ListQuarantinedRecords(
            messages.ListQuarantinedRecordsRequest(page_token=token)
        ),
        lambda token: district.client.evidence.StreamLedger(
            messages.StreamLedgerRequest(cursor=token)
        ).read(),
    ]
    for call in calls:
        for token in ("x", "ü", "bGVkZ2Vy", "ZXZpZGVuY2UuMS4yLjM=", "A" * 500):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(token)
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT, token
