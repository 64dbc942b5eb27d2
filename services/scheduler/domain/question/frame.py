"""What every part of a question is written from: the snapshot, its pins, and who needs a place."""

from dataclasses import dataclass

import numpy as np

from services.scheduler.domain.engine.tables import Flags
from services.scheduler.domain.model import Learner, Offer
from services.scheduler.domain.pins import Settled
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
    present: Flags
    """[T, N] who needs a place from the search."""
    service_seats: dict[tuple[str, str], int]
    """How many seats the search gives for each learner's required service."""
    pinned_offers: dict[str, tuple[Offer, ...]]
    """The offers in whose sessions pins seat each learner."""

    def seats_of_services(self, learner_id: str) -> dict[str, int]:
        """Return how many seats each service of a learner takes from the search."""
        return {
            service: seats
            for (who, service), seats in self.service_seats.items()
            if who == learner_id
        }


def frame_of(snapshot: SnapshotIndex, settled: Settled) -> Frame:
    """Return the frame of a snapshot whose pins are settled."""
    times = times_of(tuple(snapshot.slots.values()))
    with_place = {i for ids in snapshot.active.values() for i in ids}
    learners = tuple(snapshot.learners[i] for i in sorted(with_place))
    learner_index = {one.learner_id: n for n, one in enumerate(learners)}
    adult_ids = tuple(sorted(snapshot.adults))
    present = _present(snapshot, settled, times, learner_index)
    return Frame(
        snapshot=snapshot,
        settled=settled,
        times=times,
        options=options_of(snapshot, times),
        learners=learners,
        learner_index=learner_index,
        adult_ids=adult_ids,
        adult_index={adult_id: n for n, adult_id in enumerate(adult_ids)},
        present=present,
        service_seats=_service_seats(snapshot, settled, times, learner_index, present),
        pinned_offers=_pinned_offers(snapshot, settled),
    )


def _present(
    snapshot: SnapshotIndex, settled: Settled, times: Times, learner_index: dict[str, int]
) -> Flags:
    present = np.zeros((len(times.slots), len(learner_index)), dtype=np.bool_)
    for t, slots in enumerate(times.slots):
        for slot in slots:
            present[t, [learner_index[i] for i in snapshot.active[slot.slot_id]]] = True
    for learner_id, slot_id in settled.seats:
        for other in (slot_id, *times.clashes[slot_id]):
            if other in times.of_slot:
                present[times.of_slot[other], learner_index[learner_id]] = False
    for learner_id, slot_id in settled.exemptions:
        if slot_id in times.of_slot:
            present[times.of_slot[slot_id], learner_index[learner_id]] = False
    return present


def _service_seats(
    snapshot: SnapshotIndex,
    settled: Settled,
    times: Times,
    learner_index: dict[str, int],
    present: Flags,
) -> dict[tuple[str, str], int]:
    """Return how many seats of each required service the pins leave to the search (H5).

    Counted by the shortest slot that is open to the learner, so that the minutes are reached
    wherever the seats lie.
    """
    pinned: dict[tuple[str, str], int] = {}
    for (learner_id, slot_id), pin in settled.seats.items():
        service = snapshot.offers[pin.offer_id or ""].service
        minutes = snapshot.slots[slot_id].minutes
        pinned[learner_id, service] = pinned.get((learner_id, service), 0) + minutes
    seats: dict[tuple[str, str], int] = {}
    for one in snapshot.problem.services:
        n = learner_index.get(one.learner_id)
        if n is None:
            continue
        here = [
            slot.minutes for t, slots in enumerate(times.slots) if present[t, n] for slot in slots
        ]
        left = max(one.minutes - pinned.get((one.learner_id, one.service), 0), 0)
        seats[one.learner_id, one.service] = -(-left // min(here)) if here else 0
    return seats


def _pinned_offers(snapshot: SnapshotIndex, settled: Settled) -> dict[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = {}
    for (learner_id, _), pin in settled.seats.items():
        found.setdefault(learner_id, []).append(snapshot.offers[pin.offer_id or ""])
    return {learner_id: tuple(offers) for learner_id, offers in found.items()}
