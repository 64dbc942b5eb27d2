"""What seats are worth to learners, and what limits their weeks, as arrays."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.scheduler.domain.engine import tables as engine
from services.scheduler.domain.engine.tables import BARRED, GROUPS, NOBODY
from services.scheduler.domain.model import (
    Choice,
    KeepApart,
    KeepTogether,
    Offer,
    SessionKind,
    Slot,
)
from services.scheduler.domain.question.classes import Classes, Seating, holds_in
from services.scheduler.domain.question.frame import Frame
from services.scheduler.domain.question.items import COMMONS, ENRICHMENT, Item, Items
from services.scheduler.domain.question.options import ClassKey

Learners = tuple[Items, ...]
MILLI = 1000


def place_arrays(frame: Frame, items: Learners, classes: Classes) -> dict[str, Any]:
    """Return who may sit in each class, by which item it counts, and what it is worth."""
    divided = {slot_id: frame.open[slot_id] for slot_id in frame.divided}
    seating = Seating(frame.snapshot, frame.learners, items, divided)
    shape = (len(frame.learners), len(classes.keys))
    value = np.full(shape, BARRED, dtype=np.int32)
    item = np.zeros(shape, dtype=np.int16)
    start, members = [0], []
    for number, key in enumerate(classes.keys):
        for place in seating.places(key):
            value[place.learner, number] = place.value
            item[place.learner, number] = place.item
            members.append(place.learner)
        start.append(len(members))
    rows, columns = np.nonzero(value > BARRED)
    free = np.array([_as_often_as_liked(frame, key) for key in classes.keys], dtype=np.bool_)
    return {
        "seat_value": value,
        "seat_item": item,
        "class_for_all": free & ((value > BARRED).sum(axis=0) == shape[0]),
        "class_start": np.array(start, dtype=np.int32),
        "class_learner": np.array(members, dtype=np.int32),
        "learner_start": np.searchsorted(rows, np.arange(shape[0] + 1)).astype(np.int32),
        "learner_class": columns.astype(np.int32),
    }


def _as_often_as_liked(frame: Frame, key: ClassKey) -> bool:
    limited = frame.snapshot.problem.policy.enrichment_seats_per_week > 0
    return key.kind is SessionKind.COMMONS or (key.kind is SessionKind.ENRICHMENT and not limited)


def item_arrays(frame: Frame, items: Learners) -> dict[str, Any]:
    """Return what seats of an item add, how many there may be, and who may give them."""
    width = max((len(one.items) for one in items), default=1)
    shape = (len(items), width)
    arrays: dict[str, Any] = {
        "item_first": np.zeros(shape, np.int32),
        "item_later": np.zeros(shape, np.int32),
        "item_limit": np.zeros(shape, np.int16),
        "item_group": np.full(shape, engine.FREE, np.int16),
        "item_adult": np.full(shape, NOBODY, np.int32),
        "item_adult_value": np.zeros(shape, np.int32),
        "item_only": np.full(shape, NOBODY, np.int32),
        "item_beside": np.zeros(shape, np.int64),
        "is_service": np.zeros(shape, np.bool_),
    }
    for n, one in enumerate(items):
        for m, item in enumerate(one.items):
            for name, held in _row(frame, item).items():
                arrays[name][n, m] = held
    arrays["is_guarded"] = (arrays["item_beside"] != 0).any(axis=1)
    arrays["item_used"] = _used(frame, items, shape)
    return arrays


def _row(frame: Frame, item: Item) -> dict[str, int]:
    # An adult whom the school has not is nobody's: an index that no adult has.
    absent = len(frame.adult_ids)
    return {
        "item_first": item.first,
        "item_later": item.later,
        "item_limit": item.limit,
        "item_group": item.group,
        "item_adult": frame.adult_index.get(item.adult_id, NOBODY),
        "item_adult_value": item.adult_value,
        "item_only": frame.adult_index.get(item.only, absent) if item.only else NOBODY,
        "item_beside": item.beside,
        "is_service": item.service is not None,
    }


def _used(frame: Frame, items: Learners, shape: tuple[int, int]) -> engine.Shorts:
    """Return the seats that pins have given, by learner and item."""
    used = np.zeros(shape, np.int16)
    for (slot_id, offer_id), session in frame.settled.forced.items():
        offer = frame.snapshot.offers[offer_id]
        for learner_id in session.learners:
            n = frame.learner_index[learner_id]
            item = pinned_item(items[n], offer, session.competency_id, slot_id)
            if item is not None:
                used[n, item] += 1
    return used


def pinned_item(items: Items, offer: Offer, competency_id: str | None, slot_id: str) -> int | None:
    """Return the item by which a pinned seat counts; None where it meets nothing."""
    target = competency_id or ""
    if offer.kind.is_help:
        return items.help.get(target)
    if offer.kind is SessionKind.CHECK:
        return items.check.get(target)
    if offer.kind is SessionKind.REASSESSMENT:
        return items.again.get(target)
    if offer.kind is SessionKind.SERVICE:
        return None
    for m in items.chosen.get(offer.offer_id, ()):
        choice = items.items[m].choice
        if choice is not None and holds_in(choice, slot_id):
            return m
    return (COMMONS if offer.kind is SessionKind.COMMONS else ENRICHMENT) + offer.rich


def group_arrays(frame: Frame, used: engine.Shorts, group: engine.Shorts) -> dict[str, Any]:
    """Return the limits of each learner's week, and the bonus of a first seat.

    `used` and `group` [N, M]: the seats that pins have given on items, and the items' groups.
    Pinned help that meets no need of the learner counts by no item, so it takes from the limit.
    """
    shape = (len(frame.learners), GROUPS)
    limit = np.full(shape, len(frame.times.slots), np.int16)
    first = np.zeros(shape, np.int32)
    policy = frame.snapshot.problem.policy
    weights = policy.weights
    history = {one.learner_id: one for one in frame.snapshot.problem.histories}
    short_of_choice = _short_of_own_choice(frame)
    first[:, engine.ENRICHMENT] = weights.first_enrichment_milli - weights.enrichment_milli
    if policy.enrichment_seats_per_week:
        limit[:, engine.ENRICHMENT] = policy.enrichment_seats_per_week
    for n, learner in enumerate(frame.learners):
        told = history.get(learner.learner_id)
        weeks = told.weeks_without_need_seat if told else 0
        first[n, engine.HELP] = weights.first_need_milli * min(weeks + 1, weights.first_need_weeks)
        pinned = frame.pinned_offers.get(learner.learner_id, ())
        helped = int(used[n, group[n] <= engine.HELP].sum())
        others = sum(offer.kind.is_help for offer in pinned) - helped
        limit[n, engine.HELP] = max(policy.need_seats_per_week - others, 0)
        machine = int(used[n, group[n] <= engine.MACHINE].sum())
        limit[n, engine.MACHINE] = machine + _machine_seats(
            frame, n, pinned, short_of_choice=learner.learner_id in short_of_choice
        )
        places = int(frame.present[:, n].sum()) + len(pinned)
        limit[n, engine.PREREQUISITE] = policy.prerequisite_share_milli * places // MILLI
    return {"group_limit": limit, "group_first": first}


def _machine_seats(
    frame: Frame, n: int, pinned: tuple[Offer, ...], *, short_of_choice: bool
) -> int:
    """Return how many help and check seats the search may give: the rest is own choice (S3, S4)."""
    policy = frame.snapshot.problem.policy
    services = sum(frame.seats_of_services(frame.learners[n].learner_id).values())
    open_times = max(int(frame.present[:, n].sum()) - services, 0)
    keeps = policy.own_choice_seats_per_week if open_times >= 2 else 0
    if open_times >= 3 and short_of_choice:
        keeps += 1
    keeps -= sum(offer.kind.is_own_choice for offer in pinned)
    return max(open_times - max(keeps, 0), 0)


def _short_of_own_choice(frame: Frame) -> frozenset[str]:
    """Return the learners whose share of own choice over the weeks before is too small (S4)."""
    share = frame.snapshot.problem.policy.own_choice_share_milli
    return frozenset(
        one.learner_id
        for one in frame.snapshot.problem.histories
        if one.own_choice_count * MILLI < share * one.slot_count
    )


def known_adults(frame: Frame) -> engine.Ints:
    """Return what each adult's sessions are worth more to whom they teach [N, A] (S8)."""
    known = np.zeros((len(frame.learners), len(frame.adult_ids)), np.int32)
    for n, learner in enumerate(frame.learners):
        mine = [frame.adult_index[i] for i in learner.adult_ids if i in frame.adult_index]
        known[n, mine] = frame.snapshot.problem.policy.weights.known_adult_milli
    return known


