"""What the entities of the roster and of the frameworks have in common.

Batches are all-or-nothing: the first entity at fault refuses the whole batch, and the refusal says
where, why and what to do. No message repeats the value of a field that may hold a person's name or
a source's id of a person, since refusals are logged. It must not know how entities are sent or
kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Generic, TypeVar

from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.texts import IDENTIFIER, UNPRINTABLE

MAX_BATCH = 500
"""Entities in one batch: as many as one transaction of about 20 ms can keep."""

MAX_PAGE_SIZE = 500
DEFAULT_PAGE_SIZE = 100

MAX_REQUEST_ID_LENGTH = 128

REQUEST_KEPT = timedelta(days=7)
"""A first answer is kept at least this long: longer than any sender tries again."""


class EntityFault(Enum):
    """Why an entity was refused. The values are part of the contract (docs/data-dictionary)."""

    FIELD_MISSING = "FIELD_MISSING"
    FIELD_MALFORMED = "FIELD_MALFORMED"
    FIELD_TOO_LONG = "FIELD_TOO_LONG"
    TOO_MANY_VALUES = "TOO_MANY_VALUES"
    DUPLICATE = "DUPLICATE"
    OTHER_DISTRICT = "OTHER_DISTRICT"
    NAME_MISMATCH = "NAME_MISMATCH"
    SOURCE_NOT_ALLOWED = "SOURCE_NOT_ALLOWED"
    DATES_REVERSED = "DATES_REVERSED"
    UNKNOWN_TIME_ZONE = "UNKNOWN_TIME_ZONE"
    UNKNOWN_SCHOOL = "UNKNOWN_SCHOOL"
    UNKNOWN_FRAMEWORK = "UNKNOWN_FRAMEWORK"
    UNKNOWN_PREREQUISITE = "UNKNOWN_PREREQUISITE"
    PREREQUISITE_CYCLE = "PREREQUISITE_CYCLE"
    CODE_TAKEN = "CODE_TAKEN"


class InvalidEntityError(Exception):
    """An entity of a batch cannot be kept, so nothing of the batch was."""

    def __init__(self, *, place: "Place", fault: EntityFault, message: str, hint: str) -> None:
        super().__init__(f"{place.path}: {message}")
        self.place = place
        self.fault = fault
        self.message = message
        self.hint = hint
        self.reason = fault.value
        self.metadata = {"index": str(place.index), "field": place.field, "hint": hint}


class BatchTooLargeError(Exception):
    """A batch holds more entities than one call may carry."""

    reason = "BATCH_TOO_LARGE"

    def __init__(self, *, count: int) -> None:
        super().__init__(f"the batch holds {count} entities; at most {MAX_BATCH} are allowed")
        self.count = count
        self.metadata = {"count": str(count), "limit": str(MAX_BATCH)}


class EntityNotFoundError(Exception):
    """The district has no entity of this name."""

    reason = "ENTITY_NOT_FOUND"

    def __init__(self, *, kind: str, entity_id: str) -> None:
        super().__init__(f"the district has no {kind} {entity_id}")
        self.kind = kind
        self.entity_id = entity_id
        self.metadata = {"kind": kind, "id": entity_id}


class RequestIdReusedError(Exception):
    """The request id was used before, for other content."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self, *, request_id: str) -> None:
        super().__init__(f"request id {request_id} was used before for other content")
        self.request_id = request_id
        self.metadata = {"request_id": request_id}


class MalformedRequestIdError(Exception):
    """The request id is too long or holds characters that cannot be kept."""

    reason = "REQUEST_ID_MALFORMED"

    def __init__(self) -> None:
        super().__init__(
            f"the request id has more than {MAX_REQUEST_ID_LENGTH} characters or control characters"
        )


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One entity of a district.

    id: unique in the district and kind. version: 1 when first kept, one more with each change of
    content, 0 where not kept yet.
    """

    id: str
    version: int = 0


E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What an answer says beside what was sent: under which id and version an entity stands."""

    id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class RequestKey:
    """One sending of one administrative write.

    request_id: chosen by the client. digest: SHA-256 over method and content, 32 bytes.
    Raises MalformedRequestIdError.
    """

    request_id: str
    method: str
    digest: bytes

    def __post_init__(self) -> None:
        check_request_id(self.request_id)


@dataclass(frozen=True, kw_only=True)
class Upsert(Generic[E]):
    """The command to create or replace entities of one district, all or none of them.

    request: absent where the client gave no request id; then a repeat is a sending of its own.
    create_only: leave what is there as it is.
    """

    district: str
    entities: tuple[E, ...]
    request: RequestKey | None = None
    create_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Page(Generic[E]):
    """A page of a list, sorted by id. next_after: where the next one begins; empty on the last."""

    entities: tuple[E, ...]
    next_after: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The query: one page of a district's entities, sorted by id.

    only: the id of the school or framework that they belong to; empty for all. after: the last id
    of the page before; empty for the first page. page_size: 0 for DEFAULT_PAGE_SIZE.
    """

    district: str
    only: str = ""
    after: str = ""
    page_size: int = 0

    @property
    def limit(self) -> int:
        """Entities a page. Raises InvalidRequestError for a page size out of bounds."""
        if not 0 <= self.page_size <= MAX_PAGE_SIZE:
            raise InvalidRequestError(field="page_size", message=f"must be 0 to {MAX_PAGE_SIZE}.")
        return self.page_size or DEFAULT_PAGE_SIZE


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a batch: the field at fault of the entity at an index (from 0)."""

    collection: str
    index: int
    field: str = ""

    @property
    def path(self) -> str:
        """As in "schools[3].time_zone"."""
        return f"{self.collection}[{self.index}]" + (f".{self.field}" if self.field else "")

    def at(self, field: str) -> "Place":
        """Return the same entity, at one of its fields."""
        return replace(self, field=field)

    def refusal(self, fault: EntityFault, message: str, hint: str) -> InvalidEntityError:
        """Return what to raise for what is wrong here; it must not repeat personal data."""
        return InvalidEntityError(place=self, fault=fault, message=message, hint=hint)


