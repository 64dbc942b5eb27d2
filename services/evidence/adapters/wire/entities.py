"""What roster and framework messages have in common: names, facts, request digests."""

import hashlib
from dataclasses import dataclass

from google.protobuf.message import Message

from services.common.ids import ResourceName
from services.evidence.domain.entities import EntityFault, Place, RequestKey


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What is published of one change. key: the resource's name, so that the newest one stays."""

    topic: str
    key: bytes
    value: bytes


class NameOf:
    """The names of one collection of a district: districts/{district}/{collection}/{id}."""

    def __init__(self, collection: str) -> None:
        self.pattern = f"districts/{{district}}/{collection}/{{id}}"
        self._names = ResourceName(self.pattern)

    def format(self, district: str, entity_id: str) -> str:
        """Return the name of an entity of the district."""
        return self._names.format(district, entity_id)

    def parse(self, district: str, name: str) -> str | None:
        """Return the id in a name of this district; None for any other name."""
        if not self._names.matches(name):
            return None
        owner, entity_id = self._names.parse(name)
        return entity_id if owner == district else None

    def id_at(self, place: Place, district: str, name: str) -> str:
        """Return the id in a name of this district; else refuse the entity at that place."""
        if not name:
            raise place.refusal(EntityFault.FIELD_MISSING, "is empty", "Send the name.")
        if not self._names.matches(name):
            raise place.refusal(
                EntityFault.FIELD_MALFORMED,
                f"is no name like {self.pattern}",
                "Use 1 to 64 letters, digits, dots, underscores and hyphens in an id.",
            )
        entity_id = self.parse(district, name)
        if entity_id is None:
            raise place.refusal(
                EntityFault.OTHER_DISTRICT,
                "is a name of another district",
                "Send names of the district of the credential.",
            )
        return entity_id


def request_key(method: str, request: Message, request_id: str) -> RequestKey | None:
    """Return what tells a repeat of a request; None where the client gave no request id.

    Raises MalformedRequestIdError.
    """
    if not request_id:
        return None
    content = request.SerializeToString(deterministic=True)
    digest = hashlib.sha256(method.encode() + b"\x00" + content).digest()
    return RequestKey(request_id=request_id, method=method, digest=digest)
