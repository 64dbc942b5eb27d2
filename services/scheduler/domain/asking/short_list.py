"""What a learner may choose from: ways to learn or show what is open, and enrichment for all.

A list is guided, never earned. For who is far behind what to work on is set, and they choose the
session and the way. What is mastered, out of scope or opted out of is not on it, nor any label of
a person: competencies stand with their labels, sessions with neutral titles, all by name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from services.scheduler.domain import rules, titles
from services.scheduler.domain.claims import Claim, claims_of
from services.scheduler.domain.explain.sentences import label_for_learner
from services.scheduler.domain.model import (
    Adult,
    Competency,
    Decision,
    Learner,
    Mode,
    Need,
    Offer,
    OptOut,
    Problem,
    SessionKind,
)
from services.scheduler.domain.requests.index import Index, index_of
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot_index import is_in

T = TypeVar("T")

MAX_WAYS = 5
"""Of one target, beside "my own proposal"."""
MAX_TARGETS = 8
MAX_ENRICHMENT = 60
MASTERED = (Decision.PROFICIENT, Decision.EXEMPLARY)

WayKey = tuple[str, str]
"""An offer and a competency; each may be empty, as in `RankedChoice`."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One thing to choose. Without an offer: to show the competency again, whenever it is held."""

    kind: SessionKind
    mode: Mode
    title: str
    offer_id: str = ""
    competency_id: str = ""
    adult_id: str = ""
    dok: int = 0
    slot_ids: tuple[str, ...] = ()
    """The slots in which the learner can have it."""

    @property
    def key(self) -> WayKey:
        """Return what a choice names."""
        return (self.offer_id, self.competency_id)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A competency that is open for the learner, and the ways to work on it or show it."""

    competency_id: str
    label: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class ShortList:
    """What one learner may choose from; a proposal of their own is always possible.

    `lawful` holds every way there is, those that are not shown among it: what was on the list a
    moment ago, and is still true, may still be chosen.
    """

    learner_id: str
    targets: tuple[Target, ...]
    enrichment: tuple[Way, ...]
    is_target_set: bool
    """Whether what to work on is set, and only session and way are chosen (H6). For staff."""
    lawful: Mapping[WayKey, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Lists:
    """Everything from which short lists are made, indexed once; each list is made once."""

    problem: Problem
    index: Index
    slots_of: Mapping[str, tuple[str, ...]]
    """By offer: the slots in which it can be held."""
    offers_on: Mapping[str, tuple[Offer, ...]]
    """By competency: what may work on it."""
    enrichment: tuple[Offer, ...]
    claims: Mapping[str, tuple[Claim, ...]]
    """By learner, heaviest first."""
    needs: Mapping[str, tuple[Need, ...]]
    far_behind: frozenset[str]
    codes: frozenset[str]
    made: dict[str, ShortList] = field(default_factory=dict)
    """By learner."""
    titles: dict[WayKey, str] = field(default_factory=dict)
    """Of ways with an offer; the same for every learner."""
    labels: dict[str, str] = field(default_factory=dict)
    """By competency."""


def lists_of(problem: Problem) -> Lists:
    """Index a problem; its choices and requests play no part."""
    index = index_of(problem)
    slots_of = {one.offer_id: tuple(_held(one, index)) for one in index.offers.values()}
    held = [one for one in index.offers.values() if slots_of[one.offer_id]]
    claims = claims_of(problem, 0)
    return Lists(
        problem=problem,
        index=index,
        slots_of=slots_of,
        offers_on=_offers_on(held, index),
        enrichment=tuple(one for one in held if one.kind is SessionKind.ENRICHMENT),
        claims=_grouped((one.learner_id, one) for one in claims.claims),
        needs=_grouped((one.learner_id, one) for one in problem.needs),
        far_behind=claims.far_behind,
        codes=frozenset(one.code for one in problem.competencies if one.code),
    )


def short_list(lists: Lists, learner_id: str) -> ShortList | None:
    """Return what a learner may choose from; None where the school has no such learner."""
    learner = lists.index.learners.get(learner_id)
    if learner is None:
        return None
    if learner_id not in lists.made:
        lists.made[learner_id] = _short_list(lists, learner)
    return lists.made[learner_id]


def _short_list(lists: Lists, learner: Learner) -> ShortList:
    is_set = learner.learner_id in lists.far_behind
    every = {target: tuple(_ways(lists, learner, target)) for target in _open(lists, learner)}
    every = {target: ways for target, ways in every.items() if ways}
    policy = lists.problem.policy
    shown = list(every)[: policy.need_seats_per_week if is_set else MAX_TARGETS]
    chosen = shown if is_set else list(every)
    enrichment = tuple(_enrichment(lists, learner))
    lawful = [*enrichment, *(way for target in chosen for way in every[target])]
    targets = (
        Target(
            competency_id=one,
            label=_label(lists, one),
            ways=tuple(_varied(every[one])),
        )
        for one in shown
    )
    return ShortList(
        learner_id=learner.learner_id,
        targets=tuple(sorted(targets, key=lambda one: (one.label, one.competency_id))),
        enrichment=enrichment[:MAX_ENRICHMENT],
        is_target_set=is_set,
        lawful={way.key: frozenset(way.slot_ids) for way in lawful},
    )


def _open(lists: Lists, learner: Learner) -> Iterator[str]:
    """Yield what is open for a learner, greatest need first, then what could be shown again."""
    claimed = [one.competency_id for one in lists.claims.get(learner.learner_id, ())]
    yield from claimed
    for need in lists.needs.get(learner.learner_id, ()):
        known = need.competency_id in lists.index.competencies
        if known and need.competency_id not in claimed and may_reassess(need, lists.problem):
            yield need.competency_id


def may_reassess(need: Need, problem: Problem) -> bool:
    """Whether a learner has shown something, and not yet enough: they may show it again."""
    level = need.level_milli
    low = level is None or level < problem.policy.floor_level_milli
    return need.evidence_count > 0 and low and need.decision not in MASTERED


def _ways(lists: Lists, learner: Learner, competency_id: str) -> Iterator[Way]:
    """Yield the ways to work on a competency or show it, taught ones first."""
    mine = lists.claims.get(learner.learner_id, ())
    claim = next((one for one in mine if one.competency_id == competency_id), None)
    needs = lists.needs.get(learner.learner_id, ())
    need = next((one for one in needs if one.competency_id == competency_id), None)
    again = need is not None and may_reassess(need, lists.problem)
    for offer in lists.offers_on.get(competency_id, ()):
        wanted = offer.kind is SessionKind.REASSESSMENT and again
        if claim is not None:
            wanted = wanted or _meets(claim, offer)
        if wanted:
            yield from _way(lists, learner, offer, competency_id)
    if again and not _opted_out(lists, learner, SessionKind.REASSESSMENT, competency_id):
        yield Way(
            kind=SessionKind.REASSESSMENT,
            mode=Mode.TAUGHT,
            title=titles.NEUTRAL_TITLES[SessionKind.REASSESSMENT],
            competency_id=competency_id,
            slot_ids=tuple(_slots_for(learner, lists, lists.index.slots)),
        )


def _meets(claim: Claim, offer: Offer) -> bool:
    if claim.entitlement is Entitlement.CHECK:
        return offer.kind is SessionKind.CHECK
    return offer.kind.is_help and claim.adult_id in (None, offer.adult_id)


def _enrichment(lists: Lists, learner: Learner) -> Iterator[Way]:
    found = (way for one in lists.enrichment for way in _way(lists, learner, one, ""))
    yield from sorted(found, key=lambda one: (one.title, one.offer_id))


def _way(lists: Lists, learner: Learner, offer: Offer, competency_id: str) -> Iterator[Way]:
    """Yield an offer as a way, where it is for the learner in at least one slot."""
    if not is_in(offer.scope, learner) or _bars(lists, learner, offer, competency_id):
        return
    slots = tuple(_slots_for(learner, lists, lists.slots_of[offer.offer_id]))
    if not slots:
        return
    yield Way(
        kind=offer.kind,
        mode=offer.mode,
        title=_title(lists, offer, competency_id),
        offer_id=offer.offer_id,
        competency_id=competency_id,
        adult_id=offer.adult_id,
        dok=offer.dok,
        slot_ids=slots,
    )


def _varied(ways: Sequence[Way]) -> Iterator[Way]:
    """Yield at most five ways, of different kinds and modes first, then by time and name."""
    seen: dict[tuple[SessionKind, Mode], int] = defaultdict(int)
    ranked = []
    for way in ways:
        place = seen[way.kind, way.mode]
        seen[way.kind, way.mode] += 1
        ranked.append((place, way.kind.value, way.mode.value, way.title, way.offer_id, way))
    ranked.sort(key=lambda one: one[:-1])
    yield from (one[-1] for one in ranked[:MAX_WAYS])


def _slots_for(learner: Learner, lists: Lists, slot_ids: Iterable[str]) -> Iterator[str]:
    for slot_id in slot_ids:
        slot = lists.index.slots[slot_id]
        if learner.is_active_on(slot.date) and is_in(slot.scope, learner):
            yield slot_id


def _held(offer: Offer, index: Index) -> Iterator[str]:
    """Yield the slots in which an offer can be held: its adults are there, a room is open."""
    adults: tuple[Adult, ...] = index.adults_of(offer)
    if not all(one.may_lead(offer.kind) for one in adults):
        return
    for slot in sorted(index.slots.values(), key=lambda one: (one.date, one.start, one.slot_id)):
        open_room = offer.room_id is None or bool(index.rooms_in(slot, offer))
        present = all(index.is_there(one, slot) for one in adults)
        if offer.stands_in(slot.slot_id) and open_room and present:
            yield slot.slot_id


def _offers_on(held: Sequence[Offer], index: Index) -> Mapping[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = defaultdict(list)
    for competency in index.competencies.values():
        for offer in held:
            lead = index.adults[offer.adult_id]
            if offer.kind.has_target and rules.may_work_on(lead, offer, competency):
                found[competency.competency_id].append(offer)
    return {target: tuple(offers) for target, offers in found.items()}


def _bars(lists: Lists, learner: Learner, offer: Offer, competency_id: str) -> bool:
    competency = lists.index.competencies.get(competency_id)
    subject = competency.subject if competency is not None else offer.subject
    mine = lists.index.opt_outs.get(learner.learner_id, ())
    return any(
        one.offer_id == offer.offer_id or _bars_kind(one, offer.kind, subject) for one in mine
    )


def _opted_out(lists: Lists, learner: Learner, kind: SessionKind, competency_id: str) -> bool:
    subject = lists.index.competencies[competency_id].subject
    mine = lists.index.opt_outs.get(learner.learner_id, ())
    return any(_bars_kind(one, kind, subject) for one in mine)


def _bars_kind(one: OptOut, kind: SessionKind, subject: str) -> bool:
    return one.kind is kind or (one.subject != "" and one.subject == subject)


def _title(lists: Lists, offer: Offer, competency_id: str) -> str:
    key = (offer.offer_id, competency_id)
    if key not in lists.titles:
        label = _label(lists, competency_id) if competency_id else ""
        banned = lists.problem.policy.banned_words
        wishes = (offer.title, label)
        lists.titles[key] = titles.safe_title(offer.kind, wishes, banned, lists.codes)
    return lists.titles[key]


def _label(lists: Lists, competency_id: str) -> str:
    if competency_id not in lists.labels:
        competency: Competency = lists.index.competencies[competency_id]
        label = label_for_learner(competency, lists.problem.policy, lists.codes)
        lists.labels[competency_id] = label
    return lists.labels[competency_id]


def _grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, tuple[T, ...]]:
    found: dict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
