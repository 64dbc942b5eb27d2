"""Taking quick checks in: each fact once, in its order, through the one way that records come in.

A fact that comes again has the event id that it had, so the ledger knows it; nothing hangs on
whether the consumer's own place was kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.entities import MAX_BATCH
from services.evidence.domain.errors import EvidenceNotFoundError
from services.evidence.domain.identity import derive_evidence_id
from services.evidence.domain.quick_checks import (
    SOURCE,
    QuickCheckFact,
    QuickCheckGone,
    QuickCheckNoted,
    record_of,
)
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.intake import Intake, RecordEvidence, Sending, micros_of
from services.evidence.handlers.look_up import district_namespace
from services.evidence.handlers.retractions import RetractEvidence, retract_evidence
from services.evidence.ports.record_encoding import RecordEncoder

SOURCES: Final = frozenset({SOURCE})
NOT_RECORDED: Final = "NOT_RECORDED"
"""A withdrawal of what neither the ledger nor the quarantine has."""
LOOKS: Final = 2
"""What waits may be taken up between the look into the ledger and the one into the quarantine."""


@dataclass(frozen=True, kw_only=True)
class QuickCheckIntake:
    """What taking quick checks in needs from outside."""

    intake: Intake
    encoder: RecordEncoder


async def take_quick_checks(
    facts: Sequence[QuickCheckFact], *, taking: QuickCheckIntake
) -> dict[int, str]:
    """Record and retract, in the order of the facts; return why some could not be, by place.

    What names a learner or competency that is not known is kept in quarantine and is no failure;
    its withdrawal discards it there.
    """
    failed: dict[int, str] = {}
    waiting: list[QuickCheckNoted] = []
    for place, fact in enumerate(facts):
        if isinstance(fact, QuickCheckNoted):
            if waiting and (waiting[0].district != fact.district or len(waiting) >= MAX_BATCH):
                await _record(waiting, taking)
                waiting = []
            waiting.append(fact)
            continue
        await _record(waiting, taking)
        waiting = []
        why = await _retract(fact, taking)
        if why:
            failed[place] = why
    await _record(waiting, taking)
    return failed


async def _record(facts: Sequence[QuickCheckNoted], taking: QuickCheckIntake) -> None:
    if not facts:
        return
    records = [record_of(fact) for fact in facts]
    sendings = [
        Sending(sent=taking.encoder.encode(one), record=one, subject=one.entity_id)
        for one in records
    ]
    command = RecordEvidence(district=facts[0].district, sources=SOURCES, sendings=sendings)
    await record_evidence(command, intake=taking.intake)


async def _retract(fact: QuickCheckGone, taking: QuickCheckIntake) -> str:
    """Retract one, or discard what of it waits; return why neither can be, or nothing."""
    for _ in range(LOOKS):
        if await _retracted(fact, taking) or await _discarded(fact, taking.intake):
            return ""
    return (
        f"Quick check {fact.name} of district {fact.district} was withdrawn, and neither the ledger"
        " nor the quarantine has it: nothing of it counts."
    )


async def _retracted(fact: QuickCheckGone, taking: QuickCheckIntake) -> bool:
    namespace = district_namespace(fact.district)
    command = RetractEvidence(
        district=fact.district,
        sources=SOURCES,
        evidence_id=derive_evidence_id(namespace, SOURCE, fact.name),
        event_id=fact.event_id,
        version=fact.version,
    )
    try:
        await retract_evidence(command, intake=taking.intake)
    except EvidenceNotFoundError:
        return False
    return True


async def _discarded(fact: QuickCheckGone, intake: Intake) -> bool:
    """Discard the versions of a quick check that wait, so that none of them is taken up later."""
    async with intake.ledger.transaction(fact.district) as transaction:
        return await transaction.quarantine.withdraw(
            SOURCE, fact.name, micros_of(intake.clock.now())
        )
