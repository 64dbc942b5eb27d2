"""Values of OneRoster's JSON to the form in which they are kept, and metadata within bounds.

Lenient, as senders are: a boolean may be true or "true", a number may be a text, a reference an id
alone, a list of one its only element. Every function raises InvalidValueError and nothing else.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from services.evidence.domain.oneroster.faults import InvalidValueError
from services.evidence.domain.oneroster.fields import Field, FieldType
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.oneroster.values import (
    MAX_VALUES,
    assumed,
    id_of,
    scalar_text,
    shortest,
    single_of,
    text_of,
)
from services.evidence.domain.source_object import Json

MAX_METADATA_DEPTH: Final = 8
"""Lists and objects within each other: far more than any sender has, far less than a stack."""

_DISPENSABLE: Final = frozenset({"type", "username", "profileType", "vendorId"})
"""Fields of structures that the standard demands, and that nothing here needs."""


def json_value(field: Field, raw: Json) -> Json:
    """Return what a field says; None where it says nothing."""
    if field.type in (FieldType.TEXTS, FieldType.WORDS, FieldType.REFERENCES, FieldType.STRUCTURES):
        values = (_element(field, one) for one in _elements(raw))
        return [value for value in values if value is not None] or None
    return _element(field, raw)


def _elements(raw: Json) -> Sequence[Json]:
    """Return the elements of a list; a single value is a list of one."""
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        if len(raw) > MAX_VALUES:
            raise InvalidValueError(
                "too_many_values", f"has more than {MAX_VALUES} values.", "Send fewer values."
            )
        return raw
    return () if raw is None else (raw,)


def _element(field: Field, raw: Json) -> Json:
    """Return a single value, or one element of a list."""
    if raw is None or raw == "":
        return None
    if field.type in (FieldType.REFERENCE, FieldType.REFERENCES):
        return _reference(field, raw)
    if field.type is FieldType.STRUCTURES:
        return _structure(field, raw)
    if field.type is FieldType.METADATA:
        return metadata_of(raw)
    return single_of(field, scalar_text(raw), exact=False)


def _reference(field: Field, raw: Json) -> Json:
    assert field.target is not None
    named = raw.get("sourcedId") if isinstance(raw, Mapping) else raw
    if named is None:
        raise InvalidValueError(
            "invalid_reference", "has no sourcedId.", 'Send {"sourcedId": ..., "type": ...}.'
        )
    sourced_id = id_of(scalar_text(named), exact=False)
    return {"sourcedId": sourced_id, "type": SCHEMA[field.target].singular}


def _structure(field: Field, raw: Json) -> Json:
    """Return a structure with the fields that the standard knows; others are left out."""
    if not isinstance(raw, Mapping):
        raise InvalidValueError("invalid_structure", "holds what is no object.", "Send objects.")
    values: dict[str, Json] = {}
    for one in field.fields:
        value = None if one.secret else json_value(one, raw.get(one.name))
        value = assumed(one) if value is None and one.required else value
        if value is not None:
            values[one.name] = value
        elif one.required and one.name not in _DISPENSABLE and not one.secret:
            raise InvalidValueError(
                "missing_value", f"has an element without {one.name}.", f"Send its {one.name}."
            )
    return values


def metadata_of(raw: Json) -> Json:
    """Return metadata as it can be kept; None where there is none."""
    if not isinstance(raw, Mapping):
        raise InvalidValueError("invalid_structure", "is no object.", "Send an object.")
    return keepable(raw, depth=MAX_METADATA_DEPTH) or None


def keepable(raw: Json, *, depth: int) -> Json:
    """Return any JSON as it can be kept, with at most so many lists and objects within it."""
    if isinstance(raw, str):
        return text_of(raw)
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, int | Decimal):
        return shortest(raw)
    if depth == 0:
        raise InvalidValueError(
            "nested_too_deep", "is nested too deep.", "Send metadata without deep nesting."
        )
    if isinstance(raw, Mapping):
        pairs = zip(_elements(list(raw)), raw.values(), strict=True)
        return {text_of(scalar_text(key)): keepable(one, depth=depth - 1) for key, one in pairs}
    if isinstance(raw, Sequence):
        return [keepable(one, depth=depth - 1) for one in _elements(raw)]
    raise InvalidValueError("invalid_value", "holds what is no JSON.", "Send JSON.")
