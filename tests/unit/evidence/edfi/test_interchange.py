"""Interchange files: their bytes as elements, elements as documents, files in their order."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.edfi.interchange import document_of
from services.evidence.domain.edfi.reading import read_resource
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.edfi import elements, files
from services.evidence.entrypoints.importing.edfi.elements import (
    MAX_ATTRIBUTE_LENGTH,
    MAX_DEPTH,
    InterchangeError,
    identities_of,
    records,
)
from services.evidence.entrypoints.importing.edfi.files import InterchangeFiles
from services.evidence.entrypoints.importing.readers import EdFiReader
from tests.support.edfi import SETTINGS, SHARED, needs_sample

STUDENT = """
  <Student>
    <StudentUniqueId>1001</StudentUniqueId>
    <Name><FirstName>Ines</FirstName><LastSurname>Abara</LastSurname></Name>
    <BirthData><BirthDate>2017-03-01</BirthDate></BirthData>
  </Student>"""
ITEM_REFERENCE = """
      <AssessmentItemReference><AssessmentItemIdentity>
        <IdentificationCode>I</IdentificationCode>
        <AssessmentReference><AssessmentIdentity>
          <AssessmentIdentifier>BM</AssessmentIdentifier><Namespace>uri://x</Namespace>
        </AssessmentIdentity></AssessmentReference>
      </AssessmentItemIdentity></AssessmentItemReference>"""
SITTING = f"""
  <StudentAssessment>
    <StudentAssessmentIdentifier>S</StudentAssessmentIdentifier>
    <AdministrationDate>2026-10-06T09:30:00</AdministrationDate>
    <StudentReference><StudentIdentity><StudentUniqueId>1001</StudentUniqueId>
    </StudentIdentity></StudentReference>
    <AssessmentReference><AssessmentIdentity>
      <AssessmentIdentifier>BM</AssessmentIdentifier><Namespace>uri://x</Namespace>
    </AssessmentIdentity></AssessmentReference>
    <StudentAssessmentItem>
      <AssessmentItemResult>uri://e#Correct</AssessmentItemResult>
      <RawScoreResult>1.50000</RawScoreResult>{ITEM_REFERENCE}
    </StudentAssessmentItem>
    <StudentObjectiveAssessment>
      <ScoreResult><Result>5</Result>
        <AssessmentReportingMethod>uri://e#Raw score</AssessmentReportingMethod>
      </ScoreResult>
      <PerformanceLevel><PerformanceLevel>uri://e#Basic</PerformanceLevel></PerformanceLevel>
    </StudentObjectiveAssessment>
    <SchoolYear>2026-2027</SchoolYear>
    <PlatformType>uri://e#Online</PlatformType>
  </StudentAssessment>"""
CALENDAR = """
  <Session>
    <SessionName>Fall</SessionName><SchoolYear>2026-2027</SchoolYear>
    <BeginDate>2026-08-17</BeginDate><EndDate>2026-12-18</EndDate>
    <Term>uri://e#Fall Semester</Term>
    <SchoolReference ref="S1"/>
    <GradingPeriodReference ref="G1"/><GradingPeriodReference ref="G2"/>
  </Session>
  <SchoolReference id="S1"><SchoolIdentity><SchoolId>77001</SchoolId></SchoolIdentity>
  </SchoolReference>
  <GradingPeriod id="G1">
    <SchoolReference><SchoolIdentity><SchoolId>77001</SchoolId></SchoolIdentity></SchoolReference>
    <GradingPeriod>uri://e#First</GradingPeriod><GradingPeriodName>Q1</GradingPeriodName>
    <SchoolYear>2026-2027</SchoolYear>
    <BeginDate>2026-08-17</BeginDate><EndDate>2026-10-16</EndDate>
  </GradingPeriod>"""


def interchange(kind: str, *parts: str) -> bytes:
    """Return a file of these records."""
    body = "".join(parts)
    return (
        f'<Interchange{kind} xmlns="http://ed-fi.org/5.2.0">{body}\n</Interchange{kind}>'.encode()
    )


def in_pieces(content: bytes, size: int = 7) -> Iterator[bytes]:
    """Give the bytes a few at a time, as a network would."""
    return (content[start : start + size] for start in range(0, len(content), size))


def documents(content: bytes) -> list:
    """Return the resource and document of each record."""
    identities = identities_of(in_pieces(content))
    found = records(in_pieces(content), identities, Counter())
    return [document_of(record.element) for record in found]


def fault(content: bytes) -> InterchangeError:
    """Return where and why reading stops."""
    with pytest.raises(InterchangeError) as caught:
        list(records(in_pieces(content, 65_536), {}, Counter()))
    return caught.value


def test_a_person_is_flat_as_in_the_api():
    """Name and birth are fields of the person."""
    ((resource, document),) = documents(interchange("Student", STUDENT))
    assert resource == "students"
    assert document == {
        "studentUniqueId": "1001",
        "firstName": "Ines",
        "lastSurname": "Abara",
        "birthDate": "2017-03-01",
    }


def test_a_sitting_has_the_shape_of_the_api():
    """Lists in the plural, descriptors by name, references flat, one year."""
    ((resource, document),) = documents(interchange("StudentAssessment", SITTING))
    assert resource == "studentAssessments"
    assert document == {
        "studentAssessmentIdentifier": "S",
        "administrationDate": "2026-10-06T09:30:00",
        "studentReference": {"studentUniqueId": "1001"},
        "assessmentReference": {"assessmentIdentifier": "BM", "namespace": "uri://x"},
        "items": [
            {
                "assessmentItemResultDescriptor": "uri://e#Correct",
                "rawScoreResult": "1.50000",
                "assessmentItemReference": {
                    "identificationCode": "I",
                    "assessmentIdentifier": "BM",
                    "namespace": "uri://x",
                },
            }
        ],
        "studentObjectiveAssessments": [
            {
                "scoreResults": [
                    {
                        "result": "5",
                        "assessmentReportingMethodDescriptor": "uri://e#Raw score",
                    }
                ],
                "performanceLevels": [{"performanceLevelDescriptor": "uri://e#Basic"}],
            }
        ],
        "schoolYearTypeReference": {"schoolYear": "2027"},
        "platformTypeDescriptor": "uri://e#Online",
    }


def test_a_reference_by_id_means_what_has_the_id_wherever_it_stands():
    """A reference or the thing itself, before or behind; of the thing, its natural key."""
    found = dict(documents(interchange("EducationOrgCalendar", CALENDAR)))
    assert found["sessions"]["schoolReference"] == {"schoolId": "77001"}
    first, unknown = found["sessions"]["gradingPeriods"]
    assert first["gradingPeriodReference"] == {
        "gradingPeriodDescriptor": "uri://e#First",
        "gradingPeriodName": "Q1",
        "schoolId": "77001",
        "schoolYear": "2027",
    }
    assert unknown["gradingPeriodReference"] == {}
    period = read_resource("gradingPeriods", found["gradingPeriods"], SETTINGS).objects[0]
    session = read_resource(
        "sessions", {**found["sessions"], "gradingPeriods": [first]}, SETTINGS
    ).objects[0]
    assert session.content["children"][0]["sourcedId"] == period.key.id


def test_namespaces_prefixes_and_comments_say_nothing():
    """Files of any version of the standard are read alike."""
    plain = documents(interchange("Student", STUDENT))
    prefixed = interchange("Student", STUDENT).replace(b"<", b"<e:").replace(b"<e:/", b"</e:")
    commented = interchange("Student", STUDENT).replace(b"Ines", b"In<!-- -->es")
    assert documents(prefixed.replace(b"xmlns", b"xmlns:e")) == plain
    assert documents(commented) == plain


def test_each_record_knows_its_line_and_the_others_are_counted():
    """What is not read is said by name."""
    content = interchange(
        "Student", STUDENT, "\n  <Person><PersonId>1</PersonId></Person>", STUDENT
    )
    skipped: Counter[str] = Counter()
    assert [record.line for record in records(in_pieces(content), {}, skipped)] == [2, 8]
    assert skipped == {"Person": 1}


def test_a_file_that_is_cut_short_is_read_up_to_there():
    """What was whole is good, and the error says the line."""
    content = interchange("Student", STUDENT, STUDENT)
    stream = records([content[: content.rindex(b"<Name>")]], {}, Counter())
    assert next(stream).line == 2
    with pytest.raises(InterchangeError) as caught:
        next(stream)
    assert caught.value.line == 9


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no XML"),
        (b"studentUniqueId,name\n1001,Ines\n", "no XML"),
        (b"<a><b></a>", "no XML"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        (b'<?xml version="1.0" encoding="cp932"?><a/>', "encoding"),
        (b'<!DOCTYPE a SYSTEM "http://attacker.example/x.dtd"><a/>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY x "xx">]><a>&x;</a>', "document type"),
        (b"<a>" * (MAX_DEPTH + 1), "deeper"),
        (b'<a><b c="' + b"x" * (MAX_ATTRIBUTE_LENGTH + 1) + b'"/></a>', "attributes"),
        (b"<a><b " + b" ".join(b'a%d=""' % one for one in range(40)) + b"/></a>", "attributes"),
        (b"<a><b " + b" " * 1_200_000 + b"/></a>", "never ends"),
    ],
)
def test_what_is_no_interchange_file_says_so(content: bytes, said: str):
    """Entities, endless tags and other files end in one error, and nothing is fetched."""
    assert said in fault(content).fault


def test_a_record_has_a_bound(monkeypatch: pytest.MonkeyPatch):
    """Of elements and of text; records that are not read have none, as nothing is kept of them."""
    monkeypatch.setattr(elements, "MAX_RECORD_ELEMENTS", 20)
    monkeypatch.setattr(elements, "MAX_RECORD_CHARACTERS", 500)
    many = "<Student>" + "<Visa/>" * 30 + "</Student>"
    long = f"<Student><Name>{'x' * 600}</Name></Student>"
    assert "20 elements" in fault(interchange("Student", many)).fault
    assert "500 characters" in fault(interchange("Student", long)).fault
    unread = interchange("Student", many.replace("Student", "Person"))
    assert list(records([unread], {}, Counter())) == []


@given(st.binary(max_size=400))
def test_any_bytes_are_records_or_one_error(content: bytes):
    """Nothing else comes out of whatever comes in."""
    try:
        found = list(records([content], {}, Counter()))
    except InterchangeError:
        return
    assert found == []


@given(st.integers(0, 1_400), st.binary(max_size=8), st.integers(1, 50))
def test_a_damaged_file_is_records_or_one_error(place: int, damage: bytes, size: int):
    """Wherever it is cut or overwritten, and however it arrives."""
    content = interchange("StudentAssessment", SITTING, STUDENT)
    damaged = content[:place] + damage + content[place + len(damage) * 2 :]
    for damaged_file in (damaged, content[:place]):
        try:
            identities = identities_of(in_pieces(damaged_file, size))
            for record in records(in_pieces(damaged_file, size), identities, Counter()):
                assert document_of(record.element) is not None
        except InterchangeError:
            continue


def write(directory: Path) -> None:
    """Write files whose names are in another order than what they are for."""
    (directory / "a-sittings.xml").write_bytes(interchange("StudentAssessment", SITTING))
    (directory / "b-calendar.xml").write_bytes(interchange("EducationOrgCalendar", CALENDAR))
    nested = directory / "more"
    nested.mkdir()
    (nested / "c-students.xml").write_bytes(interchange("Student", STUDENT))
    (directory / "readme.txt").write_text("not XML")


def places(path: Path) -> list[tuple[str, str]]:
    """Return the resource and file of each document of a path."""
    with InterchangeFiles(path) as found:
        return [(one.resource, one.file) for one in found.documents()]


def test_files_come_in_an_order_in_which_each_finds_what_it_needs(tmp_path: Path):
    """A directory and a ZIP of it are the same; what is no XML is left alone."""
    directory = tmp_path / "files"
    directory.mkdir()
    write(directory)
    archive = tmp_path / "files.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(directory.rglob("*.*")):
            packed.write(path, path.relative_to(directory).as_posix())
        packed.writestr("__MACOSX/._a.xml", b"\x00\x05\x16\x07")
    expected = [
        ("sessions", "b-calendar.xml"),
        ("gradingPeriods", "b-calendar.xml"),
        ("students", "more/c-students.xml"),
        ("studentAssessments", "a-sittings.xml"),
    ]
    assert places(directory) == expected
    assert places(archive) == expected
    assert places(directory / "a-sittings.xml") == [expected[-1]]


def test_an_error_says_in_which_file_and_line(tmp_path: Path):
    """Of several files, only one is at fault."""
    content = interchange("Student", STUDENT, STUDENT)
    (tmp_path / "cut.xml").write_bytes(content[:-60])
    with pytest.raises(InterchangeError, match=r"^cut\.xml, line 10: "):
        places(tmp_path)


def test_a_folder_is_told_from_another_of_its_name_by_what_is_in_it(tmp_path: Path):
    """Next year's files in a folder of the same name are another import."""
    digests = []
    for year, content in (("2025", "<a/>"), ("2026", "<b/>"), ("again", "<b/>")):
        folder = tmp_path / year / "interchange"
        folder.mkdir(parents=True)
        (folder / "Student.xml").write_text(content)
        with EdFiReader(folder) as reader:
            digests.append(reader.digest)
    assert digests[0] != digests[1] == digests[2]


