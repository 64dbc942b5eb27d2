"""A district whose systems send documents, on a real PostgreSQL, and what follows from them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from trellis.evidence.v1 import evidence_pb2

from services.evidence.adapters.exact_json import decode_json, encode_json
from services.evidence.adapters.learner_keys import LearnerKeys
from services.evidence.adapters.object_codec import ObjectCodec
from services.evidence.adapters.postgres.due import PostgresDue
from services.evidence.adapters.postgres.framework import PostgresFrameworks
from services.evidence.adapters.postgres.ledger import PostgresLedgerStream
from services.evidence.bootstrap import Resolver, build_redriving, build_surroundings
from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.document import Document, DocumentOutcome, Format
from services.evidence.domain.entities import Upsert
from services.evidence.domain.framework import Competency, Framework
from services.evidence.domain.ledger import LedgerPlace
from services.evidence.domain.model import Answer, Record
from services.evidence.domain.quarantine import (
    OPEN,
    QuarantinedRecord,
    QuarantineSelection,
    QuarantineState,
    Settlement,
)
from services.evidence.domain.references import (
    CompetencyReference,
    Reference,
    ReferenceKind,
    reference,
)
from services.evidence.handlers.documents.due import derive_due
from services.evidence.handlers.documents.keep import keep_documents
from services.evidence.handlers.documents.surroundings import DocumentsKept, KeepDocuments
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.frameworks import upsert_competencies, upsert_frameworks
from services.evidence.handlers.identity import MergeLearners, merge_learners, put_aliases
from services.evidence.handlers.intake import IntakePolicy, RecordEvidence, Sending
from services.evidence.handlers.quarantine import (
    ChangeQuarantined,
    EverySource,
    ListQuarantined,
    list_quarantined,
    redrive_due,
    redrive_quarantined,
)
from services.evidence.handlers.readings import StreamLedger, stream_ledger
from services.evidence.handlers.resolving import resolve_next
from tests.support.clock import FixedClock
from tests.support.evidence import DISTRICT, NOW, pools
from tests.support.mastery_stage import true_hash

if TYPE_CHECKING:
    from services.common.postgres.pool import Database
    from services.evidence.domain.merging import Merge
    from tests.support.servers import ServiceDatabase

MATH = "11111111-1111-5111-8111-111111111111"
"""A framework of the district."""

COMPETENCIES = tuple(f"22222222-2222-5222-8222-{number:012}" for number in range(9))
"""Competencies of it, with the codes M.0 to M.8."""

KEY = b"h" * 32

Sent = tuple[str, Mapping[str, Any]]
"""A document: its collection, and its content; {"sourcedId": …, "deleted": True} for a deletion."""


def ref(sourced_id: str) -> Mapping[str, Any]:
    """Return a reference as it stands in a document."""
    return {"sourcedId": sourced_id}


def org(sourced_id: str = "s1", **fields: Any) -> Sent:
    """Return a school."""
    return "orgs", {
        "sourcedId": sourced_id,
        "name": f"School {sourced_id}",
        "type": "school",
    } | fields


def session(sourced_id: str = "t1", **fields: Any) -> Sent:
    """Return the term of autumn."""
    content = {
        "sourcedId": sourced_id,
        "title": f"Term {sourced_id}",
        "type": "term",
        "startDate": "2026-08-03",
        "endDate": "2026-12-19",
        "schoolYear": "2027",
    }
    return "academicSessions", content | fields


def user(sourced_id: str, *roles: tuple[str, str], **fields: Any) -> Sent:
    """Return a user with roles, each (role, org); without any, a student of s1."""
    content = {
        "sourcedId": sourced_id,
        "enabledUser": "true",
        "givenName": "Zaphod",
        "familyName": sourced_id[:40],
        "grades": ["06"],
        "roles": [
            {"role": role, "roleType": "secondary" if place else "primary", "org": ref(org_id)}
            for place, (role, org_id) in enumerate(roles or [("student", "s1")])
        ],
    }
    return "users", content | fields


def course(sourced_id: str = "k1", **fields: Any) -> Sent:
    """Return a course."""
    content = {"sourcedId": sourced_id, "title": "Mathematics 6", "courseCode": "M6"}
    return "courses", content | {"org": ref("s1"), "subjects": ["Mathematics"]} | fields


def a_class(sourced_id: str = "c1", **fields: Any) -> Sent:
    """Return a class of course k1 at s1 in t1."""
    content = {
        "sourcedId": sourced_id,
        "title": f"Class {sourced_id}",
        "classType": "scheduled",
        "course": ref("k1"),
        "school": ref("s1"),
        "terms": [ref("t1")],
        "periods": ["1"],
    }
    return "classes", content | fields


def enrollment(sourced_id: str, user_id: str, class_id: str = "c1", **fields: Any) -> Sent:
    """Return an enrolment of a student at s1."""
    content = {
        "sourcedId": sourced_id,
        "user": ref(user_id),
        "class": ref(class_id),
        "school": ref("s1"),
        "role": "student",
    }
    return "enrollments", content | fields


def line_item(sourced_id: str = "l1", *about: str, **fields: Any) -> Sent:
    """Return a line item of 10 points; about: learning objectives."""
    content: dict[str, Any] = {
        "sourcedId": sourced_id,
        "title": f"Quiz {sourced_id}",
        "assignDate": "2026-08-20T00:00:00.000Z",
        "dueDate": "2026-08-28T00:00:00.000Z",
        "class": ref("c1"),
        "school": ref("s1"),
        "category": ref("g1"),
        "resultValueMin": 0,
        "resultValueMax": 10,
    }
    if about:
        content["learningObjectiveSet"] = [{"source": "case", "learningObjectiveIds": list(about)}]
    return "lineItems", content | fields


def result(sourced_id: str, student: str, line_item_id: str = "l1", **fields: Any) -> Sent:
    """Return a graded result of 28 August; objectives: score by objective."""
    objectives: Mapping[str, int] = fields.pop("objectives", {})
    content: dict[str, Any] = {
        "sourcedId": sourced_id,
        "lineItem": ref(line_item_id),
        "student": ref(student),
        "scoreStatus": "fully graded",
        "score": 8,
        "scoreDate": "2026-08-28",
    }
    if objectives:
        said = [{"learningObjectiveId": one, "score": score} for one, score in objectives.items()]
        content["learningObjectiveSet"] = [{"source": "case", "learningObjectiveResults": said}]
    return "results", content | fields


def gone(collection: str, sourced_id: str) -> Sent:
    """Return a deletion that says nothing but the key."""
    return collection, {"sourcedId": sourced_id, "deleted": True}


def called(
    value: str, kind: ReferenceKind = ReferenceKind.SOURCED_ID, system: str = "sis"
) -> Reference:
    """Return how a system calls a learner."""
    return reference(kind, value, system)


def a_record(
    event: str,
    learner: Reference | str,
    *about: CompetencyReference | str,
    entity: str = "",
    version: int = 0,
    earned: int = 3,
    **changes: Any,
) -> Sending:
    """Return a record of 3 of 4 points by a learner, by reference or by id; see `Record`.

    about: competencies, by reference or by id; none where the item's alignment says it.
    """
    referenced = tuple((one, 0) for one in about if isinstance(one, CompetencyReference))
    named = [one for one in about if isinstance(one, str)]
    plain: dict[str, Any] = {
        "size_bytes": 0,
        "event_id": event,
        "source": "lms",
        "entity_id": entity or f"entity-{event}",
        "version": version,
        "learner": f"districts/{DISTRICT}/learners/{learner}" if isinstance(learner, str) else "",
        "learner_reference": learner if isinstance(learner, Reference) else None,
        "occur_time": (int(NOW.timestamp()) - 3_600, 0),
        "alignments": tuple((f"districts/{DISTRICT}/competencies/{one}", 0) for one in named),
        "referenced_alignments": referenced,
        "points": (earned * 1_000, 4_000),
        "level_milli": None,
        "purpose": 1,
        "kind": 1,
        "dok": 0,
        "timed": None,
        "item": "",
        "assessment": "",
        "assessment_items_on_competency": 0,
        "artefact": "",
    }
    record = Record(**(plain | changes))
    return Sending(sent=ObjectCodec().encode_record(record), record=record)


@dataclass(frozen=True, kw_only=True)
class Sis:
    """One district, and what its systems have led to."""

    api: Database
    worker: Database
    built: Resolver
    clock: FixedClock
    district: str = DISTRICT
    answers: list[DocumentsKept] = field(default_factory=list)

    async def send(
        self,
        *documents: Sent,
        source: str = "sis",
        form: Format = Format.ONEROSTER_JSON_1_2,
        import_id: str | None = None,
    ) -> Sequence[DocumentOutcome]:
        """Keep a batch of documents; return what became of each."""
        command = KeepDocuments(
            district=self.district,
            sources={source},
            source=source,
            format=form,
            documents=[as_document(collection, content) for collection, content in documents],
            import_id=import_id,
        )
        kept = await keep_documents(command, surroundings=self.built.surroundings)
        self.answers.append(kept)
        return [one.outcome for one in kept.answers]

    async def record(self, *sendings: Sending, import_id: str | None = None) -> Sequence[Answer]:
        """Keep records of the source "lms"; return the answers."""
        command = RecordEvidence(
            district=self.district, sources={"lms"}, sendings=sendings, import_id=import_id
        )
        return await record_evidence(command, intake=self.built.surroundings.intake)

    async def work(self) -> None:
        """Do all that the resolver would do, the second looks too."""
        while True:
            looked = await derive_due(self.district, surroundings=self.built.surroundings)
            looked += await redrive_due(self.district, redriving=self.built.redriving)
            looked += await resolve_next(self.district, redriving=self.built.redriving)
            if looked:
                continue
            async with self.api.transaction(self.district) as connection:
                moved = await connection.execute(
                    "UPDATE resolution SET not_before = now() WHERE not_before > now()"
                )
            if moved == "UPDATE 0":
                return

    async def events(self) -> list[evidence_pb2.EvidenceEvent]:
        """Return the published ledger, in the order of commit."""
        query = StreamLedger(district=self.district, after=LedgerPlace(xact=0, position=0))
        stream = PostgresLedgerStream(self.api, self.worker)
        runs = [run async for run in stream_ledger(query, stream=stream)]
        return [
            evidence_pb2.EvidenceEvent.FromString(one.event) for run in runs for one in run.entries
        ]

    async def counting(self) -> Mapping[tuple[str, bytes], evidence_pb2.EvidenceEvent]:
        """Return what counts, by learner and evidence: of each the highest version and hash."""
        newest: dict[tuple[str, bytes], evidence_pb2.EvidenceEvent] = {}
        for event in await self.events():
            key = (event.learner.rpartition("/")[2], event.evidence_id)
            before = newest.get(key)
            rank = (event.version, event.content_hash)
            if before is None or rank > (before.version, before.content_hash):
                newest[key] = event
        return {key: one for key, one in newest.items() if one.HasField("recorded")}

    async def sums(self) -> Sequence[tuple[str, str, int, int]]:
        """Return learner, competency, share and score of each piece of evidence that counts."""
        return sorted(
            (learner, one.competency.rpartition("/")[2], one.weight_milli, event.recorded.score)
            for (learner, _), event in (await self.counting()).items()
            for one in event.recorded.alignments
        )

    async def state_hash(self) -> bytes:
        """Return the hash of mastery's state: the same in whatever order the facts come."""
        events = await self.events()
        shuffled = list(events)
        random.Random(7).shuffle(shuffled)
        found = await true_hash(events, self.district)
        assert found == await true_hash([*shuffled, *events[:3]], self.district)
        assert found == await true_hash(events[::-1], self.district)
        return found

    async def roster(self) -> Mapping[str, Mapping[str, Any]]:
        """Return schools, learners, adults, terms, sections and enrolments by id."""
        found: dict[str, Mapping[str, Any]] = {}
        async with self.built.surroundings.store.change(self.district) as change:
            for name, store in (
                ("schools", change.roster.schools),
                ("learners", change.roster.learners),
                ("adults", change.roster.adults),
                ("terms", change.terms),
                ("sections", change.sections),
                ("enrolments", change.enrolments),
            ):
                page = await store.page(only="", after="", limit=1_000)
                found[name] = {one.id: one for one in page}
        return found

    async def learner(self, value: str, kind: ReferenceKind = ReferenceKind.SOURCED_ID) -> str:
        """Return the id of the learner whom a reference means."""
        one = called(value, kind)
        async with self.built.surroundings.store.change(self.district) as change:
            spans = await change.aliases.find(SubjectKind.LEARNER, {one})
        return spans[one][-1].subject_id

    async def quarantined(self, *states: QuarantineState) -> Sequence[QuarantinedRecord]:
        """Return what is in quarantine, what is open where no state is named, newest first."""
        query = ListQuarantined(
            district=self.district,
            selection=QuarantineSelection(states=states or OPEN),
            before=None,
        )
        return (await list_quarantined(query, ledger=self.built.surroundings.intake.ledger)).records

    async def redrive(self, *records: QuarantinedRecord) -> Sequence[Settlement]:
        """Read records of the quarantine again, as a person asks; return what became of each."""
        command = ChangeQuarantined(
            district=self.district,
            sources=EverySource(),
            quarantine_ids=[one.quarantine_id for one in records],
            actor="dent",
        )
        return await redrive_quarantined(command, redriving=self.built.redriving)

    async def merge(self, learner_id: str, into_id: str) -> Merge:
        """Say that two learners are one person."""
        self.clock.advance(timedelta(seconds=1))
        command = MergeLearners(
            district=self.district, learner_id=learner_id, into_id=into_id, actor="dent", note=""
        )
        return await merge_learners(command, surroundings=self.built.surroundings)

    async def give(self, *aliases: Alias) -> int:
        """Put aliases; return how many records that sets free."""
        return await put_aliases(self.district, aliases, surroundings=self.built.surroundings)

    async def begin(self) -> None:
        """Keep a framework with competencies."""
        frameworks = PostgresFrameworks(self.api)
        await upsert_frameworks(
            Upsert(
                district=self.district, entities=(Framework(id=MATH, display_name="Mathematics"),)
            ),
            frameworks=frameworks,
            clock=self.clock,
        )
        await self.know(*COMPETENCIES)

    async def know(self, *competency_ids: str) -> None:
        """Keep competencies of the framework."""
        await upsert_competencies(
            Upsert(
                district=self.district,
                entities=tuple(
                    Competency(
                        id=one,
                        framework_id=MATH,
                        code=f"M.{int(one[-12:])}",
                        label=f"Competency {one[-1]}",
                        subject="math",
                        grade="6",
                        essential=False,
                        prerequisites=(),
                        uri=f"https://case.test/items/{one}",
                    )
                    for one in competency_ids
                ),
            ),
            frameworks=PostgresFrameworks(self.api),
            clock=self.clock,
        )


def as_document(collection: str, content: Mapping[str, Any]) -> Document:
    """Return what was sent as it is decoded on arrival."""
    said = {name: value for name, value in content.items() if name != "deleted"}
    sent = encode_json(said)
    decoded = decode_json(sent)
    assert isinstance(decoded, Mapping)
    return Document(
        collection=collection,
        content=decoded,
        sent=sent,
        deleted=content.get("deleted") is True,
    )


def micros(moment: datetime) -> int:
    """Return whole microseconds since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@asynccontextmanager
async def a_sis(database: ServiceDatabase, *, district: str = DISTRICT) -> AsyncIterator[Sis]:
    """Give a district that has competencies and nobody yet, in a migrated database."""
    clock = FixedClock(NOW)
    async with pools(database) as (api, worker):
        surroundings = build_surroundings(
            api, learner_ids=LearnerKeys({district: KEY}), clock=clock, policy=IntakePolicy()
        )
        built = Resolver(
            database=api,
            due=PostgresDue(worker),
            surroundings=surroundings,
            redriving=build_redriving(surroundings),
            clock=clock,
        )
        sis = Sis(api=api, worker=worker, built=built, clock=clock, district=district)
        await sis.begin()
        yield sis
