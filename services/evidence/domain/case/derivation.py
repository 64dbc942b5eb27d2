"""From the objects of a framework to the framework and the competencies that Trellis works with.

The identifier of an item is the id of its competency, so that what learners have earned stays with
it through every new version of the framework. What a publisher does not know is the district's: the
mark `essential`, and prerequisites where the framework has none of its own; both are kept as they
stand.

Which items are competencies. An item is one if its type says that a learner can come to do it
(COMPETENCY_TYPES); it is none if its type says that it is a heading or an explanation
(CONTAINER_TYPES). An item of another type or of none is a competency if nothing stands within it.
A district that wants to follow clusters names that type in its settings.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.evidence.domain.case.outline import Outline, outline_of
from services.evidence.domain.case.prerequisites import RefusedAssociation, prerequisites_of
from services.evidence.domain.case.values import URN_UUID, link_of, text_of, uuid_of
from services.evidence.domain.case.wording import (
    SUBJECTS,
    grade_of,
    label_of,
    plain_text,
    subject_of,
)
from services.evidence.domain.framework import (
    MAX_CODE_LENGTH,
    MAX_DISPLAY_NAME_LENGTH,
    Competency,
    Framework,
)
from services.evidence.domain.references import MAX_REFERENCE_LENGTH
from services.evidence.domain.source_object import Json
from services.evidence.domain.texts import UNPRINTABLE

COMPETENCY_TYPES: Final = frozenset(
    {
        "benchmark",
        "competency",
        "component",
        "content standard",
        "element",
        "expectation",
        "indicator",
        "learning objective",
        "learning target",
        "objective",
        "outcome",
        "performance expectation",
        "performance indicator",
        "skill",
        "standard",
        "student expectation",
        "sub-standard",
        "substandard",
    }
)
"""Types of items, in small letters, that learners can come to do."""

CONTAINER_TYPES: Final = frozenset(
    {
        "anchor standard",
        "area",
        "category",
        "chapter",
        "cluster",
        "conceptual category",
        "course",
        "domain",
        "framework",
        "general requirements",
        "grade",
        "grade band",
        "grade level",
        "grade/course",
        "heading",
        "implementation",
        "introduction",
        "knowledge and skills",
        "section",
        "strand",
        "subchapter",
        "subject",
        "topic",
        "unit",
    }
)
"""Types of items, in small letters, that hold or explain others."""

CODE_MARK: Final = "~"
"""Between a code that several items share and what tells them apart."""

_SHORT_ID: Final = 8
"""Digits of an identifier that tell items with one code apart, and can still be read out."""

DEFAULT_SUBJECT: Final = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameworkSettings:
    """How a district reads frameworks where the standard leaves it open; all words small letters.

    A type in both sets is a competency. subjects: its word by the publisher's. default_subject: of
    a framework that says none.
    """

    competency_types: frozenset[str] = COMPETENCY_TYPES
    container_types: frozenset[str] = CONTAINER_TYPES
    subjects: Mapping[str, str] = field(default_factory=lambda: SUBJECTS)
    default_subject: str = DEFAULT_SUBJECT


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the district has beside this framework.

    standing: its competencies of now by id, those of this framework at least. elsewhere: ids of
    competencies of other frameworks, which may lead to one of this.
    """

    standing: Mapping[str, Competency] = field(default_factory=dict)
    elsewhere: Collection[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class DerivedFramework:
    """What follows from the objects of one framework; competencies sorted by id.

    refused: associations from which nothing follows. outside: how many lead out of the district.
    """

    framework: Framework
    competencies: tuple[Competency, ...]
    refused: tuple[RefusedAssociation, ...]
    outside: int


def framework_of(document: Mapping[str, Json]) -> Framework:
    """Return the framework of a CFDocument's content: id is the identifier."""
    identifier = uuid_of(document.get("identifier")) or ""
    title = plain_text(text_of(document.get("title")) or "", MAX_DISPLAY_NAME_LENGTH)
    return Framework(id=identifier, display_name=title or identifier)


def derive_framework(
    document: Mapping[str, Json],
    items: Sequence[Mapping[str, Json]],
    associations: Sequence[Mapping[str, Json]],
    *,
    settings: FrameworkSettings,
    surroundings: Surroundings,
) -> DerivedFramework:
    """Return the framework and its competencies from the contents of its source objects.

    Items whose publisher has replaced or ended them are competencies still: what was earned stays.
    """
    outline = outline_of(associations)
    kept = competency_items(items, outline, settings)
    codes = codes_of(kept)
    known = {**dict.fromkeys(surroundings.elsewhere, ""), **codes}
    before = prerequisites_of(associations, known, codes)
    by_id = _by_id(items)
    competencies = [
        competency_of(
            by_id[identifier],
            document,
            code=codes[identifier],
            above=[by_id[one] for one in outline.ancestors(identifier) if one in by_id],
            settings=settings,
        )
        for identifier in sorted(codes)
    ]
    # A framework that orders nothing leaves the order to the district.
    orders = any(before.of.values())
    return DerivedFramework(
        framework=framework_of(document),
        competencies=tuple(
            _with_district(
                one,
                surroundings.standing.get(one.id),
                before.of.get(one.id, ()) if orders else None,
            )
            for one in competencies
        ),
        refused=before.refused,
        outside=before.outside,
    )


def competency_items(
    items: Iterable[Mapping[str, Json]], outline: Outline, settings: FrameworkSettings
) -> list[Mapping[str, Json]]:
    """Return those items that are competencies."""
    return [item for item in items if is_competency(item, outline, settings)]


def is_competency(item: Mapping[str, Json], outline: Outline, settings: FrameworkSettings) -> bool:
    """Whether an item is a competency: by its type, else if nothing stands within it."""
    linked = link_of(item.get("CFItemTypeURI"))
    named = text_of(item.get("CFItemType")) or (linked.title if linked else "")
    word = named.strip().casefold()
    if word in settings.competency_types:
        return True
    if word in settings.container_types:
        return False
    return outline.is_leaf(uuid_of(item.get("identifier")) or "")


def codes_of(items: Iterable[Mapping[str, Json]]) -> dict[str, str]:
    """Return a code for each item by identifier, no two the same.

    The human coding scheme, where it can be one; else the identifier. Of several items with one
    code none has the better claim: each gets it with the beginning of its identifier, so that the
    result does not depend on their order. Where one of them alone is still in force, it keeps the
    bare code.
    """
    bare = {uuid_of(item.get("identifier")) or "": item for item in items}
    wanted = {identifier: bare_code_of(item) or identifier for identifier, item in bare.items()}
    in_force = {one for one, item in bare.items() if not text_of(item.get("statusEndDate"))}
    for length in (_SHORT_ID, MAX_CODE_LENGTH):
        for identifier in _without_claim(wanted, in_force):
            code = bare_code_of(bare[identifier]) or identifier
            wanted[identifier] = _marked(code, identifier, length)
    return wanted


def told_apart(former: Competency, taken: Container[str] = ()) -> Competency:
    """Return a competency whose item is gone, with a code that leaves its own to a new item.

    taken: codes that others have.
    """
    code = _marked(former.code, former.id, _SHORT_ID)
    if code in taken:
        code = _marked(former.code, former.id, MAX_CODE_LENGTH)
    return replace(former, code=code)


def _marked(code: str, identifier: str, length: int) -> str:
    mark = f"{CODE_MARK}{identifier[:length]}"
    return code[: MAX_CODE_LENGTH - len(mark)] + mark


def bare_code_of(item: Mapping[str, Json]) -> str | None:
    """Return the code as people write it; None where there is none, or none that can be kept."""
    code = text_of(item.get("humanCodingScheme"))
    if code is None or len(code) > MAX_CODE_LENGTH or UNPRINTABLE.search(code):
        return None
    return code


def competency_of(
    item: Mapping[str, Json],
    document: Mapping[str, Json],
    *,
    code: str,
    above: Sequence[Mapping[str, Json]],
    settings: FrameworkSettings,
) -> Competency:
    """Return the competency of a CFItem's content, without prerequisites and not essential.

    code: from `codes_of`. above: the contents of its containers, nearest first.
    """
    return Competency(
        id=uuid_of(item.get("identifier")) or "",
        framework_id=uuid_of(document.get("identifier")) or "",
        code=code,
        label=label_of(item, code),
        subject=subject_of(item, document, settings.subjects, settings.default_subject),
        grade=grade_of(item, above),
        essential=False,
        uri=uri_of(item),
    )


def uri_of(item: Mapping[str, Json]) -> str:
    """Return the publisher's address of an item; a URN where it has none, or none that is short."""
    uri = text_of(item.get("uri")) or ""
    if uri and len(uri) <= MAX_REFERENCE_LENGTH and not UNPRINTABLE.search(uri):
        return uri
    return f"{URN_UUID}{uuid_of(item.get('identifier'))}"


def _with_district(
    derived: Competency, standing: Competency | None, prerequisites: tuple[str, ...] | None
) -> Competency:
    """Return the competency with what the district says of it; prerequisites None: its own."""
    own = standing.prerequisites if standing is not None else ()
    return replace(
        derived,
        essential=standing.essential if standing is not None else False,
        prerequisites=own if prerequisites is None else prerequisites,
    )


def _without_claim(wanted: Mapping[str, str], in_force: Collection[str]) -> list[str]:
    """Return the identifiers whose code others want as well."""
    sharers: dict[str, list[str]] = {}
    for identifier, code in wanted.items():
        sharers.setdefault(code, []).append(identifier)
    without: list[str] = []
    for several in sharers.values():
        current = [one for one in several if one in in_force]
        keeper = several[0] if len(several) == 1 else current[0] if len(current) == 1 else None
        without.extend(one for one in several if one != keeper)
    return without


def _by_id(items: Iterable[Mapping[str, Json]]) -> dict[str, Mapping[str, Json]]:
    return {uuid_of(item.get("identifier")) or "": item for item in items}
