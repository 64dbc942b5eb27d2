"""Documents of settings: YAML or JSON of the contract's own field names, held to their form.

Everything that is wrong with the form of a document is told at once, each with its place; what its
values may be, the domain says. `policy_document.py` and `calendar_document.py` are of this.
"""

import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import yaml
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

MAX_BYTES: Final = 256 * 1024
NOT_SAID: Final = frozenset({"name", "version"})
"""Which school it is the command says, and the version the service."""
_INT: Final = "tag:yaml.org,2002:int"
_PLAIN_INT: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)$")
_DROPPED: Final = frozenset({_INT, "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"})


@dataclass(frozen=True, kw_only=True)
class DocumentFault:
    """What is wrong with a document: where, why, and what to do."""

    place: str
    why: str
    hint: str


class DocumentError(Exception):
    """A text that is no such document; `faults` has all that is wrong with its form."""

    def __init__(self, faults: Sequence[DocumentFault]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.why}" for one in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a document says: `kind` is the message, `page` has every field in words.

    what: as in "policy". joint: between the words of a value, as in "us-letter".
    """

    kind: Descriptor
    what: str
    page: str
    joint: str = "-"

    def words(self, enum: EnumDescriptor) -> Mapping[int, str]:
        """Return the words of an enum by its numbers; empty: not said."""
        prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
        return {
            one.number: one.name.removeprefix(prefix).lower().replace("_", self.joint)
            if one.number
            else ""
            for one in enum.values
        }

    def numbers(self, enum: EnumDescriptor) -> Mapping[str, int]:
        """Return the numbers of an enum by its words."""
        return {word: number for number, word in self.words(enum).items()}

    def names(self, kind: Descriptor) -> Sequence[str]:
        """Return the fields that a document may say of a message."""
        top = kind is self.kind
        return [one.name for one in kind.fields if not (top and one.name in NOT_SAID)]


def read_document(text: str, form: Form, *, is_json: bool) -> dict[str, Any]:
    """Return what a text says, held to its form. Raises DocumentError."""
    document = _document(text, form, is_json=is_json)
    faults = list(_faults(document, form, form.kind, ""))
    if faults:
        raise DocumentError(faults)
    found: dict[str, Any] = document
    return found


def to_yaml(document: Mapping[str, Any]) -> str:
    """Return a document as YAML, its fields in their order."""
    text: str = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)
    return text


def _document(text: str, form: Form, *, is_json: bool) -> Any:  # noqa: ANN401
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise _unreadable(
            f"has more than {MAX_BYTES // 1024} KiB.", f"Keep to what a {form.what} says."
        )
    try:
        if is_json:
            found = json.loads(text, object_pairs_hook=_once)
        else:
            found = yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        language = "JSON" if is_json else "YAML"
        raise _unreadable(f"is no {language}: {error}.", "Mend it where it says.") from error
    return found


def _only(form: Form) -> str:
    return f"Keep to what a {form.what} says."


def _unreadable(why: str, hint: str) -> DocumentError:
    return DocumentError([DocumentFault(place="the file", why=why, hint=hint)])


def _faults(held: Any, form: Form, kind: Descriptor, place: str) -> Iterator[DocumentFault]:  # noqa: ANN401
    """Yield what is wrong with the form of a mapping."""
    if not isinstance(held, Mapping):
        yield DocumentFault(
            place=place or "the file",
            why="is no mapping of names to values.",
            hint=f"Its names are {', '.join(form.names(kind))}.",
        )
        return
    for name, value in held.items():
        where = f"{place}.{name}" if place else str(name)
        if name not in form.names(kind):
            yield DocumentFault(place=where, why="is no field.", hint=_nearest(name, form, kind))
        else:
            yield from _value_faults(value, form, kind.fields_by_name[name], where)


def _value_faults(
    value: object, form: Form, one: FieldDescriptor, place: str
) -> Iterator[DocumentFault]:
    if one.is_repeated:
        if not isinstance(value, list):
            yield DocumentFault(
                place=place, why="is no list.", hint="Write [ … ], or lines with -."
            )
            return
        for index, each in enumerate(value):
            yield from _single_faults(each, form, one, f"{place}[{index}]")
    else:
        yield from _single_faults(value, form, one, place)


def _single_faults(
    value: object, form: Form, one: FieldDescriptor, place: str
) -> Iterator[DocumentFault]:
    if one.message_type is not None:
        yield from _faults(value, form, one.message_type, place)
        return
    found = _plain_fault(value, form, one)
    if found is not None:
        why, hint = found
        yield DocumentFault(place=place, why=why, hint=hint)


def _plain_fault(value: Any, form: Form, one: FieldDescriptor) -> tuple[str, str] | None:  # noqa: ANN401
    """Return why a plain value is none, and what to do; None: it is one."""
    if one.enum_type is not None:
        words = tuple(form.words(one.enum_type).values())
        shown = " or ".join(word for word in words if word)
        return None if value in words else ("is none that there is.", f"Write {shown}.")
    if one.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        fits = isinstance(value, bool)
        return None if fits else ("is neither yes nor no.", "Write true or false.")
    if one.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return None if isinstance(value, str) else ("is no text.", "Put it in quotes.")
    return _number_fault(value, form)


def _number_fault(value: Any, form: Form) -> tuple[str, str] | None:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int):
        return "is no whole number.", "Write digits alone."
    if not -(2**31) <= value < 2**31:
        return "is too large.", f"See {form.page}."
    return None


def _nearest(name: object, form: Form, kind: Descriptor) -> str:
    near = get_close_matches(str(name), form.names(kind), n=1)
    return f"Did you mean {near[0]}?" if near else f"{form.page} has every field of a {form.what}."


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases and names twice, in which 10:20 is a clock and never a number."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (as the base class has it)
        first: [one for one in resolvers if one[0] not in _DROPPED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
        """Refuse aliases: a few lines of them can fill a memory."""
        if self.check_event(yaml.AliasEvent):
            raise ValueError("an alias (*) has no place here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401
        """Return a mapping; raises ValueError for a name that comes twice."""
        return _once(
            [
                (self.construct_object(key, deep=True), self.construct_object(value, deep=True))
                for key, value in node.value
            ]
        )


_Loader.add_implicit_resolver(_INT, _PLAIN_INT, list("-+0123456789"))


def _once(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for name, value in pairs:
        if not isinstance(name, str):
            raise ValueError(f"the name {name!a} is no text")
        if name in found:
            raise ValueError(f"the name {name!a} comes twice")
        found[name] = value
    return found
