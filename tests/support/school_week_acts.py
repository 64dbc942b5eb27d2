"""What the people of a school do: set it up, rank and answer, ask for a learner, live a day."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable

import grpc
import pytest
from trellis.scheduler.v1 import calendar_service_pb2 as calendar_service
from trellis.scheduler.v1 import people_service_pb2 as people_service
from trellis.scheduler.v1 import request_pb2 as requests
from trellis.scheduler.v1 import request_service_pb2 as request_service
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler_service
from trellis.scheduler.v1 import school_service_pb2 as school_service

from deploy.demo.district import competency_name
from services.common.rpc.client import reason_of
from tests.support import alder, alder_settings
from tests.support.alder import SCHOOL
from tests.support.district import District
from tests.support.school_week import School


async def take_in(found: School) -> None:
    """Bring in the roster, the competencies and what learners have shown, and wait for it."""
    district = District(found.cluster)
    package = alder.package(found.directory, found.monday)
    report = json.loads(
        await asyncio.to_thread(
            district.command,
            *("import-oneroster", str(package), "--source", alder.SOURCE),
            *("--time-zone", "America/New_York", "--json"),
        )
    )
    assert (report["stopped"], report["outcomes"]["refused"]) == (None, 0), report
    it = found.as_("district-it")
    await alder.register(it.roster, it.framework)
    await alder.send(it.evidence, alder.records(found.monday))
    await asyncio.to_thread(district.wait)


async def set_up(found: School) -> None:
    """Set the school up: IT begins and names the principal, and each does their own part."""
    it, principal, office = (found.as_(one) for one in ("district-it", "principal", "office"))
    await it.weeks.UpdatePolicy(
        scheduler_service.UpdatePolicyRequest(policy=alder_settings.policy())
    )
    await it.people.BatchUpsertStaffMembers(
        people_service.BatchUpsertStaffMembersRequest(
            parent=SCHOOL, staff_members=[alder_settings.principal()]
        )
    )
    await principal.people.BatchUpsertStaffMembers(
        people_service.BatchUpsertStaffMembersRequest(
            parent=SCHOOL, staff_members=alder_settings.staff()
        )
    )
    await office.calendar.BatchUpsertBellSchedules(
        calendar_service.BatchUpsertBellSchedulesRequest(
            parent=SCHOOL, bell_schedules=alder_settings.bell_schedules()
        )
    )
    await office.calendar.UpdateCalendar(
        calendar_service.UpdateCalendarRequest(
            calendar=alder_settings.calendar_around(found.monday)
        )
    )
    await office.weeks.BatchUpsertRooms(
        scheduler_service.BatchUpsertRoomsRequest(parent=SCHOOL, rooms=alder_settings.rooms())
    )
    await office.weeks.BatchUpsertOffers(
        scheduler_service.BatchUpsertOffersRequest(parent=SCHOOL, offers=alder_settings.offers())
    )
    await office.people.BatchUpsertLearnerSettings(
        people_service.BatchUpsertLearnerSettingsRequest(
            parent=SCHOOL, learner_settings=alder_settings.learner_settings()
        )
    )
    await office.school.BatchUpsertEssentials(
        school_service.BatchUpsertEssentialsRequest(
            parent=SCHOOL, essentials=alder_settings.essentials(found.monday)
        )
    )
    await found.as_("specialist").school.BatchUpsertRequiredServices(
        school_service.BatchUpsertRequiredServicesRequest(
            parent=SCHOOL, required_services=alder_settings.required_services()
        )
    )
    await found.as_("counselor").school.BatchUpsertKeepRules(
        school_service.BatchUpsertKeepRulesRequest(
            parent=SCHOOL, keep_rules=[alder_settings.keep_rule()]
        )
    )


async def rank(found: School, token: str, number: int) -> requests.Ranking:
    """Send a learner's choices from their short list, as the holder of a token."""
    asking, learner = found.as_(token).asking, found.learners[number]
    answer = await asking.GetShortList(
        request_service.GetShortListRequest(parent=found.week, learner=learner)
    )
    listed = answer.short_list
    ways = [target.ways[0] for target in listed.targets[:2]]
    ways += [listed.enrichment[(number + one) % len(listed.enrichment)] for one in range(2)]
    sent = await asking.SubmitRanking(
        request_service.SubmitRankingRequest(
            name=f"{found.week}/rankings/{learner.rsplit('/', 1)[1]}",
            choices=[
                requests.RankedChoice(offer=way.offer, competency=way.competency) for way in ways
            ],
            request_id=f"{token}-ranks-{number}",
        )
    )
    return sent.ranking


async def request(
    found: School, adult: str, number: int, slot_id: str, code: str
) -> request_service.CreateRequestResponse:
    """Ask for a learner in a group of the adult's own."""
    return await found.as_(adult).asking.CreateRequest(
        request_service.CreateRequestRequest(
            parent=found.week,
            learner=found.learners[number],
            slot_id=slot_id,
            offer=alder.in_school("offers", f"{adult}-group"),
            competency=competency_name(code),
            request_id=f"{adult}-{number}-{slot_id}",
        )
    )


async def refused(call: Awaitable[object], reason: str) -> None:
    """Make a call that must be refused for a reason."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    assert reason_of(caught.value) == reason, caught.value
