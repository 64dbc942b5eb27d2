"""The roster in memory."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial

from services.evidence.adapters.memory.aliases import MemoryAliases
from services.evidence.adapters.memory.entities import (
    MemoryDistrict,
    MemoryEntities,
    MemoryRequestLog,
    MemoryStore,
)
from services.evidence.adapters.memory.quarantine import MemoryQuarantine
from services.evidence.adapters.wire.roster import adult_fact, learner_fact, school_fact
from services.evidence.adapters.wire.sections import enrolment_fact, section_fact, term_fact
from services.evidence.domain.entities import MAX_PAGE_SIZE
from services.evidence.domain.roster import (
    ADULTS,
    ENROLMENTS,
    LEARNERS,
    SCHOOLS,
    SECTIONS,
    TERMS,
    Adult,
    Enrolment,
    FirstAlias,
    Learner,
    School,
    Section,
    Term,
)


class MemoryLearners(MemoryStore[Learner]):
    """The learners of one district."""

    async def ids_of(self, aliases: Collection[FirstAlias]) -> Mapping[FirstAlias, str]:
        """Return the stored id of each alias that the district knows."""
        known = {learner.first_alias: learner.id for learner in self._entities.values()}
        return {alias: known[alias] for alias in aliases if alias in known}


class MemoryEnrolments(MemoryStore[Enrolment]):
    """The enrolments of one district."""

    def __init__(self, state: MemoryDistrict, district: str) -> None:
        super().__init__(
            state,
            ENROLMENTS,
            parent_of=lambda enrolment: enrolment.section_id,
            fact_of=partial(enrolment_fact, district),
        )
        self._sections: Mapping[str, Section] = state.kinds[SECTIONS]

    async def runs_of_school(self, school_id: str) -> AsyncIterator[Sequence[Enrolment]]:
        """Give the active enrolments of a school's active sections, sorted by id, in runs."""
        found = [one for one in self._sorted("") if one.active and self._is_held(one, school_id)]
        for begin in range(0, len(found), MAX_PAGE_SIZE):
            yield found[begin : begin + MAX_PAGE_SIZE]

    def _is_held(self, enrolment: Enrolment, school_id: str) -> bool:
        section = self._sections.get(enrolment.section_id)
        return section is not None and section.active and school_id in ("", section.school_id)


class MemoryRosterView:
    """One district's roster, as one transaction or snapshot sees it."""

    def __init__(self, state: MemoryDistrict, district: str) -> None:
        self.schools: MemoryStore[School] = MemoryStore(
            state,
            SCHOOLS,
            parent_of=lambda school: school.id,
            fact_of=partial(school_fact, district),
        )
        self.adults: MemoryStore[Adult] = MemoryStore(
            state,
            ADULTS,
            parent_of=lambda adult: adult.school_id,
            fact_of=partial(adult_fact, district),
        )
        self.learners = MemoryLearners(
            state,
            LEARNERS,
            parent_of=lambda learner: learner.school_id,
            fact_of=partial(learner_fact, district),
        )
        self.terms: MemoryStore[Term] = MemoryStore(
            state,
            TERMS,
            parent_of=lambda term: term.parent_id,
            fact_of=partial(term_fact, district),
        )
        self.sections: MemoryStore[Section] = MemoryStore(
            state,
            SECTIONS,
            parent_of=lambda section: section.school_id,
            fact_of=partial(section_fact, district),
        )
        self.enrolments = MemoryEnrolments(state, district)
        self.requests = MemoryRequestLog(state)
        self.aliases = MemoryAliases(state)
        self.quarantine = MemoryQuarantine(state.quarantine)


class MemoryRoster:
    """The rosters of all districts; the port `Roster`."""

    def __init__(self, entities: MemoryEntities) -> None:
        self._entities = entities

    @contextlib.asynccontextmanager
    async def change(self, district: str) -> AsyncIterator[MemoryRosterView]:
        """Open a transaction; one at a time in a district."""
        async with self._entities.change(district) as state:
            yield MemoryRosterView(state, district)

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[MemoryRosterView]:
        """Open one consistent view."""
        async with self._entities.snapshot(district) as state:
            yield MemoryRosterView(state, district)
