"""Assessments, their items and objectives, and sittings and grades: kept as Ed-Fi's own.

Neither OneRoster nor CASE can hold them. An item and an objective also say what they are about;
records name them by the keys that `item_key` and `objective_key` make.
"""

import hashlib
from decimal import Decimal
from typing import Final

from services.evidence.domain.edfi.fields import Fields, kept, milli
from services.evidence.domain.edfi.objects import object_of, reading_of
from services.evidence.domain.edfi.standards import Identifiers, standard_reference
from services.evidence.domain.edfi.words import RAW_SCORE
from services.evidence.domain.source_object import ItemAlignment, Reading, SourceSettings

MAX_ITEM_KEY_LENGTH: Final = 256
"""As long as the item of a record may be."""

_BAR: Final = "|"
_OBJECTIVE: Final = "objective"
_DIGEST_DIGITS: Final = 32


def item_key(reference: Fields) -> str:
    """Return under which key records name an item; reference: an assessmentItemReference."""
    return _key(reference)


def objective_key(reference: Fields) -> str:
    """Return the same of an objective, which may have the code of an item."""
    return _key(reference, _OBJECTIVE)


def assessment_of(key: str) -> str:
    """Return the identifier of the assessment of an item or objective from its key.

    Empty where the key does not say it: that of another format, or one that is a hash.
    """
    parts = key.split(_BAR)
    if len(parts) == 3 or (len(parts) == 4 and parts[2] == _OBJECTIVE):
        return parts[1]
    return ""


def read_assessment(document: Fields, _settings: SourceSettings) -> Reading:
    """Return an assessment."""
    document.needed("assessmentTitle")
    return reading_of("assessments", document, kept(document.values))


def read_item(document: Fields, identifiers: Identifiers) -> Reading:
    """Return an item, and what it is about where it says so.

    An item without a standard is kept all the same: a district may align it later.
    """
    one = object_of("assessmentItems", document, kept(document.values))
    key = item_key(_own_reference(document))
    return Reading(objects=(one,), alignments=_alignment(document, key, identifiers))


def read_objective(document: Fields, identifiers: Identifiers) -> Reading:
    """Return an objective, and what it is about where it says so."""
    one = object_of("objectiveAssessments", document, kept(document.values))
    key = objective_key(_own_reference(document))
    return Reading(objects=(one,), alignments=_alignment(document, key, identifiers))


def read_student_assessment(document: Fields, _settings: SourceSettings) -> Reading:
    """Return one learner's sitting of an assessment; what it shows is read by `scores`."""
    document.inner("studentReference").needed("studentUniqueId")
    return reading_of("studentAssessments", document, kept(document.values))


def read_grade(document: Fields, _settings: SourceSettings) -> Reading:
    """Return a grade; what it shows is read by `standard_grades`."""
    return reading_of("grades", document, kept(document.values))


def _own_reference(document: Fields) -> Fields:
    """Return an item as a reference to it would be."""
    assessment = document.inner("assessmentReference")
    code = document.needed("identificationCode")
    return Fields(values={**assessment.values, "identificationCode": code}, path=assessment.path)


def _key(reference: Fields, *kind: str) -> str:
    parts = (
        reference.needed("namespace"),
        reference.needed("assessmentIdentifier"),
        *kind,
        reference.needed("identificationCode"),
    )
    key = _BAR.join(parts)
    if len(key) <= MAX_ITEM_KEY_LENGTH and not any(_BAR in part for part in parts):
        return key
    # A bar within a part could make two keys the same; the separator of the hash is in no text.
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:_DIGEST_DIGITS]


def _alignment(document: Fields, key: str, identifiers: Identifiers) -> tuple[ItemAlignment, ...]:
    references = [
        standard_reference(one.inner("learningStandardReference"), identifiers)
        for one in document.each("learningStandards")
    ]
    if not references:
        return ()
    maximum = _maximum(document)
    return (
        ItemAlignment(
            item=key,
            references=tuple((one, 0) for one in dict.fromkeys(references)),
            maximum_milli=None if maximum is None or maximum <= 0 else milli(maximum),
        ),
    )


def _maximum(document: Fields) -> Decimal | None:
    """Return the points that can be had: as such, else the highest raw score."""
    maximum = document.number("maxRawScore")
    if maximum is not None:
        return maximum
    for score in document.each("scores"):
        if score.code("assessmentReportingMethodDescriptor").lower() in RAW_SCORE:
            return score.number("maximumScore")
    return None
