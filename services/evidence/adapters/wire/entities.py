"""What roster and framework messages have in common: names and request digests."""

import hashlib
from typing import Protocol, TypeVar

from trellis.framework.v1 import framework_pb2 as framework
from trellis.roster.v1 import roster_pb2 as roster

from services.common.ids import ResourceName
from services.evidence.domain.entities import EntityFault, EntityNotFoundError, Place, RequestKey
from services.evidence.domain.errors import InvalidRequestError

M = TypeVar(
    "M",
    roster.School,
    roster.Learner,
    roster.Adult,
    framework.Framework,
    framework.Competency,
)


class UpsertRequest(Protocol):
    """What the requests to create or replace entities have in common."""

    request_id: str
    create_only: bool

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes:  # noqa: N802
        """Return the bytes of the message."""
        ...


class NameOf:
    """The names of one collection of a district: districts/{district}/{collection}/{id}."""

    def __init__(self, kind: str, collection: str) -> None:
        """Take one word for an entity of the collection, and the collection's own."""
        self.kind = kind
        self.collection = collection
        self.pattern = f"districts/{{district}}/{collection}/{{id}}"
        self._names = ResourceName(self.pattern)

    def format(self, district: str, entity_id: str) -> str:
        """Return the name of an entity of the district."""
        return self._names.format(district, entity_id)

    def id_in(self, field: str, district: str, name: str) -> str:
        """Return the id in a name that a read asks for.

        Raises InvalidRequestError for what is no such name, and EntityNotFoundError for a name of
        another district: whether it exists there is nobody's business here.
        """
        if not self._names.matches(name):
            raise InvalidRequestError(field=field, message=f"must be a name like {self.pattern}.")
        owner, entity_id = self._names.parse(name)
        if owner != district:
            raise EntityNotFoundError(kind=self.kind, entity_id=entity_id)
        return entity_id

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
        owner, entity_id = self._names.parse(name)
        if owner != district:
            raise place.refusal(
                EntityFault.OTHER_DISTRICT,
                "is a name of another district",
                "Send names of the district of the credential.",
            )
        return entity_id


def request_key(method: str, request: UpsertRequest) -> RequestKey | None:
    """Return what tells a repeat of a request; None where it has no request id or only creates.

    Only creating changes nothing when it is repeated, and its answer is what stands by then.
    Raises MalformedRequestIdError.
    """
    if not request.request_id:
        return None
    content = request.SerializeToString(deterministic=True)
    digest = hashlib.sha256(method.encode() + b"\x00" + content).digest()
    key = RequestKey(request_id=request.request_id, method=method, digest=digest)
    return None if request.create_only else key


def answered(message: M, request: UpsertRequest) -> M:
    """Return an entity as an upsert answers it.

    Where one only creates, the answer is the name and the version: who may write what is missing
    is not thereby told what others have written.
    """
    if not request.create_only:
        return message
    return type(message)(name=message.name, version=message.version)
