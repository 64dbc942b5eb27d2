"""Ed-Fi's own sample district, read whole: 16 MB of interchange files."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from services.evidence.domain.edfi.sittings import observations_of_student_assessment
from services.evidence.domain.model import Kind, Purpose, RefusalReason
from services.evidence.domain.source_object import Collection, SourceObject
from services.evidence.entrypoints.importing.edfi.files import InterchangeFiles
from tests.support.edfi import SAMPLE, SETTINGS, SHARED, Store, needs_sample

pytestmark = needs_sample


@dataclass
class District:
    """What was read."""

    store: Store = field(default_factory=Store)
    order: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    def of(self, collection: Collection) -> Iterator[SourceObject]:
        """Give the objects of a collection."""
        return (one for key, one in self.store.objects.items() if key.collection is collection)


@pytest.fixture(scope="module")
def district() -> District:
    """Return the district, read without a refusal."""
    read = District()
    with InterchangeFiles(SAMPLE) as sample:
        for one in sample.documents():
            read.order.append(one.resource)
            read.counts[one.resource] += 1
            read.store.read(one.resource, one.document)
        read.skipped = sample.skipped
    return read


def test_every_record_is_read(district: District):
    """As many as the sample has; what is not read is of other kinds."""
    assert district.counts["students"] == 960
    assert district.counts["staffs"] == 68
    assert district.counts["sections"] == 532
    assert district.counts["courses"] == 84
    assert district.counts["learningStandards"] == 5_597
    assert district.counts["studentAssessments"] == 812
    assert district.skipped["StudentGradebookEntry"] == 250
    assert "Student" not in district.skipped


def test_no_two_records_are_one_object(district: District):
    """Ids are made of natural keys, and none of 9,000 meet."""
    sizes = Counter(key.collection for key in district.store.objects)
    assert sizes[Collection.USERS] == 1_028
    assert sizes[Collection.CLASSES] == 532
    assert sizes[Collection.CF_ITEMS] == 5_597
    # The sample has one of its 169 offerings twice.
    assert sizes[Collection.COURSES] == 84 + 168
    assert sizes[Collection.STUDENT_ASSESSMENTS] == 812
    assert sizes[Collection.ENROLLMENTS] == 528


def test_standards_come_first_and_sittings_last(district: District):
    """Each finds what it needs."""
    first = {name: district.order.index(name) for name in district.counts}
    last = {name: len(district.order) - district.order[::-1].index(name) for name in first}
    assert last["learningStandards"] <= first["assessments"]
    assert last["objectiveAssessments"] <= first["schools"]
    assert last["schools"] <= first["sessions"]
    assert last["sections"] <= first["students"]
    assert last["staffSectionAssociations"] <= first["studentAssessments"]


def test_classes_lead_to_courses_schools_and_terms(district: District):
    """References of sections and of those who teach them are closed."""
    ids = {(key.collection, key.id) for key in district.store.objects}
    for one in district.of(Collection.CLASSES):
        assert (Collection.COURSES, one.content["course"]["sourcedId"]) in ids
        assert (Collection.ORGS, one.content["school"]["sourcedId"]) in ids
        for term in one.content["terms"]:
            assert (Collection.ACADEMIC_SESSIONS, term["sourcedId"]) in ids
    for one in district.of(Collection.ENROLLMENTS):
        assert (Collection.CLASSES, one.content["class"]["sourcedId"]) in ids
        assert (Collection.USERS, one.content["user"]["sourcedId"]) in ids
    for one in district.of(Collection.ACADEMIC_SESSIONS):
        for child in one.content.get("children", []):
            assert (Collection.ACADEMIC_SESSIONS, child["sourcedId"]) in ids


def test_items_count_once_and_the_one_without_a_standard_waits(district: District):
    """8,850 answers, of which 80 to the one item that is about no standard."""
    kinds: Counter[str] = Counter()
    refused: Counter[tuple[str, RefusalReason]] = Counter()
    with_items = 0
    standards = {one.key.id for one in district.of(Collection.CF_ITEMS)}
    for sitting in district.of(Collection.STUDENT_ASSESSMENTS):
        with_items += bool(sitting.content.get("items"))
        shown = observations_of_student_assessment(
            sitting.content, SETTINGS, district.store.surroundings(sitting.content)
        )
        for one in shown.observations:
            kinds[one.part.partition("/")[0]] += 1
            assert one.points is not None
            assert all(competency.value in standards for competency, _ in one.competencies)
        for one in shown.refused:
            refused[one.item.rpartition("|")[2], one.refusal.reason] += 1
    assert with_items == 402
    assert kinds["item"] + refused.total() == 8_850
    assert refused == {("0", RefusalReason.UNALIGNED_ITEM): 80}


def test_objectives_count_only_where_there_are_no_items(district: District):
    """984 objectives of the placement test are sums of its items; 160 of the state's are not."""
    purposes: Counter[tuple[Purpose, Kind]] = Counter()
    objectives = 0
    for sitting in district.of(Collection.STUDENT_ASSESSMENTS):
        objectives += len(sitting.content.get("studentObjectiveAssessments", []))
        shown = observations_of_student_assessment(
            sitting.content, SETTINGS, district.store.surroundings(sitting.content)
        )
        purposes.update(
            (one.purpose, one.kind)
            for one in shown.observations
            if one.part.startswith("objective/")
        )
    assert objectives == 984 + 160
    assert purposes == {(Purpose.EXTERNAL_SUMMATIVE, Kind.TEST): 160}


def test_the_sample_is_what_the_schema_says():
    """The files that are read here are valid interchange files, so the rules read real ones."""
    from lxml import etree

    interchanges = {
        "Standards": "Standards.xml",
        "AssessmentMetadata": "AssessmentMetadata-StateAssessment.xml",
        "MasterSchedule": "MasterSchedule.xml",
        "StudentAssessment": "StudentAssessment-StateAssessment.xml",
    }
    for interchange, file in interchanges.items():
        schema = etree.XMLSchema(file=SHARED / f"xsd/Interchange-{interchange}.xsd")
        schema.assertValid(etree.parse(SAMPLE / file))


def test_nothing_is_read_of_what_a_person_need_not_say(district: District):
    """The sample has birth dates, sexes and races; none of them is kept."""
    for user in district.of(Collection.USERS):
        assert not {"birthDate", "sex", "race", "demographics"} & set(user.content)
