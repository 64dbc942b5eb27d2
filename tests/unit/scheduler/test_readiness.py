"""What a school lacks before a week: each item where it is, and none where nothing is missing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from trellis.scheduler.v1 import school_pb2
from trellis.scheduler.v1 import school_service_pb2 as messages

from services.scheduler.domain.access import Role
from services.scheduler.domain.calendar.week import school_days
from services.scheduler.domain.calendar.year import BellRule, Term
from services.scheduler.domain.errors import NotAllowedError, UpstreamError
from services.scheduler.domain.fit import SlotFit
from services.scheduler.domain.model import Layout, SessionKind
from services.scheduler.domain.people import PostedAdult
from services.scheduler.domain.readiness import SchoolState, Severity, readiness
from services.scheduler.domain.school import KeepKind, RoomClosure
from tests.support.calendars import a_calendar, a_period, some_bells
from tests.support.calendars import a_calendar_day as some_calendar_day
from tests.support.people import a_learner_setting, a_staff_member
from tests.support.scheduler_world import set_up
from tests.support.schedules import (
    DISTRICT,
    NOW,
    SCHOOL,
    a_policy,
    a_school_offer,
    a_school_pin,
    a_school_room,
    an_absence_of,
)
from tests.support.school_data import (
    PARENT,
    SchoolApi,
    a_keep_rule,
    a_locked_session,
    a_required_service,
    an_essential,
    set_calendar,
)
from tests.support.schools import (
    MONDAY,
    a_competency,
    a_learner,
    a_need,
    a_problem,
    a_room,
    an_adult,
    an_offer,
)

POLICY = a_policy()
HELP = a_school_offer("help", kind=SessionKind.SMALL_GROUP, subject="math", title="")
FITS = SlotFit(slot_id="mon-1", learners=2, adults=1, away=0, places=30)


def a_state(**changes):
    """Return a school that lacks nothing."""
    found = {
        "monday": MONDAY,
        "policy": POLICY,
        "slots": POLICY.slots_of(MONDAY),
        "places": (FITS,),
        "rooms": (a_school_room(),),
        "offers": (a_school_offer(), HELP),
        "learners": (a_learner(), a_learner("mia")),
        "adults": (an_adult(),),
        "competencies": (a_competency(),),
        "needs": (a_need(),),
        "learners_with_adult": {"lea", "mia"},
        "signers": {"ada"},
    }
    return SchoolState(**(found | changes))


def codes(state):
    """Return the codes of what is missing."""
    return [one.code for one in readiness(state)]


def test_a_school_that_lacks_nothing_is_told_nothing():
    """No item where there is none."""
    assert readiness(a_state()) == ()


OFFERED = (a_school_offer(), HELP)
SPEECH = a_required_service()
NEXT = MONDAY + timedelta(days=1)

LACKS = [
    ({"policy": None, "slots": (), "places": None}, "NO_POLICY", Severity.STOPS),
    ({"slots": (), "places": None}, "NO_SLOTS", Severity.STOPS),
    ({"broken": "rooms[0] is odd."}, "CONTRADICTION", Severity.STOPS),
    ({"signers": ()}, "NO_SIGNER", Severity.STOPS),
    ({"clock_runs": False}, "CLOCK_OFF", Severity.INFORMS),
    ({"learners": ()}, "NO_LEARNERS", Severity.STOPS),
    ({"places": (replace(FITS, places=1),)}, "PLACES_MISSING", Severity.STOPS),
    ({"learners_with_adult": {"lea"}}, "LEARNER_WITHOUT_ADULT", Severity.WEAKENS),
    ({"offers": (HELP,)}, "NO_COMMONS", Severity.WEAKENS),
    (
        {"offers": (*OFFERED, a_school_offer("x", adult_id="gone"))},
        "OFFER_ADULT_MISSING",
        Severity.WEAKENS,
    ),
    (
        {"offers": (*OFFERED, a_school_offer("x", other_room_ids=("r9",)))},
        "OFFER_ROOM_MISSING",
        Severity.WEAKENS,
    ),
    (
        {"offers": (*OFFERED, a_school_offer("x", tier_ids=("9",)))},
        "OFFER_TIER_MISSING",
        Severity.WEAKENS,
    ),
    (
        {"offers": (*OFFERED, a_school_offer("x", layout="circle"))},
        "LAYOUT_UNKNOWN",
        Severity.WEAKENS,
    ),
    (
        {"rooms": (a_school_room(), a_school_room("r2", closures=(RoomClosure(date=MONDAY),)))}
        | {"offers": (*OFFERED, a_school_offer("x", room_id="r2"))},
        "OFFER_NEVER_HELD",
        Severity.INFORMS,
    ),
    ({"absences": (an_absence_of(),)}, "OFFER_NEVER_HELD", Severity.INFORMS),
    ({"needs": None}, "NEEDS_UNKNOWN", Severity.INFORMS),
    ({"adults": (an_adult(subjects=()),)}, "SUBJECT_WITHOUT_ADULT", Severity.WEAKENS),
    ({"offers": (a_school_offer(),)}, "SUBJECT_WITHOUT_OFFER", Severity.WEAKENS),
    ({"services": (SPEECH,)}, "SERVICE_WITHOUT_OFFER", Severity.WEAKENS),
    (
        {"services": (replace(SPEECH, learner_id="gone"),)}
        | {
            "offers": (
                *OFFERED,
                a_school_offer("s", kind=SessionKind.SERVICE, service="speech"),
            )
        },
        "SERVICE_LEARNER_GONE",
        Severity.INFORMS,
    ),
    ({"keep_rules": (a_keep_rule(expire_date=MONDAY),)}, "KEEP_RULE_ENDED", Severity.INFORMS),
    ({"keep_rules": (a_keep_rule(other_id="gone"),)}, "KEEP_RULE_LEARNER_GONE", Severity.INFORMS),
    (
        {"keep_rules": (a_keep_rule(), a_keep_rule("k2", kind=KeepKind.TOGETHER))},
        "KEEP_RULES_OPPOSE",
        Severity.WEAKENS,
    ),
    ({"essentials": (an_essential("none"),)}, "ESSENTIAL_UNKNOWN", Severity.INFORMS),
    (
        {"competencies": (a_competency(essential=True),)},
        "ESSENTIAL_WITHOUT_DATE",
        Severity.WEAKENS,
    ),
]


@pytest.mark.parametrize(("changes", "code", "severity"), LACKS)
def test_what_is_missing_is_said_once_with_what_to_do(changes, code, severity):
    """Each lack alone is the one item, in two sentences."""
    (found,) = readiness(a_state(**changes))
    assert (found.code, found.severity) == (code, severity)
    assert found.message.endswith(".")
    assert found.hint.endswith(".")


TUESDAY = MONDAY + timedelta(days=1)
PIN = a_school_pin(date=TUESDAY, slot_id="tue-1")
AGREED = a_locked_session(date=TUESDAY, slot_id="tue-1")
AWAY = an_absence_of(date=TUESDAY, slot_ids=("tue-1",))
HOLIDAY = some_calendar_day(TUESDAY)

LOST_SLOTS = [
    ({"offers": (*OFFERED, a_school_offer("x", slot_ids=("mon-1", "mon-9")))}, "OFFER", "offer x"),
    ({"rooms": (a_school_room(closed_slot_ids=("tue-9",)),)}, "ROOM", "room r1"),
    ({"staff": (a_staff_member("ada", planning_slot_ids=("sat-1",)),)}, "PLANNING", "adult ada"),
    ({"pins": (PIN,)}, "PIN", "pin p1"),
    ({"locked": (AGREED,)}, "LOCKED", "agreed session agreed-1"),
    ({"absences": (AWAY,)}, "ABSENCE", "absence"),
]


def a_year(*days, **changes):
    """Return a calendar of the school year whose bells have one slot, "1"."""
    year = {"first_day": date(2026, 8, 5), "last_day": date(2027, 5, 28)}
    return a_calendar(*days, bells=(some_bells("regular", a_period("1")),), **(year | changes))


@pytest.mark.parametrize(("changes", "code", "named"), LOST_SLOTS)
def test_what_a_changed_calendar_has_taken_the_slot_from_is_told(changes, code, named):
    """It is named by its id, with what to do; a slot that some later week has is not lost."""
    state = a_state(days=a_year(HOLIDAY), slots=a_year().slots_on(MONDAY), **changes)
    (found,) = [one for one in readiness(state) if one.code.endswith("_SLOT_MISSING")]
    assert found.code == f"{code}_SLOT_MISSING"
    assert found.severity is Severity.WEAKENS
    assert named in found.message
    assert found.hint.endswith(".")


def test_what_the_calendar_still_has_is_not_told():
    """Held on the date; of a later term; in a week that is over; or away for the whole day."""
    later = BellRule(bell_schedule_id="late", iso_weekday=1)
    term = Term(
        term_id="spring",
        display_name="Spring",
        first_day=date(2027, 1, 11),
        last_day=date(2027, 5, 28),
        bells=(later,),
    )
    bells = (some_bells("regular", a_period("1")), some_bells("late", a_period("9")))
    year = replace(a_year(terms=(term,)), bell_schedules=bells)
    before = MONDAY - timedelta(weeks=1)
    state = a_state(
        days=year,
        slots=year.slots_on(MONDAY),
        offers=(*OFFERED, a_school_offer("x", slot_ids=("mon-9",))),
        pins=(PIN, a_school_pin("old", date=before, slot_id="mon-9")),
        locked=(AGREED,),
        absences=(an_absence_of(date=TUESDAY, slot_ids=()),),
        staff=(a_staff_member("ada", planning_slot_ids=("fri-1",)),),
    )
    assert [one for one in codes(state) if one.endswith("_SLOT_MISSING")] == []


def test_a_school_without_a_calendar_is_held_to_the_slots_of_its_policy():
    """Whoever renames a slot of the policy is told what still has the old name."""
    state = a_state(days=school_days(POLICY, None), pins=(PIN,), locked=(a_locked_session(),))
    assert codes(state) == ["PIN_SLOT_MISSING"]


def test_a_school_without_anybody_is_told_so():
    """Without adults its offers lead nowhere either; the gravest comes first."""
    found = codes(a_state(adults=()))
    assert found[0] == "NO_ADULTS"
    assert set(found[1:]) == {"OFFER_ADULT_MISSING", "SUBJECT_WITHOUT_ADULT"}


def test_a_rule_that_ends_within_the_week_says_for_which_slots_it_holds():
    """It holds in the slots before its date, and the item says the date."""
    slots = (*POLICY.slots_of(MONDAY), replace(POLICY.slots_of(MONDAY)[0], slot_id="t", date=NEXT))
    (found,) = readiness(a_state(slots=slots, keep_rules=(a_keep_rule(expire_date=NEXT),)))
    assert found.code == "KEEP_RULE_ENDS"
    assert str(NEXT) in found.message


def test_no_item_says_whom_a_rule_or_a_service_is_about():
    """Everybody of the staff reads the list: learners of rules and services are not in it."""
    rules = (
        a_keep_rule(learner_id="canary-a", other_id="canary-b", reason="canary"),
        a_keep_rule("k2", kind=KeepKind.TOGETHER, learner_id="canary-a", other_id="canary-b"),
        a_keep_rule("k3", learner_id="canary-a", expire_date=MONDAY),
    )
    services = (a_required_service(learner_id="canary-c"),)
    found = readiness(a_state(keep_rules=rules, services=services))
    assert len(found) >= 5
    assert "canary" not in repr(found)


def test_a_long_list_is_counted_and_named_in_part():
    """The first are named, the rest counted."""
    learners = tuple(a_learner(f"l{place}") for place in range(9))
    (found,) = readiness(a_state(learners=learners, learners_with_adult=()))
    assert "(9)" in found.message
    assert found.message.endswith("learner l4 and 4 more.")


def test_a_room_with_the_layout_is_enough():
    """A layout that the room states is none that is missing."""
    room = a_school_room(layouts=(Layout(layout="circle", capacity=9),))
    offers = (*OFFERED, a_school_offer("x", layout="circle"))
    assert codes(a_state(rooms=(room,), offers=offers)) == []


@pytest.fixture
async def api():
    """Give a school of two learners whose one offer holds one, checked before its Monday."""
    problem = a_problem(
        learners=(a_learner(), a_learner("mia")), offers=(an_offer(cap=1),), needs=(a_need(),)
    )
    found = SchoolApi(problem)
    await set_up(found.api.as_("principal"), problem)
    return found


async def checked(api, who="office", **changes):
    """Check the school as somebody."""
    request = messages.CheckSchoolRequest(**({"name": PARENT} | changes))
    return await api.as_(who).CheckSchool(request)


async def test_the_check_counts_places_as_the_planner_does(api):
    """The next Monday is looked at; one place for two learners stops the week."""
    found = await checked(api)
    assert found.monday == MONDAY.isoformat()
    found_places = [one.severity for one in found.items if one.code == "PLACES_MISSING"]
    assert found_places == [school_pb2.ReadinessItem.SEVERITY_STOPS]
    assert "SUBJECT_WITHOUT_OFFER" in [one.code for one in found.items]


async def test_a_check_before_anything_is_set_says_what_comes_first(api):
    """Without a policy the check still answers."""
    empty = SchoolApi(api.api.problem)
    found = await checked(empty)
    assert found.items[0].code == "NO_POLICY"


async def test_a_check_while_mastery_is_away_says_less(api):
    """Needs are not known: that is said, and nothing of subjects or places."""

    class Away:
        async def needs(self, *_, **__):
            raise UpstreamError(service="mastery", cause="UNAVAILABLE")

    api.servicer._check = replace(api.servicer._check, needs=Away())
    found = [one.code for one in (await checked(api)).items]
    assert "NEEDS_UNKNOWN" in found
    assert "PLACES_MISSING" not in found


async def test_what_is_set_of_people_comes_along(api):
    """Who signs off and who looks after whom are looked at as the school has set them."""
    asked = {"NO_SIGNER", "LEARNER_WITHOUT_ADULT"}
    assert asked <= {one.code for one in (await checked(api)).items}
    async with api.store.change(DISTRICT, SCHOOL) as view:
        leading = a_staff_member("principal", roles=(Role.PRINCIPAL,), version=1)
        await view.staff_members.keep([leading], NOW)
        looked_after = [a_learner_setting(one, version=1) for one in ("lea", "mia")]
        await view.learner_settings.keep(looked_after, NOW)
    assert not asked & {one.code for one in (await checked(api)).items}


async def test_a_calendar_that_comes_later_tells_what_it_took_the_slot_from(api):
    """Offers and pins in slots of the policy stood; the calendar's periods have other ids."""
    async with api.store.change(DISTRICT, SCHOOL) as view:
        await view.offers.keep([a_school_offer("x", slot_ids=("mon-1",), version=1)], NOW)
        await view.pins.keep([a_school_pin(version=1)], NOW)
    lost = {"OFFER_SLOT_MISSING", "PIN_SLOT_MISSING"}
    assert not lost & {one.code for one in (await checked(api)).items}
    await set_calendar(api.as_("principal"), period_id="block")
    assert lost <= {one.code for one in (await checked(api)).items}


async def test_a_visitor_who_leads_is_there_for_the_check_as_for_the_planner():
    """By an entry here and a post elsewhere."""
    problem = a_problem(
        learners=(a_learner(), a_learner("mia")),
        rooms=(a_room(), a_room("r2")),
        offers=(an_offer(cap=1), an_offer("o2", "guest", cap=1, room_id="r2")),
        needs=(a_need(),),
    )
    found = SchoolApi(problem)
    await set_up(found.api.as_("principal"), problem)
    wrong = {"OFFER_ADULT_MISSING", "PLACES_MISSING"}
    assert wrong <= {one.code for one in (await checked(found)).items}
    guest = PostedAdult(adult=an_adult("guest"), school_id="south", active=True)
    found.api.book.visitors["guest"] = guest
    async with found.store.change(DISTRICT, SCHOOL) as view:
        await view.staff_members.keep(
            [a_staff_member("guest", planning_slot_ids=(), version=1)], NOW
        )
    assert not wrong & {one.code for one in (await checked(found)).items}


async def test_who_is_no_staff_gets_no_check(api):
    """A learner or a family is refused."""
    for who in ("learner", "family"):
        with pytest.raises(NotAllowedError):
            await checked(api, who)
