"""PeopleService, and how far a role reaches with the settings of a school."""

from datetime import date

import pytest
from trellis.scheduler.v1 import people_pb2, week_pb2
from trellis.scheduler.v1 import people_service_pb2 as people
from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.wire.people import learner_setting_to, staff_member_to
from services.scheduler.domain.access import Role
from services.scheduler.domain.errors import (
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
    RequestIdReusedError,
)
from tests.support.people import a_learner_setting, a_staff_member, an_actor
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import DISTRICT, PRINCIPAL, set_up
from tests.support.schools import a_learner, a_pin, a_problem, an_absence

SCHOOL = f"districts/{DISTRICT}/schools/north"


@pytest.fixture
async def api():
    """Give an API whose school is set up, with a service's pin and one of another kind."""
    found = Api(
        a_problem(
            learners=(a_learner(), a_learner("max")),
            absences=(an_absence("bo"),),
            pins=(a_pin(service=True), a_pin("p2", "max")),
        )
    )
    await set_up(found.as_("office"), found.problem)
    return found


def as_role(api, *roles, own=(), adult_id="ada"):
    """Return the methods as called by somebody of these roles in the school."""
    actor = an_actor(*roles, own=own, adult_id=adult_id)
    vars(api.actors).update(vars(MemoryActors({PRINCIPAL: actor})))
    return api.as_("principal")


def staff_request(*members, **changes):
    """Return the request to keep staff members."""
    sent = [staff_member_to(DISTRICT, one) for one in members]
    return people.BatchUpsertStaffMembersRequest(parent=SCHOOL, staff_members=sent, **changes)


def learners_request(*settings, **changes):
    """Return the request to keep settings of learners."""
    sent = [learner_setting_to(DISTRICT, one) for one in settings]
    return people.BatchUpsertLearnerSettingsRequest(parent=SCHOOL, learner_settings=sent, **changes)


async def entries(api):
    """Return the audit of the school, oldest first."""
    async with api.store.snapshot(DISTRICT) as view:
        return [one for _, one in await view.audit.page("north", limit=500)][::-1]


async def test_staff_members_come_back_with_versions(api):
    """What was sent is listed as it was sent; the same content keeps its version."""
    office = api.as_("office")
    for version, load in ((1, 5), (1, 5), (2, 6)):
        answer = await office.BatchUpsertStaffMembers(staff_request(a_staff_member(load=load)))
        wanted = staff_member_to(DISTRICT, a_staff_member(load=load, version=version))
        assert list(answer.staff_members) == [wanted]
    listed = await office.ListStaffMembers(people.ListStaffMembersRequest(parent=SCHOOL))
    assert list(listed.staff_members) == [wanted]


async def test_learner_settings_come_back_with_versions(api):
    """Every field goes in and comes out; families and opt-outs in one order."""
    office = api.as_("office")
    answer = await office.BatchUpsertLearnerSettings(learners_request(a_learner_setting()))
    (kept,) = answer.learner_settings
    assert (kept.version, list(kept.families)) == (
        1,
        [f"districts/{DISTRICT}/families/f1", f"districts/{DISTRICT}/families/f2"],
    )
    assert [one.WhichOneof("what") for one in kept.opt_outs] == ["subject", "kind", "offer"]
    assert kept.HasField("far_behind")
    again = await office.BatchUpsertLearnerSettings(
        people.BatchUpsertLearnerSettingsRequest(parent=SCHOOL, learner_settings=[kept])
    )
    assert list(again.learner_settings) == [kept]
    undecided = a_learner_setting(far_behind=None)
    answer = await office.BatchUpsertLearnerSettings(learners_request(undecided))
    assert not answer.learner_settings[0].HasField("far_behind")
    assert answer.learner_settings[0].version == 2


async def test_a_repeat_returns_the_first_answer(api):
    """A request id stands for one sending; another content under it is refused."""
    office = api.as_("office")
    request = staff_request(a_staff_member(), request_id="r1")
    first = await office.BatchUpsertStaffMembers(request)
    await office.BatchUpsertStaffMembers(staff_request(a_staff_member(load=9)))
    assert await office.BatchUpsertStaffMembers(request) == first
    with pytest.raises(RequestIdReusedError):
        await office.BatchUpsertStaffMembers(staff_request(a_staff_member("bo"), request_id="r1"))


