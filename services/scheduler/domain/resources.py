"""What the settings of a school have in common: versions, batches, repeats, pages, checked fields.

A batch is kept whole or not at all: the first setting at fault refuses it, and the refusal says
where, why and what to send instead. It must not know how settings are sent or kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, NoReturn, TypeVar

from services.scheduler.domain.errors import (
    BatchTooLargeError,
    InvalidRequestError,
    InvalidSettingError,
)

MAX_BATCH = 500
MAX_SETTINGS_PAGE = 500
MAX_WEEK_PAGE = 1000
DEFAULT_PAGE = 100
MAX_REQUEST_ID_LENGTH = 128
REQUEST_KEPT = timedelta(days=7)
"""A first answer is kept at least this long: longer than any client tries again."""

# Control characters break prints, separators break lines, direction marks make a name read as
# another one, and a lone surrogate cannot be kept at all.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_PLACE = re.compile(r"\[\d+\]")
_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Something that a school set: 1 is its first version, each change of content one more."""

    school_id: str
    id: str
    version: int = 0


S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class RefusedRow:
    """A row of a batch that was not kept: which, where in it, why, and what to do."""

    index: int
    field: str
    reason: str
    message: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What an answer says beside what was sent: an id, and a version or revision.

    `refused`: the row was not kept; id and version are empty then.
    """

    id: str
    version: int
    refused: RefusedRow | None = None


@dataclass(frozen=True, kw_only=True)
class RequestKey:
    """One sending of one write; `digest` is over method and content, 32 bytes.

    Raises InvalidRequestError for an id that cannot be kept.
    """

    request_id: str
    method: str
    digest: bytes

    def __post_init__(self) -> None:
        """Refuse an id that is too long or not printable."""
        if len(self.request_id) > MAX_REQUEST_ID_LENGTH or _UNWANTED.search(self.request_id):
            raise InvalidRequestError(
                field="request_id",
                message=f"has more than {MAX_REQUEST_ID_LENGTH} characters or control characters",
            )


@dataclass(frozen=True, kw_only=True)
class Merge(Generic[S]):
    """What a batch comes to: every setting as it stands, and those that are new, by id."""

    kept: tuple[S, ...]
    changed: tuple[S, ...]


def merge(standing: Mapping[str, S], wanted: Sequence[S]) -> Merge[S]:
    """Give each wanted setting its version: one more only where its content is new."""
    kept = tuple(_versioned(standing.get(one.id), one) for one in wanted)
    changed = (one for one in kept if standing.get(one.id) != one)
    return Merge(kept=kept, changed=tuple(sorted(changed, key=lambda one: one.id)))


def again(wanted: Sequence[S], kept: Sequence[Kept]) -> tuple[S, ...]:
    """Make the first answer again from the same content and the versions of then."""
    return tuple(replace(one, version=then.version) for one, then in zip(wanted, kept, strict=True))


def page_limit(page_size: int, most: int) -> int:
    """Return how many a page holds; 0 asks for the default. Raises InvalidRequestError."""
    if not 0 <= page_size <= most:
        raise InvalidRequestError(field="page_size", message=f"must be 0 to {most}")
    return page_size or DEFAULT_PAGE


def refused_row(index: int, error: InvalidSettingError) -> RefusedRow:
    """Return what a batch that keeps its other rows says of the row at an index.

    The error's field begins with the row's place, whatever its number there is.
    """
    return RefusedRow(
        index=index,
        field=_PLACE.sub(f"[{index}]", error.field, count=1),
        reason=error.reason,
        message=error.what,
        hint=error.hint,
    )


def check_batch(place: str, wanted: Sequence[Setting]) -> None:
    """Refuse a batch that is too large or holds a setting twice."""
    if len(wanted) > MAX_BATCH:
        raise BatchTooLargeError(count=len(wanted), limit=MAX_BATCH)
    first: dict[str, int] = {}
    for index, one in enumerate(wanted):
        before = first.setdefault(one.id, index)
        if before != index:
            refuse(
                f"{place}[{index}].name",
                "DUPLICATE",
                f"is the same as that of {place}[{before}].",
                "Send each once in a batch.",
            )


def refuse(field: str, reason: str, message: str, hint: str) -> NoReturn:
    """Refuse a setting: `field` says where, as in "rooms[3].capacity"."""
    raise InvalidSettingError(field=field, reason=reason, message=message, hint=hint)


def check_text(field: str, value: str, *, most: int, required: bool = False) -> str:
    """Return the text without outer white space; refuse one that is too long or unprintable."""
    text = value.strip()
    if _UNWANTED.search(text):
        refuse(
            field,
            "FIELD_MALFORMED",
            "holds a control character, a line break or a direction mark.",
            "Send plain text on one line.",
        )
    if len(text) > most:
        refuse(
            field, "FIELD_TOO_LONG", f"has {len(text)} characters.", f"At most {most} are allowed."
        )
    if required and not text:
        refuse(field, "FIELD_MISSING", "is empty.", "Give the text.")
    return text


def check_number(field: str, value: int, *, least: int, most: int) -> int:
    """Return the number; refuse one out of bounds."""
    if not least <= value <= most:
        refuse(field, "OUT_OF_RANGE", f"is {value}.", f"Send {least} to {most}.")
    return value


def check_id(field: str, value: str) -> str:
    """Return an id of 1 to 64 letters, digits, dots, underscores and hyphens; else refuse it."""
    if not _IDENTIFIER.match(value):
        refuse(
            field,
            "FIELD_MALFORMED" if value else "FIELD_MISSING",
            "is no id." if value else "is empty.",
            "Use 1 to 64 letters, digits, dots, underscores and hyphens.",
        )
    return value


def check_set(field: str, values: Sequence[str], *, most: int) -> tuple[str, ...]:
    """Return ids as a sorted set; refuse too many, a repeated one, and what is no id."""
    if len(values) > most:
        refuse(field, "TOO_MANY_VALUES", f"holds {len(values)} values.", f"Send at most {most}.")
    ids = tuple(sorted(check_id(field, value) for value in values))
    if len(set(ids)) < len(ids):
        refuse(field, "DUPLICATE", "holds a value twice.", "Send each value once.")
    return ids


def _versioned(standing: S | None, wanted: S) -> S:
    """Return the wanted setting with the standing version, or the next one where it differs."""
    if standing is None:
        return replace(wanted, version=1)
    same = replace(wanted, version=standing.version)
    return same if same == standing else replace(wanted, version=standing.version + 1)
