"""CASE packages taken in and given out: what is kept, what is refused, and strict output."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.case.package import split_package
from services.evidence.domain.case.reading import document_of, read_document
from services.evidence.domain.case.shapes import CLASSES, CaseVersion
from services.evidence.domain.case.writing import write_object, write_part
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json, ObjectKey
from tests.support.case import (
    BASE_URL,
    CHANGED,
    COMMON_CORE,
    DOCUMENT,
    TEXAS,
    a_document,
    a_framework_package,
    a_link,
    a_package,
    a_rubric,
    an_association,
    an_id,
    an_item,
    an_item_type,
    faults,
    needs_published,
    objects_of,
    published,
    written,
)

COLLECTIONS = sorted(CLASSES, key=lambda collection: collection.value)
FIELD_NAMES = sorted(
    {name for shape in CLASSES.values() for name in (*shape.fields, *shape.alone)} | {"extensions"}
)

texts = st.text(max_size=12)
identifiers = st.one_of(
    texts,
    st.uuids().map(str),
    st.uuids().map(lambda one: f"urn:uuid:{str(one).upper()}"),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    identifiers,
    st.sampled_from([CHANGED, "2026-02-30", "2026-01-01", "isChildOf", "is aligned to", "ext:x y"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(FIELD_NAMES), texts), inner, max_size=4),
    ),
    max_leaves=12,
)
documents = st.dictionaries(st.one_of(st.sampled_from(FIELD_NAMES), texts), anything, max_size=8)


def read(collection: Collection, document: Any, **added: Json) -> Any:
    """Return the one object of a document."""
    return read_document(collection, {**document, **added}).objects[0]


def refusal_of(collection: Collection, document: Any) -> Any:
    """Return why a document is refused."""
    with pytest.raises(RefusedError) as refused:
        read_document(collection, document)
    return refused.value.refusal


@needs_published
def test_the_common_core_goes_in_and_out_unchanged():
    """685 items and 1,584 associations come out as they went in, without a fault."""
    package = published(COMMON_CORE)
    out = written(objects_of(package))
    assert out == package
    assert faults(out) == []


@needs_published
def test_the_package_of_texas_comes_in_whole_and_goes_out_strictly():
    """All 1,515 items are kept, and none of its 1,516 faults under the schema goes out."""
    package = published(TEXAS)
    assert len(faults(package)) == 1_516
    objects = objects_of(package)
    assert sum(one.key.collection is Collection.CF_ITEMS for one in objects) == 1_515
    out = written(objects)
    assert faults(out) == []
    assert out["CFItems"] == package["CFItems"]


def test_each_part_of_a_package_remembers_its_framework():
    """What stands within a package has the framework as its parent; the framework has none."""
    objects = objects_of(a_framework_package())
    framework, *parts = objects
    assert framework.key == ObjectKey(collection=Collection.CF_DOCUMENTS, id=DOCUMENT)
    assert framework.parent is None
    assert {one.parent for one in parts} == {framework.key}
    assert {document_of(one.content) for one in parts} == {DOCUMENT}
    assert [one.key.collection.value for one in objects] == [
        "CFDocuments",
        "CFItemTypes",
        *["CFItems"] * 3,
        *["CFAssociations"] * 4,
        "CFRubrics",
    ]


@needs_published
def test_a_small_framework_of_every_kind_of_part_is_written_strictly():
    """With a rubric, a definition and links, it comes out as it went in."""
    package = a_framework_package()
    out = written(objects_of(package))
    assert out == package
    assert faults(out) == []


def test_an_object_alone_has_the_link_that_a_package_says_once():
    """A framework leads to its package, an item to its framework; a definition to neither."""
    objects = {one.key.collection: one for one in objects_of(a_framework_package())}
    document = write_object(
        Collection.CF_DOCUMENTS, objects[Collection.CF_DOCUMENTS].content, base_url=BASE_URL
    )
    assert document["CFPackageURI"] == {
        "title": "Mathematics of Henry County",
        "identifier": DOCUMENT,
        "uri": f"{BASE_URL}/CFPackages/{DOCUMENT}",
    }
    item = objects[Collection.CF_ITEMS].content
    alone = write_object(Collection.CF_ITEMS, item, base_url=BASE_URL)
    assert alone["CFDocumentURI"]["identifier"] == DOCUMENT  # type: ignore[index,call-overload]
    assert "CFDocumentURI" not in write_part(Collection.CF_ITEMS, item, base_url=BASE_URL)
    kind = objects[Collection.CF_ITEM_TYPES].content
    assert "CFDocumentURI" not in write_object(Collection.CF_ITEM_TYPES, kind, base_url=BASE_URL)


def test_what_the_standard_has_no_field_for_goes_into_extensions():
    """Under its own name; an extension that is there already wins, and null says nothing."""
    item = an_item(
        1, CFDocumentURI=a_link(DOCUMENT), rank=3, colour="red", gone=None, extensions={"rank": 4}
    )
    out = write_part(
        Collection.CF_ITEMS, read(Collection.CF_ITEMS, item).content, base_url=BASE_URL
    )
    assert out["extensions"] == {"rank": 4, "colour": "red"}
    assert not {"rank", "colour", "gone"} & out.keys()


def test_an_unknown_type_of_association_is_kept_and_written_as_an_extension():
    """Whatever it says is given out with the prefix of the standard, and no letter is lost."""
    plain = read(Collection.CF_ASSOCIATIONS, an_association(1, 2, "isStandardAlignedTo", 3))
    assert plain.content["associationType"] == "isStandardAlignedTo"
    out = write_part(Collection.CF_ASSOCIATIONS, plain.content, base_url=BASE_URL)
    assert out["associationType"] == "ext:isStandardAlignedTo"
    assert "extensions" not in out
    spaced = read(Collection.CF_ASSOCIATIONS, an_association(1, 2, "is aligned to", 3))
    out = write_part(Collection.CF_ASSOCIATIONS, spaced.content, base_url=BASE_URL)
    assert out["associationType"] == "ext:is_aligned_to"
    assert out["extensions"] == {"associationType": "is aligned to"}


@pytest.mark.parametrize(
    ("field", "sent", "given"),
    [
        ("subject", "Mathematics", ["Mathematics"]),
        ("humanCodingScheme", 111, "111"),
        ("educationLevel", ["06", 7, None], ["06", "7"]),
        ("statusEndDate", "2026-06-30T00:00:00Z", "2026-06-30"),
        ("lastChangeDateTime", "2026-06-30", "2026-06-30T00:00:00Z"),
        ("lastChangeDateTime", "2026-06-30T12:00:00", "2026-06-30T12:00:00Z"),
        ("lastChangeDateTime", "2026-06-30T12:00:00+00:00", "2026-06-30T12:00:00+00:00"),
    ],
)
def test_a_value_that_is_written_in_another_way_is_given_out_in_the_right_one(field, sent, given):
    """Kept is what was sent; given out what the standard has."""
    item = an_item(1, CFDocumentURI=a_link(DOCUMENT), **{field: sent})
    content = read(Collection.CF_ITEMS, item).content
    assert content[field] == sent
    assert write_part(Collection.CF_ITEMS, content, base_url=BASE_URL)[field] == given


def test_what_is_required_and_missing_is_made_of_what_is_there():
    """An address is ours, the creator the publisher, the time the oldest, the words the title."""
    document = {"identifier": DOCUMENT, "title": "Bare", "publisher": "Someone"}
    out = write_part(
        Collection.CF_DOCUMENTS, read(Collection.CF_DOCUMENTS, document).content, base_url=BASE_URL
    )
    assert out["uri"] == f"{BASE_URL}/CFDocuments/{DOCUMENT}"
    assert out["creator"] == "Someone"
    assert out["lastChangeDateTime"] == "1970-01-01T00:00:00Z"
    kind = {"identifier": an_id(1), "title": "Strand", "typeCode": "S"}
    out = write_part(
        Collection.CF_ITEM_TYPES, read(Collection.CF_ITEM_TYPES, kind).content, base_url=BASE_URL
    )
    assert (out["description"], out["hierarchyCode"]) == ("Strand", "S")


def test_a_part_without_a_time_of_change_has_that_of_its_framework():
    """It cannot have changed later."""
    item = {"identifier": an_id(1), "fullStatement": "Count."}
    out = written(objects_of(a_package(item)))
    assert out["CFItems"][0]["lastChangeDateTime"] == CHANGED  # type: ignore[index,call-overload]


def test_version_one_has_neither_extensions_nor_what_came_later():
    """What 1.0 cannot say is left out; all else is as in 1.1."""
    item = an_item(1, CFDocumentURI=a_link(DOCUMENT), subject=["Mathematics"], colour="red")
    out = write_part(
        Collection.CF_ITEMS,
        read(Collection.CF_ITEMS, item).content,
        base_url=BASE_URL,
        version=CaseVersion.V1P0,
    )
    assert out == an_item(1)
    node = {**a_link(2), "targetType": "CASE"}
    association = {**an_association(1, 2, "precedes", 3, notes="Because"), "originNodeURI": node}
    out = write_part(
        Collection.CF_ASSOCIATIONS,
        read(Collection.CF_ASSOCIATIONS, association).content,
        base_url=BASE_URL,
        version=CaseVersion.V1P0,
    )
    assert out == an_association(1, 2, "precedes", 3)


def test_an_identifier_is_one_however_it_is_written():
    """Capitals, a URN and white space name the same object; the content holds the bare one."""
    for text in (an_id(0xAB).upper(), f"urn:uuid:{an_id(0xAB)}", f" {an_id(0xAB)}\n"):
        found = read(Collection.CF_DOCUMENTS, a_document(identifier=text))
        assert found.key.id == found.content["identifier"] == an_id(0xAB)


def test_an_end_that_is_only_an_address_is_known_by_the_identifier_in_it():
    """CASE 1.0 is often written so; the association is found by its ends all the same."""
    uri = f"{BASE_URL}/CFItems/{an_id(7).upper()}"
    association = {**an_association(1, 2, "precedes", 3), "destinationNodeURI": uri}
    found = read(Collection.CF_ASSOCIATIONS, association)
    assert found.content["destinationNodeURI"] == {"uri": uri, "identifier": an_id(7)}


def test_the_time_of_the_last_change_is_read_to_the_microsecond():
    """With any zone; without one it is UTC, and without a time nothing is known."""
    for text, micros in (
        ("1970-01-01T01:00:00.000001+01:00", 1),
        ("1970-01-01T00:00:01", 1_000_000),
        ("", 0),
    ):
        assert read(
            Collection.CF_DOCUMENTS, a_document(lastChangeDateTime=text)
        ).modified_micros == (micros)


@pytest.mark.parametrize(
    ("collection", "document", "field"),
    [
        (Collection.CF_DOCUMENTS, a_document(identifier="4711"), "identifier"),
        (Collection.CF_DOCUMENTS, a_document(title="  "), "title"),
        (Collection.CF_DOCUMENTS, a_document(lastChangeDateTime="yesterday"), "lastChangeDateTime"),
        (Collection.CF_ITEMS, an_item(1), "CFDocumentURI"),
        (Collection.CF_ITEMS, an_item(1, fullStatement=None), "fullStatement"),
        (Collection.CF_ASSOCIATIONS, an_association(1, 2, "", 3), "associationType"),
        (Collection.CF_ASSOCIATIONS, an_association(1, 2, "precedes", ""), "destinationNodeURI"),
        (Collection.CF_ITEM_TYPES, an_item_type(1, "x\0y"), "title"),
        (Collection.CF_ITEM_TYPES, an_item_type(1, "x\ud800y"), "title"),
        (Collection.CF_RUBRICS, {**a_rubric(1), "weight": Decimal("NaN")}, "weight"),
        (Collection.CF_RUBRICS, {**a_rubric(1), "weight": Decimal("1E+500")}, "weight"),
        (Collection.CF_RUBRICS, {**a_rubric(1), "weight": 10**120}, "weight"),
        (Collection.CF_RUBRICS, {**a_rubric(1), "weight": 0.5}, "weight"),
    ],
)
def test_what_makes_a_document_useless_is_refused_with_the_field(collection, document, field):
    """A sentence says what is wrong and another what to do."""
    if field == "destinationNodeURI":
        document = {**document, field: {"title": "Nothing"}}
    refusal = refusal_of(collection, document)
    assert (refusal.reason, refusal.field) == (RefusalReason.MALFORMED, field)
    assert refusal.message
    assert refusal.hint


def test_a_document_that_is_nested_without_end_is_refused():
    """The depth is the sender's, so it is counted and not walked down."""
    deep: Json = "bottom"
    for _ in range(5_000):
        deep = [deep]
    assert "nested" in refusal_of(Collection.CF_ITEMS, an_item(1, notes=deep)).message


