"""Settings as messages and back: nothing is lost, whatever they say; nothing of a problem is left.

The walk over the fields of the problem fails for a new field that no setting sets, unless it is
listed with its reason.
"""

from dataclasses import fields
from datetime import date, time
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.wire import school as data_wire
from services.scheduler.adapters.wire import settings as wire
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.errors import InvalidSettingError
from services.scheduler.domain.model import (
    Layout,
    Mode,
    Offer,
    Problem,
    Room,
    Scope,
    SessionKind,
    Slot,
)
from services.scheduler.domain.numbers import Policy, Tier, TierFit, Weights
from services.scheduler.domain.policy import LIMITS, RANGES, checked_policy
from services.scheduler.domain.school import (
    KeepKind,
    KeepRule,
    RoomClosure,
    SchoolEssential,
    SchoolLockedSession,
    SchoolOffer,
    SchoolRequiredService,
    SchoolRoom,
)
from services.scheduler.domain.school.keep_rules import seen_by
from tests.support.calendars import a_period, some_bells
from tests.support.schedules import DISTRICT, SCHOOL, a_policy
from tests.support.school_data import (
    SET_HERE,
    a_whole_offer,
    a_whole_policy,
    a_whole_room,
    adult,
)
from tests.support.schools import MONDAY, a_slot

PARENT = (DISTRICT, SCHOOL)
NOT_SET_HERE = {
    "school_id": "the school that is planned",
    "monday": "the week that is planned",
    "as_of": "the run says it",
    "as_of_day": "follows from the as-of time and the policy's zone",
    "adults": "the roster, and what the school has set for its staff",
    "learners": "the roster, and what the school has set for its learners",
    "needs": "the mastery service",
    "choices": "what learners choose, each week",
    "requests": "what adults ask for, each week",
    "opt_outs": "what families say, with the settings of learners",
    "histories": "the weeks before",
    "group_histories": "the weeks before",
    "sections": "the roster",
    "cycle_start": "the weeks before",
}
"""Fields of a problem that no setting of this part sets, and why."""

ids = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True)
id_sets = st.lists(ids, max_size=4, unique=True).map(lambda one: tuple(sorted(one)))
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), max_size=20)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
counts = st.integers(0, 5000)
maybe_days = st.none() | days


def some(setting, /, **strategies):
    """Return a strategy for settings of a class."""
    common = {"school_id": st.just(SCHOOL), "id": ids, "version": st.integers(0, 2**40)}
    return st.builds(setting, **(common | strategies))


rooms = some(
    SchoolRoom,
    display_name=words,
    capacity=counts,
    shared=st.booleans(),
    layouts=st.lists(st.builds(Layout, layout=words, capacity=counts), max_size=3).map(tuple),
    closed_slot_ids=id_sets,
    closures=st.lists(st.builds(RoomClosure, date=days, slot_ids=id_sets), max_size=3).map(tuple),
)
scopes = st.none() | st.builds(Scope, grades=id_sets, tags=id_sets)
offers = some(
    SchoolOffer,
    adult_id=ids,
    kind=st.sampled_from(SessionKind),
    room_id=st.just("") | ids,
    subject=words,
    competencies=id_sets,
    title=words,
    cap=counts,
    slot_ids=id_sets,
    other_room_ids=id_sets,
    layout=words,
    mode=st.sampled_from(Mode),
    dok=st.integers(0, 4),
    rich=st.booleans(),
    minimum=counts,
    tier_ids=id_sets,
    legal=st.just("") | ids,
    service=words,
    scope=scopes,
    co_adult_ids=id_sets,
)
keep_rules = some(
    KeepRule,
    kind=st.sampled_from(KeepKind),
    learner_id=ids,
    other_id=ids,
    expire_date=maybe_days,
    reason=words,
    set_by=st.just(adult("counselor")),
)
services = some(
    SchoolRequiredService,
    learner_id=ids,
    service=words,
    minutes=counts,
    adult_id=st.just("") | ids,
    begin_date=maybe_days,
    end_date=maybe_days,
)
essentials = some(SchoolEssential, due_date=maybe_days)
locked = some(
    SchoolLockedSession,
    date=days,
    slot_id=ids,
    offer_id=ids,
    competency_id=st.just("") | ids,
    tier_id=st.just("") | ids,
)
COUNSELOR = Actor(name=adult("counselor"), roles=frozenset({Role.COUNSELOR}))


