"""Answers which broad competencies a learner has reached, by the policy in force at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.errors import RollUpNotFoundError
from services.mastery.domain.model import Decision
from services.mastery.domain.needs import read_decisions
from services.mastery.domain.policies import PolicyInForce
from services.mastery.domain.roll_up import RolledUp, roll_up
from services.mastery.domain.roll_up_rules import RollUpRule, part_names, with_parts
from services.mastery.handlers.checks import page_limit
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import NOBODY
from services.mastery.handlers.retention import check_horizon
from services.mastery.ports.facts import Facts, FactStore, LearnerRecord

PAGE_MAXIMUM: Final = 100
"""Roll-ups in one answer: with 1,000 parts of a policy in all, some hundred kilobytes."""

PAGE_DEFAULT: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyedRollUp:
    """Whether a broad competency is reached, and whose it is, as of when and by which policy."""

    learner: str
    competency: str
    rolled_up: RolledUp
    as_of_us: int
    policy_version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RollUpPage:
    """A page of a learner's roll-ups; `next_after` is None on the last."""

    roll_ups: Sequence[KeyedRollUp]
    next_after: str | None


async def get_roll_up(
    district: str,
    learner: str,
    competency: str,
    *,
    as_of_us: int,
    facts: Facts,
    policies: PolicyCache,
) -> KeyedRollUp:
    """Return whether a learner has reached a broad competency.

    One of whom nothing is known has reached nothing. Raises RollUpNotFoundError,
    BeforeRetentionError.
    """
    async with facts.snapshot(district) as store:
        await check_horizon(store, district, as_of_us=as_of_us)
        chosen = await policies.in_force(store, district, at_us=as_of_us)
        rules = _rules(chosen)
        if competency not in rules:
            raise RollUpNotFoundError(competency=competency, policy_version=chosen.version)
        found = await _read(
            store, district, learner, [competency], rules=rules, as_of_us=as_of_us, chosen=chosen
        )
    return found[0]


async def list_roll_ups(
    district: str,
    learner: str,
    *,
    after: str,
    page_size: int,
    as_of_us: int,
    facts: Facts,
    policies: PolicyCache,
) -> RollUpPage:
    """Return a learner's roll-ups, reached or not, by competency, after one.

    They are those of the policy in force, also where nothing is known of a part. Raises
    InvalidRequestError, BeforeRetentionError.
    """
    limit = page_limit(page_size, default=PAGE_DEFAULT, maximum=PAGE_MAXIMUM)
    async with facts.snapshot(district) as store:
        await check_horizon(store, district, as_of_us=as_of_us)
        chosen = await policies.in_force(store, district, at_us=as_of_us)
        rules = _rules(chosen)
        wanted = sorted(name for name in rules if name > after)
        shown = wanted[:limit]
        found = await _read(
            store, district, learner, shown, rules=rules, as_of_us=as_of_us, chosen=chosen
        )
    return RollUpPage(roll_ups=found, next_after=shown[-1] if len(wanted) > limit else None)


async def _read(
    store: FactStore,
    district: str,
    learner: str,
    wanted: Sequence[str],
    *,
    rules: Mapping[str, RollUpRule],
    as_of_us: int,
    chosen: PolicyInForce,
) -> list[KeyedRollUp]:
    """Return some roll-ups in the order asked for, from the facts of one snapshot."""
    needed = with_parts(wanted, rules)
    parts = {part for rule in needed.values() for part in part_names(rule)} - needed.keys()
    keys = [(learner, part) for part in sorted(parts)]
    records = await store.keys(district, keys, as_of_us=as_of_us) if keys else {}
    decisions = _decisions(records.get(learner, NOBODY), as_of_us, chosen)
    rolled = roll_up(needed, decisions)
    return [
        KeyedRollUp(
            learner=learner,
            competency=name,
            rolled_up=rolled[name],
            as_of_us=as_of_us,
            policy_version=chosen.version,
        )
        for name in wanted
    ]


def _rules(chosen: PolicyInForce) -> dict[str, RollUpRule]:
    return {one.competency: one.rule for one in chosen.policy.roll_ups}


def _decisions(record: LearnerRecord, as_of_us: int, chosen: PolicyInForce) -> dict[str, Decision]:
    return read_decisions(
        record.learner, record.competencies.values(), as_of_us=as_of_us, policy=chosen.policy
    )