async def test_an_entry_is_removed_once(api):
    """After the removal there is nothing to remove; the adult is what the roster says."""
    office = api.as_("office")
    await office.BatchUpsertStaffMembers(staff_request(a_staff_member()))
    await office.BatchUpsertLearnerSettings(learners_request(a_learner_setting()))
    await office.DeleteStaffMember(
        people.DeleteStaffMemberRequest(name=f"{SCHOOL}/staffMembers/ada")
    )
    removal = people.DeleteLearnerSettingRequest(name=f"{SCHOOL}/learnerSettings/lea")
    await office.DeleteLearnerSetting(removal)
    with pytest.raises(NotFoundError):
        await office.DeleteLearnerSetting(removal)
    listed = await office.ListStaffMembers(people.ListStaffMembersRequest(parent=SCHOOL))
    assert not listed.staff_members


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"roles": []}, "roles", "FIELD_MISSING"),
        ({"roles": [0]}, "roles", "FIELD_MALFORMED"),
        ({"roles": [2, 2]}, "roles", "DUPLICATE"),
        ({"kinds": [0]}, "kinds", "FIELD_MALFORMED"),
        ({"kinds": [99]}, "kinds", "FIELD_MALFORMED"),
        ({"planning_slot_ids": ["tue-9"]}, "planning_slot_ids", "UNKNOWN_SLOT"),
        ({"load": -1}, "load", "OUT_OF_RANGE"),
        ({"preparations": 101}, "preparations", "OUT_OF_RANGE"),
        ({"name": "districts/maple/schools/south/staffMembers/ada"}, "name", "OTHER_SCHOOL"),
        ({"name": "districts/cedar/schools/north/staffMembers/ada"}, "name", "OTHER_DISTRICT"),
    ],
)
async def test_a_staff_member_at_fault_is_refused_by_place(api, changes, field, reason):
    """The refusal names the field and what to send, and nothing of the batch is kept."""
    message = people_pb2.StaffMember(name=f"{SCHOOL}/staffMembers/ada", roles=[1])
    for name, value in changes.items():
        if isinstance(value, list):
            message.ClearField(name)
            getattr(message, name).extend(value)
        else:
            setattr(message, name, value)
    good = staff_member_to(DISTRICT, a_staff_member("bo"))
    request = people.BatchUpsertStaffMembersRequest(parent=SCHOOL, staff_members=[good, message])
    with pytest.raises(InvalidSettingError) as caught:
        await api.as_("office").BatchUpsertStaffMembers(request)
    assert (caught.value.field, caught.value.reason) == (f"staff_members[1].{field}", reason)
    assert caught.value.metadata["hint"]
    listed = await api.as_("office").ListStaffMembers(people.ListStaffMembersRequest(parent=SCHOOL))
    assert not listed.staff_members


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"named_adult": ""}, "named_adult", "FIELD_MISSING"),
        ({"named_adult": "districts/cedar/adults/x"}, "named_adult", "OTHER_DISTRICT"),
        ({"families": ["f1"]}, "families", "FIELD_MALFORMED"),
        ({"families": ["districts/maple/families/f1"] * 2}, "families", "DUPLICATE"),
        ({"tags": ["studio b"]}, "tags", "FIELD_MALFORMED"),
        ({"consents": [{"law": "HB1416"}]}, "consents[0].consent_date", "FIELD_MALFORMED"),
        (
            {"consents": [{"law": "HB1416", "consent_date": "2026-09-01"}] * 2},
            "consents",
            "DUPLICATE",
        ),
        ({"opt_outs": [{}]}, "opt_outs[0].what", "FIELD_MISSING"),
        ({"opt_outs": [{"offer": f"{SCHOOL}/offers/gone"}]}, "opt_outs[0].offer", "UNKNOWN_OFFER"),
        ({"opt_outs": [{"kind": 0}]}, "opt_outs[0].kind", "FIELD_MALFORMED"),
        ({"opt_outs": [{"subject": "art"}] * 2}, "opt_outs", "DUPLICATE"),
    ],
)
async def test_a_learner_setting_at_fault_is_refused_by_place(api, changes, field, reason):
    """The refusal names the field, and says what to send instead."""
    fields = {
        "name": f"{SCHOOL}/learnerSettings/lea",
        "named_adult": f"districts/{DISTRICT}/adults/ada",
    }
    request = people.BatchUpsertLearnerSettingsRequest(
        parent=SCHOOL, learner_settings=[people_pb2.LearnerSetting(**(fields | changes))]
    )
    with pytest.raises(InvalidSettingError) as caught:
        await api.as_("office").BatchUpsertLearnerSettings(request)
    assert caught.value.field == f"learner_settings[0].{field}"
    assert caught.value.reason == reason
    assert caught.value.metadata["hint"]


