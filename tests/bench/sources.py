"""python -m tests.bench.sources: how fast what school systems send is taken in, in one run.

OneRoster rows, Ed-Fi item results and JSON records, each from the file or the request to the
commit, against records over batch gRPC in the same run; and the memory of the importer for a
package and for one four times as large. Made-up data of the sizes asked for.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import click
from rich.console import Console
from rich.table import Table
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2, evidence_service_pb2_grpc
from trellis.framework.v1 import framework_pb2
from trellis.roster.v1 import roster_pb2

from deploy.local.databases import database_name
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from deploy.local.ports import LOOPBACK
from services.common import logs
from services.common.rpc.client import connect
from tests.support.cluster import Cluster

FULL_ROWS = 40_000
QUICK_ROWS = 2_000
LARGER = 4
"""The second package of the memory test is so many times the first."""

ITEMS_A_SITTING = 25
RECORDS_A_REQUEST = 500
SECTIONS_A_LEARNER = 8
DISTRICT_TOKEN = "district-it"
KIBIBYTES_A_MEBIBYTE = 1024

LONGEST_WAIT_SECONDS = 600
LOOK_EACH_SECONDS = 0.2
_COUNT_EVIDENCE = "SELECT count(*) FROM ledger WHERE source = $1"

_HEADERS: Mapping[str, str] = {
    "orgs": "name,type,identifier,parentSourcedId",
    "academicSessions": "title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
    "classes": "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods",
    "users": "enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,"
    "phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,"
    "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
    "roles": "userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId",
    "enrollments": "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
}
_FILES = (
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "orgs",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "roles",
    "scoreScales",
    "userProfiles",
    "userResources",
    "users",
)


# The most memory of a process is never less than what its parent had when it was begun, and the
# parent holds the bench's data: so a small process stands between the two.
_MEASURED = """
import pathlib, resource, subprocess, sys
done = subprocess.run(sys.argv[2:])
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
pathlib.Path(sys.argv[1]).write_text(str(memory))
sys.exit(done.returncode)
"""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How fast one kind was taken in. mebibytes: the most that the importer held; 0: not asked."""

    what: str
    count: int
    seconds: float
    mebibytes: float = 0.0

    @property
    def per_second(self) -> float:
        """Return how many a second."""
        return self.count / self.seconds


