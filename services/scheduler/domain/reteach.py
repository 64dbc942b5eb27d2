"""Where most of a section lacks one competency: the whole section is taught it again (S1)."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.scheduler.domain.model import Problem, Section
from services.scheduler.domain.rules import MILLI
from services.scheduler.domain.week import Notice, NoticeKind

SECTION_MINIMUM = 5
"""Of fewer learners nothing is said as of a section: each is a person with a need."""


@dataclass(frozen=True, kw_only=True)
class Reteach:
    """A section of which enough learners have a claim on one competency."""

    section: Section
    competency_id: str
    learner_ids: frozenset[str]
    """Those of its active learners who have the claim."""
    active: int
    """How many active learners it has."""

    def notice(self) -> Notice:
        """Return what its teacher is told."""
        return Notice(
            kind=NoticeKind.RETEACH,
            message=f"{len(self.learner_ids)} of the {self.active} learners of section"
            f" {self.section.section_id} need help or a check on competency {self.competency_id}:"
            " teach it again to the whole section.",
            competency_id=self.competency_id,
            section_id=self.section.section_id,
            adult_id=self.section.adult_id,
        )


def sections_to_reteach(
    problem: Problem, lacking: Mapping[str, AbstractSet[str]], active: AbstractSet[str]
) -> Iterator[Reteach]:
    """Yield each section and competency for which most of the section is to be taught again.

    `lacking` are the learners with a help or check claim, by competency; `active` those who are
    enrolled on a day of the week. Only these make up a section.
    """
    for section in problem.sections:
        members = active & set(section.learner_ids)
        if len(members) < SECTION_MINIMUM:
            continue
        for competency in problem.competencies:
            found = members & lacking.get(competency.competency_id, frozenset())
            fits = section.subject in ("", competency.subject)
            if found and fits and _is_most(problem, len(found), len(members)):
                yield Reteach(
                    section=section,
                    competency_id=competency.competency_id,
                    learner_ids=frozenset(found),
                    active=len(members),
                )


def _is_most(problem: Problem, count: int, total: int) -> bool:
    return MILLI * count >= problem.policy.reteach_share_milli * total