async def test_nobody_but_a_principal_or_a_system_gives_roles(api):
    """Who may change rooms may not make themselves the one who signs off."""
    for role in (Role.OFFICE, Role.SPECIALIST, Role.COACH):
        with pytest.raises(NotAllowedError):
            await as_role(api, role).BatchUpsertStaffMembers(staff_request(a_staff_member()))
    await as_role(api, Role.PRINCIPAL).BatchUpsertStaffMembers(staff_request(a_staff_member()))


async def test_every_role_that_is_given_stands_in_the_audit(api):
    """Who gave what to whom, and when; a system's act too, and what changes nothing not at all."""
    member = a_staff_member(roles=(Role.PRINCIPAL, Role.COACH))
    await api.as_("office").BatchUpsertStaffMembers(staff_request(member))
    await as_role(api, Role.PRINCIPAL).BatchUpsertStaffMembers(staff_request(member))
    removal = people.DeleteStaffMemberRequest(name=f"{SCHOOL}/staffMembers/ada")
    await as_role(api, Role.PRINCIPAL, adult_id="bo").DeleteStaffMember(removal)
    given, taken = [one for one in await entries(api) if one.action == "change_staff"]
    assert (given.actor, given.subject) == (
        "systems/office",
        f"districts/{DISTRICT}/adults/ada",
    )
    assert given.detail == "staff member ada set, version 1: roles coach, principal"
    assert (taken.actor, taken.time) == (f"districts/{DISTRICT}/adults/bo", api.clock.now())
    assert taken.detail == "staff member ada removed, version 1: roles coach, principal"


async def test_what_is_changed_of_a_school_stands_in_the_audit(api):
    """Rooms by a person as those by a system, which is told by the name of its token."""
    before = await entries(api)
    assert {one.actor for one in before} == {"systems/office"}
    assert "room r1 set, version 1" in [one.detail for one in before]
    request = messages.BatchUpsertRoomsRequest(
        parent=SCHOOL,
        rooms=[week_pb2.Room(name=f"{SCHOOL}/rooms/r1", display_name="Lab", capacity=12)],
    )
    await as_role(api, Role.OFFICE).BatchUpsertRooms(request)
    told = (await entries(api))[-1]
    assert (told.action, told.detail) == ("change_school", "room r1 set, version 2")


async def test_a_pin_is_told_of_its_learner_with_place_and_reason(api):
    """Whoever sets it, a system too; so all about a learner is found by their name."""
    (pin,) = [one for one in await entries(api) if "pin p1 " in one.detail]
    assert (pin.actor, pin.action) == ("systems/office", "set_service_pin")
    assert pin.subject == f"districts/{DISTRICT}/learners/lea"
    assert pin.detail == "pin p1 set, version 1: slot mon-1 of 2026-11-23, offer o1"
    assert (pin.reason, pin.monday) == ("agreed with the family", date(2026, 11, 23))
    removal = messages.DeletePinRequest(name=f"{SCHOOL}/pins/p1")
    await as_role(api, Role.SPECIALIST).DeletePin(removal)
    removed = (await entries(api))[-1]
    assert removed.detail.startswith("pin p1 removed, version 1: ")
    assert not removed.reason, "why it had been set is no reason of who removes it"


async def test_a_teacher_reads_the_settings_of_their_own_learners_alone(api):
    """A page leaves out whom they may not read, and goes on after it."""
    settings = [a_learner_setting(one) for one in ("a", "lea", "z")]
    await api.as_("office").BatchUpsertLearnerSettings(learners_request(*settings))
    teacher = as_role(api, Role.TEACHER, own=("lea",))
    request, seen = people.ListLearnerSettingsRequest(parent=SCHOOL, page_size=1), []
    while True:
        page = await teacher.ListLearnerSettings(request)
        seen += [one.name.rsplit("/", 1)[1] for one in page.learner_settings]
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break
    assert seen == ["lea"]
    everybody = await as_role(api, Role.COUNSELOR).ListLearnerSettings(
        people.ListLearnerSettingsRequest(parent=SCHOOL)
    )
    assert len(everybody.learner_settings) == 3
    pins = await as_role(api, Role.TEACHER, own=("max",)).ListPins(
        messages.ListPinsRequest(parent=SCHOOL)
    )
    assert [one.name for one in pins.pins] == [f"{SCHOOL}/pins/p2"]


