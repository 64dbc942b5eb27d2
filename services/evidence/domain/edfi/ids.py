"""The ids of what is kept of Ed-Fi's resources.

Ed-Fi knows its objects by natural keys, not by ids: a section is its code within a course offering
within a session of a school. An id is made of the key's values, so that a reference, a deletion and
the object itself lead to the same id without a look-up.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from services.evidence.domain.edfi.resources import BY_NAME, Resource
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json, ObjectKey

MAX_ID_LENGTH: Final = 64
"""As long as an id in a resource name of Trellis; OneRoster allows 255."""

MAX_KEY_LENGTH: Final = 512
"""Of one value of a natural key; Ed-Fi's longest, a namespace, has 255."""

MAX_KEY_NUMBER: Final = 10**20
"""Ids of organisations are 64 bits wide at most."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCHOOL_YEARS: Final = re.compile(r"\d{4}-(\d{4})")
_DATES: Final = frozenset({"beginDate", "entryDate", "date"})
_DATE_LENGTH: Final = len("2026-11-23")
_DIGEST_DIGITS: Final = 32
_SEPARATOR: Final = "\x1f"


def resource_named(name: str) -> Resource:
    """Return the resource; raises RefusedError for one that is not read."""
    resource = BY_NAME.get(name)
    if resource is None:
        raise RefusedError(
            RefusalReason.UNSUPPORTED,
            "",
            "This resource of Ed-Fi is not read.",
            "Leave it out; the data dictionary lists the resources that are read.",
        )
    return resource


def id_in_document(resource: Resource, document: Mapping[str, Json]) -> str:
    """Return the id of what a document is; raises RefusedError where its key is incomplete."""
    parts = [_first(document, field.paths) for field in resource.key]
    return object_id(resource.prefix, parts)


def id_by_key(name: str, values: Mapping[str, Json]) -> str:
    """Return the id of the object with these values of its natural key.

    values: as a reference has them, or the lists of deleted objects. Raises RefusedError.
    """
    resource = resource_named(name)
    parts = [_first(values, field.names) for field in resource.key]
    return object_id(resource.prefix, parts)


def key_by_key(name: str, values: Mapping[str, Json]) -> ObjectKey:
    """Return the object with these values of its natural key, as `id_by_key`."""
    return ObjectKey(collection=resource_named(name).collection, id=id_by_key(name, values))


def object_id(prefix: str, parts: Sequence[str]) -> str:
    """Return an id of 1 to 64 of A-Z a-z 0-9 . _ - that is made of these values alone.

    Plain and short values stand in it as they are; others as 128 bits of their SHA-256. Two dots
    tell the one from the other: no plain value has a dot.
    """
    plain = ".".join((prefix, *parts) if prefix else parts)
    if len(plain) <= MAX_ID_LENGTH and all(_PLAIN.fullmatch(part) for part in parts):
        return plain
    text = _SEPARATOR.join(parts).encode("utf-8", "surrogatepass")
    return f"{prefix or 'id'}..{hashlib.sha256(text).hexdigest()[:_DIGEST_DIGITS]}"


def school_year(text: str) -> str:
    """Return the year in which a school year ends; files write "2021-2022", the API 2022."""
    both = _SCHOOL_YEARS.fullmatch(text)
    return both.group(1) if both else text


def _first(document: Mapping[str, Json], paths: Sequence[str]) -> str:
    """Return the first value that is there, as the one text in which it is compared."""
    for path in paths:
        value: Json = document
        for name in path.split("/"):
            value = value.get(name) if isinstance(value, Mapping) else None
        text = _key_text(path.rpartition("/")[2], value)
        if text:
            return text
    raise RefusedError(
        RefusalReason.MALFORMED,
        paths[0].replace("/", "."),
        "A value of the natural key is missing, or is no text or whole number.",
        "Send the whole natural key, as Ed-Fi asks for it.",
    )


def _key_text(name: str, value: Json) -> str:
    """Return a key's value as text, empty where it can be none."""
    text = value.strip() if isinstance(value, str) else _whole_text(value)
    if len(text) > MAX_KEY_LENGTH:
        return ""
    if name == "schoolYear":
        return school_year(text)
    # Some systems write a time of day to every date.
    return text[:_DATE_LENGTH] if name in _DATES else text


def _whole_text(value: Json) -> str:
    """Return a whole number as text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ""
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= MAX_KEY_NUMBER or number % 1:
        return ""
    return str(int(number))
