"""Child objects: rows of their own in CSV, parts of their parent in JSON.

The one form that both are kept in is a source object whose content is an element of the parent's
list. What came as JSON has no id of its own; it gets one made of its parent's and of what tells it
from its siblings, so that a new score of an objective is a new version of the same object.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast
from uuid import UUID, uuid5

from services.evidence.domain.oneroster.fields import Field, Nesting, ObjectSchema, Parent
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection, Json, ObjectKey, SourceObject

_CHILDREN: Final = UUID("6f0a3f0c-6c1b-5b0e-9a57-0d0d6f5c1e4a")
"""Under which ids of children are made; never changes."""

_SEPARATOR: Final = "\x1f"
_IDS: Final = "learningObjectiveIds"
_RESULTS: Final = "learningObjectiveResults"


def element_of(schema: ObjectSchema, object_id: str, values: Mapping[str, Json]) -> dict[str, Json]:
    """Return the content of a child whose columns say these values.

    values: by names of fields, without the reference to the parent.
    """
    if schema.collection is Collection.USER_PROFILES:
        return _profile(object_id, values)
    if schema.collection is Collection.LINE_ITEM_OBJECTIVES:
        named = {"source": values.get("source"), _IDS: [values.get("learningObjectiveId")]}
        return _without_absent(named)
    if schema.collection is Collection.RESULT_OBJECTIVES:
        shown = {name: values.get(name) for name in ("learningObjectiveId", "score", "textScore")}
        return _without_absent({"source": values.get("source"), _RESULTS: [_without_absent(shown)]})
    return dict(values)


def _profile(object_id: str, values: Mapping[str, Json]) -> dict[str, Json]:
    """Return a user's profile; its one credential is spread over the row."""
    credential = _without_absent(
        {"type": values.get("credentialType"), "username": values.get("username")}
    )
    rest = {
        name: value for name, value in values.items() if name not in ("credentialType", "username")
    }
    profile: dict[str, Json] = {"profileId": object_id, **rest}
    return {**profile, "credentials": [credential]} if credential else profile


def _without_absent(values: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in values.items() if value is not None}


def split(parent: SourceObject, field: Field, value: Json) -> tuple[SourceObject, ...]:
    """Return the children that a nested field of a parent holds, each once; the last one counts.

    value: as the JSON binding reads the field.
    """
    assert field.nested is not None
    link = _parent_of(field.nested).link
    contents = {
        _child_id(field.nested, parent.key.id, content): content
        for content in _contents(_parent_of(field.nested), link, value)
    }
    return tuple(
        SourceObject(
            key=ObjectKey(collection=field.nested, id=child_id),
            content=content,
            deleted=parent.deleted,
            modified_micros=parent.modified_micros,
            parent=parent.key,
        )
        for child_id, content in contents.items()
    )


def join(
    collection: Collection, children: Iterable[SourceObject], *, deleted: bool = False
) -> Json:
    """Return the value of the parent's field that children of one collection make; None if none.

    Children are in the order of their ids. Of two that say the same thing, as a row of CSV and
    part of an object of JSON may, the one that was changed last counts. deleted: the parent is
    gone; else children that are gone count for nothing.
    """
    standing: dict[tuple[str, ...], SourceObject] = {}
    for child in sorted(children, key=lambda one: (one.modified_micros, one.key.id)):
        if deleted or not child.deleted:
            standing[_what_tells(collection, child.content)] = child
    contents = [one.content for one in sorted(standing.values(), key=lambda one: one.key.id)]
    return _joined(_parent_of(collection), contents) if contents else None


def _joined(parent: Parent, contents: Sequence[Mapping[str, Json]]) -> Json:
    if parent.nesting is Nesting.LIST:
        return contents
    if parent.nesting is Nesting.GROUPS:
        return _groups(contents)
    links = [content[parent.link] for content in contents if parent.link in content]
    if parent.nesting is Nesting.LINKS:
        return links
    return links[0] if links else None


def _groups(contents: Sequence[Mapping[str, Json]]) -> Sequence[Json]:
    """Join elements with one source, sorted by it."""
    groups: dict[str, dict[str, list[Json]]] = {}
    for content in contents:
        group = groups.setdefault(str(content.get("source", "unknown")), {})
        for name in (_IDS, _RESULTS):
            if name in content:
                group.setdefault(name, []).extend(cast(Sequence[Json], content[name]))
    return [{"source": source, **groups[source]} for source in sorted(groups)]


def _contents(parent: Parent, link: str, value: Json) -> Iterable[Mapping[str, Json]]:
    """Give the content of each child that a value of the parent's field holds."""
    elements = cast(Sequence[Mapping[str, Json]], [value] if isinstance(value, Mapping) else value)
    for element in elements or ():
        if parent.nesting is Nesting.LIST:
            yield element
        elif parent.nesting is Nesting.GROUPS:
            name = _IDS if _IDS in element else _RESULTS
            for one in cast(Sequence[Json], element[name]):
                yield {"source": element["source"], name: [one]}
        else:
            yield {link: element}


def _child_id(collection: Collection, parent_id: str, content: Mapping[str, Json]) -> str:
    # The only value of a field has no siblings to be told from: another one takes its place.
    single = _parent_of(collection).nesting is Nesting.LINK
    told = () if single else _what_tells(collection, content)
    return str(uuid5(_CHILDREN, _SEPARATOR.join((collection.value, parent_id, *told))))


def _what_tells(collection: Collection, content: Mapping[str, Json]) -> tuple[str, ...]:
    """Return what tells a child from its siblings."""
    if collection is Collection.ROLES:
        plain = [content.get(name) for name in ("role", "roleType", "beginDate", "endDate")]
        return (_sourced_id(content.get("org")), *(str(value or "") for value in plain))
    if collection is Collection.USER_PROFILES:
        return (str(content.get("profileId", "")),)
    if _IDS in content or _RESULTS in content:
        first = cast(Sequence[Json], content.get(_IDS) or content.get(_RESULTS) or ("",))[0]
        objective = first.get("learningObjectiveId") if isinstance(first, Mapping) else first
        return (str(content.get("source", "")), str(objective))
    return (_sourced_id(content.get(_parent_of(collection).link)),)


def _sourced_id(reference: Json) -> str:
    return str(reference.get("sourcedId", "")) if isinstance(reference, Mapping) else ""


def _parent_of(collection: Collection) -> Parent:
    parent = SCHEMA[collection].parent
    assert parent is not None
    return parent
