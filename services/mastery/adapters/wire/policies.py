"""Versions of a district's policy as messages, and their names and pages."""

from __future__ import annotations

from typing import Final

from trellis.mastery.v1 import policy_service_pb2

from services.common.ids import ResourceName
from services.mastery.adapters.documents import to_json
from services.mastery.adapters.wire.mastery import time_to
from services.mastery.adapters.wire.page_tokens import page_token_to, place_from
from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.policies import DEFAULT_VERSION, PolicyVersion

POLICY: Final = ResourceName("districts/{district}/policies/{policy}")

VERSION_MAXIMUM: Final = 2**63 - 1

_LISTED: Final = "policy"
_DIGITS: Final = len(str(VERSION_MAXIMUM))


def policy_to(
    district: str, version: PolicyVersion, *, kept: bool = True
) -> policy_service_pb2.Policy:
    """Return a version as a message; one that is not kept has no time of creation."""
    message = policy_service_pb2.Policy(
        name=POLICY.format(district, str(version.version)),
        version=version.version,
        document=to_json(version.document),
        note=version.note,
        actor=version.actor,
    )
    if version.version != DEFAULT_VERSION:
        message.effective_time.CopyFrom(time_to(version.effective_us))
        if kept:
            message.create_time.CopyFrom(time_to(version.create_us))
    return message


def version_from(number: int, *, field: str) -> int:
    """Return the number of a version; raises InvalidRequestError."""
    if number < DEFAULT_VERSION:
        raise InvalidRequestError(field=field, message=f"is {number}; versions begin with 0.")
    return number


def page_token_of(before: int | None) -> str:
    """Return the token of the page of versions below one; empty for none."""
    return "" if before is None else page_token_to(_LISTED, str(before))


def page_token_from(token: str) -> int | None:
    """Return the version of a page token, None of an empty one; raises InvalidRequestError."""
    return int(place_from(token, _LISTED, _is_version)) if token else None


def _is_version(text: str) -> bool:
    return len(text) <= _DIGITS and text.isdecimal() and int(text) <= VERSION_MAXIMUM