def test_what_is_no_collection_of_case_is_refused():
    """Users are no framework."""
    assert refusal_of(Collection.USERS, a_document()).reason is RefusalReason.UNSUPPORTED


@pytest.mark.parametrize(
    "package",
    [{}, {"CFDocument": []}, {"CFDocument": {"title": "x"}}, {**a_package(), "CFItems": "none"}],
)
def test_what_is_no_package_is_refused_whole(package):
    """Nothing of it is given on."""
    with pytest.raises(RefusedError):
        list(split_package(package))


def test_an_entry_that_is_no_object_is_refused_alone():
    """The others of the package are kept."""
    package = {**a_package(), "CFItems": [an_item(1), "two", None, an_item(3)]}
    kept, refused = [], 0
    for collection, document in split_package(package):
        try:
            kept.extend(read_document(collection, document).objects)
        except RefusedError:
            refused += 1
    assert [one.key.id for one in kept] == [DOCUMENT, an_id(1), an_id(3)]
    assert refused == 2


@given(collection=st.sampled_from(COLLECTIONS), document=documents)
def test_any_document_is_read_or_refused(collection, document):
    """Nothing but RefusedError comes out, whatever is sent."""
    try:
        reading = read_document(collection, document)
    except RefusedError:
        return
    assert [one.key.collection for one in reading.objects] == [collection]


