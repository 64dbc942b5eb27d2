"""What every part of a question is written from: the snapshot, its pins, and who needs a place."""

from dataclasses import dataclass

import numpy as np

from services.scheduler.domain.engine.tables import Flags
from services.scheduler.domain.model import Learner, Offer, RequiredService, SessionKind
from services.scheduler.domain.pins import Forced, Settled
from services.scheduler.domain.question.burdens import Burdens, burdens_of
from services.scheduler.domain.question.options import Options, options_of
from services.scheduler.domain.question.times import Times, times_of
from services.scheduler.domain.snapshot_index import SnapshotIndex


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The indexes of a question. Learners are those with a place in some slot, by id."""

    snapshot: SnapshotIndex
    settled: Settled
    times: Times
    options: Options
    learners: tuple[Learner, ...]
    learner_index: dict[str, int]
    adult_ids: tuple[str, ...]
    adult_index: dict[str, int]
    open: dict[str, frozenset[str]]
    """By slot that has a time, who needs a place from the search there."""
    present: Flags
    """[T, N] who needs a place from the search."""
    busy: dict[str, frozenset[str]]
    """By slot, who leads a forced session in it or in one that overlaps it."""
    burdens: Burdens
    aside: tuple[Forced, ...]
    """The forced sessions in slots without a time: the search only leaves place for them."""
    service_seats: dict[str, dict[str, int]]
    """By learner, how many seats the search gives for each required service."""
    pinned_offers: dict[str, tuple[Offer, ...]]
    """The offers in whose sessions pins seat each learner."""

    def seats_of_services(self, learner_id: str) -> dict[str, int]:
        """Return how many seats each service of a learner takes from the search."""
        return self.service_seats.get(learner_id, {})

    @property
    def divided(self) -> frozenset[str]:
        """Return the slots in whose time not everybody may be seated in every slot."""
        return frozenset(
            slot.slot_id
            for slots in self.times.slots
            if len({self.open[slot.slot_id] for slot in slots}) > 1
            for slot in slots
        )


def frame_of(snapshot: SnapshotIndex, settled: Settled) -> Frame:
    """Return the frame of a snapshot whose pins are settled."""
    times = times_of(tuple(snapshot.slots.values()))
    with_place = {i for ids in snapshot.active.values() for i in ids}
    learners = tuple(snapshot.learners[i] for i in sorted(with_place))
    learner_index = {one.learner_id: n for n, one in enumerate(learners)}
    adult_ids = tuple(sorted(snapshot.adults))
    open_to = _open_to(snapshot, settled, times)
    burdens = burdens_of(snapshot, settled)
    return Frame(
        snapshot=snapshot,
        settled=settled,
        times=times,
        options=options_of(snapshot, times, _unprepared(snapshot, settled, burdens)),
        learners=learners,
        learner_index=learner_index,
        adult_ids=adult_ids,
        adult_index={adult_id: n for n, adult_id in enumerate(adult_ids)},
        open=open_to,
        present=_present(times, open_to, learner_index),
        busy=_busy(settled, times),
        burdens=burdens,
        aside=tuple(one for key, one in sorted(settled.forced.items()) if key[0] in times.idle),
        service_seats=_service_seats(snapshot, settled, open_to),
        pinned_offers=_pinned_offers(snapshot, settled),
    )


def _open_to(snapshot: SnapshotIndex, settled: Settled, times: Times) -> dict[str, frozenset[str]]:
    taken: dict[str, set[str]] = {slot_id: set() for slot_id in snapshot.slots}
    for learner_id, slot_id in settled.seats:
        for other in (slot_id, *times.clashes[slot_id]):
            taken[other].add(learner_id)
    for learner_id, slot_id in settled.exemptions:
        taken[slot_id].add(learner_id)
    return {
        slot_id: frozenset(snapshot.active[slot_id]) - taken[slot_id] for slot_id in times.of_slot
    }


def _present(
    times: Times, open_to: dict[str, frozenset[str]], learner_index: dict[str, int]
) -> Flags:
    present = np.zeros((len(times.slots), len(learner_index)), dtype=np.bool_)
    for slot_id, learner_ids in open_to.items():
        present[times.of_slot[slot_id], [learner_index[i] for i in learner_ids]] = True
    return present


def _busy(settled: Settled, times: Times) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = dict.fromkeys(times.clashes, frozenset())
    for one in settled.forced.values():
        for slot_id in (one.slot_id, *times.clashes[one.slot_id]):
            found[slot_id] |= one.leads
    return found


def _unprepared(snapshot: SnapshotIndex, settled: Settled, burdens: Burdens) -> frozenset[str]:
    """Return the offers of forced sessions on days that are full of preparations already."""
    return frozenset(
        one.offer.offer_id
        for one in settled.forced.values()
        if (one.offer.adult_id, snapshot.slots[one.slot_id].date) in burdens.full_days
    )


def _service_seats(
    snapshot: SnapshotIndex, settled: Settled, open_to: dict[str, frozenset[str]]
) -> dict[str, dict[str, int]]:
    """Return how many seats of each required service the pins leave to the search (H5).

    Counted by the shortest slot that is open to the learner, so that the minutes are reached
    wherever the seats lie.
    """
    minutes = {slot_id: slot.minutes for slot_id, slot in snapshot.slots.items()}
    pinned: dict[str, list[tuple[str, Offer]]] = {}
    for (learner_id, slot_id), pin in settled.seats.items():
        offer = snapshot.offers[pin.offer_id or ""]
        if offer.kind is SessionKind.SERVICE:
            pinned.setdefault(learner_id, []).append((slot_id, offer))
    seats: dict[str, dict[str, int]] = {}
    for one in snapshot.problem.services:
        if one.learner_id not in snapshot.learners:
            continue
        mine = pinned.get(one.learner_id, ())
        given = sum(minutes[slot_id] for slot_id, offer in mine if _delivers(offer, one))
        here = [minutes[slot_id] for slot_id, ids in open_to.items() if one.learner_id in ids]
        left = max(one.minutes - given, 0)
        seats.setdefault(one.learner_id, {})[one.service] = -(-left // min(here)) if here else 0
    return seats


def _delivers(offer: Offer, service: RequiredService) -> bool:
    return offer.service == service.service and service.adult_id in (None, offer.adult_id)


def _pinned_offers(snapshot: SnapshotIndex, settled: Settled) -> dict[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = {}
    for (learner_id, _), pin in settled.seats.items():
        found.setdefault(learner_id, []).append(snapshot.offers[pin.offer_id or ""])
    return {learner_id: tuple(offers) for learner_id, offers in found.items()}
