"""How others call people, sections and competencies: references that are looked up on arrival.

A system rarely knows Trellis' own names. It says "the learner with this sourced id" or "the
competency with this CASE identifier"; the alias table and the frameworks say whom and what that
means. Equal references must compare equal, so they are normalised when they are made. It must not
know where aliases are kept.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

MAX_REFERENCE_LENGTH: Final = 512

CODE_PREFIXES: Final = ("ccss.math.content.", "ccss.ela-literacy.", "ccss.math.practice.")
"""What is written before codes of the Common Core in some places and left out in others."""

_URN_UUID: Final = "urn:uuid:"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class ReferenceKind(IntEnum):
    """What kind of id a reference to a person or a section is. The numbers are the contract's."""

    SOURCED_ID = 1
    """The id in one system's exchange: OneRoster's sourcedId, Ed-Fi's StudentUniqueId."""
    SIS_NUMBER = 2
    """The district's own number of the person, the same in every system that knows it."""
    LMS_UUID = 3
    EMAIL = 4
    XAPI_ACCOUNT = 5
    """Home page and name, joined by a vertical bar."""
    LTI_USER = 6
    """Issuer and subject, joined by a vertical bar."""


DISTRICT_WIDE: Final = frozenset({ReferenceKind.SIS_NUMBER, ReferenceKind.EMAIL})
"""Kinds that mean the same whoever says them; the others need the system whose ids they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """How a system calls a person or a section.

    system: the source whose ids these are; empty for kinds that are DISTRICT_WIDE.
    """

    kind: ReferenceKind
    value: str
    system: str = ""


def reference(kind: ReferenceKind, value: str, system: str = "") -> Reference:
    """Return a normalised reference: trimmed, an e-mail in small letters, no system if it has none.

    Two systems that write one e-mail differently mean one person.
    """
    text = value.strip()
    return Reference(
        kind=kind,
        value=text.lower() if kind is ReferenceKind.EMAIL else text,
        system="" if kind in DISTRICT_WIDE else system,
    )


class CompetencyReferenceKind(IntEnum):
    """What kind of id a reference to a competency is. The numbers are the contract's."""

    CASE_UUID = 1
    CASE_URI = 2
    HUMAN_CODE = 3
    """The code that people write, as in "6.RP.A.1"; unique within a framework at most."""
    LOCAL = 4
    """The competency's own id in Trellis."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompetencyReference:
    """How a system calls a competency. framework: its id in Trellis; empty where unknown."""

    kind: CompetencyReferenceKind
    value: str
    framework: str = ""


def competency_reference(value: str, framework: str = "") -> CompetencyReference:
    """Return the reference that a free text is: a CASE UUID in any writing, a URI, else a code.

    CASE ids travel bare, as "urn:uuid:…" and within IRIs; the UUID is what they have in common.
    """
    text = value.strip()
    bare = text[len(_URN_UUID) :] if text.lower().startswith(_URN_UUID) else text
    if _UUID.fullmatch(bare):
        return CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=str(UUID(bare)))
    if "://" in text:
        return CompetencyReference(kind=CompetencyReferenceKind.CASE_URI, value=text)
    return CompetencyReference(
        kind=CompetencyReferenceKind.HUMAN_CODE, value=text, framework=framework
    )


def code_key(code: str) -> str:
    """Return what codes are compared by: in small letters, without spaces and known prefixes."""
    key = "".join(code.split()).casefold()
    prefix = next((one for one in CODE_PREFIXES if key.startswith(one)), "")
    return key[len(prefix) :]


def uri_key(uri: str) -> str:
    """Return what addresses are compared by: without scheme, final slash and capitals of the host.

    One object is given out under http and https.
    """
    _, separator, rest = uri.strip().partition("://")
    host, slash, path = (rest if separator else uri.strip()).partition("/")
    return f"{host.lower()}{slash}{path}".rstrip("/")
