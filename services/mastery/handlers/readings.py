"""Answers where learners stand: one mastery, some, a learner's, and the needs of a school."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.freshness import reach_of
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import CompetencyFacts, LearnerFacts, Mastery, Need
from services.mastery.domain.needs import read_needs
from services.mastery.domain.policies import PolicyInForce
from services.mastery.domain.published_status import PublishedStatus
from services.mastery.domain.state_hash import StateHash
from services.mastery.handlers.checks import page_limit
from services.mastery.handlers.freshness import fresh_position
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.retention import check_horizon
from services.mastery.ports.facts import Facts, FactStore, LearnerRecord
from services.mastery.ports.states import Standing, States

KEYS_MAXIMUM: Final = 500
"""Masteries in one answer."""

PAGE_DEFAULT: Final = 100

LEARNERS_MAXIMUM: Final = 10_000
"""Learners whose needs one call may ask for."""

LEARNERS_A_READ: Final = 25
"""Learners read in one snapshot and sent in one message: some thousand windows at a time."""

ROWS_A_TURN: Final = 1_000
"""Rows hashed before others get their turn on the event loop."""

NOBODY: Final = LearnerRecord(learner=LearnerFacts())
"""A learner of whom nothing is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyedMastery:
    """A mastery, and whose it is of what.

    `published` is what people are shown, as it was published last, whatever time was asked for;
    None before the first time.
    """

    learner: str
    competency: str
    mastery: Mastery
    published: PublishedStatus | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Masteries:
    """Masteries of one snapshot, in which all entries of their learners up to `position` are."""

    masteries: Sequence[KeyedMastery]
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MasteryPage:
    """A page of a learner's masteries; `next_after` is None on the last; see `Masteries`."""

    masteries: Sequence[KeyedMastery]
    next_after: str | None
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """The needs of one learner, in order of competency, and the policy version they are read by."""

    learner: str
    needs: Sequence[Need]
    policy_version: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedsPart:
    """The needs of some learners; all entries up to `position`, of all asked for, are in them."""

    learners: Sequence[Needs]
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HashedState:
    """The state hash of a district, in hexadecimal, and what lies beneath it."""

    state_hash: str
    standing: Standing
    position: int
    """All entries up to here are folded in it."""


async def get_masteries(
    district: str,
    keys: Sequence[tuple[str, str]],
    *,
    as_of_us: int,
    facts: Facts,
    policies: PolicyCache,
    min_position: int = 0,
) -> Masteries:
    """Return the masteries of (learner, competency) in the order asked for, from one snapshot.

    One of which nothing is known has no evidence. Raises InvalidRequestError for too many, and
    NotFreshEnoughError, BeforeRetentionError.
    """
    if len(keys) > KEYS_MAXIMUM:
        raise InvalidRequestError(
            field="names", message=f"has {len(keys)} names; at most {KEYS_MAXIMUM} are answered."
        )
    learners = [learner for learner, _ in keys]
    async with facts.snapshot(district) as store:
        position = await fresh_position(store, district, learners, min_position=min_position)
        await check_horizon(store, district, as_of_us=as_of_us)
        chosen = await policies.in_force(store, district, at_us=as_of_us)
        records = await store.keys(district, sorted(set(keys)), as_of_us=as_of_us)
        known = await complete(store, district, keys, records, as_of_us=as_of_us)
        published = await store.published(district, sorted(set(keys)))
    masteries = [
        _mastery(
            records.get(key[0], NOBODY),
            known[key],
            key,
            published.get(key),
            as_of_us=as_of_us,
            chosen=chosen,
        )
        for key in keys
    ]
    return Masteries(masteries=masteries, position=position)


async def complete(
    store: FactStore,
    district: str,
    keys: Sequence[tuple[str, str]],
    records: Mapping[str, LearnerRecord],
    *,
    as_of_us: int,
) -> Mapping[tuple[str, str], CompetencyFacts]:
    """Return the facts of every (learner, competency) asked for, from the records of them.

    One of which nothing is known has no evidence, and a typical task that is as hard as any's.
    """
    found = {
        (learner, competency): records.get(learner, NOBODY).competencies.get(competency)
        for learner, competency in keys
    }
    unknown = sorted({competency for (_, competency), facts in found.items() if facts is None})
    references = await store.references(district, unknown, as_of_us=as_of_us)
    return {
        key: facts or CompetencyFacts(competency=key[1], reference_d64=references[key[1]])
        for key, facts in found.items()
    }


