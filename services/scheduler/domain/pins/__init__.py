"""Settles what persons ask for before the search: pins and agreed sessions (H5, H7).

In this order: service pins, seats of a planned week that persons keep, agreed sessions, the other
pins, and the pins of requests, the highest request first. What cannot be kept beside what comes
before it is a breach that says why and what to do; whoever it is about is placed like everybody
else. What is kept is forced upon the search.
"""

from services.scheduler.domain.pins.forced import Forced, Settled
from services.scheduler.domain.pins.settle import settle

__all__ = ["Forced", "Settled", "settle"]