def test_where_there_is_no_interchange_file_that_is_told(tmp_path: Path):
    """An import of nothing is no success: a folder, and a ZIP of another kind."""
    (tmp_path / "Student.txt").write_text("x")
    with zipfile.ZipFile(tmp_path / "oneroster.zip", "w") as archive:
        archive.writestr("users.csv", "sourcedId")
    for path in (tmp_path, tmp_path / "oneroster.zip"):
        with pytest.raises(InterchangeError, match="no interchange files in it"), EdFiReader(path):
            pass


def test_a_broken_zip_says_so(tmp_path: Path):
    """Damaged or encrypted, it ends in the same error as a damaged file."""
    archive = tmp_path / "files.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.xml", interchange("Student", *[STUDENT] * 50))
    whole = bytearray(archive.read_bytes())
    damaged = bytearray(whole)
    damaged[60:90] = bytes(30)
    archive.write_bytes(damaged)
    with pytest.raises(InterchangeError, match="unpacked"):
        places(archive)
    encrypted = bytearray(whole)
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(encrypted)
    with pytest.raises(InterchangeError, match="encrypted"):
        places(archive)


def test_a_zip_that_unpacks_to_more_than_any_file_can_is_refused(tmp_path: Path):
    """Before anything of it is unpacked: 20 MB of spaces, in some kilobytes."""
    archive = tmp_path / "files.zip"
    content = interchange("Student", STUDENT)
    cut = content.index(b">") + 1
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.xml", content[:cut] + b" " * 20_000_000 + content[cut:])
    with pytest.raises(InterchangeError, match="packed to less than any"):
        places(archive)


