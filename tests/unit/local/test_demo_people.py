"""What the demonstration sets for its schools is accepted, and its people may do what they do."""

from datetime import date
from types import SimpleNamespace

import pytest
from trellis.scheduler.v1 import people_service_pb2, scheduler_service_pb2

from deploy.demo import drive
from deploy.demo.district import build_district
from deploy.local.tokens import DISTRICT, GRANTS
from services.common.rpc.credentials import Credential
from services.scheduler.adapters.actors import RosterActors
from services.scheduler.domain.errors import DraftMissingError
from services.scheduler.domain.model import Adult
from services.scheduler.domain.people import Members, PostedAdult
from tests.support.scheduler_api import Api, Methods
from tests.support.schools import MONDAY, a_problem

CREDENTIALS = {
    one.name: Credential(
        name=one.name, district=one.district, scopes=frozenset(one.scopes), person=one.person
    )
    for one in GRANTS
}


class RosterOf:
    """The roster of the made-up district, as the evidence service would give it."""

    def __init__(self, district):
        self._adults = {one.name.rsplit("/", 1)[1]: one for one in district.adults}

    async def members(self, district, school_id):
        """Return a school without learners: nobody's own are asked for here."""
        return Members(learners=(), adults=())

    async def adult(self, district, adult_id):
        """Return an adult of the district."""
        found = self._adults.get(adult_id)
        if found is None:
            return None
        return PostedAdult(
            adult=Adult(adult_id=adult_id),
            school_id=found.school.rsplit("/", 1)[1],
            active=found.active,
        )

    async def learner(self, district, learner_id):
        """Return nobody."""
        return None


@pytest.fixture
async def world():
    """Give the district and an API over its roster, after the demonstration's settings."""
    district = build_district(seed=7, as_of=date(2026, 11, 19), monday=MONDAY)
    names = {
        one.source_id: f"districts/{DISTRICT}/learners/{one.source_id}" for one in district.learners
    }
    api = Api(a_problem())
    book = RosterActors(store=api.store, roster=RosterOf(district), clock=api.clock)
    vars(api.actors)["actor"] = book.actor
    await drive.set_up_weeks(as_holder(api, "district-it"), district, names, MONDAY)
    return SimpleNamespace(district=district, api=api)


def as_holder(api, token):
    """Return the services as the holder of one of the development's tokens calls them."""
    methods = Methods((api.servicer, api.people), CREDENTIALS[token])
    return SimpleNamespace(scheduler=methods, people=methods)


async def test_every_learner_of_the_demonstration_has_a_named_adult(world):
    """A setting for each, kept by the token of the district's IT."""
    async with world.api.store.snapshot(DISTRICT) as view:
        kept = [
            one.id
            for school in world.district.schools
            for one in await view.learner_settings.all(school.name.rsplit("/", 1)[1])
        ]
    assert sorted(kept) == sorted(one.source_id for one in world.district.learners)


async def test_the_principals_token_plans_and_signs_at_both_schools(world):
    """The roster has the principal at one school; the entry lets them act at the other."""
    principal = as_holder(world.api, "principal")
    for school in world.district.schools:
        request = scheduler_service_pb2.CreatePlanRunRequest(
            parent=school.name, monday=MONDAY.isoformat()
        )
        request.as_of_time.FromJsonString("2026-11-19T17:00:00Z")
        assert (await principal.scheduler.CreatePlanRun(request)).plan_run.name
        week = f"{school.name}/weeks/{MONDAY.isoformat()}"
        sign = scheduler_service_pb2.SignOffWeekRequest(name=week, week_hash="0" * 64)
        with pytest.raises(DraftMissingError):
            await principal.scheduler.SignOffWeek(sign)
        publish = scheduler_service_pb2.PublishWeekRequest(name=week, week_hash="0" * 64)
        with pytest.raises(DraftMissingError):
            await principal.scheduler.PublishWeek(publish)
        listing = people_service_pb2.ListStaffMembersRequest(parent=school.name)
        assert len((await principal.people.ListStaffMembers(listing)).staff_members) == 1