def kept_from_needs(frame: Frame, items: Learners) -> engine.Flags:
    """Return where confirmed choices keep a machine's needs out [T, N] (H6, guards)."""
    table = np.zeros(frame.present.shape, dtype=np.bool_)
    seating = Seating(frame.snapshot, frame.learners, items, {})
    confirmed: dict[int, list[Choice]] = defaultdict(list)
    for choice in sorted(frame.snapshot.problem.choices, key=lambda one: one.rank):
        n = frame.learner_index.get(choice.learner_id)
        if n is not None and choice.confirmed:
            confirmed[n].append(choice)
    for n, mine in confirmed.items():
        for t, slots in enumerate(frame.times.slots):
            table[t, n] = any(_keeps_out(_Wishes(frame, seating, items[n]), mine, s) for s in slots)
    return table


def _keeps_out(wishes: "_Wishes", mine: list[Choice], slot: Slot) -> bool:
    """Return whether a learner's confirmed choices, the dearest first, keep needs out of a slot.

    Rich work does in the slots that it names, for everybody. In a slot of own choice, but for who
    is far behind, the dearest that can be met decides; a choice of help keeps no need out.
    """
    if any(wishes.is_rich_then(one, slot) and wishes.can_be_met(one, slot) for one in mine):
        return True
    if not slot.own_choice or mine[0].learner_id in wishes.frame.snapshot.far_behind:
        return False
    met = (one for one in mine if holds_in(one, slot.slot_id) and wishes.can_be_met(one, slot))
    dearest = next(met, None)
    return dearest is not None and not wishes.is_by_need(dearest)


