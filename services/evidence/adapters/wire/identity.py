"""Aliases and merges as messages and back."""

from google.protobuf.timestamp_pb2 import Timestamp
from trellis.roster.v1 import roster_service_pb2

from services.evidence.adapters.wire.entities import NameOf
from services.evidence.adapters.wire.evidence import timestamp
from services.evidence.adapters.wire.references import reference_from, reference_to
from services.evidence.adapters.wire.roster import ADULT_NAME, LEARNER_NAME
from services.evidence.adapters.wire.sections import SECTION_NAME
from services.evidence.domain.aliases import (
    ALWAYS_MICROS,
    FOREVER_MICROS,
    Alias,
    SubjectKind,
)
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.merging import Merge

MERGE_NAME = NameOf("merge", "merges")

_NAMES = {
    SubjectKind.LEARNER: LEARNER_NAME,
    SubjectKind.ADULT: ADULT_NAME,
    SubjectKind.SECTION: SECTION_NAME,
}


def subject_from(field: str, district: str, name: str) -> tuple[SubjectKind, str]:
    """Return whom or what a name is. Raises InvalidRequestError and EntityNotFoundError."""
    for kind, names in _NAMES.items():
        if f"/{names.collection}/" in name:
            return kind, names.id_in(field, district, name)
    raise InvalidRequestError(
        field=field, message="must be the name of a learner, an adult or a section."
    )


def alias_from(district: str, index: int, message: roster_service_pb2.Alias) -> Alias:
    """Return an alias of a request. Raises InvalidRequestError and EntityNotFoundError."""
    kind, subject_id = subject_from(f"aliases[{index}].subject", district, message.subject)
    begins, ends = message.HasField("from_time"), message.HasField("until_time")
    return Alias(
        subject_kind=kind,
        reference=reference_from(message.reference),
        subject_id=subject_id,
        from_micros=_micros(message.from_time) if begins else ALWAYS_MICROS,
        until_micros=_micros(message.until_time) if ends else FOREVER_MICROS,
    )


def kind_from(number: int) -> SubjectKind:
    """Return what references are to mean. Raises InvalidRequestError for no kind."""
    try:
        return SubjectKind(number)
    except ValueError:
        raise InvalidRequestError(field="kind", message="is no kind.") from None


def subject_to(district: str, kind: SubjectKind, subject_id: str | None) -> str:
    """Return the name of a learner, adult or section; empty for nobody."""
    return "" if subject_id is None else _NAMES[kind].format(district, subject_id)


def alias_to(district: str, alias: Alias) -> roster_service_pb2.Alias:
    """Return the message of an alias."""
    begins, ends = alias.from_micros, alias.until_micros
    return roster_service_pb2.Alias(
        reference=reference_to(alias.reference),
        subject=_NAMES[alias.subject_kind].format(district, alias.subject_id),
        from_time=None if begins == ALWAYS_MICROS else timestamp(begins),
        until_time=None if ends == FOREVER_MICROS else timestamp(ends),
    )


def merge_to(district: str, merge: Merge) -> roster_service_pb2.Merge:
    """Return the message of a merge."""
    return roster_service_pb2.Merge(
        name=MERGE_NAME.format(district, merge.merge_id),
        learner=LEARNER_NAME.format(district, merge.learner_id),
        into=LEARNER_NAME.format(district, merge.into_id),
        actor=merge.actor,
        note=merge.note,
        merge_time=timestamp(merge.merge_micros),
        undo_time=None if merge.undo_micros is None else timestamp(merge.undo_micros),
        undo_actor=merge.undo_actor,
        moving=merge.moving,
    )


def _micros(time: Timestamp) -> int:
    return time.seconds * 1_000_000 + time.nanos // 1_000