@dataclass(frozen=True, kw_only=True)
class Merge(Generic[E]):
    """What a batch comes to.

    kept: every entity as it stands after the batch, in the order of the batch.
    changed: those of them whose content is new, sorted by id, so that every batch writes its rows
    in the same order.
    """

    kept: tuple[E, ...]
    changed: tuple[E, ...]


def respecting(
    standing: Mapping[str, E], wanted: Sequence[E], *, create_only: bool
) -> tuple[E, ...]:
    """Return what is wanted; with `create_only`, what is there is wanted as it stands."""
    if not create_only:
        return tuple(wanted)
    return tuple(standing.get(entity.id, entity) for entity in wanted)


def merge(standing: Mapping[str, E], wanted: Sequence[E]) -> Merge[E]:
    """Give each wanted entity its version: one more only where its content is new."""
    kept = tuple(_versioned(standing.get(entity.id), entity) for entity in wanted)
    changed = (entity for entity in kept if standing.get(entity.id) != entity)
    return Merge(kept=kept, changed=tuple(sorted(changed, key=lambda entity: entity.id)))


def as_kept(merged: Merge[E]) -> tuple[Kept, ...]:
    """Return id and version of each entity of the answer, in its order."""
    return tuple(Kept(id=entity.id, version=entity.version) for entity in merged.kept)


def again(wanted: Sequence[E], kept: Sequence[Kept]) -> tuple[E, ...]:
    """Make the first answer again from the same content and the ids and versions of then."""
    return tuple(
        replace(entity, id=then.id, version=then.version)
        for entity, then in zip(wanted, kept, strict=True)
    )


def page_of(found: Sequence[E], limit: int) -> Page[E]:
    """Make a page of up to one entity more than its limit: that one tells that there is another."""
    entities = tuple(found[:limit])
    return Page(entities=entities, next_after=entities[-1].id if len(found) > limit else "")


def check_batch_size(count: int) -> None:
    """Refuse a batch that is too large with BatchTooLargeError."""
    if count > MAX_BATCH:
        raise BatchTooLargeError(count=count)


def check_request_id(request_id: str) -> None:
    """Refuse a request id that cannot be kept with MalformedRequestIdError."""
    if len(request_id) > MAX_REQUEST_ID_LENGTH or UNPRINTABLE.search(request_id):
        raise MalformedRequestIdError


def check_identifier(place: Place, value: str) -> str:
    """Return an id of 1 to 64 letters, digits, dots, underscores and hyphens; else refuse it."""
    if not value:
        raise place.refusal(EntityFault.FIELD_MISSING, "is empty", "Give the id.")
    if not IDENTIFIER.fullmatch(value):
        raise place.refusal(
            EntityFault.FIELD_MALFORMED,
            "is no id",
            "Use 1 to 64 letters, digits, dots, underscores and hyphens.",
        )
    return value


def check_text(place: Place, value: str, *, max_length: int, required: bool = True) -> str:
    """Return the text without outer white space; refuse it where too long, empty or unprintable."""
    text = value.strip()
    if UNPRINTABLE.search(text):
        raise place.refusal(
            EntityFault.FIELD_MALFORMED,
            "holds a control character, a line break or a direction mark",
            "Send plain text on one line.",
        )
    if len(text) > max_length:
        raise place.refusal(
            EntityFault.FIELD_TOO_LONG,
            f"has {len(text)} characters; at most {max_length} are allowed",
            "Shorten the text.",
        )
    if required and not text:
        raise place.refusal(EntityFault.FIELD_MISSING, "is empty", "Give the text.")
    return text


def check_set(
    place: Place, values: Iterable[str], *, max_count: int, max_length: int
) -> tuple[str, ...]:
    """Return the texts of a set, sorted; refuse too many, a repeated or an invalid one."""
    texts = sorted(check_text(place, value, max_length=max_length) for value in values)
    if len(texts) > max_count:
        raise place.refusal(
            EntityFault.TOO_MANY_VALUES,
            f"holds {len(texts)} values; at most {max_count} are allowed",
            "Send fewer values.",
        )
    if len(set(texts)) < len(texts):
        raise place.refusal(EntityFault.DUPLICATE, "holds a value twice", "Send each value once.")
    return tuple(texts)


def check_distinct(collection: str, field: str, keys: Sequence[object]) -> None:
    """Refuse a batch that holds an entity twice, at the second place."""
    first: dict[object, int] = {}
    for index, key in enumerate(keys):
        before = first.setdefault(key, index)
        if before != index:
            raise Place(collection=collection, index=index, field=field).refusal(
                EntityFault.DUPLICATE,
                f"is the same as that of {collection}[{before}]",
                "Send each entity once in a batch.",
            )


def _versioned(standing: E | None, wanted: E) -> E:
    """Return the wanted entity with the standing version, or the next one where it differs."""
    if standing is None:
        return replace(wanted, version=1)
    same = replace(wanted, version=standing.version)
    return same if same == standing else replace(wanted, version=standing.version + 1)
