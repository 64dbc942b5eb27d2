"""The roster in memory."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping
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
        self.enrolments: MemoryStore[Enrolment] = MemoryStore(
            state,
            ENROLMENTS,
            parent_of=lambda enrolment: enrolment.section_id,
            fact_of=partial(enrolment_fact, district),
        )
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