async def list_masteries(
    district: str,
    learner: str,
    *,
    after: str,
    page_size: int,
    as_of_us: int,
    facts: Facts,
    policies: PolicyCache,
    min_position: int = 0,
) -> MasteryPage:
    """Return a learner's masteries with evidence, by competency, after one.

    A page may be shorter than asked for where evidence of a competency came after `as_of_us` only.
    Raises InvalidRequestError, NotFreshEnoughError, BeforeRetentionError.
    """
    limit = page_limit(page_size, default=PAGE_DEFAULT, maximum=KEYS_MAXIMUM)
    async with facts.snapshot(district) as store:
        position = await fresh_position(store, district, [learner], min_position=min_position)
        await check_horizon(store, district, as_of_us=as_of_us)
        chosen = await policies.in_force(store, district, at_us=as_of_us)
        found = await store.competencies_after(district, learner, after=after, limit=limit + 1)
        shown = found[:limit]
        keys = [(learner, competency) for competency in shown]
        records = await store.keys(district, keys, as_of_us=as_of_us) if keys else {}
        published = await store.published(district, keys) if keys else {}
    record = records.get(learner, NOBODY)
    with_evidence = [key for key in keys if _evidence_count(record, key[1])]
    return MasteryPage(
        masteries=[
            _mastery(
                record,
                record.competencies[key[1]],
                key,
                published.get(key),
                as_of_us=as_of_us,
                chosen=chosen,
            )
            for key in with_evidence
        ],
        next_after=shown[-1] if len(found) > limit else None,
        position=position,
    )


async def stream_needs(
    district: str,
    learners: Sequence[str],
    *,
    as_of_us: int,
    facts: Facts,
    policies: PolicyCache,
    min_position: int = 0,
) -> AsyncIterator[NeedsPart]:
    """Return every learner's needs, each learner once, in the order of the request, in parts.

    Each part is one consistent snapshot; the next is read while this one is worked out. All parts
    are read with the policy that was in force when the first was, and are at least as fresh as it.
    Raises InvalidRequestError, NotFreshEnoughError, BeforeRetentionError.
    """
    wanted = list(dict.fromkeys(learners))
    if len(wanted) > LEARNERS_MAXIMUM:
        raise InvalidRequestError(
            field="learners",
            message=f"names {len(wanted)} learners; at most {LEARNERS_MAXIMUM} are answered.",
        )
    parts = [wanted[at : at + LEARNERS_A_READ] for at in range(0, len(wanted), LEARNERS_A_READ)]

    async def read(part: Sequence[str]) -> Mapping[str, LearnerRecord]:
        async with facts.snapshot(district) as store:
            await check_horizon(store, district, as_of_us=as_of_us)
            return await store.learners(district, part, as_of_us=as_of_us)

    async with facts.snapshot(district) as store:
        position = await fresh_position(store, district, wanted, min_position=min_position)
        await check_horizon(store, district, as_of_us=as_of_us)
        chosen = await policies.in_force(store, district, at_us=as_of_us)
    reading = asyncio.create_task(read(parts[0])) if parts else None
    try:
        for place, part in enumerate(parts):
            assert reading is not None  # there is one for each part
            records = await reading
            following = parts[place + 1] if place + 1 < len(parts) else None
            reading = asyncio.create_task(read(following)) if following else None
            # Let the query go out before this part keeps the loop busy.
            await asyncio.sleep(0)
            needs = [
                _needs(records.get(learner, NOBODY), learner, as_of_us, chosen) for learner in part
            ]
            yield NeedsPart(learners=needs, position=position)
    finally:
        if reading is not None:
            reading.cancel()


async def hash_state(district: str, *, states: States) -> HashedState:
    """Return the hash over all rows of a district in one snapshot."""
    digest = StateHash()
    async with states.reading(district) as reader:
        standing = await reader.standing(district)
        reach = reach_of(await reader.watermarks())
        count = 0
        async for row in reader.rows(district):
            digest.add(row)
            count += 1
            if count % ROWS_A_TURN == 0:
                await asyncio.sleep(0)
    return HashedState(state_hash=digest.hexdigest(), standing=standing, position=reach.position())


def _evidence_count(record: LearnerRecord, competency: str) -> int:
    facts = record.competencies.get(competency)
    return facts.evidence_count if facts else 0


def _mastery(
    record: LearnerRecord,
    facts: CompetencyFacts,
    key: tuple[str, str],
    published: PublishedStatus | None,
    *,
    as_of_us: int,
    chosen: PolicyInForce,
) -> KeyedMastery:
    learner, competency = key
    mastery = read_mastery(
        record.learner,
        facts,
        as_of_us=as_of_us,
        policy=chosen.policy,
        policy_version=chosen.version,
    )
    return KeyedMastery(
        learner=learner, competency=competency, mastery=mastery, published=published
    )


def _needs(record: LearnerRecord, learner: str, as_of_us: int, chosen: PolicyInForce) -> Needs:
    competencies = [facts for _, facts in sorted(record.competencies.items())]
    needs = read_needs(record.learner, competencies, as_of_us=as_of_us, policy=chosen.policy)
    return Needs(learner=learner, needs=needs, policy_version=chosen.version)