@dataclass(frozen=True)
class _Wishes:
    """Says of a learner's choices what they are of, and where they can be met."""

    frame: Frame
    seating: Seating
    items: Items

    def is_by_need(self, choice: Choice) -> bool:
        """Return whether it is of help or a check, which take a need to be had."""
        offer = self.frame.snapshot.offers.get(choice.offer_id or "")
        return offer is not None and _takes_need(offer)

    def is_rich_then(self, choice: Choice, slot: Slot) -> bool:
        """Return whether it is of rich work that takes no need, and names the slot."""
        offer = self.frame.snapshot.offers.get(choice.offer_id or "")
        is_rich = offer is not None and offer.rich and not _takes_need(offer)
        return is_rich and slot.slot_id in choice.slot_ids

    def can_be_met(self, choice: Choice, slot: Slot) -> bool:
        """Return whether an offer stands in the slot that could give the learner the choice."""
        learner = self.frame.snapshot.learners[choice.learner_id]
        return any(
            self.seating.may_come(
                learner, ClassKey(kind=offer.kind, offer_id=offer.offer_id, competency_id=target)
            )
            for offer in self.frame.snapshot.offers_in(slot.slot_id)
            for target in self._targets(choice, offer)
        )

    def _targets(self, choice: Choice, offer: Offer) -> tuple[str, ...]:
        """Return on what sessions of an offer could meet a choice; ("",): on whatever it is."""
        held = self.frame.snapshot.targets[offer.offer_id]
        if choice.offer_id is None:
            again = offer.kind is SessionKind.REASSESSMENT and choice.competency_id in held
            return (choice.competency_id or "",) if again else ()
        if choice.offer_id != offer.offer_id:
            return ()
        if not _takes_need(offer):
            return (choice.competency_id or "",)
        wanted = (one for one in held if choice.competency_id in (None, one))
        return tuple(one for one in wanted if self._needs(offer, one))

    def _needs(self, offer: Offer, competency_id: str) -> bool:
        found = self.items.help if offer.kind.is_help else self.items.check
        item = found.get(competency_id)
        return item is not None and self.items.items[item].only in ("", offer.adult_id)


def _takes_need(offer: Offer) -> bool:
    return offer.kind.is_help or offer.kind is SessionKind.CHECK


def pair_arrays(frame: Frame) -> dict[str, Any]:
    """Return who is kept apart and who together. A rule that ends in the week stands all week."""
    problem = frame.snapshot.problem
    apart = _neighbours(frame, problem.keep_apart)
    together = _neighbours(frame, problem.keep_together)
    return {
        "apart_start": apart[0],
        "apart_other": apart[1],
        "together_start": together[0],
        "together_other": together[1],
    }


def _neighbours(
    frame: Frame, rules: tuple[KeepApart, ...] | tuple[KeepTogether, ...]
) -> tuple[engine.Ints, engine.Ints]:
    first_day = frame.snapshot.problem.monday
    found: list[set[int]] = [set() for _ in frame.learners]
    for rule in rules:
        one = frame.learner_index.get(rule.learner_id)
        other = frame.learner_index.get(rule.other_id)
        stands = rule.expire_date is None or rule.expire_date > first_day
        if stands and one is not None and other is not None:
            found[one].add(other)
            found[other].add(one)
    start = np.cumsum([0, *(len(each) for each in found)]).astype(np.int32)
    return start, np.array([n for each in found for n in sorted(each)], dtype=np.int32)