def test_too_many_files_and_too_large_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A ZIP can hold more than anybody means to send."""
    write(tmp_path)
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 200)
    with pytest.raises(InterchangeError, match="more than 200 bytes"):
        places(tmp_path)
    monkeypatch.setattr(files, "MAX_FILES", 2)
    with pytest.raises(InterchangeError, match="3 files"):
        places(tmp_path)


@needs_sample
def test_the_tables_of_names_are_those_of_the_xsd():
    """Of what is kept whole, each descriptor and each list of the schema has its name here."""
    from lxml import etree

    from services.evidence.domain.edfi.interchange import DESCRIPTORS, LISTS
    from services.evidence.domain.edfi.resources import RESOURCES

    xs = "{http://www.w3.org/2001/XMLSchema}"
    schema = etree.parse(SHARED / "xsd/Ed-Fi-Core.xsd").getroot()
    types = {one.get("name"): one for one in schema.iter(f"{xs}complexType")}
    kept = {
        Collection.CF_ITEMS,
        Collection.ASSESSMENTS,
        Collection.ASSESSMENT_ITEMS,
        Collection.OBJECTIVE_ASSESSMENTS,
        Collection.STUDENT_ASSESSMENTS,
        Collection.GRADES,
        Collection.CALENDAR_DATES,
    }
    ahead = [one.element for one in RESOURCES if one.collection in kept]
    seen = 0
    while ahead:
        container = ahead.pop()
        for one in types[container].iter(f"{xs}element"):
            name, kind = one.get("name"), one.get("type")
            in_list = name in LISTS.get(container, {})
            seen += 1
            # The schema writes 1..unbounded for two choices that the API has as lists as well.
            assert in_list == (one.get("maxOccurs") == "unbounded"), (container, name)
            if kind.endswith("DescriptorReferenceType") and not in_list:
                assert name in DESCRIPTORS, (container, name)
            elif kind in types and not kind.endswith("ReferenceType"):
                ahead.append(kind)
    assert seen > 100
