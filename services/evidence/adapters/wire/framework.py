"""Framework messages to entities and back, and the facts of the frameworks."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from trellis.framework.v1 import framework_pb2

from services.common.postgres.outbox import OutboxRow
from services.evidence.adapters.wire.entities import NameOf
from services.evidence.domain.entities import Place
from services.evidence.domain.framework import (
    COMPETENCIES,
    FRAMEWORKS,
    Competency,
    Framework,
)

TOPIC = "trellis.framework.v1"

FRAMEWORK_NAME = NameOf("framework", "frameworks")
COMPETENCY_NAME = NameOf("competency", "competencies")


def frameworks_from(
    district: str, messages: Sequence[framework_pb2.Framework]
) -> tuple[Framework, ...]:
    """Return the frameworks of a request; raise InvalidEntityError for a name of no form."""
    return tuple(
        Framework(
            id=FRAMEWORK_NAME.id_at(
                Place(collection=FRAMEWORKS, index=index, field="name"), district, message.name
            ),
            display_name=message.display_name,
        )
        for index, message in enumerate(messages)
    )


def competencies_from(
    district: str, messages: Sequence[framework_pb2.Competency]
) -> tuple[Competency, ...]:
    """Return the competencies of a request; raise InvalidEntityError for a name of no form."""
    return tuple(
        _competency(district, Place(collection=COMPETENCIES, index=index), message)
        for index, message in enumerate(messages)
    )


def framework_message(district: str, framework: Framework) -> framework_pb2.Framework:
    """Return the message of a framework."""
    return framework_pb2.Framework(
        name=FRAMEWORK_NAME.format(district, framework.id),
        display_name=framework.display_name,
        version=framework.version,
    )


def competency_message(district: str, competency: Competency) -> framework_pb2.Competency:
    """Return the message of a competency."""
    return framework_pb2.Competency(
        name=COMPETENCY_NAME.format(district, competency.id),
        framework=FRAMEWORK_NAME.format(district, competency.framework_id),
        code=competency.code,
        label=competency.label,
        subject=competency.subject,
        grade=competency.grade,
        essential=competency.essential,
        prerequisites=[COMPETENCY_NAME.format(district, one) for one in competency.prerequisites],
        version=competency.version,
    )


def framework_fact(district: str, framework: Framework, change_time: datetime) -> OutboxRow:
    """Return the fact that a framework stands as it does."""
    message = framework_message(district, framework)
    event = _event(message.name, framework.version, change_time)
    event.framework.CopyFrom(message)
    return _fact(event)


def competency_fact(district: str, competency: Competency, change_time: datetime) -> OutboxRow:
    """Return the fact that a competency stands as it does."""
    message = competency_message(district, competency)
    event = _event(message.name, competency.version, change_time)
    event.competency.CopyFrom(message)
    return _fact(event)


def _competency(district: str, place: Place, message: framework_pb2.Competency) -> Competency:
    """Return one competency of a request."""
    prerequisites = place.at("prerequisites")
    return Competency(
        id=COMPETENCY_NAME.id_at(place.at("name"), district, message.name),
        framework_id=FRAMEWORK_NAME.id_at(place.at("framework"), district, message.framework),
        code=message.code,
        label=message.label,
        subject=message.subject,
        grade=message.grade,
        essential=message.essential,
        prerequisites=tuple(
            COMPETENCY_NAME.id_at(prerequisites, district, name) for name in message.prerequisites
        ),
    )


def _event(name: str, version: int, change_time: datetime) -> framework_pb2.FrameworkEvent:
    """Return an event without its entity."""
    event = framework_pb2.FrameworkEvent(name=name, version=version, change_time=Timestamp())
    event.change_time.FromDatetime(change_time)
    return event


def _fact(event: framework_pb2.FrameworkEvent) -> OutboxRow:
    """Return what is published of an event."""
    return OutboxRow(
        topic=TOPIC,
        key=event.name.encode(),
        value=event.SerializeToString(deterministic=True),
    )
