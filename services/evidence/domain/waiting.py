"""What a record or document waits for, as one text: a name for something that is not known yet.

Whoever makes something known says the same texts, and what waits for one of them is looked at
again. They are hashed before they are kept, as they may hold an e-mail.
"""

import hashlib
from collections.abc import Sequence

from services.evidence.domain.framework import Competency
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    code_key,
    uri_key,
)
from services.evidence.domain.source_object import ObjectKey

_SEPARATOR = "\x1f"


def for_learner(reference: Reference) -> str:
    """Return what waits for a learner with this alias."""
    return _SEPARATOR.join(("learner", str(int(reference.kind)), reference.system, reference.value))


def for_competency(reference: CompetencyReference) -> str:
    """Return what waits for a competency that is called so, whatever its framework."""
    value = reference.value
    if reference.kind is CompetencyReferenceKind.HUMAN_CODE:
        value = code_key(value)
    elif reference.kind is CompetencyReferenceKind.CASE_URI:
        value = uri_key(value)
    return _SEPARATOR.join(("competency", str(int(reference.kind)), value))


def waited_for(one: Competency) -> Sequence[str]:
    """Return all that may wait for a competency that has become known."""
    kinds = CompetencyReferenceKind
    named = [(kinds.CASE_UUID, one.id), (kinds.LOCAL, one.id), (kinds.HUMAN_CODE, one.code)]
    if one.uri:
        named.append((kinds.CASE_URI, one.uri))
    return [for_competency(CompetencyReference(kind=kind, value=value)) for kind, value in named]


def for_item(source: str, item: str) -> str:
    """Return what waits for the alignment of an item."""
    return _SEPARATOR.join(("item", source, item))


def for_object(key: ObjectKey) -> str:
    """Return what waits for a source object."""
    return _SEPARATOR.join(("object", key.collection.value, key.id))


def waiting_key(awaits: str) -> bytes:
    """Return under which 16 bytes this is kept."""
    return hashlib.sha256(awaits.encode("utf-8", "surrogatepass")).digest()[:16]
