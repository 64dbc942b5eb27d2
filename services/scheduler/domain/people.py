"""Who is in a school: as a plan run knows them (without names) and as pages show them.

Names come from the roster at the moment of reading and are stored nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.scheduler.domain.model import Adult, Learner


@dataclass(frozen=True, kw_only=True)
class Members:
    """Who a plan run seats and who may lead: ids, enrolment, subjects."""

    learners: tuple[Learner, ...]
    adults: tuple[Adult, ...]


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
