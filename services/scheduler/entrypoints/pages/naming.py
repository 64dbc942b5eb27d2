"""Puts names into sentences that speak of ids: of breaches, which a week stores without names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable

from services.scheduler.domain.model import Problem
from services.scheduler.domain.people import Names, Person
from services.scheduler.domain.week import Week
from services.scheduler.entrypoints.words import KIND_WORDS

# An id stands behind the word for what it is, as in "learner l0042", and may end a sentence.
_MENTION = re.compile(
    r"\b(learner|adult|room|slot|competency|offer|session) (\S+?)(?=[.,;:]?(?:\s|$))", re.IGNORECASE
)

_REQUEST = re.compile(r"\brequest \S+(?= of adult )")

# Letters of the Latin alphabet that Unicode takes for letters of their own.
_PLAIN = str.maketrans({"Ł": "L", "ł": "l", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "ı": "i"})

_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"

NOT_IN_ROSTER = "Not in the roster"
TAG_LENGTH = 4
"""So many characters of a number tell apart those who share a name."""


def learner_names(
    learner_ids: Iterable[str], names: Names, written: Callable[[Person], str]
) -> dict[str, str]:
    """Give each learner a name to show; those who share one get the end of their number.

    Who has no name in the roster, as an import makes learners, is known by the number alone.
    """
    people = {learner_id: names.learners.get(learner_id) for learner_id in learner_ids}
    shown = {
        learner_id: written(person) if person else NOT_IN_ROSTER
        for learner_id, person in people.items()
    }
    count = Counter(shown.values())
    for learner_id, name in shown.items():
        if count[name] > 1 or not name:
            person = people[learner_id]
            number = person.source_id if person else learner_id
            shown[learner_id] = tagged(name, number) if name else number
    return shown


def tagged(name: str, number: str) -> str:
    """Return a name with the end of a number behind it; behind Arabic or Hebrew as well."""
    rightward = any(unicodedata.bidirectional(one) in ("R", "AL") for one in name)
    mark = _LEFT_TO_RIGHT if rightward else ""
    return f"{name}{mark} ({number[-TAG_LENGTH:]})"


def listed(person: Person) -> str:
    """Return a name as it stands in a list: "Abara, Kaya"."""
    return ", ".join(part for part in (person.family_name, person.given_name) if part.strip())


def spoken(person: Person) -> str:
    """Return a name as it stands in a sentence: "Kaya Abara"."""
    return " ".join(part for part in (person.given_name, person.family_name) if part.strip())


def name_key(name: str) -> str:
    """Sort key of a name: marks above and below letters and their case do not count."""
    letters = unicodedata.normalize("NFKD", name).translate(_PLAIN)
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold()


def without_request_ids(sentence: str) -> str:
    """Return a sentence that tells an adult's request by the adult alone."""
    return _REQUEST.sub("the request", sentence)


class Naming:
    """The names of everything that a breach, or the reason of a seat, of one week can speak of."""

    def __init__(self, problem: Problem, week: Week, names: Names) -> None:
        self._names = {
            "learner": learner_names(names.learners, names, spoken),
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
        return _MENTION.sub(self._name, without_request_ids(sentence))

    def _name(self, mention: re.Match[str]) -> str:
        what, which = mention.group(1).lower(), mention.group(2)
        return self._names[what].get(which, "") or mention.group(0)
