"""References to people, sections and competencies, as messages and back.

A kind that is not known becomes one that nothing is ever found under: a record with it is refused
or waits, and is never taken for another one.
"""

from trellis.framework.v1 import framework_pb2
from trellis.roster.v1 import roster_pb2

from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
    competency_reference,
    reference,
)


def reference_from(message: roster_pb2.Reference) -> Reference:
    """Return the normalised reference. Raises InvalidRequestError for an unknown kind."""
    try:
        kind = ReferenceKind(message.kind)
    except ValueError:
        raise InvalidRequestError(field="reference.kind", message="is no kind.") from None
    return reference(kind, message.value, message.system)


def reference_to(one: Reference) -> roster_pb2.Reference:
    """Return the message of a reference."""
    return roster_pb2.Reference(
        kind=one.kind.value,  # type: ignore[arg-type]
        value=one.value,
        system=one.system,
    )


def competency_reference_from(message: framework_pb2.CompetencyReference) -> CompetencyReference:
    """Return the normalised reference. Raises InvalidRequestError for an unknown kind."""
    try:
        kind = CompetencyReferenceKind(message.kind)
    except ValueError:
        raise InvalidRequestError(field="competency.kind", message="is no kind.") from None
    if kind is CompetencyReferenceKind.CASE_UUID:
        found = competency_reference(message.value)
        if found.kind is kind:
            return found
    framework = message.framework if kind is CompetencyReferenceKind.HUMAN_CODE else ""
    return CompetencyReference(kind=kind, value=message.value.strip(), framework=framework)


def competency_reference_to(one: CompetencyReference) -> framework_pb2.CompetencyReference:
    """Return the message of a reference."""
    return framework_pb2.CompetencyReference(
        kind=one.kind.value,  # type: ignore[arg-type]
        value=one.value,
        framework=one.framework,
    )
