"""Doubts a finished week: every hard rule is looked at anew, with nothing taken from the search.

Reads the snapshot and the week alone and shares no code with the search, the weights or the
explanations, so a fault there shows here. Soft rules are not judged: they never bar publishing.
"""

from services.scheduler.domain.check import evidence, pins, places, staff, texts
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Breach, Week


def check(problem: Problem, week: Week) -> list[Breach]:
    """Return what the week breaks, by rule, slot and message; an empty list: fit to publish."""
    index = Index(problem, week)
    found = [
        *places.breaches(index),
        *staff.breaches(index),
        *pins.breaches(index),
        *evidence.breaches(index),
        *texts.breaches(index),
    ]
    return sorted(set(found), key=lambda b: (b.rule, b.slot_id, b.message))
