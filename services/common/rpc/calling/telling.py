"""What methods and their messages are, as lines for a person, from the contracts' own comments."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from services.common.rpc.calling.contracts import Contracts

WIDTH: Final = 100
INDENT: Final = "  "
SCALARS: Final = {
    FieldDescriptor.TYPE_BOOL: "true or false",
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_BYTES: "bytes in base64",
    FieldDescriptor.TYPE_DOUBLE: "number",
    FieldDescriptor.TYPE_FLOAT: "number",
}
"""Every other scalar of the contracts is a whole number."""


def methods(contracts: Contracts) -> Iterator[str]:
    """Yield every method by its service, with what it does in a line."""
    longest = max(len(name) for name in contracts.methods)
    for service, held in contracts.services.items():
        yield f"{service}:"
        for name, method in held.items():
            first = contracts.comment(method).partition(". ")[0].rstrip(".")
            yield from _column(f"{INDENT}{name:<{longest}}  ", first)


def fields(
    contracts: Contracts, method: MethodDescriptor, scopes: Mapping[str, str]
) -> Iterator[str]:
    """Yield what a method does, the scope that it asks for, what is sent and what comes back."""
    yield f"{method.containing_service.name}.{method.name}"
    yield from textwrap.wrap(contracts.comment(method), WIDTH)
    yield f"The token needs the scope {scopes[method.name]!r}."
    for heading, message in (("Sent:", method.input_type), ("Answered:", method.output_type)):
        yield ""
        yield heading
        yield from _message(contracts, message, INDENT, ()) or [f"{INDENT}nothing"]


def _message(
    contracts: Contracts, message: Descriptor, indent: str, above: tuple[str, ...]
) -> Iterator[str]:
    for field in message.fields:
        yield from _hanging(indent, f"{field.name}: {_kind(field)}. {contracts.comment(field)}")
        if field.enum_type is not None:
            for value in field.enum_type.values_by_name:
                said = contracts.comment(field.enum_type, value)
                yield from _hanging(indent + INDENT, f"{value}: {said}" if said else value)
        below = field.message_type
        if below is not None and below.full_name not in above and _is_own(below, message):
            yield from _message(contracts, below, indent + INDENT, (*above, below.full_name))


def _is_own(below: Descriptor, message: Descriptor) -> bool:
    """Whether a message is Trellis's own; those of protobuf are written as one text."""
    return below.file.package.partition(".")[0] == message.file.package.partition(".")[0]


def _kind(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        name = field.message_type.name
        kind = "time, as in 2026-11-19T12:00:00-05:00" if name == "Timestamp" else name
    elif field.enum_type is not None:
        kind = "one of"
    else:
        kind = SCALARS.get(field.type, "whole number")
    return f"list of {kind}" if field.is_repeated else kind


def _hanging(indent: str, said: str) -> Iterator[str]:
    """Yield words at an indent; what does not fit stands below, a little deeper."""
    yield from textwrap.wrap(
        said, WIDTH, initial_indent=indent, subsequent_indent=indent + INDENT * 2
    )


def _column(head: str, said: str) -> Iterator[str]:
    """Yield words beside a head; what does not fit stands below them."""
    first, *others = textwrap.wrap(said, WIDTH - len(head)) or [""]
    yield f"{head}{first}".rstrip()
    yield from (" " * len(head) + line for line in others)
