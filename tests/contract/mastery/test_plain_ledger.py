"""The plain ledger of the state machine publishes what the evidence service publishes."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from types import SimpleNamespace

from trellis.evidence.v1 import evidence_pb2

from services.evidence.adapters.wire.evidence import ProtobufRecordDecoder
from services.evidence.domain.ledger import LedgerPlace
from services.evidence.domain.resolution import Resolution, Scope
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.resolving import resolve_next
from services.evidence.handlers.retractions import RetractEvidence, retract_evidence
from tests.support.evidence import (
    COMPETENCIES,
    DISTRICT,
    FixedDirectory,
    a_batch,
    a_sending,
    memory_kept,
)
from tests.support.mastery_events import competency_name, evidence_uuid, learner_name
from tests.support.mastery_ledger import PlainLedger

LEARNERS = ("ada", "ben", "cleo")
ENTITIES = ("e1", "e2", "e3", "e4")
HISTORIES = 15
DOINGS = 60
REASONS = {
    evidence_pb2.EvidenceRetracted.REASON_WITHDRAWN,
    evidence_pb2.EvidenceRetracted.REASON_LEARNER_CORRECTED,
    evidence_pb2.EvidenceRetracted.REASON_LEARNER_MERGED,
}
EVERYTHING = 10_000


class RealLedger:
    """The evidence service's handlers on a ledger in memory."""

    def __init__(self):
        self._directory = FixedDirectory(learners={DISTRICT: LEARNERS})
        self._kept = memory_kept(self._directory)
        self._ids = {}
        self._sent = 0

    async def send(self, entity, *, learner, work, version):
        """Take a version of an observation."""
        self._sent += 1
        (answer,) = await record_evidence(
            a_batch(
                a_sending(
                    self._sent,
                    entity_id=entity,
                    item="an-item",
                    learner=learner_name(learner),
                    version=version,
                    alignments=[
                        evidence_pb2.Alignment(competency=competency_name(one))
                        for one in work["competencies"]
                    ],
                )
            ),
            intake=self._kept.intake,
        )
        assert answer.evidence_id, answer
        self._ids[answer.evidence_id] = entity

    async def withdraw(self, entity):
        """Withdraw an observation."""
        self._sent += 1
        (evidence_id,) = [key for key, name in self._ids.items() if name == entity]
        command = RetractEvidence(
            district=DISTRICT,
            sources={"lms"},
            evidence_id=evidence_id,
            event_id=f"withdrawal-{self._sent}",
        )
        await retract_evidence(command, intake=self._kept.intake)

    async def follow(self, into):
        """Look everything up anew, with these learners merged."""
        roots = PlainLedger()
        roots.into = into
        self._directory.merged = {one: roots.root_of(one) for one in LEARNERS}
        await resolve_next(
            DISTRICT,
            redriving=SimpleNamespace(
                intake=self._kept.intake, decoder=ProtobufRecordDecoder(), store=self
            ),
        )

    @asynccontextmanager
    async def change(self, district):
        """Open a change in which one request waits: to look up everything."""
        async with self._kept.ledger.transaction(district) as transaction:
            yield SimpleNamespace(ledger=transaction, resolutions=self)

    async def next(self):
        """Return the request."""
        return Resolution(
            resolution_id=1, scope=Scope.DISTRICT, source="", subject="", after_id=b"", second=True
        )

    async def drop(self, _resolution_id):
        """Do nothing: it is made anew each time."""

    async def facts(self):
        """Return what was published, as `said` has it."""
        stream = self._kept.stream
        start, settled = LedgerPlace(xact=0, position=0), await stream.settled_before()
        rows = await stream.read(DISTRICT, start, settled, EVERYTHING)
        events = [evidence_pb2.EvidenceEvent.FromString(row.event) for row in rows]
        return [said(event, self._ids[event.evidence_id]) for event in events]


def said(event, entity):
    """Return what a fact says: of what, whose, and with what it wins; not the digest of content."""
    recorded = event.HasField("recorded")
    return (
        entity,
        event.learner,
        event.version,
        int.from_bytes(event.content_hash[:2], "big"),
        [one.competency for one in event.recorded.alignments]
        if recorded
        else event.retracted.reason,
    )


async def test_the_plain_ledger_publishes_what_the_evidence_service_does():
    """Corrections, stale versions, withdrawals, other learners, merges and their undoing."""
    names, reasons = {evidence_uuid(entity).bytes: entity for entity in ENTITIES}, set()
    for seed in range(HISTORIES):
        chance, plain, real = random.Random(seed), PlainLedger(), RealLedger()
        for _ in range(DOINGS):
            await _something(chance, plain, real)
        ours = [said(event, names[event.evidence_id]) for event in plain.facts]
        # Of facts that are published at once, no order is promised.
        assert sorted(ours, key=str) == sorted(await real.facts(), key=str), seed
        reasons |= {fact[4] for fact in ours if isinstance(fact[4], int)}
    assert reasons == REASONS


async def _something(chance, plain, real):
    entity, learner = chance.choice(ENTITIES), chance.choice(LEARNERS)
    standing = plain.standing.get(entity)
    doing = chance.choice(("send", "send", "stale", "withdraw", "merge", "undo"))
    work = {"competencies": (chance.choice(COMPETENCIES),)}
    if doing == "send":
        version = standing.version + 1 if standing else 1
        plain.send(entity, learner=learner, work=work, version=version)
        await real.send(entity, learner=learner, work=work, version=version)
    elif doing == "stale" and standing and standing.version > 1:
        # One of the same version is decided by digests of content, which each has its own way to.
        version = chance.randint(1, standing.version - 1)
        plain.send(entity, learner=learner, work=work, version=version)
        await real.send(entity, learner=learner, work=work, version=version)
    elif doing == "withdraw" and standing:
        plain.withdraw(entity)
        await real.withdraw(entity)
    elif doing == "merge":
        plain.merge(learner, chance.choice(LEARNERS))
        await real.follow(plain.into)
    elif doing == "undo":
        plain.undo(learner)
        await real.follow(plain.into)
