"""Which competency a reference means: by CASE identifier, address or code, across frameworks.

The rules, in this order:

1. An identifier is looked for as it is; an address by what it is the address of, else by the UUID
   in it; a code among the competencies that the district uses, else among all items that it knows.
2. What a publisher has replaced is followed to what has taken its place (`replacedBy`), as far as
   the district uses it: the newest competency of the chain counts. A chain ends where an item was
   replaced by several: what a learner did then cannot be told apart afterwards.
3. What the district does not use is looked for among what means exactly the same (`exactMatchOf`,
   both ways round) or has replaced it, the nearest first. `isRelatedTo` and the rest are not
   followed: what is related is not the same.
4. Where two competencies are equally near, or a code stands for several, the reference is refused
   as ambiguous, and both are named.

A competency that its publisher has retired, and that nothing the district uses has replaced, is
meant by its own identifier still: work is done under the framework that was in force. A container
is no competency: evidence on it is refused until the district counts its type among competencies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.evidence.domain.case.associations import EXACT_MATCH, REPLACED, edges_of
from services.evidence.domain.case.derivation import bare_code_of
from services.evidence.domain.case.reading import document_of
from services.evidence.domain.case.values import text_of, uuid_of, uuid_within
from services.evidence.domain.framework import Competency
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    code_key,
    uri_key,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json

MAX_STEPS: Final = 16
"""Associations followed from one item: frameworks are replaced every seven years or so."""

MAX_LOOKED_AT: Final = 1_000
"""Items looked at for one reference: what means exactly the same is a handful."""

MAX_NAMED: Final = 4
"""Competencies that an ambiguous reference's refusal names."""

_SHOWN_LENGTH: Final = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownItem:
    """An item that a reference can name. framework_id: empty where unknown."""

    id: str
    framework_id: str
    code: str
    uri: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """The competency that a reference means, and the associations that led to it, in order."""

    competency_id: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """One association that can be followed, and where to."""

    association_id: str
    to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Crosswalk:
    """Everything that references of a district are looked up in; `crosswalk_of` makes it."""

    competencies: Mapping[str, Competency]
    items: Mapping[str, KnownItem]
    replaced_by: Mapping[str, Sequence[_Step]]
    same: Mapping[str, Sequence[_Step]]
    competency_codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    item_codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uris: Mapping[str, Sequence[str]] = field(default_factory=dict)


def crosswalk_of(
    competencies: Iterable[Competency],
    items: Iterable[Mapping[str, Json]],
    associations: Sequence[Mapping[str, Json]],
) -> Crosswalk:
    """Return the crosswalk of a district.

    competencies: those that it uses. items: the contents of all its CFItems, also of frameworks
    that it has only for the crosswalk. associations: the contents of all its CFAssociations.
    """
    used = {competency.id: competency for competency in competencies}
    known = {item.id: item for item in map(known_item, items)}
    same: dict[str, list[_Step]] = {}
    for edge in edges_of(associations, EXACT_MATCH):
        same.setdefault(edge.origin, []).append(_Step(association_id=edge.id, to=edge.destination))
        same.setdefault(edge.destination, []).append(_Step(association_id=edge.id, to=edge.origin))
    replaced_by: dict[str, list[_Step]] = {}
    for edge in edges_of(associations, REPLACED):
        step = _Step(association_id=edge.id, to=edge.destination)
        replaced_by.setdefault(edge.origin, []).append(step)
    bare = {one.id: known[one.id].code if one.id in known else "" for one in used.values()}
    return Crosswalk(
        competencies=used,
        items=known,
        replaced_by=replaced_by,
        same=same,
        competency_codes=_index(
            (code_key(code), one.id)
            for one in used.values()
            for code in dict.fromkeys((one.code, bare[one.id]))
            if code
        ),
        item_codes=_index((code_key(one.code), one.id) for one in known.values() if one.code),
        uris=_index((uri_key(one.uri), one.id) for one in known.values() if one.uri),
    )


def known_item(content: Mapping[str, Json]) -> KnownItem:
    """Return what references can name of a CFItem's content."""
    return KnownItem(
        id=uuid_of(content.get("identifier")) or "",
        framework_id=document_of(content) or "",
        code=bare_code_of(content) or "",
        uri=text_of(content.get("uri")) or "",
    )


def resolve(reference: CompetencyReference, crosswalk: Crosswalk) -> Resolution:
    """Return the competency that a reference means.

    Raises RefusedError: UNKNOWN_COMPETENCY where nothing that the district uses is meant, and
    AMBIGUOUS_REFERENCE where it could be several.
    """
    starts = _named(reference, crosswalk)
    found = {
        one.competency_id: one for start in starts for one in _meant(start, reference, crosswalk)
    }
    if len(found) > 1:
        raise _ambiguous(reference, sorted(found), crosswalk)
    if not found:
        raise _unknown(reference, starts, crosswalk)
    return next(iter(found.values()))


