"""Repairs of weeks small enough to say by hand what must come of them."""

from datetime import timedelta

from services.scheduler.domain.check import check
from services.scheduler.domain.model import Acceptance, PinOrigin, RequiredService, SessionKind
from services.scheduler.domain.repair import (
    AdultAway,
    Cause,
    LateService,
    LearnerCame,
    LearnerLeft,
    RoomClosed,
    repair,
)
from services.scheduler.domain.week import SeatRule
from tests.support.schools import (
    MONDAY,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned, seat_of, session_of, who_is_in

SMALL_GROUP, COMMONS, SERVICE = SessionKind.SMALL_GROUP, SessionKind.COMMONS, SessionKind.SERVICE
TUESDAY = MONDAY + timedelta(days=1)
ADA_AWAY = AdultAway(adult_id="ada", slot_ids=("mon-1",))


def a_helping_school(*names, **changes):
    """Return a math group (ada, r1) for two or more of these, and commons (bob, r2)."""
    fields = {
        "adults": (an_adult("ada"), an_adult("bob", ())),
        "rooms": (a_room("r1"), a_room("r2")),
        "offers": (
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", COMMONS, room_id="r2"),
        ),
        "learners": tuple(a_learner(name) for name in names),
        "needs": tuple(a_need(name) for name in names),
    }
    return a_problem(**(fields | changes))


def repaired(problem, *changes, week=None):
    """Return the repair of a problem's week; the check finds nothing in it."""
    found = repair(problem, week or planned(problem), changes, seed=1)
    assert check(found.problem, found.week) == []
    return found


def told(found):
    """Return who moved and why."""
    return [(one.learner_id, one.slot_id, one.cause) for one in found.moved]


def test_an_accepted_seat_stays_with_its_reason_or_is_given_up_with_its_adult():
    """Nobody set it instead of the planner: no pin is broken where the adult is away."""
    pins = tuple(
        a_pin(
            f"accepted.{name}",
            name,
            offer_id="group",
            competency_id="fractions",
            origin=PinOrigin.PLANNED,
            acceptance=Acceptance(adult_id="ada"),
        )
        for name in ("lea", "max")
    )
    school = a_helping_school("lea", "max", pins=pins)
    came = repaired(school, LearnerCame(learner=a_learner("new")))
    seat = seat_of(came.week, "lea")
    assert (seat.rule, seat.acceptance) == (SeatRule.NEED, Acceptance(adult_id="ada"))
    away = repaired(school, ADA_AWAY)
    assert (away.week.breaches, away.problem.pins) == ((), ())
    seat = seat_of(away.week, "lea")
    assert (session_of(away.week, seat).adult_id, seat.acceptance) == ("bob", None)


def test_without_a_change_the_week_is_as_it_was():
    """Same sessions, same seats, nobody moved."""
    problem = a_helping_school("kim", "lea", "max")
    week = planned(problem)
    found = repaired(problem, week=week)
    assert (found.moved, found.sessions) == ((), ())
    assert found.week.sessions == week.sessions
    assert found.week.terms == week.terms


def test_an_absent_adults_learners_find_another_place():
    """The group is gone; its three sit in the commons, and nobody else has moved."""
    problem = a_helping_school("kim", "lea", "max", "new", needs=tuple(map(a_need, ("kim", "lea"))))
    found = repaired(problem, ADA_AWAY)
    assert told(found) == [("kim", "mon-1", Cause.CHANGE), ("lea", "mon-1", Cause.CHANGE)]
    assert who_is_in(found.week, found.week.sessions[0]) == ["kim", "lea", "max", "new"]
    assert [one.after for one in found.sessions] == [None]


def test_a_colleague_takes_a_group_over_where_it_is_worth_it():
    """There are commons for all, but who is free and qualified has the three together."""
    offers = (
        an_offer("group", "ada", SMALL_GROUP),
        an_offer("open", "bob", COMMONS, room_id="r2"),
        an_offer("also", "bob", SMALL_GROUP, room_id="r2"),
        an_offer("rest", "cyd", COMMONS, room_id="r3"),
    )
    problem = a_helping_school(
        "kim",
        "lea",
        "max",
        "zoe",
        needs=tuple(map(a_need, ("kim", "lea", "max"))),
        adults=(an_adult("ada"), an_adult("bob"), an_adult("cyd", ())),
        rooms=(a_room("r1"), a_room("r2"), a_room("r3")),
        offers=offers,
    )
    week = planned(problem)
    leader = session_of(week, seat_of(week, "kim")).adult_id
    found = repaired(problem, AdultAway(adult_id=leader, slot_ids=("mon-1",)), week=week)
    session = session_of(found.week, seat_of(found.week, "kim"))
    assert (session.kind, session.adult_id != leader) == (SMALL_GROUP, True)
    assert who_is_in(found.week, session) == ["kim", "lea", "max"]


def test_a_session_goes_on_in_another_of_its_rooms():
    """Its room is closed: the same session next door, and nobody has moved to another session."""
    offers = (
        an_offer("group", "ada", SMALL_GROUP, other_room_ids=("r3",)),
        an_offer("open", "bob", COMMONS, room_id="r2"),
    )
    rooms = (a_room("r1"), a_room("r2"), a_room("r3"))
    problem = a_helping_school("kim", "lea", rooms=rooms, offers=offers)
    week = planned(problem)
    room_id = session_of(week, seat_of(week, "kim")).room_id
    found = repaired(problem, RoomClosed(room_id=room_id, slot_ids=("mon-1",)), week=week)
    assert found.moved == ()
    (change,) = found.sessions
    assert (change.before.room_id, {change.before.room_id, change.after.room_id}) == (
        room_id,
        {"r1", "r3"},
    )


def test_a_session_without_another_room_is_closed():
    """Its learners find another place."""
    problem = a_helping_school("kim", "lea")
    found = repaired(problem, RoomClosed(room_id="r1", slot_ids=("mon-1",)))
    assert {one.learner_id for one in found.moved} == {"kim", "lea"}
    assert [session.adult_id for session in found.week.sessions] == ["bob"]


def test_rooms_that_are_alike_stay_with_those_who_have_them():
    """Ada leaves r1 free: bob, who could have it too, stays where he was published."""
    rooms = (a_room("r1"), a_room("r2"), a_room("r3"))
    offers = (
        an_offer("group", "ada", SMALL_GROUP, other_room_ids=("r2",)),
        an_offer("also", "bob", SMALL_GROUP, other_room_ids=("r2",)),
        an_offer("rest", "cyd", COMMONS, room_id="r3"),
    )
    names = [f"l{number}" for number in range(10)]
    problem = a_helping_school(
        *names,
        adults=(an_adult("ada"), an_adult("bob"), an_adult("cyd", ())),
        rooms=rooms,
        offers=offers,
    )
    found = repaired(problem, ADA_AWAY)
    assert all(one.after is None or one.before is None for one in found.sessions)
    assert len(found.learners_moved(Cause.CHANGE)) == 5
    assert found.learners_moved(Cause.OTHER) == frozenset()


def test_a_new_learner_is_seated_by_need_where_there_is_room():
    """The group has a free seat: the learner is in it, and nobody has moved."""
    problem = a_helping_school("kim", "lea")
    found = repaired(problem, LearnerCame(learner=a_learner("new"), needs=(a_need("new"),)))
    assert told(found) == [("new", "mon-1", Cause.NEW)]
    assert session_of(found.week, seat_of(found.week, "new")).kind is SMALL_GROUP


def test_a_small_gain_moves_nobody_out_of_a_full_group():
    """Five sit in it; a need that weighs a tenth more than the least does not take a seat."""
    names = ["a", "b", "c", "d", "e"]
    problem = a_helping_school(*names)
    need = a_need("new", level_milli=1700)
    found = repaired(problem, LearnerCame(learner=a_learner("new"), needs=(need,)))
    assert told(found) == [("new", "mon-1", Cause.NEW)]
    assert session_of(found.week, seat_of(found.week, "new")).kind is COMMONS


def test_a_great_need_of_a_new_learner_takes_a_seat():
    """The gain is more than what the published seat is kept for: one other learner moves."""
    names = ["a", "b", "c", "d", "e"]
    problem = a_helping_school(*names)
    need = a_need("new", level_milli=1000)
    found = repaired(problem, LearnerCame(learner=a_learner("new"), needs=(need,)))
    assert session_of(found.week, seat_of(found.week, "new")).kind is SMALL_GROUP
    assert len(found.learners_moved(Cause.OTHER)) == 1


def test_nobody_moves_for_who_has_left_and_a_small_group_goes_on():
    """One of two is gone: the other stays, though a new group would ask for two."""
    problem = a_helping_school("kim", "lea")
    found = repaired(problem, LearnerLeft(learner_id="kim", day=MONDAY))
    assert found.moved == ()
    assert who_is_in(found.week, session_of(found.week, seat_of(found.week, "lea"))) == ["lea"]


def test_a_session_that_everybody_has_left_is_not_held():
    """It is closed, and no learner has moved."""
    problem = a_helping_school("kim", "lea", "max", needs=tuple(map(a_need, ("kim", "lea"))))
    leaving = [LearnerLeft(learner_id=name, day=MONDAY) for name in ("kim", "lea")]
    found = repaired(problem, *leaving)
    assert (found.moved, [one.after for one in found.sessions]) == ((), [None])


def test_seats_of_other_slots_stay():
    """Ada is away in the first of two slots; in the second her group meets as published."""
    slots = (a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40"))
    needs = tuple(a_need(name, sessions=2) for name in ("kim", "lea", "max"))
    problem = a_helping_school("kim", "lea", "max", slots=slots, needs=needs)
    week = planned(problem)
    found = repaired(problem, ADA_AWAY, week=week)
    before = {(s.learner_id, s.session_id) for s in week.seats if s.slot_id == "mon-2"}
    assert before <= {(s.learner_id, s.session_id) for s in found.week.seats}


def with_a_service(**changes):
    """Return a school in which sue can give speech (r3) beside the group and the commons."""
    fields = {
        "slots": (a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40")),
        "adults": (an_adult("ada"), an_adult("bob", ()), an_adult("sue", ())),
        "rooms": (a_room("r1"), a_room("r2"), a_room("r3")),
        "offers": (
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", COMMONS, room_id="r2"),
            an_offer("speech", "sue", SERVICE, room_id="r3", service="speech"),
        ),
    }
    return a_helping_school("kim", "lea", "max", **(fields | changes))


def test_a_late_pin_of_a_service_moves_its_learner_alone():
    """Sue's session is opened for kim; lea and max stay."""
    problem = with_a_service()
    pin = a_pin("late", "kim", offer_id="speech", service=True)
    found = repaired(problem, LateService(service=pin))
    assert told(found) == [("kim", "mon-1", Cause.CHANGE)]
    assert session_of(found.week, seat_of(found.week, "kim")).adult_id == "sue"


def test_late_minutes_of_a_service_are_given_in_some_slot():
    """Kim gets 30 minutes of speech, and nobody else moves."""
    problem = with_a_service()
    service = RequiredService(learner_id="kim", service="speech", minutes=30)
    found = repaired(problem, LateService(service=service))
    assert [(one.learner_id, one.cause) for one in found.moved] == [("kim", Cause.CHANGE)]
    assert [one.planned_minutes for one in found.week.services] == [40]


def test_fewer_minutes_of_a_service_give_a_seat_back():
    """Kim had speech in both slots and needs one now: the other seat is another one."""
    before = RequiredService(learner_id="kim", service="speech", minutes=80)
    problem = with_a_service(services=(before,))
    late = RequiredService(learner_id="kim", service="speech", minutes=40)
    found = repaired(problem, LateService(service=late))
    assert [(one.learner_id, one.cause) for one in found.moved] == [("kim", Cause.CHANGE)]
    assert [one.planned_minutes for one in found.week.services] == [40]


def test_a_service_is_moved_to_another_slot_where_its_adult_is_away():
    """Sue is away in the slot of kim's speech: kim has it in the other one."""
    service = RequiredService(learner_id="kim", service="speech", minutes=30)
    problem = with_a_service(services=(service,))
    week = planned(problem)
    slot_id = next(s.slot_id for s in week.sessions if s.adult_id == "sue")
    found = repaired(problem, AdultAway(adult_id="sue", slot_ids=(slot_id,)), week=week)
    assert {one.learner_id for one in found.moved} == {"kim"}
    assert [one.planned_minutes for one in found.week.services] == [40]


def test_an_adult_whose_load_is_used_up_elsewhere_gives_it_to_whoever_has_no_place():
    """Bob leads one session a week: he goes to the slot of cyd, who is away; ada's has room."""
    slots = (a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40"))
    adults = (
        an_adult("ada", ()),
        type(an_adult())(adult_id="bob", load=1),
        an_adult("cyd", ()),
    )
    offers = (
        an_offer("a", "ada", COMMONS, slot_ids=("mon-1",), cap=3),
        an_offer("b", "bob", COMMONS, room_id="r2", cap=3),
        an_offer("c", "cyd", COMMONS, room_id="r3", slot_ids=("mon-2",)),
    )
    problem = a_problem(
        slots=slots,
        adults=adults,
        rooms=(a_room("r1"), a_room("r2"), a_room("r3")),
        offers=offers,
        learners=tuple(a_learner(name) for name in ("kim", "lea", "max")),
    )
    found = repaired(problem, AdultAway(adult_id="cyd", slot_ids=("mon-2",)))
    assert {s.adult_id for s in found.week.sessions if s.slot_id == "mon-2"} == {"bob"}


def test_where_nobody_can_make_a_place_the_week_says_so():
    """The one adult is away: lea is without a place, as in a week planned anew."""
    problem = a_problem()
    found = repair(problem, planned(problem), [ADA_AWAY], seed=1)
    assert [one.short_of for one in found.week.capacity] == [1]
    assert found.week.breaches != ()


def test_the_same_changes_give_the_same_bytes():
    """Whatever their order, as they are about different things."""
    problem = a_helping_school("a", "b", "c", "d", "e", "f")
    week = planned(problem)
    changes = [
        LearnerCame(learner=a_learner("new"), needs=(a_need("new"),)),
        LearnerLeft(learner_id="a", day=MONDAY),
    ]
    weeks = {
        repair(problem, week, order, seed=1).week.week_hash for order in (changes, changes[::-1])
    }
    assert len(weeks) == 1