def versionless(setting):
    """Return the content of a setting: a version goes out and never comes in."""
    return {one.name: getattr(setting, one.name) for one in fields(setting)} | {"version": 0}


@settings(deadline=None)
@given(rooms)
def test_a_room_comes_back_from_its_message(room):
    """Whatever a room says, its message says."""
    message = wire.room_to(DISTRICT, room)
    assert versionless(wire.room_from(PARENT, "rooms[0]", message)) == versionless(room)
    assert message.version == room.version


@settings(deadline=None)
@given(offers)
def test_an_offer_comes_back_from_its_message(offer):
    """Whatever an offer says, its message says."""
    message = wire.offer_to(DISTRICT, offer)
    assert versionless(wire.offer_from(PARENT, "offers[0]", message)) == versionless(offer)


@settings(deadline=None)
@given(keep_rules)
def test_a_rule_comes_back_from_the_message_for_who_set_it(rule):
    """Who set a rule sees all of it."""
    message = data_wire.keep_rule_to(DISTRICT, seen_by(COUNSELOR, rule))
    assert versionless(data_wire.keep_rule_from(PARENT, "k[0]", message)) == versionless(rule)


@settings(deadline=None)
@given(services, essentials, locked)
def test_services_essentials_and_agreed_sessions_come_back(service, essential, session):
    """Whatever they say, their messages say."""
    for setting, to, back in (
        (service, data_wire.required_service_to, data_wire.required_service_from),
        (essential, data_wire.essential_to, data_wire.essential_from),
        (session, data_wire.locked_session_to, data_wire.locked_session_from),
    ):
        message = to(DISTRICT, setting)
        assert versionless(back(PARENT, "x[0]", message)) == versionless(setting)


def test_a_policy_of_which_nothing_is_the_default_comes_back():
    """Every number, tier and weight goes over the wire."""
    policy = a_whole_policy()
    message = wire.policy_to(DISTRICT, policy)
    assert versionless(wire.policy_from(PARENT, message)) == versionless(policy)


def test_what_a_policy_leaves_out_is_the_default_and_zero_is_a_meaning():
    """An absent number is the product's; a zero that is sent stands."""
    sent = week_pb2.Policy(
        school_display_name="North",
        time_zone="UTC",
        slots=wire.policy_to(DISTRICT, a_policy()).slots,
        own_choice_seats_per_week=0,
    )
    sent.weights.peer_milli = 0
    numbers = checked_policy(wire.policy_from(PARENT, sent), available_timezones()).numbers
    assert numbers == Policy(own_choice_seats_per_week=0, weights=Weights(peer_milli=0))


@pytest.mark.parametrize(
    ("numbers", "field", "reason"),
    [
        (Policy(cycle_weeks=0), "policy.cycle_weeks", "OUT_OF_RANGE"),
        (Policy(return_level_milli=3500), "policy.return_level_milli", "CONTRADICTS"),
        (Policy(tiers=(Tier(tier_id="a", cap=0),)), "policy.tiers[0].cap", "OUT_OF_RANGE"),
        (
            Policy(tiers=(Tier(tier_id="a", cap=3), Tier(tier_id="a", cap=4))),
            "policy.tiers[1]",
            "CONTRADICTS",
        ),
        (
            Policy(tiers=(Tier(tier_id="a", cap=3, fits=(TierFit(tier_id="b", share_milli=1),)),)),
            "policy.tiers[0].fits[0].tier_id",
            "UNKNOWN_TIER",
        ),
        (Policy(weights=Weights(stale_milli=1001)), "policy.weights.stale_milli", "CONTRADICTS"),
        (Policy(weights=Weights(kept_milli=-1)), "policy.weights.kept_milli", "OUT_OF_RANGE"),
    ],
)
def test_numbers_that_no_week_could_be_planned_with_are_refused(numbers, field, reason):
    """What the planner would refuse is refused when it is set, at its place."""
    with pytest.raises(InvalidSettingError) as caught:
        checked_policy(a_policy(numbers=numbers), available_timezones())
    assert (caught.value.field, caught.value.reason) == (field, reason)


