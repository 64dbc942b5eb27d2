"""The roster's messages as planning needs them: without names, and classes without titles."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from trellis.roster.v1 import roster_pb2

from services.common.ids import ResourceName
from services.scheduler.adapters.wire.names import ADULT, LEARNER
from services.scheduler.domain.model import Adult, Learner
from services.scheduler.domain.sections import RosterSection, SectionMember, Span

SECTION = ResourceName("districts/{district}/sections/{section}")


def learner_from(message: roster_pb2.Learner) -> Learner:
    """Return a learner without names.

    One who is merged into another is nobody to plan for: they would have two places, and the
    evidence of both is the other's.
    """
    return Learner(
        learner_id=last(LEARNER.parse(message.name)),
        grade=message.grade,
        enrolled=message.state == roster_pb2.Learner.STATE_ENROLLED and not message.merged_into,
        enrol_date=_date_from(message.enrol_date),
        withdraw_date=_date_from(message.withdraw_date),
    )


def adult_from(message: roster_pb2.Adult) -> Adult:
    """Return an adult without a name."""
    return Adult(adult_id=last(ADULT.parse(message.name)), subjects=tuple(sorted(message.subjects)))


def sections_from(
    *,
    terms: Sequence[roster_pb2.Term],
    sections: Sequence[roster_pb2.Section],
    enrolments: Sequence[roster_pb2.Enrolment],
) -> tuple[RosterSection, ...]:
    """Return the classes with who is in them, by id; a term that is unknown limits nothing."""
    spans = {one.name: _span_from(one) for one in terms}
    members: Mapping[str, list[SectionMember]] = defaultdict(list)
    for one in enrolments:
        members[one.section].append(_member_from(one))
    found = (
        RosterSection(
            section_id=last(SECTION.parse(one.name)),
            subject=one.subject,
            terms=tuple(spans[term] for term in one.terms if term in spans),
            members=tuple(members[one.name]),
        )
        for one in sections
    )
    return tuple(sorted(found, key=lambda one: one.section_id))


def last(ids: Sequence[str]) -> str:
    """Return the last id of a parsed name."""
    return ids[-1]


def _member_from(message: roster_pb2.Enrolment) -> SectionMember:
    is_adult = ADULT.matches(message.person)
    pattern = ADULT if is_adult else LEARNER
    return SectionMember(
        person_id=last(pattern.parse(message.person)),
        is_adult=is_adult,
        span=_span_from(message),
    )


def _span_from(message: roster_pb2.Term | roster_pb2.Enrolment) -> Span:
    return Span(first=_date_from(message.begin_date), last=_date_from(message.last_date))


def _date_from(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
