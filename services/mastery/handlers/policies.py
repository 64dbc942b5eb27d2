"""A district's policy: which one is in force, its versions, and putting a new one."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.errors import (
    PolicyChangedError,
    PolicyDocumentError,
    PolicyNotFoundError,
    PolicyProblem,
    UnreadablePolicyError,
)
from services.mastery.domain.model import DEFAULT_POLICY, Policy
from services.mastery.domain.policies import (
    DEFAULT_IN_FORCE,
    DEFAULT_VERSION,
    PolicyInForce,
    PolicyVersion,
    check_effective,
)
from services.mastery.domain.policy_document import (
    DOCUMENT_BYTES,
    Document,
    read_document,
    write_document,
)
from services.mastery.handlers.checks import check_note, page_limit
from services.mastery.ports.policies import Policies, PolicyReader

REMEMBERED: Final = 1_024
"""Policies that a process keeps as they were read: some versions of some hundred districts."""

VERSIONS_MAXIMUM: Final = 50
"""Versions in one answer: with documents of up to 64 KiB, below what a message may hold."""

PAGE_DEFAULT: Final = 20


class PolicyCache:
    """Says which policy is in force; a version never changes, so it is read from its document once.

    When the cache is full, what has not been asked for the longest gives way.
    """

    def __init__(self, *, size: int = REMEMBERED) -> None:
        self._size = size
        self._known: OrderedDict[tuple[str, int], Policy] = OrderedDict()

    async def in_force(self, reader: PolicyReader, district: str, *, at_us: int) -> PolicyInForce:
        """Return the policy in force at a time; raises UnreadablePolicyError."""
        version = await reader.policy_version(district, at_us=at_us)
        if version == DEFAULT_VERSION:
            return DEFAULT_IN_FORCE
        key = (district, version)
        policy = self._known.get(key)
        if policy is None:
            policy = _readable(district, version, await reader.policy_document(district, version))
        self._known[key] = policy
        self._known.move_to_end(key)
        while len(self._known) > self._size:
            self._known.popitem(last=False)
        return PolicyInForce(version=version, policy=policy)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPolicy:
    """What somebody wants to be the next version of a district's policy.

    `effective_us` None means from now on. `expected_version` is the newest one that the caller
    knows of (0: none), None where that does not matter. `validate_only` keeps nothing.
    """

    district: str
    document: object
    effective_us: int | None
    note: str
    actor: str
    expected_version: int | None = None
    validate_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPage:
    """Versions, the newest first; `next_before` is None on the last page."""

    versions: Sequence[PolicyVersion]
    next_before: int | None


async def put_policy(new: NewPolicy, *, now_us: int, policies: Policies) -> PolicyVersion:
    """Keep a new version and return it; what says the same as the newest one changes nothing.

    So a call that is sent again, since its answer was lost, finds its own version. Raises
    InvalidRequestError, PolicyDocumentError, PolicyChangedError, PolicyTooEarlyError.
    """
    check_note(new.note)
    document = written(read_document(new.document))
    async with policies.changing(new.district) as store:
        newest = next(iter(await store.newest(new.district, before=None, limit=1)), None)
        last = newest.version if newest else DEFAULT_VERSION
        made = PolicyVersion(
            version=last + 1,
            effective_us=now_us if new.effective_us is None else new.effective_us,
            document=document,
            note=new.note,
            actor=new.actor,
            create_us=now_us,
        )
        if newest is not None and _is_repeat(new, made, newest):
            return newest
        if new.expected_version not in (None, last):
            raise PolicyChangedError(expected=new.expected_version or 0, newest=last)
        check_effective(made.effective_us, await store.in_force(new.district, at_us=now_us))
        if not new.validate_only:
            await store.add(new.district, made)
    return made


def written(policy: Policy) -> Document:
    """Return the document of a policy as it is kept, with every field.

    Raises PolicyDocumentError where it is too large to be sent again as it stands.
    """
    document = write_document(policy)
    size = len(json.dumps(document))
    if size > DOCUMENT_BYTES:
        problem = PolicyProblem(
            field="document",
            why=f"has {size} bytes as it is kept, with every field.",
            hint=f"At most {DOCUMENT_BYTES} are kept: name fewer competencies.",
        )
        raise PolicyDocumentError([problem])
    return document


def _is_repeat(new: NewPolicy, made: PolicyVersion, newest: PolicyVersion) -> bool:
    """Return whether a call asks for what the newest version is: the call that made it, again."""
    same_time = (
        newest.effective_us <= made.create_us
        if new.effective_us is None
        else newest.effective_us == new.effective_us
    )
    expected = new.expected_version in (None, newest.version, newest.version - 1)
    same = (newest.document, newest.note, newest.actor) == (made.document, made.note, made.actor)
    return same and same_time and expected


async def get_policy(
    district: str, *, at_us: int, version: int | None, policies: Policies
) -> PolicyVersion:
    """Return a version, or where `version` is None the one in force at a time.

    The default policy is version 0, which nobody has put. Raises PolicyNotFoundError.
    """
    if version == DEFAULT_VERSION:
        return _DEFAULT
    async with policies.reading(district) as store:
        if version is None:
            return await store.in_force(district, at_us=at_us) or _DEFAULT
        found = await store.get(district, version)
    if found is None:
        raise PolicyNotFoundError(version=version)
    return found


_DEFAULT: Final = PolicyVersion(
    version=DEFAULT_VERSION,
    effective_us=0,
    document=write_document(DEFAULT_POLICY),
    note="",
    actor="",
    create_us=0,
)


async def list_policies(
    district: str, *, before: int | None, page_size: int, policies: Policies
) -> PolicyPage:
    """Return the versions of a district, the newest first, below one; raises InvalidRequestError.

    The default policy is no version that somebody has put, and is not among them.
    """
    limit = page_limit(page_size, default=PAGE_DEFAULT, maximum=VERSIONS_MAXIMUM)
    async with policies.reading(district) as store:
        found = await store.newest(district, before=before, limit=limit + 1)
    shown = found[:limit]
    return PolicyPage(versions=shown, next_before=shown[-1].version if len(found) > limit else None)


def _readable(district: str, version: int, document: object) -> Policy:
    try:
        return read_document(document)
    except PolicyDocumentError as error:
        raise UnreadablePolicyError(
            district=district, version=version, problem=str(error)
        ) from error
