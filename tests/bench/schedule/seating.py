"""A week in its plainest form: which sessions are held, and who sits in which.

Whatever makes a week for the benchmark gives this, and `measures` reads nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Held:
    """A session that is held. `tier_id` and `room_id` are empty where it has none."""

    slot_id: str
    offer_id: str
    competency_id: str = ""
    tier_id: str = ""
    room_id: str = ""


@dataclass(frozen=True)
class Seating:
    """The sessions of a week and the learners' seats in them.

    A learner who has no place in a slot has None there, or no entry.
    """

    sessions: tuple[Held, ...] = ()
    seats: Mapping[tuple[str, str], Held | None] = field(default_factory=dict)
    """By learner and slot."""

    def of_sessions(self) -> dict[Held, list[str]]:
        """Return the learners of each session, sorted; a session that nobody sits in has none."""
        found: dict[Held, list[str]] = {held: [] for held in self.sessions}
        for (learner_id, _), held in sorted(self.seats.items(), key=lambda item: item[0]):
            if held is not None:
                found.setdefault(held, []).append(learner_id)
        return found

    def of_learners(self) -> dict[str, list[Held]]:
        """Return the sessions of each learner, by slot."""
        found: dict[str, list[Held]] = {}
        for (learner_id, _), held in sorted(self.seats.items(), key=lambda item: item[0]):
            if held is not None:
                found.setdefault(learner_id, []).append(held)
        return found
