"""Puts names into sentences that speak of ids: of breaches, which a week stores without names."""

from __future__ import annotations

import re

from services.scheduler.domain.model import Problem
from services.scheduler.domain.people import Names
from services.scheduler.domain.week import Week
from services.scheduler.entrypoints.words import KIND_WORDS

# An id stands behind the word for what it is, as in "learner l0042", and may end a sentence.
_MENTION = re.compile(
    r"\b(learner|adult|room|slot|competency|offer|session) (\S+?)(?=[.,;:]?(?:\s|$))", re.IGNORECASE
)


class Naming:
    """The names of everything that a breach of one week can speak of."""

    def __init__(self, problem: Problem, week: Week, names: Names) -> None:
        self._names = {
            "learner": {
                learner_id: f"{person.given_name} {person.family_name}"
                for learner_id, person in names.learners.items()
            },
            "adult": dict(names.adults),
            "room": {one.room_id: one.display_name for one in problem.rooms},
            "slot": {one.slot_id: one.label for one in problem.slots},
            "competency": {one.competency_id: f"“{one.label}”" for one in problem.competencies},
            "offer": {
                one.offer_id: f"“{one.title or KIND_WORDS[one.kind]}”" for one in problem.offers
            },
            "session": {one.session_id: f"“{one.title}”" for one in week.sessions},
        }

    def named(self, sentence: str) -> str:
        """Return a sentence with names for the ids in it; an unknown id stays as it is."""
        return _MENTION.sub(self._name, sentence)

    def _name(self, mention: re.Match[str]) -> str:
        what, which = mention.group(1).lower(), mention.group(2)
        return self._names[what].get(which, "") or mention.group(0)