def _named(reference: CompetencyReference, crosswalk: Crosswalk) -> Sequence[str]:
    """Return the ids of what a reference names by itself, before any association is followed."""
    kind, value = reference.kind, reference.value
    if kind is CompetencyReferenceKind.CASE_UUID:
        return (uuid_of(value) or value,)
    if kind is CompetencyReferenceKind.CASE_URI:
        by_uri = crosswalk.uris.get(uri_key(value), ())
        within = uuid_within(value)
        return by_uri or (() if within is None else (within,))
    if kind is CompetencyReferenceKind.HUMAN_CODE:
        return _coded(reference, crosswalk)
    return (value,)


def _coded(reference: CompetencyReference, crosswalk: Crosswalk) -> Sequence[str]:
    """Return what has a code: competencies that are used before items that are only known.

    A code that is written exactly so comes before one that only compares equal.
    """
    key = code_key(reference.value)
    used = [
        crosswalk.competencies[one]
        for one in crosswalk.competency_codes.get(key, ())
        if reference.framework in ("", crosswalk.competencies[one].framework_id)
    ]
    exact = [one.id for one in used if one.code == reference.value]
    if used:
        return exact or [one.id for one in used]
    return [
        one
        for one in crosswalk.item_codes.get(key, ())
        if reference.framework in ("", crosswalk.items[one].framework_id)
    ]


def _meant(
    start: str, reference: CompetencyReference, crosswalk: Crosswalk
) -> Sequence[Resolution]:
    """Return the competencies that an item means: none, one, or several that are equally near."""
    newest = _newest(start, (), crosswalk)
    if newest is not None:
        return (newest,)
    nearest = _nearest(start, crosswalk)
    followed = (_newest(one.competency_id, one.via, crosswalk) or one for one in nearest)
    found = {one.competency_id: one for one in followed}
    if len(found) > 1:
        raise _ambiguous(reference, sorted(found), crosswalk)
    return tuple(found.values())


def _newest(start: str, via: tuple[str, ...], crosswalk: Crosswalk) -> Resolution | None:
    """Return the last competency in use along `replacedBy`; None where there is none.

    A chain ends where it comes back to itself, where it branches, and after MAX_STEPS.
    """
    found = None
    passed = {start}
    here = start
    while True:
        if here in crosswalk.competencies:
            found = Resolution(competency_id=here, via=via)
        steps = crosswalk.replaced_by.get(here, ())
        if len({step.to for step in steps}) != 1 or steps[0].to in passed or len(via) >= MAX_STEPS:
            return found
        here = steps[0].to
        passed.add(here)
        via = (*via, steps[0].association_id)


def _nearest(start: str, crosswalk: Crosswalk) -> list[Resolution]:
    """Return the competencies in use that the fewest associations lead to: breadth first."""
    passed = {start}
    ring = [Resolution(competency_id=start)]
    for _ in range(MAX_STEPS):
        following = []
        for here in ring:
            for step in _steps(here.competency_id, crosswalk):
                if step.to not in passed and len(passed) < MAX_LOOKED_AT:
                    passed.add(step.to)
                    via = (*here.via, step.association_id)
                    following.append(Resolution(competency_id=step.to, via=via))
        found = [one for one in following if one.competency_id in crosswalk.competencies]
        if found or not following:
            return found
        ring = following
    return []


def _steps(here: str, crosswalk: Crosswalk) -> Sequence[_Step]:
    return (*crosswalk.same.get(here, ()), *crosswalk.replaced_by.get(here, ()))


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for key, value in pairs:
        index.setdefault(key, []).append(value)
    return index


def _ambiguous(
    reference: CompetencyReference, ids: Sequence[str], crosswalk: Crosswalk
) -> RefusedError:
    named = [
        f"{crosswalk.competencies[one].code} of framework"
        f" {crosswalk.competencies[one].framework_id} ({one})"
        for one in ids[:MAX_NAMED]
    ]
    more = f" and {len(ids) - MAX_NAMED} more" if len(ids) > MAX_NAMED else ""
    return RefusedError(
        RefusalReason.AMBIGUOUS_REFERENCE,
        "competency",
        f"{_shown(reference)} can mean {', '.join(named)}{more}.",
        "Name the competency by its CASE identifier, or its framework with the code.",
    )


def _unknown(
    reference: CompetencyReference, starts: Sequence[str], crosswalk: Crosswalk
) -> RefusedError:
    containers = [one for one in starts if one in crosswalk.items]
    if containers:
        return RefusedError(
            RefusalReason.UNKNOWN_COMPETENCY,
            "competency",
            f"{_shown(reference)} is an item of a framework, but no competency that the district"
            " uses, and nothing that it uses means the same.",
            "Name a competency within it, add its type to those that are competencies, or import"
            " an exactMatchOf that leads to one; then send it again.",
        )
    return RefusedError(
        RefusalReason.UNKNOWN_COMPETENCY,
        "competency",
        f"No framework of the district has {_shown(reference)}.",
        "Import the framework, then send it again.",
    )


def _shown(reference: CompetencyReference) -> str:
    value = reference.value
    return repr(value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "…")