@given(package=st.one_of(documents, st.fixed_dictionaries({"CFDocument": documents})))
def test_any_package_is_taken_apart_or_refused(package):
    """Nothing but RefusedError comes out, whatever is sent."""
    try:
        parts = list(split_package(package))
    except RefusedError:
        return
    assert parts[0][0] is Collection.CF_DOCUMENTS


@needs_published
@given(
    items=st.lists(documents, max_size=2),
    associations=st.lists(documents, max_size=2),
    rubrics=st.lists(documents, max_size=1),
    types=st.lists(documents, max_size=1),
    whole=documents,
)
def test_whatever_is_accepted_is_written_strictly_and_reads_the_same(
    items, associations, rubrics, types, whole
):
    """The official schema finds nothing, and writing what was written changes nothing."""
    package = a_package(
        *({**an_item(at + 1), **one, "identifier": an_id(at + 1)} for at, one in enumerate(items)),
        associations=[
            {**an_association(at + 50, 1, "precedes", 2), **one, "identifier": an_id(at + 50)}
            for at, one in enumerate(associations)
        ],
        CFDocument={**a_document(), **whole, "identifier": DOCUMENT},
        CFDefinitions={"CFItemTypes": [{**one, "identifier": an_id(90)} for one in types]},
        CFRubrics=[{**a_rubric(70), **one, "identifier": an_id(70)} for one in rubrics],
    )
    try:
        objects = objects_of(package)
    except RefusedError:
        return
    out = written(objects)
    assert faults(out) == []
    again = objects_of(out)
    assert [one.key for one in again] == [one.key for one in objects]
    assert [one.parent for one in again] == [one.parent for one in objects]
    assert written(again) == out