async def test_a_learner_and_a_family_read_no_settings(api):
    """What is set for a learner is not for the learner to read: consents, far behind, opt-outs."""
    for role in (Role.LEARNER, Role.FAMILY):
        with pytest.raises(NotAllowedError):
            await as_role(api, role, own=("lea",)).ListLearnerSettings(
                people.ListLearnerSettingsRequest(parent=SCHOOL)
            )


def pin_of(pin_id, learner_id, **changes):
    """Return the message of a pin into offer o1."""
    fields = {
        "name": f"{SCHOOL}/pins/{pin_id}",
        "learner": f"districts/{DISTRICT}/learners/{learner_id}",
        "date": "2026-11-23",
        "slot_id": "mon-1",
        "offer": f"{SCHOOL}/offers/o1",
    }
    return week_pb2.Pin(**(fields | changes))


def pins_request(*pins):
    """Return the request to keep pins."""
    return messages.BatchUpsertPinsRequest(parent=SCHOOL, pins=pins)


async def test_a_services_pin_is_of_those_who_deliver_services(api):
    """The office neither sets nor replaces nor removes one, whatever it calls the new pin (H5)."""
    office, specialist = Role.OFFICE, Role.SPECIALIST
    await as_role(api, office).BatchUpsertPins(pins_request(pin_of("p3", "max")))
    for pin in (pin_of("p4", "max", service=True), pin_of("p1", "lea")):
        with pytest.raises(NotAllowedError):
            await as_role(api, office).BatchUpsertPins(pins_request(pin))
    with pytest.raises(NotAllowedError):
        await as_role(api, office).DeletePin(messages.DeletePinRequest(name=f"{SCHOOL}/pins/p1"))
    await as_role(api, specialist).BatchUpsertPins(
        pins_request(pin_of("p1", "lea", service=True, reason="moved"))
    )
    with pytest.raises(NotAllowedError):
        await as_role(api, specialist).BatchUpsertPins(pins_request(pin_of("p2", "max")))
    await as_role(api, specialist).DeletePin(messages.DeletePinRequest(name=f"{SCHOOL}/pins/p1"))


async def test_a_teacher_reports_their_own_absence_alone(api):
    """Neither somebody else's, nor their own under the name of another's that stands."""

    def request(absence_id, adult_id, day="2026-11-23"):
        absence = week_pb2.Absence(
            name=f"{SCHOOL}/absences/{absence_id}",
            adult=f"districts/{DISTRICT}/adults/{adult_id}",
            date=day,
        )
        return messages.BatchUpsertAbsencesRequest(parent=SCHOOL, absences=[absence])

    teacher = as_role(api, Role.TEACHER)
    await teacher.BatchUpsertAbsences(request("mine", "ada"))
    for refused in (request("other", "bo"), request("away-0", "ada", "2026-11-30")):
        with pytest.raises(NotAllowedError):
            await teacher.BatchUpsertAbsences(refused)
    with pytest.raises(NotAllowedError):
        await teacher.DeleteAbsence(messages.DeleteAbsenceRequest(name=f"{SCHOOL}/absences/away-0"))
    await teacher.DeleteAbsence(messages.DeleteAbsenceRequest(name=f"{SCHOOL}/absences/mine"))


async def test_the_policy_is_changed_by_the_office_and_told(api):
    """A teacher may read it and not change it; who changed it stands in the audit."""
    policy = (
        await as_role(api, Role.TEACHER).GetPolicy(
            messages.GetPolicyRequest(name=f"{SCHOOL}/policy")
        )
    ).policy
    policy.school_display_name = "North"
    with pytest.raises(NotAllowedError):
        await as_role(api, Role.TEACHER).UpdatePolicy(messages.UpdatePolicyRequest(policy=policy))
    await as_role(api, Role.OFFICE).UpdatePolicy(messages.UpdatePolicyRequest(policy=policy))
    told = (await entries(api))[-1]
    assert (told.actor, told.subject) == (f"districts/{DISTRICT}/adults/ada", f"{SCHOOL}/policy")
