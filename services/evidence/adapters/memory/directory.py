"""Who and what a district knows, looked up in memory."""

from collections.abc import Collection, Mapping, Sequence

from services.evidence.adapters.memory.entities import MemoryDistrict, MemoryEntities
from services.evidence.domain.aliases import Alias
from services.evidence.domain.framework import COMPETENCIES, Competency
from services.evidence.domain.known import ItemKey
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    code_key,
    uri_key,
)
from services.evidence.domain.roster import LEARNERS, SCHOOLS
from services.evidence.domain.source_object import ItemAlignment


class MemoryDirectory:
    """Look-ups by id; the port `Directory`."""

    def __init__(self, entities: MemoryEntities) -> None:
        self._entities = entities

    async def learners(
        self, district: str, learner_ids: Collection[str]
    ) -> Mapping[str, tuple[str, str]]:
        """Return, by learner id, for which learner it counts and that one's time zone."""
        async with self._entities.snapshot(district) as state:
            known, schools = state.kinds[LEARNERS], state.kinds[SCHOOLS]
            found = {}
            for one in learner_ids:
                if one in known:
                    counted = known[one].merged_into or one
                    found[one] = (counted, schools[known[counted].school_id].time_zone)
            return found

    async def aliases(
        self, district: str, references: Collection[Reference]
    ) -> Mapping[Reference, Sequence[Alias]]:
        """Return every span in which each reference means, or has meant, a learner."""
        async with self._entities.snapshot(district) as state:
            found = {one: state.aliases_of(one) for one in references}
            return {one: aliases for one, aliases in found.items() if aliases}

    async def competencies(
        self, district: str, competency_ids: Collection[str]
    ) -> Mapping[str, str]:
        """Return, by competency id, for which competency its evidence counts."""
        async with self._entities.snapshot(district) as state:
            known = set(competency_ids) & state.kinds[COMPETENCIES].keys()
            return {one: state.successors.get(one, one) for one in known}

    async def meanings(
        self, district: str, references: Collection[CompetencyReference]
    ) -> Mapping[CompetencyReference, Collection[str]]:
        """Return the ids of the competencies that each reference may mean."""
        async with self._entities.snapshot(district) as state:
            found = {one: _meanings(one, state) for one in references}
            return {one: ids for one, ids in found.items() if ids}

    async def items(
        self, district: str, items: Collection[ItemKey]
    ) -> Mapping[ItemKey, ItemAlignment]:
        """Return the alignments of items."""
        async with self._entities.snapshot(district) as state:
            return {one: state.alignments[one] for one in items if one in state.alignments}


def _meanings(reference: CompetencyReference, state: MemoryDistrict) -> set[str]:
    competencies: Mapping[str, Competency] = state.kinds[COMPETENCIES]
    if reference.kind in (CompetencyReferenceKind.CASE_UUID, CompetencyReferenceKind.LOCAL):
        named = {reference.value}
    elif reference.kind is CompetencyReferenceKind.CASE_URI:
        named = {
            one.id for one in competencies.values() if uri_key(one.uri) == uri_key(reference.value)
        }
    else:
        named = {
            one.id
            for one in competencies.values()
            if code_key(one.code) == code_key(reference.value)
            and reference.framework in ("", one.framework_id)
        }
    known = {one for one in named if one in competencies or one in state.successors}
    return {state.successors.get(one, one) for one in known}
