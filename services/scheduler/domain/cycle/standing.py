"""Which seats of before can stand beside what is asked for now.

A seat that was accepted, or published a week ago, gives way to what people have asked for since: a
service that takes its adult, a rule that keeps two apart. Were it kept as a pin all the same, the
week would be broken, and nobody could mend it once the review is over. To what the draft could not
hold it gives no way: a decline may free an adult or room for that, and whoever declines takes
nobody's accepted seat.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.scheduler.domain.cycle.review import Review, SessionMarkState, reviewed
from services.scheduler.domain.model import LockedSession, Pin, PinOrigin, Problem
from services.scheduler.domain.pins import settle
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of

_LAST = "~"
"""Before an id: pins are settled by id, and no id of a person's begins so."""


@dataclass(frozen=True, kw_only=True)
class Unheld:
    """What persons ask for and a week cannot keep beside the rest: breaches until it is mended."""

    pins: frozenset[Pin] = frozenset()
    sessions: frozenset[LockedSession] = frozenset()


def unheld_in(problem: Problem) -> Unheld:
    """Return what a problem's persons ask for in vain."""
    settled = settle(index_of(normalised(problem), 0))
    held = {key for key, one in settled.forced.items() if one.locked}
    return Unheld(
        pins=frozenset(pin for pin in problem.pins if pin.pin_id in settled.unkept),
        sessions=frozenset(
            one for one in problem.locked if (one.slot_id, one.offer_id) not in held
        ),
    )


def as_decided(problem: Problem, review: Review, drafted: Problem) -> Problem:
    """Return what the next run reads after a review: all that was decided and can stand.

    `drafted`: what the draft that was reviewed was planned from. What it could not hold comes after
    the seats, as long as nobody has asked for it anew.
    """
    if not review.seats:
        return reviewed(problem, review)
    in_vain = {pin.pin_id for pin in unheld_in(problem).pins}
    whole = reviewed(problem, review, in_vain)
    own = {pin.pin_id for pin in problem.pins}
    decided = [pin for pin in whole.pins if pin.pin_id not in own]
    added = {one.key for one in review.sessions if one.state is SessionMarkState.ADDED}
    behind = unheld_in(drafted)
    sessions = (one for one in behind.sessions if (one.slot_id, one.offer_id) not in added)
    behind = replace(behind, sessions=frozenset(sessions))
    return with_standing(replace(whole, pins=problem.pins), decided, behind=behind)


def with_standing(problem: Problem, pins: Iterable[Pin], *, behind: Unheld = Unheld()) -> Problem:
    """Return the problem with those of the pins that can be kept beside all that it has.

    None of them goes as a service: this week's services are the problem's own. `behind`: what of
    the problem comes after the pins, and bars none.
    """
    wanted = {f"{_LAST}{pin.pin_id}": replace(pin, service=False) for pin in pins}
    if not wanted:
        return problem
    last = (
        replace(one, pin_id=pin_id, origin=PinOrigin.SET, acceptance=None)
        for pin_id, one in wanted.items()
    )
    before = replace(
        problem,
        pins=(*(one for one in problem.pins if one not in behind.pins), *last),
        locked=tuple(one for one in problem.locked if one not in behind.sessions),
    )
    unkept = settle(index_of(normalised(before), 0)).unkept
    kept = tuple(pin for pin_id, pin in wanted.items() if pin_id not in unkept)
    return replace(problem, pins=(*problem.pins, *kept))
