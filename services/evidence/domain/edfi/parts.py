"""One item or objective of a sitting, and what both have in common: alignment, score, refusal."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.evidence.domain.edfi.fields import Fields, milli
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.observations import Contents, PartRefusal
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import ItemAlignment

ITEM: Final = "assessmentItemReference"
OBJECTIVE: Final = "objectiveAssessmentReference"

MAX_CODE_LENGTH: Final = 64
"""Of a code that stands in the name of a part; Ed-Fi's longest has 60 characters."""

_DIGEST_DIGITS: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One item or objective of a sitting.

    name: as the part of an observation. score: points in thousandths or a level; neither where
    nothing was scored. alignment: what it is about.
    """

    name: str
    alignment: ItemAlignment
    fields: Fields
    points: tuple[int, int] | None = None
    level_milli: int | None = None

    @property
    def scored(self) -> bool:
        """Whether anything was scored."""
        return self.points is not None or self.level_milli is not None


def alignment_of(key: str, surroundings: Contents) -> ItemAlignment:
    """Return what a part is about; raises RefusedError where nothing says it."""
    alignment = surroundings.items.get(key)
    if alignment is None or not alignment.references:
        raise RefusedError(
            RefusalReason.UNALIGNED_ITEM,
            "item",
            # Whole, however long: it is what somebody copies into a file of alignments.
            f"Nothing says which competency the item {key!r} is about.",
            "Send the assessment item or the objective with its learning standards, or add the"
            " item's alignment (import-alignments); the sitting is then read again.",
        )
    return alignment


def check_new(name: str, parts: Mapping[str, Part]) -> None:
    """Refuse a part that the sitting has already."""
    if name in parts:
        raise RefusedError(
            RefusalReason.DUPLICATE,
            "identificationCode",
            "The sitting has this item or objective twice.",
            "Send each once.",
        )


def earned_milli(fields: Fields, name: str, number: Decimal) -> int:
    """Return a score in thousandths; refuses one below nothing."""
    if number < 0:
        raise unknown_score(
            fields.at(name), "The score is below nothing.", "Send a score of 0 or more."
        )
    return milli(number)


def unknown_score(path: str, message: str, hint: str) -> RefusedError:
    """Return the refusal of a score that says nothing."""
    return RefusedError(RefusalReason.SCORE_OUT_OF_RANGE, path, message, hint)


def refusal_of(name: str, error: RefusedError, key: str) -> PartRefusal:
    """Return a part that is refused; one without an alignment waits for it under its key."""
    waits = error.refusal.reason is RefusalReason.UNALIGNED_ITEM
    return PartRefusal(part=name, refusal=error.refusal, item=key if waits else "")


def key_or_nothing(reference: Fields, key_of: Callable[[Fields], str]) -> str:
    """Return the key of what a reference names, empty where it names nothing."""
    try:
        return key_of(reference)
    except RefusedError:
        return ""


def part_name(kind: str, code: str) -> str:
    """Return what tells a part of an object from its others, the same in each version of it."""
    if len(code) > MAX_CODE_LENGTH:
        code = "." + hashlib.sha256(code.encode()).hexdigest()[:_DIGEST_DIGITS]
    return f"{kind}/{code}"
