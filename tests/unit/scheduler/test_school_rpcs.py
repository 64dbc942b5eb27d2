"""What a school sets for its learners and its year, over the RPCs: who may, and who sees what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler
from trellis.scheduler.v1 import school_pb2, week_pb2
from trellis.scheduler.v1 import school_service_pb2 as messages

from services.scheduler.adapters.wire import school as data_wire
from services.scheduler.adapters.wire import settings as wire
from services.scheduler.domain.errors import (
    InUseError,
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
)
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.revision import WeekView
from services.scheduler.domain.school import RoomClosure
from services.scheduler.handlers.problem import make_problem
from tests.support.scheduler_world import set_up
from tests.support.schedules import (
    a_run,
    a_school_pin,
    a_school_room,
    an_absence_of,
)
from tests.support.school_data import (
    CANARY,
    PARENT,
    SET_HERE,
    SchoolApi,
    a_locked_session,
    a_required_service,
    a_whole_offer,
    a_whole_policy,
    a_whole_room,
    adult,
    an_essential,
    learner,
)
from tests.support.schools import (
    MONDAY,
    a_competency,
    a_learner,
    a_problem,
    a_room,
    an_adult,
    an_offer,
)

PLAN = a_run(monday=MONDAY)


@pytest.fixture
async def api():
    """Give a school of lea and mia with a commons offer and an offer of speech."""
    found = SchoolApi(
        a_problem(
            learners=(a_learner(), a_learner("mia")),
            offers=(
                an_offer(),
                an_offer("speech", kind=SessionKind.SERVICE, room_id=None),
            ),
            competencies=(a_competency(), a_competency("ratios")),
        )
    )
    await set_up(found.api.as_("principal"), found.api.problem)
    return found


def rule(rule_id="k1", **changes):
    """Return a rule that keeps lea and mia apart, with a reason that must not be seen."""
    fields = {
        "name": f"{PARENT}/keepRules/{rule_id}",
        "kind": school_pb2.KeepRule.KIND_APART,
        "learner": learner("mia"),
        "other_learner": learner("lea"),
        "reason": CANARY,
    }
    return school_pb2.KeepRule(**(fields | changes))


def service(service_id="s1", **changes):
    """Return 40 minutes of speech for lea."""
    fields = {
        "name": f"{PARENT}/requiredServices/{service_id}",
        "learner": learner("lea"),
        "service": "speech",
        "minutes": 40,
    }
    return school_pb2.RequiredService(**(fields | changes))


async def set_rules(api, who, *rules, **changes):
    """Send rules as somebody."""
    request = messages.BatchUpsertKeepRulesRequest(parent=PARENT, keep_rules=rules, **changes)
    return await api.as_(who).BatchUpsertKeepRules(request)


async def rules_of(api, who):
    """List the rules as somebody."""
    listed = await api.as_(who).ListKeepRules(messages.ListKeepRulesRequest(parent=PARENT))
    return list(listed.keep_rules)


async def set_services(api, who, *services, **changes):
    """Send required services as somebody."""
    request = messages.BatchUpsertRequiredServicesRequest(
        parent=PARENT, required_services=services, **changes
    )
    return await api.as_(who).BatchUpsertRequiredServices(request)


async def planned(api):
    """Return the problem that a run of the week would read."""
    return (await make_problem("maple", PLAN, api.api.planner)).problem


async def audit(api):
    """Return the entries of keep rules in the audit, newest first."""
    async with api.store.snapshot("maple") as view:
        entries = [entry for _, entry in await view.audit.page("north", limit=50)]
    return [one for one in entries if "/keepRules/" in one.subject]


async def test_a_reason_and_the_pair_are_seen_by_their_readers_alone(api):
    """The reason by who set it; the pair by who may set rules; the rest sees that a rule stands."""
    await set_rules(api, "counselor", rule())
    (own,) = await rules_of(api, "counselor")
    assert (own.reason, own.set_by) == (CANARY, adult("counselor"))
    for who in ("other_counselor", "principal", "system"):
        (seen,) = await rules_of(api, who)
        assert {seen.learner, seen.other_learner} == {learner("lea"), learner("mia")}
        assert not seen.reason
        assert not seen.placed_by_rule
    for who in ("teacher", "coach", "specialist", "office"):
        (seen,) = await rules_of(api, who)
        assert seen == school_pb2.KeepRule(
            name=f"{PARENT}/keepRules/k1", version=1, placed_by_rule=True
        )


@pytest.mark.parametrize("who", ["learner", "family", "nobody"])
async def test_who_is_no_staff_does_not_even_see_that_a_rule_stands(api, who):
    """Learners, families and strangers to the school are refused."""
    await set_rules(api, "counselor", rule())
    with pytest.raises(NotAllowedError):
        await rules_of(api, who)


async def test_another_district_finds_nothing(api):
    """A name of another district is a name of nothing."""
    with pytest.raises(NotFoundError):
        await rules_of(api, "stranger")


@pytest.mark.parametrize("who", ["teacher", "coach", "specialist", "office", "learner", "family"])
async def test_only_who_may_set_rules_sets_and_removes_them(api, who):
    """Nothing is kept for anybody else, and nothing is removed."""
    with pytest.raises(NotAllowedError):
        await set_rules(api, who, rule())
    await set_rules(api, "principal", rule())
    with pytest.raises(NotAllowedError):
        await api.as_(who).DeleteKeepRule(
            messages.DeleteKeepRuleRequest(name=f"{PARENT}/keepRules/k1")
        )
    assert len(await rules_of(api, "principal")) == 1


async def test_a_system_says_for_whom_it_imports_and_that_person_alone_reads_the_reason(api):
    """A system's credential is nobody's: it sets no rule of its own and reads no reason."""
    with pytest.raises(InvalidSettingError, match="set_by"):
        await set_rules(api, "system", rule())
    answer = await set_rules(api, "system", rule(set_by=adult("counselor")))
    assert not answer.keep_rules[0].reason
    assert (await rules_of(api, "counselor"))[0].reason == CANARY
    assert not (await rules_of(api, "principal"))[0].reason


async def test_nobody_sets_a_rule_in_another_persons_name(api):
    """Who sends a rule stands for it."""
    with pytest.raises(InvalidSettingError) as caught:
        await set_rules(api, "counselor", rule(set_by=adult("principal")))
    assert (caught.value.field, caught.value.reason) == ("keep_rules[0].set_by", "OTHER_PERSON")


async def test_the_audit_keeps_who_set_a_rule_and_shows_the_reason_to_them_alone(api):
    """An entry for each change and removal; the pair is in none, a repeat adds none."""
    await set_rules(api, "counselor", rule())
    await set_rules(api, "counselor", rule())
    await api.as_("principal").DeleteKeepRule(
        messages.DeleteKeepRuleRequest(name=f"{PARENT}/keepRules/k1")
    )
    removed, made = await audit(api)
    assert (made.actor, made.private_to) == (adult("counselor"), adult("counselor"))
    assert made.reason == CANARY
    assert removed.actor == adult("principal")
    for entry in (removed, made):
        assert entry.subject == f"{PARENT}/keepRules/k1"
        assert "lea" not in entry.detail
        assert CANARY not in entry.detail


async def test_the_plan_gets_the_pair_and_never_the_reason(api):
    """The pair comes in one order, with its date; the reason is nowhere in the snapshot."""
    end = MONDAY + timedelta(days=2)
    await set_rules(api, "counselor", rule(expire_date=end.isoformat()), rule("k2", kind=2))
    problem = await planned(api)
    (apart,) = problem.keep_apart
    assert (apart.rule_id, apart.learner_id, apart.other_id) == ("k1", "lea", "mia")
    assert apart.expire_date == end
    assert [one.rule_id for one in problem.keep_together] == ["k2"]
    assert CANARY not in repr(problem)
    assert adult("counselor") not in repr(problem)


async def test_a_rule_that_has_ended_or_names_who_has_left_does_not_reach_a_week(api):
    """On its date a rule no longer holds; of a learner who is not there nothing is said."""
    await set_rules(
        api,
        "counselor",
        rule(expire_date=MONDAY.isoformat()),
        rule("k2", other_learner=learner("gone")),
    )
    assert (await planned(api)).keep_apart == ()


async def test_required_services_reach_the_weeks_that_they_hold_for(api):
    """From the first day with one to the last; a learner who is not there has none."""
    before = (MONDAY - timedelta(days=1)).isoformat()
    after = (MONDAY + timedelta(days=1)).isoformat()
    await set_services(
        api,
        "specialist",
        service(begin_date=MONDAY.isoformat(), end_date=MONDAY.isoformat()),
        service("s2", service="math help", end_date=before),
        service("s3", service="reading", begin_date=after),
        service("s4", learner=learner("gone")),
    )
    (one,) = (await planned(api)).services
    assert (one.learner_id, one.service, one.minutes, one.adult_id) == ("lea", "speech", 40, None)


async def test_a_service_is_required_once_at_a_time(api):
    """Two of one learner and service on one day are refused; one after the other is not."""
    with pytest.raises(InvalidSettingError) as caught:
        await set_services(api, "specialist", service(), service("s2", minutes=20))
    assert caught.value.reason == "OVERLAPS"
    end, begin = MONDAY.isoformat(), (MONDAY + timedelta(days=1)).isoformat()
    await set_services(
        api, "specialist", service(end_date=end), service("s2", minutes=20, begin_date=begin)
    )
    assert [one.minutes for one in (await planned(api)).services] == [40]


async def test_a_teacher_sees_the_services_of_their_own_learners(api):
    """Whoever reaches the school sees all; nobody but those who deliver them sets any."""
    await set_services(api, "specialist", service(), service("s2", learner=learner("mia")))
    request = messages.ListRequiredServicesRequest(parent=PARENT)
    seen = await api.as_("teacher").ListRequiredServices(request)
    assert [one.learner for one in seen.required_services] == [learner("lea")]
    assert len((await api.as_("office").ListRequiredServices(request)).required_services) == 2
    with pytest.raises(NotAllowedError):
        await set_services(api, "teacher", service())


async def test_essentials_stand_beside_the_frameworks_own(api):
    """What the school holds essential is, with its date, and nothing else changes."""
    essential = school_pb2.Essential(name=f"{PARENT}/essentials/ratios", due_date="2027-03-26")
    await api.as_("office").BatchUpsertEssentials(
        messages.BatchUpsertEssentialsRequest(parent=PARENT, essentials=[essential])
    )
    found = {one.competency_id: one for one in (await planned(api)).competencies}
    assert (found["ratios"].essential, str(found["ratios"].due_date)) == (True, "2027-03-26")
    assert found["fractions"] == a_competency()


async def test_an_agreed_session_is_held_and_its_offer_stays(api):
    """It reaches its week alone; while it stands, its offer cannot be removed."""
    session = school_pb2.LockedSession(
        name=f"{PARENT}/lockedSessions/a1",
        date=MONDAY.isoformat(),
        slot_id="mon-1",
        offer=f"{PARENT}/offers/o1",
    )
    request = messages.BatchUpsertLockedSessionsRequest(parent=PARENT, locked_sessions=[session])
    await api.as_("office").BatchUpsertLockedSessions(request)
    (one,) = (await planned(api)).locked
    assert (one.slot_id, one.offer_id, one.competency_id) == ("mon-1", "o1", None)
    with pytest.raises(InUseError, match="agreed session a1"):
        await api.as_("office").DeleteOffer(
            scheduler.DeleteOfferRequest(name=f"{PARENT}/offers/o1")
        )
    request.locked_sessions[0].name = f"{PARENT}/lockedSessions/a2"
    with pytest.raises(InvalidSettingError) as caught:
        await api.as_("office").BatchUpsertLockedSessions(request)
    assert caught.value.reason == "OVERLAPS"


async def test_a_bad_row_keeps_no_other_from_being_kept(api):
    """Each refused row is answered with its place; a repeat is answered the same."""
    sent = (
        rule(),
        rule("k2", other_learner=learner("mia")),
        rule("k3", learner="mia"),
        rule("k1"),
        rule("k4"),
    )
    answer = await set_rules(api, "counselor", *sent, allow_partial=True, request_id="q")
    assert [one.name.rsplit("/", 1)[1] for one in answer.keep_rules] == ["k1", "k4"]
    assert [(one.index, one.field, one.reason) for one in answer.refused] == [
        (1, "keep_rules[1].other_learner", "DUPLICATE"),
        (2, "keep_rules[2].learner", "FIELD_MALFORMED"),
        (3, "[3].name", "DUPLICATE"),
    ]
    assert all(one.hint for one in answer.refused)
    await api.as_("counselor").DeleteKeepRule(
        messages.DeleteKeepRuleRequest(name=f"{PARENT}/keepRules/k4")
    )
    again = await set_rules(api, "counselor", *sent, allow_partial=True, request_id="q")
    assert again == answer
    assert len(await rules_of(api, "counselor")) == 1


async def test_one_bad_row_refuses_all_where_nobody_asked_otherwise(api):
    """The strict way is the default, with the same words."""
    with pytest.raises(InvalidSettingError) as caught:
        await set_rules(api, "counselor", rule(), rule("k2", other_learner=learner("mia")))
    assert caught.value.field == "keep_rules[1].other_learner"
    assert await rules_of(api, "counselor") == []


async def test_rooms_are_answered_row_by_row_as_well(api):
    """The older settings take the same two wishes."""
    rooms = [
        week_pb2.Room(name=f"{PARENT}/rooms/n{place}", display_name="Room", capacity=capacity)
        for place, capacity in enumerate((20, 0, 30))
    ]
    request = scheduler.BatchUpsertRoomsRequest(parent=PARENT, rooms=rooms, allow_partial=True)
    answer = await api.as_("office").BatchUpsertRooms(request)
    assert len(answer.rooms) == 2
    assert [(one.index, one.field) for one in answer.refused] == [(1, "rooms[1].capacity")]


async def test_a_validation_keeps_nothing_and_answers_as_if_it_had(api):
    """Neither a setting nor an entry of the audit nor a first answer stays behind."""
    answer = await set_rules(api, "counselor", rule(), validate_only=True, request_id="q")
    assert answer.keep_rules[0].version == 1
    assert await rules_of(api, "counselor") == []
    assert await audit(api) == []
    kept = await set_rules(api, "counselor", rule(expire_date="2027-01-04"), request_id="q")
    assert kept.keep_rules[0].expire_date == "2027-01-04"


async def test_everything_that_is_set_reaches_the_problem(api):
    """Each field that settings fill is filled by what was sent over the RPCs, to the last word."""
    office = api.as_("office")
    policy = replace(
        a_whole_policy(),
        numbers=replace(a_whole_policy().numbers, need_seats_per_week=2),
        version=0,
    )
    await office.UpdatePolicy(scheduler.UpdatePolicyRequest(policy=wire.policy_to("maple", policy)))
    whole = a_whole_room(closures=(RoomClosure(date=MONDAY),), closed_slot_ids=())
    rooms = [wire.room_to("maple", one) for one in (whole, a_school_room("r2"))]
    await office.BatchUpsertRooms(scheduler.BatchUpsertRoomsRequest(parent=PARENT, rooms=rooms))
    offer = wire.offer_to("maple", a_whole_offer("whole"))
    await office.BatchUpsertOffers(
        scheduler.BatchUpsertOffersRequest(parent=PARENT, offers=[offer])
    )
    for request, field, to, setting in (
        (
            messages.BatchUpsertRequiredServicesRequest,
            "required_services",
            data_wire.required_service_to,
            a_required_service(),
        ),
        (
            messages.BatchUpsertEssentialsRequest,
            "essentials",
            data_wire.essential_to,
            an_essential("ratios"),
        ),
        (
            messages.BatchUpsertLockedSessionsRequest,
            "locked_sessions",
            data_wire.locked_session_to,
            a_locked_session(),
        ),
        (scheduler.BatchUpsertAbsencesRequest, "absences", wire.absence_to, an_absence_of()),
        (scheduler.BatchUpsertPinsRequest, "pins", wire.pin_to, a_school_pin()),
    ):
        name = request.DESCRIPTOR.name.removesuffix("Request")
        sent = request(parent=PARENT, **{field: [to("maple", setting)]})
        await getattr(api.as_("system"), name)(sent)
    await set_rules(api, "counselor", rule(), rule("k2", kind=2))
    problem = await planned(api)
    assert [one for one in SET_HERE if not getattr(problem, one)] == []
    assert problem.slots == policy.slots_of(MONDAY)
    assert replace(problem.policy, version=0) == replace(policy.numbers, version=0)
    assert {one.offer_id: one for one in problem.offers}["whole"] == a_whole_offer(
        "whole"
    ).planned()
    assert {one.room_id: one for one in problem.rooms}["r1"] == whole.planned(problem.slots)
    assert problem.locked == (a_locked_session().planned(),)
    assert problem.services == (a_required_service().planned(),)


async def test_a_planned_week_keeps_the_pair_apart_and_tells_nobody_why():
    """The two sit in two sessions; neither the week nor what it was made from knows the reason."""
    problem = a_problem(
        learners=(a_learner(), a_learner("mia")),
        adults=(an_adult(), an_adult("bo")),
        rooms=(a_room(), a_room("r2")),
        offers=(an_offer(), an_offer("o2", "bo", room_id="r2")),
    )
    api = SchoolApi(problem)
    await set_up(api.api.as_("principal"), problem)
    await set_rules(api, "counselor", rule())
    week_hash = await api.api.draft()
    await api.api.sign(week_hash)
    await api.api.publish(week_hash)
    name = f"{PARENT}/weeks/{MONDAY.isoformat()}"
    seats = await api.as_("office").ListSeats(scheduler.ListSeatsRequest(parent=name))
    assert len({one.session for one in seats.seats}) == 2
    async with api.store.snapshot("maple") as view:
        head = await view.weeks.head("north", MONDAY)
        shown = WeekView(school_id="north", monday=MONDAY, shown=head.newest)
        content = await view.weeks.content(shown)
    assert content.problem.keep_apart[0].rule_id == "k1"
    assert CANARY not in f"{seats}{content.week}{content.problem}"
    assert adult("counselor") not in f"{seats}{content.week}{content.problem}"
