"""What is still asked of the week: minutes of services beside those that pins give.

Minutes are rounded up to what whole sessions give, by the greatest length that all slots are
multiples of, so that a session too few is never hidden in a remainder.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

from services.scheduler.domain.model import RequiredService, SessionKind
from services.scheduler.domain.question.frame import Frame


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Minutes of a service that the search is to give to a learner."""

    wanted: RequiredService
    learner: int
    minutes: int


def asked_of(frame: Frame) -> list[Asked]:
    """Return what is asked for learners who are here, by learner and service."""
    pinned = _pinned(frame)
    grain = gcd(*(slot.minutes for slots in frame.times.slots for slot in slots)) or 1
    found = []
    for one in sorted(frame.snapshot.problem.services, key=lambda s: (s.learner_id, s.service)):
        n = frame.learner_index.get(one.learner_id)
        left = one.minutes - pinned[one.learner_id, one.service]
        if n is not None and left > 0:
            found.append(Asked(wanted=one, learner=n, minutes=-(-left // grain) * grain))
    return found


def minutes_of_time(frame: Frame, time: int) -> int:
    """Return the minutes of a time: those of its longest slot."""
    return max(slot.minutes for slot in frame.times.slots[time])


def free_minutes(frame: Frame, learner: int) -> int:
    """Return the minutes of the slots that pins and exemptions leave to a learner."""
    return sum(minutes_of_time(frame, int(time)) for time in frame.present[:, learner].nonzero()[0])


def _pinned(frame: Frame) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    wanted = {(s.learner_id, s.service): s for s in frame.snapshot.problem.services}
    for learner_id, service, adult_id, minutes in _pinned_seats(frame):
        one = wanted.get((learner_id, service))
        if one is not None and one.adult_id in (None, adult_id):
            found[learner_id, service] += minutes
    return found


def _pinned_seats(frame: Frame) -> Iterator[tuple[str, str, str, int]]:
    for (learner_id, slot_id), pin in frame.settled.seats.items():
        offer = frame.snapshot.offers[pin.offer_id or ""]
        if offer.kind is SessionKind.SERVICE:
            minutes = frame.snapshot.slots[slot_id].minutes
            yield learner_id, offer.service, offer.adult_id, minutes
