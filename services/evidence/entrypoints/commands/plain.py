"""Messages of the API as plain values, for machines that read what a command prints.

    {"quarantine_id": 7, "state": "waiting", "refusal": {"reason": "UNKNOWN_LEARNER", ...}}

The names are the contract's; words of enumerations are in small letters and without the prefix that
they have there, but reasons, which are written in capitals everywhere.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp


class Enumeration(Protocol):
    """The description of an enumeration; protobuf has one of Python's and one of C's."""

    @property
    def name(self) -> str:
        """Return the name of the enumeration."""
        ...

    @property
    def values_by_number(self) -> Mapping[int, Any]:
        """Return the values by their numbers."""
        ...


_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal obeys instead of showing it; but line ends and tabs."""

_IN_CAPITALS: Final = "RefusalReason"


def plain(message: Message) -> dict[str, Any]:
    """Return a message's fields by name; one that is a message and not set is left out."""
    return {
        field.name: _value(field, getattr(message, field.name))
        for field in message.DESCRIPTOR.fields
        if field.is_repeated or not field.has_presence or message.HasField(field.name)
    }


def word(enum: Enumeration, number: int) -> str:
    """Return the word for a number of an enumeration, empty for what says nothing."""
    if number not in enum.values_by_number:
        return str(number)
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    name: str = enum.values_by_number[number].name.removeprefix(prefix)
    if number == 0:
        return ""
    return name if enum.name == _IN_CAPITALS else name.lower()


def iso(time: Timestamp) -> str:
    """Return a time in UTC as ISO 8601, in whole seconds."""
    return time.ToDatetime().isoformat(timespec="seconds") + "Z"


def visible(text: str) -> str:
    """Return a text of somebody else as a terminal may print it, control characters written out.

    What is in quarantine came from outside: it must not clear or retitle the terminal of who looks.
    """
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def as_json(value: object) -> str:
    """Return JSON for people and machines."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _value(field: Any, value: Any) -> Any:  # noqa: ANN401  (a field and whatever it has)
    if field.is_repeated:
        return [_single(field, one) for one in value]
    return _single(field, value)


def _single(field: Any, value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Timestamp):
        return iso(value)
    if isinstance(value, Message):
        return plain(value)
    if field.enum_type is not None:
        return word(field.enum_type, value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
