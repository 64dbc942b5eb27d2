"""What a learner's seats are counted by: needs, checks, re-assessments, services, choices."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from services.scheduler.domain import rules
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.engine import tables as engine
from services.scheduler.domain.model import Choice, RequiredService
from services.scheduler.domain.numbers import Weights
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot_index import SnapshotIndex

T = TypeVar("T", Choice, RequiredService)

GENERAL = 4
"""The items that every learner has: enrichment and commons, each plain and rich."""
ENRICHMENT, RICH_ENRICHMENT, COMMONS, RICH_COMMONS = range(GENERAL)


@dataclass(kw_only=True)
class Item:
    """One thing that seats are counted by; values as the engine reads them."""

    limit: int
    group: int
    first: int = 0
    later: int = 0
    claim: Claim | None = None
    choice: Choice | None = None
    service: RequiredService | None = None
    adult_id: str = ""
    """With whom it is worth `adult_value` more."""
    adult_value: int = 0
    only: str = ""
    """The one adult who may serve it."""
    beside: int = 0
    """Items as bits, of which one must be in the week with it."""
    rich: bool = False


@dataclass(kw_only=True)
class Items:
    """The items of one learner, and where each kind is found."""

    items: list[Item]
    help: dict[str, int] = field(default_factory=dict)
    check: dict[str, int] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    service: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By offer."""


class ItemMaker:
    """Makes the items of learners; what it looks up is indexed once."""

    def __init__(self, snapshot: SnapshotIndex) -> None:
        self._snapshot = snapshot
        self._weights: Weights = snapshot.problem.policy.weights
        problem = snapshot.problem
        self._groups = {(one.learner_id, one.competency_id): one for one in problem.group_histories}
        self._choices = _by_learner(problem.choices)
        self._services = _by_learner(problem.services)

    def items_of(self, learner_id: str, times: int, service_seats: dict[str, int]) -> Items:
        """Return what a learner's seats are counted by.

        `service_seats`: how many seats each required service takes.
        """
        found = Items(items=_general(times))
        for service in self._services.get(learner_id, ()):
            self._add_service(found, service, service_seats[service.service])
        for claim in self._snapshot.claims_of.get(learner_id, ()):
            self._add_claim(found, claim)
        for choice in sorted(self._choices.get(learner_id, ()), key=lambda one: one.rank):
            self._add_choice(found, choice, times)
        _link(found)
        return found

    def _add_claim(self, found: Items, claim: Claim) -> None:
        if len(found.items) >= engine.MAX_ITEMS:
            return
        is_help = claim.entitlement is Entitlement.HELP
        history = self._groups.get(claim.key)
        item = Item(
            limit=claim.sessions,
            group=engine.HELP if is_help else engine.MACHINE,
            later=-rules.repeat_cost_milli(claim.weight_milli, self._weights) if is_help else 0,
            claim=claim,
            only=(claim.adult_id or "") if is_help else "",
        )
        if is_help and claim.builds_to:
            item.group = engine.PREREQUISITE
        if is_help and history is not None and history.adult_id:
            item.adult_id, item.adult_value = history.adult_id, self._weights.same_adult_milli
        (found.help if is_help else found.check)[claim.competency_id] = len(found.items)
        found.items.append(item)

    def _add_service(self, found: Items, service: RequiredService, seats: int) -> None:
        found.service[service.service] = len(found.items)
        found.items.append(
            Item(limit=seats, group=engine.FREE, service=service, only=service.adult_id or "")
        )

    def _add_choice(self, found: Items, choice: Choice, times: int) -> None:
        if len(found.items) >= engine.MAX_ITEMS:
            return
        if choice.offer_id is None:
            if choice.competency_id and choice.competency_id not in found.again:
                found.again[choice.competency_id] = len(found.items)
                found.items.append(Item(limit=1, group=engine.FREE, choice=choice))
            return
        offer = self._snapshot.offers.get(choice.offer_id)
        if offer is None or not offer.kind.is_own_choice:
            return
        commons = offer.kind.value == "commons"
        found.chosen[choice.offer_id].append(len(found.items))
        found.items.append(
            Item(
                limit=times,
                group=engine.FREE if commons else engine.ENRICHMENT,
                first=rank_value(choice, self._weights),
                choice=choice,
                rich=offer.rich,
            )
        )


def rank_value(choice: Choice, weights: Weights) -> int:
    """Return the points of a seat in enrichment or commons that meets a ranked choice (S3)."""
    return _by_rank(choice, weights.choice_ranks_milli)


def help_rank_value(met: Iterable[Choice], weights: Weights) -> int:
    """Return the points of a seat of another kind for the choices that it meets: the dearest's."""
    dearest = min(met, key=lambda one: one.rank, default=None)
    return 0 if dearest is None else _by_rank(dearest, weights.choice_of_help_ranks_milli)


def _by_rank(choice: Choice, ranks: tuple[int, ...]) -> int:
    return ranks[choice.rank - 1] if choice.rank <= len(ranks) else 0


def _general(times: int) -> list[Item]:
    return [
        Item(limit=times, group=engine.ENRICHMENT),
        Item(limit=times, group=engine.ENRICHMENT, rich=True),
        Item(limit=times, group=engine.FREE),
        Item(limit=times, group=engine.FREE, rich=True),
    ]


def _link(found: Items) -> None:
    """Say for help on prerequisites what must stand beside it: what builds on it, or rich work."""
    rich = sum(1 << n for n, item in enumerate(found.items) if item.rich)
    for item in found.items:
        if item.group == engine.PREREQUISITE and item.claim is not None:
            targets = (found.help[c] for c in item.claim.builds_to if c in found.help)
            item.beside = rich | sum(1 << n for n in targets)


def _by_learner(all_of: Iterable[T]) -> dict[str, list[T]]:
    grouped: dict[str, list[T]] = defaultdict(list)
    for one in all_of:
        grouped[one.learner_id].append(one)
    return grouped
