"""Reading the fields of a source object: what has another type than it should counts as absent.

The format modules have checked what is required; a field of the wrong type can come only from one
that is optional, or from an object that was kept by an earlier release.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256

from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json, ObjectKey
from services.evidence.domain.texts import IDENTIFIER

_HASHED_ID_DIGITS = 32


def text(content: Mapping[str, Json], field: str) -> str:
    """Return a text without outer white space; empty where there is none."""
    value = content.get(field)
    return value.strip() if isinstance(value, str) else ""


def texts(content: Mapping[str, Json], field: str) -> tuple[str, ...]:
    """Return the texts of a list, in its order."""
    values = content.get(field)
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(one.strip() for one in values if isinstance(one, str) and one.strip())


def mappings(content: Mapping[str, Json], field: str) -> tuple[Mapping[str, Json], ...]:
    """Return the structures of a list, in its order."""
    values = content.get(field)
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(one for one in values if isinstance(one, Mapping))


def flag(content: Mapping[str, Json], field: str, *, default: bool) -> bool:
    """Return a boolean, which OneRoster writes as a text."""
    value = content.get(field)
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower(), default)


def referred(content: Mapping[str, Json], field: str) -> str:
    """Return the id that a reference holds; empty where there is none."""
    value = content.get(field)
    return text(value, "sourcedId") if isinstance(value, Mapping) else ""


def all_referred(content: Mapping[str, Json], field: str) -> tuple[str, ...]:
    """Return the ids of a list of references."""
    return tuple(filter(None, (text(one, "sourcedId") for one in mappings(content, field))))


def day(content: Mapping[str, Json], field: str) -> date | None:
    """Return the day of a date or of a time; None where there is none."""
    try:
        return date.fromisoformat(text(content, field)[:10])
    except ValueError:
        return None


def last_day(content: Mapping[str, Json], field: str) -> date | None:
    """Return the last day before an end, which in OneRoster is not included."""
    end = day(content, field)
    return None if end is None or end == date.min else end - timedelta(days=1)


def needed_day(content: Mapping[str, Json], field: str) -> date:
    """Return a day that has to be there; else refuse the object."""
    found = day(content, field)
    if found is None:
        raise missing(field)
    return found


def needed(content: Mapping[str, Json], field: str) -> str:
    """Return a text that has to be there; else refuse the object."""
    found = text(content, field)
    if not found:
        raise missing(field)
    return found


def missing(field: str) -> RefusedError:
    """Return the refusal of an object without a field."""
    return RefusedError(
        RefusalReason.MALFORMED,
        field,
        f"{field} is missing or no value of its type.",
        "Send the object again with this field.",
    )


def entity_id(source_id: str) -> str:
    """Return the id of a school, section or term: the source's own, or its hash.

    Resource names take fewer characters than sources do.
    """
    if IDENTIFIER.fullmatch(source_id):
        return source_id
    return sha256(source_id.encode("utf-8", "surrogatepass")).hexdigest()[:_HASHED_ID_DIGITS]


def key(collection: Collection, object_id: str) -> ObjectKey:
    """Return the key of an object."""
    return ObjectKey(collection=collection, id=object_id)