def write_package(path: Path, rows: int, prefix: str) -> int:
    """Write a bulk package of about so many rows, most of them enrolments; return how many."""
    learners = max(1, rows // (SECTIONS_A_LEARNER + 2))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        bulk = set(_HEADERS)
        manifest = [("propertyName", "value"), ("manifest.version", "1.0")]
        manifest.append(("oneroster.version", "1.2"))
        manifest += [(f"file.{one}", "bulk" if one in bulk else "absent") for one in _FILES]
        package.writestr("manifest.csv", _csv(manifest))
        written = 0
        for name, made in _rows(learners, prefix):
            header = ["sourcedId", "status", "dateLastModified", *_HEADERS[name].split(",")]
            package.writestr(f"{name}.csv", _csv([header, *made]))
            written += len(made)
    return written


def _rows(learners: int, prefix: str) -> Iterator[tuple[str, list[list[str]]]]:
    school, year, course = f"{prefix}s1", f"{prefix}y", f"{prefix}c1"
    yield "orgs", [[school, "", "", "School 1", "school", "1", ""]]
    yield (
        "academicSessions",
        [[year, "", "", "2026-2027", "schoolYear", "2026-08-01", "2027-06-01", "", "2027"]],
    )
    yield (
        "courses",
        [[course, "", "", year, "Math", "M", "06", school, "Mathematics", "MATH"]],
    )
    sections = max(SECTIONS_A_LEARNER, learners // 3)
    of_section = ["06", course, "", "scheduled", "", school, year, "Mathematics", "MATH", ""]
    yield "classes", [[f"{prefix}k{n}", "", "", f"Math {n}", *of_section] for n in range(sections)]
    yield (
        "roles",
        [
            [f"{prefix}r{n}", "", "", f"{prefix}u{n}", "primary", "student", "", "", school, ""]
            for n in range(learners)
        ],
    )
    names = ["", "", "", "", "06", "", "", "", "", "", school, ""]
    yield (
        "users",
        [
            [
                f"{prefix}u{n}",
                "",
                "",
                "true",
                f"user{n}",
                "",
                "Ada",
                f"Learner {n}",
                "",
                f"{prefix}{n}",
                *names,
            ]
            for n in range(learners)
        ],
    )
    yield (
        "enrollments",
        [
            [
                f"{prefix}e{n}-{k}",
                "",
                "",
                f"{prefix}k{(n + k) % sections}",
                school,
                f"{prefix}u{n}",
                "student",
                "false",
                "",
                "",
            ]
            for n in range(learners)
            for k in range(SECTIONS_A_LEARNER)
        ],
    )


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def write_interchange(directory: Path, results: int) -> int:
    """Write standards, an assessment and sittings of made-up learners; return the item results."""
    sittings = max(1, results // ITEMS_A_SITTING)
    namespace = "uri://example.org/bench"
    identity = (
        "<AssessmentReference><AssessmentIdentity><AssessmentIdentifier>a1</AssessmentIdentifier>"
        f"<Namespace>{namespace}</Namespace></AssessmentIdentity></AssessmentReference>"
    )
    standards = "".join(
        f"<LearningStandard><LearningStandardId>st{n}</LearningStandardId>"
        f"<Description>Standard {n}</Description><ContentStandard><Title>Bench</Title>"
        f"</ContentStandard><GradeLevel>uri://ed-fi.org/GradeLevelDescriptor#Sixth grade"
        f"</GradeLevel><AcademicSubject>uri://ed-fi.org/AcademicSubjectDescriptor#Mathematics"
        f"</AcademicSubject><LearningStandardItemCode>B.{n}</LearningStandardItemCode>"
        f"<Namespace>{namespace}</Namespace></LearningStandard>"
        for n in range(ITEMS_A_SITTING)
    )
    metadata = "".join(
        f"<AssessmentItem><IdentificationCode>i{n}</IdentificationCode>{identity}"
        f"<LearningStandardReference><LearningStandardIdentity><LearningStandardId>st{n}"
        "</LearningStandardId></LearningStandardIdentity></LearningStandardReference>"
        "</AssessmentItem>"
        for n in range(ITEMS_A_SITTING)
    )
    answers = "".join(
        "<StudentAssessmentItem><AssessmentItemResult>"
        "uri://ed-fi.org/AssessmentItemResultDescriptor#Correct</AssessmentItemResult>"
        f"<AssessmentItemReference><AssessmentItemIdentity><IdentificationCode>i{n}"
        f"</IdentificationCode>{identity}</AssessmentItemIdentity></AssessmentItemReference>"
        "</StudentAssessmentItem>"
        for n in range(ITEMS_A_SITTING)
    )
    sat = "".join(
        f"<StudentAssessment><StudentAssessmentIdentifier>sa{n}</StudentAssessmentIdentifier>"
        "<AdministrationDate>2026-09-10T09:00:00</AdministrationDate><StudentReference>"
        f"<StudentIdentity><StudentUniqueId>u{n}</StudentUniqueId></StudentIdentity>"
        f"</StudentReference>{identity}{answers}</StudentAssessment>"
        for n in range(sittings)
    )
    students = "".join(
        f"<Student><StudentUniqueId>u{n}</StudentUniqueId><Name><FirstName>Ada</FirstName>"
        f"<LastSurname>Learner {n}</LastSurname></Name></Student>"
        for n in range(sittings)
    )
    school = (
        "<School><EducationOrganizationCategory>uri://ed-fi.org/"
        "EducationOrganizationCategoryDescriptor#School</EducationOrganizationCategory>"
        "<NameOfInstitution>School 1</NameOfInstitution><SchoolId>1</SchoolId></School>"
    )
    for name, content in (
        ("Standards", standards),
        ("AssessmentMetadata", metadata),
        ("EducationOrganization", school),
        ("Student", students),
        ("StudentAssessment", sat),
    ):
        kind = f"Interchange{name}"
        (directory / f"{name}.xml").write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="http://ed-fi.org/5.2.0">'
            f"{content}</{kind}>",
            encoding="utf-8",
        )
    return sittings * ITEMS_A_SITTING


class SourcesBench:
    """A cluster that takes in, and what is sent to it."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        """Take a running cluster and a directory for what is made up."""
        self._cluster = cluster
        self._directory = directory
        self._token = cluster.tokens.by_name[DISTRICT_TOKEN]

    def oneroster(self, rows: int, *, source: str) -> Rate:
        """Import a package, in a process of its own."""
        path = self._directory / f"{source}.zip"
        count = write_package(path, rows, f"{source}-")
        report, seconds, mebibytes = self._import("import-oneroster", path, source)
        assert report["outcomes"]["changed"] == count, report
        return Rate(
            what=f"OneRoster rows ({count:,})", count=count, seconds=seconds, mebibytes=mebibytes
        )

    def edfi(self, results: int) -> Rate:
        """Import standards, people and sittings; what counts is item results."""
        directory = self._directory / "edfi"
        directory.mkdir()
        count = write_interchange(directory, results)
        begun = time.perf_counter()
        report, _, mebibytes = self._import("import-edfi", directory, "edfi", "--learners-org", "1")
        assert report["outcomes"]["refused"] == 0, report
        # Results that came before the competencies were derived from the standards wait for them.
        asyncio.run(self._await_evidence("edfi", count))
        seconds = time.perf_counter() - begun
        return Rate(
            what=f"Ed-Fi item results ({count:,})",
            count=count,
            seconds=seconds,
            mebibytes=mebibytes,
        )

    def json_records(self, records: int) -> Rate:
        """Post records by reference, 500 a request, one request at a time."""
        address = f"http://{LOOPBACK}:{self._cluster.ports['evidence-api-http']}/v1/evidence"
        bodies = [
            json.dumps(
                [_record(number) for number in range(first, first + RECORDS_A_REQUEST)]
            ).encode()
            for first in range(0, records, RECORDS_A_REQUEST)
        ]
        begun = time.perf_counter()
        for body in bodies:
            request = urllib.request.Request(
                address,
                data=body,
                headers={
                    "Authorization": f"Bearer {self._token}",
                    "Content-Type": "application/json",
                },
            )
            with urllib.request.urlopen(request, timeout=60) as response:
                assert response.status == 200
                answers = json.load(response)
                assert {one["outcome"] for one in answers["answers"]} == {"accepted"}
        seconds = time.perf_counter() - begun
        count = len(bodies) * RECORDS_A_REQUEST
        return Rate(what=f"JSON records ({count:,})", count=count, seconds=seconds)

    async def _await_evidence(self, source: str, count: int) -> None:
        """Wait until so many records of a source are committed as evidence."""
        connection = await asyncpg.connect(self._cluster.postgres.dsn(database_name("evidence")))
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                while await connection.fetchval(_COUNT_EVIDENCE, source) < count:
                    await asyncio.sleep(LOOK_EACH_SECONDS)
        finally:
            await connection.close()

    def grpc_records(self, records: int) -> Rate:
        """Send as many records over batch gRPC, in the same way: the measure of the others."""
        return asyncio.run(self._grpc_records(records))

    async def _grpc_records(self, records: int) -> Rate:
        channel = connect(f"{LOOPBACK}:{self._cluster.ports['evidence-api-grpc']}", self._token)
        batches = [
            evidence_service_pb2.RecordEvidenceBatchRequest(
                records=[_message(number) for number in range(first, first + RECORDS_A_REQUEST)]
            )
            for first in range(0, records, RECORDS_A_REQUEST)
        ]
        try:
            stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
            begun = time.perf_counter()
            for batch in batches:
                response = await stub.RecordEvidenceBatch(batch, timeout=60)
                outcomes = {one.outcome for one in response.answers}
                assert outcomes == {evidence_pb2.RecordAnswer.OUTCOME_ACCEPTED}
            seconds = time.perf_counter() - begun
        finally:
            await channel.close()
        count = len(batches) * RECORDS_A_REQUEST
        return Rate(what=f"the same over batch gRPC ({count:,})", count=count, seconds=seconds)

    def _import(
        self, command: str, path: Path, source: str, *options: str
    ) -> tuple[Mapping[str, Mapping[str, int]], float, float]:
        memory = self._directory / "memory.txt"
        begun = time.perf_counter()
        done = subprocess.run(
            [
                *(sys.executable, "-c", _MEASURED, str(memory)),
                *(sys.executable, "-m", "services.evidence", command, str(path)),
                *("--source", source, "--time-zone", "America/New_York", "--json", *options),
                *("--target", f"{LOOPBACK}:{self._cluster.ports['evidence-api-grpc']}"),
                *("--token-file", str(self._cluster.tokens.file(DISTRICT_TOKEN).resolve())),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        seconds = time.perf_counter() - begun
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout), seconds, int(memory.read_text()) / KIBIBYTES_A_MEBIBYTE


def _record(number: int) -> dict[str, object]:
    return {
        "event_id": f"bench-{number}",
        "source": "lms",
        "learner_reference": {"kind": "sis_number", "value": f"sis-{number % 100}"},
        "occur_time": "2026-10-01T14:30:00Z",
        "alignments": [{"code": f"B.{number % ITEMS_A_SITTING}"}],
        "score": {"points": {"earned": number % 5, "possible": 4 + number % 2}},
        "purpose": "formative",
        "kind": "quiz",
        "item": f"item-{number % 1000}",
    }


def _message(number: int) -> evidence_pb2.Record:
    """Return the record of the same number, as gRPC has it, of an observation of its own."""
    message = evidence_pb2.Record(
        event_id=f"bench-grpc-{number}",
        source="lms",
        learner_reference=roster_pb2.Reference(
            kind=roster_pb2.REFERENCE_KIND_SIS_NUMBER, value=f"sis-{number % 100}"
        ),
        score=evidence_pb2.Score(
            points=evidence_pb2.Points(
                earned_milli=number % 5 * 1000, possible_milli=(4 + number % 2) * 1000
            )
        ),
        purpose=evidence_pb2.PURPOSE_FORMATIVE,
        kind=evidence_pb2.KIND_QUIZ,
        item=f"item-{number % 1000}",
    )
    message.occur_time.FromJsonString("2026-10-01T14:30:00Z")
    message.referenced_alignments.add().competency.CopyFrom(
        framework_pb2.CompetencyReference(
            kind=framework_pb2.COMPETENCY_REFERENCE_KIND_HUMAN_CODE,
            value=f"B.{number % ITEMS_A_SITTING}",
        )
    )
    return message


def measure(directory: Path, rows: int) -> list[Rate]:
    """Start a cluster and take in each kind once."""
    with Cluster(
        directory / "cluster", cache_directory=DEFAULT_CACHE_DIRECTORY, services=("evidence",)
    ) as cluster:
        bench = SourcesBench(cluster, directory)
        return [
            bench.oneroster(rows, source="sis"),
            bench.oneroster(rows * LARGER, source="sis-large"),
            bench.edfi(rows),
            bench.json_records(rows),
            bench.grpc_records(rows),
        ]


def show(rates: Sequence[Rate], console: Console) -> None:
    """Print the rates as a table."""
    table = Table("what", "seconds", "a second", "most memory, MiB")
    for one in rates:
        memory = f"{one.mebibytes:.0f}" if one.mebibytes else ""
        table.add_row(one.what, f"{one.seconds:.1f}", f"{one.per_second:,.0f}", memory)
    console.print(table)


@click.command()
@click.option("--quick", is_flag=True, help="Small amounts, as CI runs them.")
def main(quick: bool) -> None:
    """Measure how fast what school systems send is taken in."""
    logs.configure(log_format="console", log_level="error")
    with tempfile.TemporaryDirectory(prefix="trellis-sources-") as directory:
        show(measure(Path(directory), QUICK_ROWS if quick else FULL_ROWS), Console())


if __name__ == "__main__":
    main(prog_name="python -m tests.bench.sources")
