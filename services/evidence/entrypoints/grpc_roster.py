"""RosterService: a message becomes a command, the answer a message. No rule lives here."""

from collections.abc import AsyncIterator, Collection
from contextlib import aclosing
from typing import Any, Final

import grpc.aio
from trellis.roster.v1 import roster_service_pb2 as messages
from trellis.roster.v1 import roster_service_pb2_grpc

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.evidence.adapters.wire.entities import answered, request_key
from services.evidence.adapters.wire.identity import (
    MERGE_NAME,
    alias_from,
    alias_to,
    kind_from,
    merge_to,
    subject_from,
    subject_to,
)
from services.evidence.adapters.wire.page_tokens import page_after, page_token
from services.evidence.adapters.wire.references import reference_from
from services.evidence.adapters.wire.roster import (
    ADULT_NAME,
    LEARNER_NAME,
    SCHOOL_NAME,
    adult_message,
    adults_from,
    learner_message,
    learners_from,
    school_message,
    schools_from,
)
from services.evidence.adapters.wire.sections import (
    SECTION_NAME,
    enrolment_message,
    section_message,
    term_message,
    untitled_section_message,
)
from services.evidence.domain.entities import Listing, Upsert, check_batch_size
from services.evidence.domain.roster import (
    ADULTS,
    ENROLMENTS,
    LEARNERS,
    SCHOOLS,
    SECTIONS,
    TERMS,
    RosterRun,
    UpsertLearners,
)
from services.evidence.entrypoints.answers import AllowedSources
from services.evidence.entrypoints.scopes import ROSTER_READ, ROSTER_WRITE
from services.evidence.handlers import roster as handlers
from services.evidence.handlers.documents.surroundings import Surroundings
from services.evidence.handlers.identity import (
    MergeLearners,
    find_subjects,
    list_aliases,
    list_merges,
    merge_learners,
    put_aliases,
    undo_merge,
)
from services.evidence.ports.roster import LearnerIds, Roster

MERGES: Final = "merges"
"""What page tokens of this list are for."""

Context = grpc.aio.ServicerContext[Any, Any]


