"""A school's policy as a document: YAML or JSON of the contract's own field names.

What a document leaves out has its default. Everything that is wrong with its form is told at once,
each with its place; what its values may be, `domain/policy.py` says.
"""

import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import yaml
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.wire.settings import Parent, policy_from, policy_to
from services.scheduler.domain.numbers import Tier
from services.scheduler.domain.policy import SchoolPolicy

MAX_BYTES: Final = 256 * 1024
NOT_SAID: Final = frozenset({"name", "version"})
"""Which school it is the command says, and the version the service."""
_POLICY: Final[Any] = week_pb2.Policy.DESCRIPTOR
_INT: Final = "tag:yaml.org,2002:int"
_PLAIN_INT: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)$")
_DROPPED: Final = frozenset({_INT, "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"})


@dataclass(frozen=True, kw_only=True)
class DocumentFault:
    """What is wrong with a document: where, why, and what to do."""

    place: str
    why: str
    hint: str


class PolicyDocumentError(Exception):
    """A text that is no policy; `faults` has all that is wrong with its form."""

    def __init__(self, faults: Sequence[DocumentFault]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.why}" for one in faults))
        self.faults = tuple(faults)


def read_policy(text: str, parent: Parent, *, is_json: bool) -> SchoolPolicy:
    """Return the policy that a text says, unchecked.

    Raises PolicyDocumentError, and InvalidSettingError for a clock that is none.
    """
    document = _document(text, is_json=is_json)
    faults = list(_faults(document, _POLICY, ""))
    if faults:
        raise PolicyDocumentError(faults)
    message = json_format.ParseDict(_as_contract(document), week_pb2.Policy())
    return policy_from(parent, message)


def policy_document(policy: SchoolPolicy, *, whole: bool) -> dict[str, Any]:
    """Return the document of a policy: the whole of it, or what is not the default."""
    said = _plain(policy)
    if whole:
        return said
    default = _plain(SchoolPolicy(school_id=policy.school_id))
    found = {name: held for name, held in said.items() if held != default[name]}
    if "weights" in found:
        found["weights"] = {
            name: held for name, held in said["weights"].items() if held != default["weights"][name]
        }
    return found


def to_yaml(document: Mapping[str, Any]) -> str:
    """Return a document as YAML, its fields in their order."""
    text: str = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)
    return text


def _plain(policy: SchoolPolicy) -> dict[str, Any]:
    message = policy_to("d", policy)
    found: dict[str, Any] = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    for slot in found["slots"]:
        for name in [name for name, held in slot.items() if held in ("", False)]:
            del slot[name]
    for tier in found["tiers"]:
        if tier["below_level_milli"] == Tier(tier_id="", cap=1).below_level_milli:
            del tier["below_level_milli"]
    for name, enum in _enums(_POLICY).items():
        found[name] = _words(enum)[enum.values_by_name[found[name]].number]
    return {name: held for name, held in found.items() if name not in NOT_SAID}


def _as_contract(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the numbers of its enums in place of their words."""
    said = dict(document)
    for name, enum in _enums(_POLICY).items():
        if name in said:
            said[name] = {word: number for number, word in _words(enum).items()}[said[name]]
    return said


def _enums(kind: Descriptor) -> Mapping[str, EnumDescriptor]:
    return {one.name: one.enum_type for one in kind.fields if one.enum_type is not None}


def _words(enum: EnumDescriptor) -> Mapping[int, str]:
    """Return the words of an enum by its numbers, as in "us-letter"; empty: not said."""
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return {
        one.number: one.name.removeprefix(prefix).lower().replace("_", "-") if one.number else ""
        for one in enum.values
    }


def _document(text: str, *, is_json: bool) -> Any:  # noqa: ANN401
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise _unreadable(f"has more than {MAX_BYTES // 1024} KiB.", "Keep to what a policy says.")
    try:
        if is_json:
            found = json.loads(text, object_pairs_hook=_once)
        else:
            found = yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        form = "JSON" if is_json else "YAML"
        raise _unreadable(f"is no {form}: {error}.", "Mend it where it says.") from error
    return found


def _unreadable(why: str, hint: str) -> PolicyDocumentError:
    return PolicyDocumentError([DocumentFault(place="the file", why=why, hint=hint)])


def _faults(held: Any, kind: Descriptor, place: str) -> Iterator[DocumentFault]:  # noqa: ANN401
    """Yield what is wrong with the form of a mapping."""
    if not isinstance(held, Mapping):
        yield DocumentFault(
            place=place or "the file",
            why="is no mapping of names to values.",
            hint=f"Its names are {', '.join(_names(kind))}.",
        )
        return
    for name, value in held.items():
        where = f"{place}.{name}" if place else str(name)
        if name not in _names(kind):
            yield DocumentFault(place=where, why="is no field.", hint=_nearest(name, kind))
        else:
            yield from _value_faults(value, kind.fields_by_name[name], where)


def _value_faults(value: Any, one: FieldDescriptor, place: str) -> Iterator[DocumentFault]:  # noqa: ANN401
    if one.is_repeated:
        if not isinstance(value, list):
            yield DocumentFault(
                place=place, why="is no list.", hint="Write [ … ], or lines with -."
            )
            return
        for index, each in enumerate(value):
            yield from _single_faults(each, one, f"{place}[{index}]")
    else:
        yield from _single_faults(value, one, place)


def _single_faults(value: Any, one: FieldDescriptor, place: str) -> Iterator[DocumentFault]:  # noqa: ANN401
    if one.message_type is not None:
        yield from _faults(value, one.message_type, place)
        return
    found = _plain_fault(value, one)
    if found is not None:
        why, hint = found
        yield DocumentFault(place=place, why=why, hint=hint)


def _plain_fault(value: Any, one: FieldDescriptor) -> tuple[str, str] | None:  # noqa: ANN401
    """Return why a plain value is none, and what to do; None: it is one."""
    if one.enum_type is not None:
        words = tuple(_words(one.enum_type).values())
        shown = " or ".join(word for word in words if word)
        return None if value in words else ("is none that there is.", f"Write {shown}.")
    if one.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        fits = isinstance(value, bool)
        return None if fits else ("is neither yes nor no.", "Write true or false.")
    if one.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return None if isinstance(value, str) else ("is no text.", "Put it in quotes.")
    return _number_fault(value)


def _number_fault(value: Any) -> tuple[str, str] | None:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int):
        return "is no whole number.", "Write digits alone."
    if not -(2**31) <= value < 2**31:
        return "is too large.", "See docs/problem.md."
    return None


def _names(kind: Descriptor) -> Sequence[str]:
    top = kind is _POLICY
    return [one.name for one in kind.fields if not (top and one.name in NOT_SAID)]


def _nearest(name: object, kind: Descriptor) -> str:
    near = get_close_matches(str(name), _names(kind), n=1)
    return f"Did you mean {near[0]}?" if near else "docs/problem.md has every field of a policy."


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases and names twice, in which 10:20 is a clock and never a number."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (as the base class has it)
        first: [one for one in resolvers if one[0] not in _DROPPED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
        """Refuse aliases: a few lines of them can fill a memory."""
        if self.check_event(yaml.AliasEvent):
            raise ValueError("an alias (*) has no place in a policy")
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