def test_every_field_of_a_problem_is_set_by_somebody():
    """A new field of the problem asks who sets it."""
    assert {one.name for one in fields(Problem)} == {*SET_HERE, *NOT_SET_HERE}


def test_every_field_of_an_offer_can_be_set():
    """An offer of which everything is said leaves no field of the planner's offer at its default.

    Its targets belong to other kinds than services, so they are looked at by themselves. For whom a
    substitute stands in is said by who changes a published week.
    """
    planned = {
        **vars(a_whole_offer().planned()),
        "subject": a_whole_offer(subject="math").planned().subject,
        "competencies": a_whole_offer(competencies=("c",)).planned().competencies,
    }
    plain = vars(Offer(offer_id="", adult_id="", kind=SessionKind.COMMONS))
    left = [name for name, held in planned.items() if held == plain[name]]
    assert left == ["stands_for"]


def test_every_field_of_a_slot_can_be_set():
    """A policy's slot, and a calendar's period, leave no field of the planner's at its default."""
    period = a_period(label="Open block", own_choice=True, subject="math", scope=Scope(tags=("a",)))
    plain = vars(Slot(slot_id="", date=date.min, start=time.min, end=time.min))
    (of_policy,) = a_whole_policy().slots_of(MONDAY)
    (of_calendar,) = some_bells("b", period).slots_on(MONDAY)
    for planned in (of_policy, of_calendar):
        assert [name for name, held in vars(planned).items() if held == plain[name]] == []


def test_every_field_of_a_room_can_be_set():
    """A room of which everything is said leaves no field of the planner's room at its default."""
    plain = vars(Room(room_id="", capacity=0))
    planned = vars(a_whole_room().planned())
    assert [name for name, held in planned.items() if held == plain[name]] == []


def test_every_number_of_a_policy_can_be_set():
    """Each number, tier and weight has its bounds, and a policy can hold none of the defaults."""
    numbers = a_whole_policy().numbers
    default = Policy()
    same = [
        one.name
        for one in fields(Policy)
        if getattr(numbers, one.name) == getattr(default, one.name)
    ]
    assert same == ["version"]
    assert not any(
        getattr(numbers.weights, one.name) == getattr(default.weights, one.name)
        for one in fields(Weights)
    )
    bounded = {*LIMITS, *RANGES, "tiers", "weights", "banned_words", "version"}
    assert bounded == {one.name for one in fields(Policy)}


def test_a_room_is_closed_in_the_slots_of_its_date_alone():
    """A date closes its own slots; a slot of every week is closed whatever the date."""
    room = a_whole_room(
        closed_slot_ids=("mon-3",),
        closures=(
            RoomClosure(date=MONDAY, slot_ids=("mon-1",)),
            RoomClosure(date=date(2027, 1, 4)),
        ),
    )
    slots = [a_slot(), a_slot("mon-2"), a_slot("mon-3")]
    assert room.planned(slots).closed_slot_ids == ("mon-1", "mon-3")
    later = [a_slot("mon-1", day=date(2027, 1, 4)), a_slot("mon-2", day=date(2027, 1, 4))]
    assert room.planned(later).closed_slot_ids == ("mon-1", "mon-2", "mon-3")
