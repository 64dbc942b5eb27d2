"""Every RPC has a scope and an action, and each role gets through to what the table says."""

import importlib
import pkgutil

import pytest
import trellis.scheduler.v1
from google.protobuf import message_factory

from services.common.rpc.credentials import PersonMissingError
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.domain.access import ALLOWED, Action, Reach, Role
from services.scheduler.domain.errors import NotAllowedError, SchedulerError
from services.scheduler.entrypoints.actions import ACTIONS
from services.scheduler.entrypoints.scopes import SCOPES
from tests.support.people import an_actor
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import PRINCIPAL, school_name, set_up
from tests.support.schools import a_problem

SCHOOL = school_name(a_problem())
NAMES = {
    "Policy": f"{SCHOOL}/policy",
    "Room": f"{SCHOOL}/rooms/none",
    "Offer": f"{SCHOOL}/offers/none",
    "Absence": f"{SCHOOL}/absences/none",
    "Pin": f"{SCHOOL}/pins/none",
    "PlanRun": f"{SCHOOL}/planRuns/none",
    "Week": f"{SCHOOL}/weeks/2026-11-23",
    "Seat": f"{SCHOOL}/weeks/2026-11-23/seats/lea.mon-1",
    "StaffMember": f"{SCHOOL}/staffMembers/none",
    "LearnerSetting": f"{SCHOOL}/learnerSettings/none",
}
PARENTS = dict.fromkeys(("ListSessions", "ListSeats", "ListUnmetNeeds"), NAMES["Week"])
OF_EACH_SETTING = {
    "BatchUpsertAbsences",
    "DeleteAbsence",
    "BatchUpsertPins",
    "DeletePin",
    "ListPins",
    "BatchUpsertLearnerSettings",
    "DeleteLearnerSetting",
    "ListLearnerSettings",
}
"""Whose action is asked for each setting: a role that has it for its own comes in, too."""
OF_PERSONS = {"SignOffWeek", "PublishWeek"}
"""Which no system calls, whatever its role may do."""


def methods():
    """Return every method of every service of the scheduler's contract, by name."""
    found = {}
    for module in pkgutil.iter_modules(trellis.scheduler.v1.__path__):
        if module.name.endswith("_service_pb2"):
            contract = importlib.import_module(f"trellis.scheduler.v1.{module.name}")
            for service in contract.DESCRIPTOR.services_by_name.values():
                for method in service.methods:
                    assert method.name not in found, f"{method.name} stands in two services"
                    found[method.name] = method
    return found


METHODS = methods()
SERVED = sorted(
    name
    for name, method in METHODS.items()
    if method.containing_service.name in ("SchedulerService", "PeopleService")
)


def test_every_method_of_every_service_has_a_scope_and_an_action():
    """A new RPC stands in both tables, or this fails; and no table speaks of what is not there."""
    assert set(SCOPES) == set(METHODS)
    assert set(ACTIONS) == set(METHODS)
    assert all(ACTIONS.values())


@pytest.fixture
async def api():
    """Give an API whose school is set up."""
    found = Api(a_problem())
    await set_up(found.as_("office"), found.problem)
    return found


def request_of(name):
    """Return a request for a method that names the school, and nothing that there is."""
    message = message_factory.GetMessageClass(METHODS[name].input_type)
    fields = METHODS[name].input_type.fields_by_name
    if "parent" in fields:
        return message(parent=PARENTS.get(name, SCHOOL))
    if "policy" in fields:
        return message(policy={"name": NAMES["Policy"]})
    return message(name=next(full for kind, full in NAMES.items() if name.endswith(kind)))


def lets_in(role, name):
    """Whether the tables say that a role comes through to a method."""
    reaches = [ALLOWED[role].get(action) for action in ACTIONS[name]]
    return Reach.SCHOOL in reaches or (name in OF_EACH_SETTING and Reach.OWN in reaches)


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("role", [one for one in Role if one is not Role.SYSTEM])
async def test_a_role_comes_through_where_the_table_says_so(api, role, name):
    """Who may is answered or told what is wrong with the request; who may not is refused first."""
    replace_actors(api, an_actor(role, own=("lea",), adult_id="principal"))
    assert await is_let_in(api, "principal", name) == lets_in(role, name)


@pytest.mark.parametrize("name", SERVED)
async def test_a_system_comes_through_where_no_person_is_asked_for(api, name):
    """A token without a person acts as a system, and stands for nobody."""
    expected = lets_in(Role.SYSTEM, name) and name not in OF_PERSONS
    assert await is_let_in(api, "office", name) == expected


@pytest.mark.parametrize("name", SERVED)
async def test_who_is_nobody_in_the_school_comes_through_nowhere(api, name):
    """A token with every scope of a person without a role is refused by every method."""
    replace_actors(api, an_actor(adult_id="principal"))
    assert not await is_let_in(api, "principal", name)


def test_every_role_of_staff_reads_weeks():
    """So the pages for the hall, which ask for no more, are there for every adult of the school."""
    for role in Role:
        if role.is_staff:
            assert ALLOWED[role][Action.READ_WEEK] is Reach.SCHOOL


def replace_actors(api, actor):
    """Let the person of the principal's token be somebody else in the school."""
    vars(api.actors).update(vars(MemoryActors({PRINCIPAL: actor})))


async def is_let_in(api, token, name):
    """Call a method and return whether it came past the question who may."""
    try:
        await getattr(api.as_(token), name)(request_of(name))
    except (NotAllowedError, PersonMissingError):
        return False
    except SchedulerError:
        return True
    return True
