"""Doubts a finished week: every rule is looked at anew, with nothing taken from the search.

Reads the snapshot and the week alone and takes nothing from the search, the weights, the index of
the snapshot or the explanations, so a fault there shows here; a contract of the import linter
holds that. What both sides share is what they speak of: the data (`model`, `numbers`, `week`), the
names of the rules (`rulebook`), the list of words that label (`titles.BANNED_WORDS`, with a
matcher of the check's own) and the one encoding of a week (`encode`), for a second one would only
prove that two encodings differ.

`check` looks at the hard rules: what it finds bars publishing. `departures` looks at the limits
that soft rules set to the planner: they never bar it, for a person may have a reason. `value` adds
up what the week is worth, and `certificate` the bound of its proof.
"""

from collections.abc import Iterable

from services.scheduler.domain.check import (
    choices,
    evidence,
    limits,
    loads,
    notices,
    pairs,
    pins,
    places,
    requests,
    rooms,
    scopes,
    services,
    sizes,
    staff,
    texts,
)
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Breach, Week

HARD = (
    places,
    scopes,
    staff,
    rooms,
    sizes,
    pins,
    services,
    requests,
    choices,
    pairs,
    evidence,
    texts,
)
SOFT = (limits, loads, notices)


def check(problem: Problem, week: Week) -> list[Breach]:
    """Return what the week breaks, by rule, slot and message; an empty list: fit to publish."""
    index = Index(problem, week)
    return _in_order(breach for part in HARD for breach in part.breaches(index))


def departures(problem: Problem, week: Week) -> list[Breach]:
    """Return where the planner went beyond a limit of a soft rule, by rule, slot and message."""
    index = Index(problem, week)
    return _in_order(breach for part in SOFT for breach in part.departures(index))


def _in_order(found: Iterable[Breach]) -> list[Breach]:
    return sorted(set(found), key=lambda b: (b.rule, b.slot_id, b.message))
