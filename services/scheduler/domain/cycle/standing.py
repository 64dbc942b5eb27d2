"""Which seats of before can stand beside what is asked for now.

A seat that was accepted, or published a week ago, gives way to what people have asked for since: a
service that takes its adult, a rule that keeps two apart. Were it kept as a pin all the same, the
week would be broken, and nobody could mend it once the review is over.
"""

from collections.abc import Iterable
from dataclasses import replace

from services.scheduler.domain.model import Pin, Problem
from services.scheduler.domain.pins import settle
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of

_LAST = "~"
"""Before an id: pins are settled by id, and no id of a person's begins so."""


def with_standing(problem: Problem, pins: Iterable[Pin]) -> Problem:
    """Return the problem with those of the pins that can be kept beside all that it has.

    None of them goes as a service: this week's services are the problem's own.
    """
    wanted = {f"{_LAST}{pin.pin_id}": replace(pin, service=False) for pin in pins}
    if not wanted:
        return problem
    last = (replace(pin, pin_id=pin_id) for pin_id, pin in wanted.items())
    joined = normalised(replace(problem, pins=(*problem.pins, *last)))
    unkept = settle(index_of(joined, 0)).unkept
    kept = tuple(pin for pin_id, pin in wanted.items() if pin_id not in unkept)
    return replace(problem, pins=(*problem.pins, *kept))
