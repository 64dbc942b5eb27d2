"""Who is in a school: as a plan run knows them (without names) and as pages show them.

Names come from the roster at the moment of reading and are stored nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.model import Adult, Learner
from services.scheduler.domain.sections import RosterSection


@dataclass(frozen=True, kw_only=True)
class Members:
    """Who a plan run seats and who may lead: ids, enrolment, subjects, classes."""

    learners: tuple[Learner, ...]
    adults: tuple[Adult, ...]
    sections: tuple[RosterSection, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PostedAdult:
    """An adult of the district, and the school at which the roster has them."""

    adult: Adult
    school_id: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class PlacedLearner:
    """A learner of the district, and the school at which the roster has them."""

    learner: Learner
    school_id: str


def has_left(learner: Learner, today: date) -> bool:
    """Whether a learner is no longer enrolled; one who is still to come has not left."""
    if learner.withdraw_date is not None:
        return learner.withdraw_date <= today
    return not learner.enrolled


@dataclass(frozen=True, kw_only=True)
class Person:
    """A learner as the roster names them; `source_id` is the number that the school knows."""

    given_name: str
    family_name: str
    source_id: str


@dataclass(frozen=True, kw_only=True)
class Names:
    """Who is who, from the roster: learners and adults by the ids that the week uses.

    `roster_version` changes with every change that a page could show.
    """

    learners: Mapping[str, Person]
    adults: Mapping[str, str]
    roster_version: str = ""
