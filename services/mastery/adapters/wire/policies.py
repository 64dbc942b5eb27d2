"""Versions of a district's policy as messages, and their names and pages."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from trellis.mastery.v1 import policy_service_pb2

from services.common.ids import ResourceName
from services.mastery.adapters.documents import to_json
from services.mastery.adapters.wire.mastery import time_to
from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.policies import DEFAULT_VERSION, PolicyVersion

POLICY: Final = ResourceName("districts/{district}/policies/{policy}")

VERSION_MAXIMUM: Final = 2**63 - 1
TOKEN_CHARACTERS: Final = 64


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


def page_token_to(before: int | None) -> str:
    """Return the token of the page of versions below one; empty for none."""
    if before is None:
        return ""
    return base64.urlsafe_b64encode(f"policy.{before}".encode()).decode()


def page_token_from(token: str) -> int | None:
    """Return the version of a page token, None of an empty one; raises InvalidRequestError."""
    if not token:
        return None
    refused = InvalidRequestError(field="page_token", message="is none that this service gave.")
    if len(token) > TOKEN_CHARACTERS or not token.isascii():
        raise refused
    try:
        text = base64.urlsafe_b64decode(token).decode("ascii")
    except (binascii.Error, ValueError):
        raise refused from None
    kind, _, number = text.partition(".")
    if kind != "policy" or not number.isdecimal() or int(number) > VERSION_MAXIMUM:
        raise refused
    return int(number)