class RosterServicer(roster_service_pb2_grpc.RosterServiceServicer):
    """Answers the calls of RosterService for the district of the credential."""

    def __init__(
        self,
        *,
        roster: Roster,
        learner_ids: LearnerIds,
        time_zones: Collection[str],
        clock: Clock,
        surroundings: Surroundings,
    ) -> None:
        """Take what the handlers need; time_zones: every IANA name that is known."""
        self._surroundings = surroundings
        self._roster = roster
        self._learner_ids = learner_ids
        self._time_zones = time_zones
        self._clock = clock

    async def BatchUpsertSchools(  # noqa: N802
        self, request: messages.BatchUpsertSchoolsRequest, context: Context
    ) -> messages.BatchUpsertSchoolsResponse:
        """Create or replace schools."""
        _, district = require_district(ROSTER_WRITE)
        check_batch_size(len(request.schools))
        command = Upsert(
            district=district,
            entities=schools_from(district, request.schools),
            request=request_key("BatchUpsertSchools", request),
            create_only=request.create_only,
        )
        kept = await handlers.upsert_schools(
            command, roster=self._roster, time_zones=self._time_zones, clock=self._clock
        )
        return messages.BatchUpsertSchoolsResponse(
            schools=[answered(school_message(district, one), request) for one in kept]
        )

    async def BatchUpsertLearners(  # noqa: N802
        self, request: messages.BatchUpsertLearnersRequest, context: Context
    ) -> messages.BatchUpsertLearnersResponse:
        """Create or replace learners."""
        credential, district = require_district(ROSTER_WRITE)
        check_batch_size(len(request.learners))
        command = UpsertLearners(
            district=district,
            entities=learners_from(district, request.learners),
            request=request_key("BatchUpsertLearners", request),
            create_only=request.create_only,
            allowed_sources=AllowedSources(credential),
        )
        kept = await handlers.upsert_learners(
            command, roster=self._roster, learner_ids=self._learner_ids, clock=self._clock
        )
        return messages.BatchUpsertLearnersResponse(
            learners=[answered(learner_message(district, one), request) for one in kept]
        )

    async def BatchUpsertAdults(  # noqa: N802
        self, request: messages.BatchUpsertAdultsRequest, context: Context
    ) -> messages.BatchUpsertAdultsResponse:
        """Create or replace adults."""
        _, district = require_district(ROSTER_WRITE)
        check_batch_size(len(request.adults))
        command = Upsert(
            district=district,
            entities=adults_from(district, request.adults),
            request=request_key("BatchUpsertAdults", request),
            create_only=request.create_only,
        )
        kept = await handlers.upsert_adults(command, roster=self._roster, clock=self._clock)
        return messages.BatchUpsertAdultsResponse(
            adults=[answered(adult_message(district, one), request) for one in kept]
        )

    async def GetSchool(  # noqa: N802
        self, request: messages.GetSchoolRequest, context: Context
    ) -> messages.GetSchoolResponse:
        """Return one school."""
        _, district = require_district(ROSTER_READ)
        school_id = SCHOOL_NAME.id_in("name", district, request.name)
        school = await handlers.get_school(district, school_id, roster=self._roster)
        return messages.GetSchoolResponse(school=school_message(district, school))

    async def GetLearner(  # noqa: N802
        self, request: messages.GetLearnerRequest, context: Context
    ) -> messages.GetLearnerResponse:
        """Return one learner."""
        _, district = require_district(ROSTER_READ)
        learner_id = LEARNER_NAME.id_in("name", district, request.name)
        learner = await handlers.get_learner(district, learner_id, roster=self._roster)
        return messages.GetLearnerResponse(learner=learner_message(district, learner))

    async def GetAdult(  # noqa: N802
        self, request: messages.GetAdultRequest, context: Context
    ) -> messages.GetAdultResponse:
        """Return one adult."""
        _, district = require_district(ROSTER_READ)
        adult_id = ADULT_NAME.id_in("name", district, request.name)
        adult = await handlers.get_adult(district, adult_id, roster=self._roster)
        return messages.GetAdultResponse(adult=adult_message(district, adult))

    async def ListSchools(  # noqa: N802
        self, request: messages.ListSchoolsRequest, context: Context
    ) -> messages.ListSchoolsResponse:
        """Return a page of schools."""
        _, district = require_district(ROSTER_READ)
        after = page_after(SCHOOLS, "", request.page_token)
        query = Listing(district=district, after=after, page_size=request.page_size)
        page = await handlers.list_schools(query, roster=self._roster)
        return messages.ListSchoolsResponse(
            schools=[school_message(district, one) for one in page.entities],
            next_page_token=page_token(SCHOOLS, "", page.next_after),
        )

    async def ListLearners(  # noqa: N802
        self, request: messages.ListLearnersRequest, context: Context
    ) -> messages.ListLearnersResponse:
        """Return a page of learners."""
        _, district = require_district(ROSTER_READ)
        only = _school_filter(district, request.school)
        query = Listing(
            district=district,
            only=only,
            after=page_after(LEARNERS, only, request.page_token),
            page_size=request.page_size,
        )
        page = await handlers.list_learners(query, roster=self._roster)
        return messages.ListLearnersResponse(
            learners=[learner_message(district, one) for one in page.entities],
            next_page_token=page_token(LEARNERS, only, page.next_after),
        )

    async def ListAdults(  # noqa: N802
        self, request: messages.ListAdultsRequest, context: Context
    ) -> messages.ListAdultsResponse:
        """Return a page of adults."""
        _, district = require_district(ROSTER_READ)
        only = _school_filter(district, request.school)
        query = Listing(
            district=district,
            only=only,
            after=page_after(ADULTS, only, request.page_token),
            page_size=request.page_size,
        )
        page = await handlers.list_adults(query, roster=self._roster)
        return messages.ListAdultsResponse(
            adults=[adult_message(district, one) for one in page.entities],
            next_page_token=page_token(ADULTS, only, page.next_after),
        )

    async def ListTerms(  # noqa: N802
        self, request: messages.ListTermsRequest, context: Context
    ) -> messages.ListTermsResponse:
        """Return a page of terms."""
        _, district = require_district(ROSTER_READ)
        only = ""
        query = Listing(
            district=district,
            only=only,
            after=page_after(TERMS, only, request.page_token),
            page_size=request.page_size,
        )
        page = await handlers.list_terms(query, roster=self._roster)
        return messages.ListTermsResponse(
            terms=[term_message(district, one) for one in page.entities],
            next_page_token=page_token(TERMS, only, page.next_after),
        )

    async def ListSections(  # noqa: N802
        self, request: messages.ListSectionsRequest, context: Context
    ) -> messages.ListSectionsResponse:
        """Return a page of sections."""
        _, district = require_district(ROSTER_READ)
        only = _school_filter(district, request.school)
        query = Listing(
            district=district,
            only=only,
            after=page_after(SECTIONS, only, request.page_token),
            page_size=request.page_size,
        )
        page = await handlers.list_sections(query, roster=self._roster)
        return messages.ListSectionsResponse(
            sections=[section_message(district, one) for one in page.entities],
            next_page_token=page_token(SECTIONS, only, page.next_after),
        )

    async def ListEnrolments(  # noqa: N802
        self, request: messages.ListEnrolmentsRequest, context: Context
    ) -> messages.ListEnrolmentsResponse:
        """Return a page of enrolments."""
        _, district = require_district(ROSTER_READ)
        only = SECTION_NAME.id_in("section", district, request.section) if request.section else ""
        query = Listing(
            district=district,
            only=only,
            after=page_after(ENROLMENTS, only, request.page_token),
            page_size=request.page_size,
        )
        page = await handlers.list_enrolments(query, roster=self._roster)
        return messages.ListEnrolmentsResponse(
            enrolments=[enrolment_message(district, one) for one in page.entities],
            next_page_token=page_token(ENROLMENTS, only, page.next_after),
        )

    async def BatchPutAliases(  # noqa: N802
        self, request: messages.BatchPutAliasesRequest, context: Context
    ) -> messages.BatchPutAliasesResponse:
        """Say how systems call learners, adults and sections."""
        _, district = require_district(ROSTER_WRITE)
        aliases = [alias_from(district, index, one) for index, one in enumerate(request.aliases)]
        released = await put_aliases(
            district,
            aliases,
            validate_only=request.validate_only,
            surroundings=self._surroundings,
        )
        return messages.BatchPutAliasesResponse(released_count=released)

    async def ListAliases(  # noqa: N802
        self, request: messages.ListAliasesRequest, context: Context
    ) -> messages.ListAliasesResponse:
        """List the aliases of one learner, adult or section."""
        _, district = require_district(ROSTER_READ)
        kind, subject_id = subject_from("subject", district, request.subject)
        found = await list_aliases(district, kind, subject_id, surroundings=self._surroundings)
        return messages.ListAliasesResponse(aliases=[alias_to(district, one) for one in found])

    async def FindSubjects(  # noqa: N802
        self, request: messages.FindSubjectsRequest, context: Context
    ) -> messages.FindSubjectsResponse:
        """Say whom or what references mean now."""
        _, district = require_district(ROSTER_READ)
        kind = kind_from(request.kind)
        references = [reference_from(one) for one in request.references]
        found = await find_subjects(district, kind, references, surroundings=self._surroundings)
        return messages.FindSubjectsResponse(
            subjects=[subject_to(district, kind, one) for one in found]
        )

    async def MergeLearners(  # noqa: N802
        self, request: messages.MergeLearnersRequest, context: Context
    ) -> messages.MergeLearnersResponse:
        """Say that two learners are one person."""
        credential, district = require_district(ROSTER_WRITE)
        merge = await merge_learners(
            MergeLearners(
                district=district,
                learner_id=LEARNER_NAME.id_in("learner", district, request.learner),
                into_id=LEARNER_NAME.id_in("into", district, request.into),
                actor=credential.name,
                note=request.note,
            ),
            surroundings=self._surroundings,
        )
        return messages.MergeLearnersResponse(merge=merge_to(district, merge))

    async def UndoMerge(  # noqa: N802
        self, request: messages.UndoMergeRequest, context: Context
    ) -> messages.UndoMergeResponse:
        """Say that a merge was wrong."""
        credential, district = require_district(ROSTER_WRITE)
        merge_id = MERGE_NAME.id_in("name", district, request.name)
        merge = await undo_merge(
            district, merge_id, credential.name, surroundings=self._surroundings
        )
        return messages.UndoMergeResponse(merge=merge_to(district, merge))

    async def ListMerges(  # noqa: N802
        self, request: messages.ListMergesRequest, context: Context
    ) -> messages.ListMergesResponse:
        """List merges, newest first."""
        _, district = require_district(ROSTER_READ)
        found, after = await list_merges(
            district,
            page_after(MERGES, "", request.page_token),
            request.page_size,
            surroundings=self._surroundings,
        )
        return messages.ListMergesResponse(
            merges=[merge_to(district, one) for one in found],
            next_page_token=page_token(MERGES, "", after),
        )

    async def StreamRoster(  # noqa: N802
        self, request: messages.StreamRosterRequest, context: Context
    ) -> AsyncIterator[messages.StreamRosterResponse]:
        """Stream one consistent snapshot."""
        _, district = require_district(ROSTER_READ)
        only = _school_filter(district, request.school)
        # A client that goes away must not leave the transaction open until the next collection.
        found = handlers.stream_roster(
            district, only, roster=self._roster, with_sections=request.with_sections
        )
        async with aclosing(found) as runs:
            async for run in runs:
                yield _run_message(district, run)


def _school_filter(district: str, name: str) -> str:
    """Return the id of the school that a read is bound to; empty for all."""
    return SCHOOL_NAME.id_in("school", district, name) if name else ""


def _run_message(district: str, run: RosterRun) -> messages.StreamRosterResponse:
    """Return the message of a run of the snapshot."""
    return messages.StreamRosterResponse(
        schools=[school_message(district, one) for one in run.schools],
        adults=[adult_message(district, one) for one in run.adults],
        learners=[learner_message(district, one) for one in run.learners],
        terms=[term_message(district, one) for one in run.terms],
        sections=[untitled_section_message(district, one) for one in run.sections],
        enrolments=[enrolment_message(district, one) for one in run.enrolments],
    )
