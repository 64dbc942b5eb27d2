"""From words of a shell to a message: `FIELD=VALUE`, and JSON where a value is more than a word.

name=districts/d/schools/s/weeks/2026-11-30   slot_ids=mon-1 slot_ids=mon-2
cycle.running=true   choices='[{"offer": "districts/…"}]'
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

SAID_AS_TEXT: Final = {"google.protobuf.Timestamp", "google.protobuf.Duration"}
"""Messages that JSON writes as a text, as in 2026-11-19T12:00:00-05:00."""


class WordsError(Exception):
    """The words say no message; the text says which, why and what to do."""


def document_from(words: Iterable[str], message: Descriptor) -> dict[str, Any]:
    """Return what `FIELD=VALUE` words say, in the JSON of the message.

    Raises WordsError.
    """
    document: dict[str, Any] = {}
    for word in words:
        path, equals, value = word.partition("=")
        if not equals:
            raise WordsError(f"{word!r} is not FIELD=VALUE. {_fields_there(message)}")
        _put(document, message, path.split("."), value)
    return document


def fill(message: Message, document: Mapping[str, Any]) -> None:
    """Set the fields of a message from its JSON. Raises WordsError."""
    try:
        json_format.ParseDict(dict(document), message)
    except json_format.ParseError as error:
        # What follows the first line is a list of Python's.
        said = str(error).partition("\n")[0].rstrip(".")
        raise WordsError(f"{said}. --fields shows what there is.") from error


def _put(document: dict[str, Any], message: Descriptor, path: list[str], value: str) -> None:
    field = message.fields_by_name.get(path[0])
    if field is None:
        raise WordsError(f"There is no field {path[0]!r}. {_fields_there(message)}")
    if len(path) > 1:
        _put_below(document, field, path[1:], value)
    elif field.is_repeated and not value.startswith("["):
        document.setdefault(field.name, []).append(_value(field, value))
    else:
        document[field.name] = _json(field, value) if field.is_repeated else _value(field, value)


def _put_below(
    document: dict[str, Any], field: FieldDescriptor, path: list[str], value: str
) -> None:
    """Put a value into a field of the message that stands in a field."""
    if field.is_repeated or field.message_type is None:
        raise WordsError(f"{field.name!r} has no fields that a dot could name: give it a value.")
    _put(document.setdefault(field.name, {}), field.message_type, path, value)


def _value(field: FieldDescriptor, value: str) -> object:
    if field.type == FieldDescriptor.TYPE_BOOL:
        if value not in ("true", "false"):
            raise WordsError(f"{field.name} is true or false, not {value!r}.")
        return value == "true"
    if field.message_type is not None and field.message_type.full_name not in SAID_AS_TEXT:
        return _json(field, value)
    if field.enum_type is not None and value not in field.enum_type.values_by_name:
        there = ", ".join(field.enum_type.values_by_name)
        raise WordsError(f"{field.name} has no value {value!r}. There are: {there}.")
    return value


def _json(field: FieldDescriptor, value: str) -> object:
    try:
        found: object = json.loads(value)
    except json.JSONDecodeError as error:
        raise WordsError(
            f"{field.name} is no JSON: {error.msg} at character {error.pos + 1}. "
            "Put it into single quotes, with names and texts in double ones."
        ) from error
    return found


def _fields_there(message: Descriptor) -> str:
    there = ", ".join(field.name for field in message.fields)
    return f"There are: {there}." if there else "It has none."
