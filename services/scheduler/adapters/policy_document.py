"""A school's policy as a document: YAML or JSON of the contract's own field names.

What a document leaves out has its default. What its values may be, `domain/policy.py` says.
"""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.descriptor import EnumDescriptor
from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.contract_document import NOT_SAID, Form, read_document
from services.scheduler.adapters.wire.settings import Parent, policy_from, policy_to
from services.scheduler.domain.numbers import Tier
from services.scheduler.domain.policy import SchoolPolicy

_POLICY: Final[Any] = week_pb2.Policy.DESCRIPTOR
FORM: Final = Form(kind=_POLICY, what="policy", page="docs/problem.md")


def read_policy(text: str, parent: Parent, *, is_json: bool) -> SchoolPolicy:
    """Return the policy that a text says, unchecked.

    Raises DocumentError, and InvalidSettingError for a clock that is none.
    """
    document = read_document(text, FORM, is_json=is_json)
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
    for name, enum in _enums().items():
        found[name] = FORM.words(enum)[enum.values_by_name[found[name]].number]
    return {name: held for name, held in found.items() if name not in NOT_SAID}


def _as_contract(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the numbers of its enums in place of their words."""
    said = dict(document)
    for name, enum in _enums().items():
        if name in said:
            said[name] = FORM.numbers(enum)[said[name]]
    return said


def _enums() -> Mapping[str, EnumDescriptor]:
    return {one.name: one.enum_type for one in FORM.kind.fields if one.enum_type is not None}
