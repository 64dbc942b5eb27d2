"""Learning standards as items of CASE."""

from uuid import UUID

from services.evidence.domain.edfi.reading import deleted_keys, read_resource
from services.evidence.domain.edfi.standards import case_identifier
from services.evidence.domain.references import CompetencyReferenceKind
from services.evidence.domain.source_object import Collection
from tests.support.edfi import DOCUMENTS, SETTINGS, an_item

CASE = "6b9f3a52-d7cc-11e8-824f-0242ac160002"


def read(identifiers=None, **changes):
    """Return the objects of a learning standard, by collection and kind of association."""
    document = {**DOCUMENTS["learningStandards"], **changes}
    reading = read_resource("learningStandards", document, SETTINGS, identifiers or {})
    return {one.content.get("associationType", one.key.collection): one for one in reading.objects}


def test_a_standard_is_an_item_of_the_document_of_its_content_standard():
    """Statement in one line, code, grade in CEDS' words, and a link to the document."""
    objects = read()
    item, document = objects[Collection.CF_ITEMS], objects[Collection.CF_DOCUMENTS]
    assert item.content["fullStatement"] == "Interpret products of whole numbers."
    assert item.content["humanCodingScheme"] == "3.OA.A.1"
    assert item.content["educationLevel"] == ["03"]
    assert item.content["subject"] == ["Mathematics"]
    assert item.parent == document.key
    assert item.content["CFDocumentURI"]["identifier"] == document.key.id
    assert document.content["title"] == "Birchwood Mathematics"
    assert item.key.id == item.content["identifier"] == str(UUID(item.key.id))


def test_a_standard_stands_in_its_parent_and_else_in_the_document():
    """The origin of isChildOf is the child; a root is a child of the document."""
    child = read()
    parent = read(learningStandardId="3.OA.A", parentLearningStandardReference=None)
    destination = child["isChildOf"].content["destinationNodeURI"]["identifier"]
    assert destination == parent[Collection.CF_ITEMS].key.id
    assert child["isChildOf"].content["originNodeURI"]["identifier"] == (
        child[Collection.CF_ITEMS].key.id
    )
    root = parent["isChildOf"].content["destinationNodeURI"]["identifier"]
    assert root == parent[Collection.CF_DOCUMENTS].key.id


def test_the_item_code_is_the_code_that_people_write():
    """The id may be anything; the code of its publisher comes first."""
    item = read(learningStandardItemCode="3.OA.1")[Collection.CF_ITEMS]
    assert item.content["humanCodingScheme"] == "3.OA.1"


def test_a_standard_whose_id_is_a_uuid_is_the_item_of_case_with_it():
    """Many hosts load standards from CASE with their identifiers."""
    assert read(learningStandardId=CASE.upper())[Collection.CF_ITEMS].key.id == CASE


def test_a_standard_that_names_an_item_of_case_is_that_item():
    """Its URI says so; the identifier that its id alone makes leads there."""
    objects = read(uri=f"https://case.example/CFItems/{CASE}")
    made = read()[Collection.CF_ITEMS].key.id
    assert objects[Collection.CF_ITEMS].key.id == CASE
    assert objects[Collection.CF_ITEMS].content["uri"].endswith(CASE)
    match = objects["exactMatchOf"].content
    assert match["originNodeURI"]["identifier"] == made
    assert match["destinationNodeURI"]["identifier"] == CASE


def test_what_refers_to_such_a_standard_can_be_told():
    """Items, parents and deletions then mean the item of CASE."""
    document = {**DOCUMENTS["learningStandards"], "uri": f"urn:uuid:{CASE}"}
    known = dict([case_identifier(document)])
    reading = read_resource("assessmentItems", an_item("I", "3.OA.A.1"), SETTINGS, known)
    (alignment,) = reading.alignments
    assert alignment.references[0][0].value == CASE
    child = read(
        known,
        learningStandardId="3.OA.A.1.a",
        parentLearningStandardReference={"learningStandardId": "3.OA.A.1"},
    )
    assert child["isChildOf"].content["destinationNodeURI"]["identifier"] == CASE
    gone = deleted_keys("learningStandards", {"learningStandardId": "3.OA.A.1"}, known)
    kept = {one.key for one in read(uri=document["uri"]).values()}
    assert set(gone) == {key for key in kept if key.collection is not Collection.CF_DOCUMENTS}


def test_a_standard_without_a_uuid_in_its_uri_needs_no_telling():
    """Addresses of people's pages are no identifiers."""
    document = {**DOCUMENTS["learningStandards"], "uri": "http://standards.example/3/OA/1"}
    assert case_identifier(document) is None


def test_an_equivalence_matches_exactly_only_where_it_says_equivalent():
    """A weaker one relates, and keeps its reason."""
    name = "learningStandardEquivalenceAssociations"
    (same,) = read_resource(name, DOCUMENTS[name], SETTINGS).objects
    weaker = {
        **DOCUMENTS[name],
        "learningStandardEquivalenceStrengthDescriptor": "uri://x#Mostly equivalent",
        "learningStandardEquivalenceStrengthDescription": "But for the commas.",
    }
    (related,) = read_resource(name, weaker, SETTINGS).objects
    assert same.content["associationType"] == "exactMatchOf"
    assert related.content["associationType"] == "isRelatedTo"
    assert related.content["notes"] == "But for the commas."
    assert same.key == related.key


def test_an_item_is_about_its_standards():
    """Each once, in equal shares, with the points that can be had."""
    reading = read_resource(
        "assessmentItems", an_item("I", "A", "B", "A", maximum="1.50"), SETTINGS
    )
    (alignment,) = reading.alignments
    assert len(alignment.references) == 2
    assert {weight for _, weight in alignment.references} == {0}
    assert {one.kind for one, _ in alignment.references} == {CompetencyReferenceKind.CASE_UUID}
    assert alignment.maximum_milli == 1_500


def test_an_item_without_a_standard_is_kept_and_about_nothing():
    """A district may align it later."""
    reading = read_resource("assessmentItems", an_item("I"), SETTINGS)
    assert reading.objects
    assert reading.alignments == ()


def test_an_item_and_an_objective_with_one_code_are_two():
    """Their alignments have keys of their own, of at most 256 characters."""
    item = read_resource("assessmentItems", an_item("1", "A"), SETTINGS).alignments[0]
    objective = read_resource("objectiveAssessments", an_item("1", "A"), SETTINGS).alignments[0]
    assert item.item == "uri://birchwood.example/Assessment|BM-1|1"
    assert objective.item != item.item
    long = read_resource("assessmentItems", an_item("x" * 300, "A"), SETTINGS).alignments[0]
    barred = read_resource("assessmentItems", an_item("objective|1", "A"), SETTINGS).alignments[0]
    assert len(long.item) == 32
    assert barred.item != objective.item
