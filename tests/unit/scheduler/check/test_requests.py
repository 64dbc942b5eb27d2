"""H6: the requests of adults, each with one true outcome, the higher before the lower."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.model import (
    KeepApart,
    Layout,
    LockedSession,
    OptOut,
    Request,
    RequestLevel,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS
from services.scheduler.domain.week import (
    RequestOutcome,
    RequestState,
    SeatRule,
)
from tests.support.doubting import found
from tests.support.handmade import (
    GRADE_5,
    LEARNERS,
    SCHOOL,
    changed,
    held,
    lawful_week,
    moved,
    rehashed,
)
from tests.support.schools import (
    MONDAY,
    a_need,
    a_pin,
    a_room,
    an_absence,
    an_offer,
)

WEEK = lawful_week()
THURSDAY = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)


# H6: requests.


def asked(request_id="q1", **changes):
    """Return a request of a teacher for Roy, for the group of slot 1."""
    fields = {
        "request_id": request_id,
        "learner_id": "roy",
        "slot_id": "mon-1",
        "offer_id": "group",
        "level": RequestLevel.TEACHER,
        "create_time": THURSDAY,
    }
    return Request(**(fields | changes))


def answered(week, *outcomes):
    """Return the week with outcomes: id, state and who won."""
    told = tuple(
        RequestOutcome(request_id=one, state=state, winner_id=winner, sentence="So it was.")
        for one, state, winner in outcomes
    )
    return rehashed(replace(week, requests=told))


GROUP = WEEK.sessions[0]
IN_GROUP = moved(WEEK, "roy", GROUP, rule=SeatRule.PIN, weight_milli=0)
SEATED, NEXT, REFUSED = RequestState.SEATED, RequestState.NEXT, RequestState.REFUSED
CANCELLED = RequestState.CANCELLED


def with_requests(*requests, **changes):
    """Return the school with requests."""
    return replace(SCHOOL, requests=requests, **changes)


def test_a_request_that_was_granted_stands_like_a_pin():
    """H6: Roy has no need of the group, and sits there by a teacher's word."""
    assert check(with_requests(asked()), answered(IN_GROUP, ("q1", SEATED, ""))) == []


@pytest.mark.parametrize(
    ("request_", "week", "words"),
    [
        (asked(), WEEK, "has 0 outcomes, not one"),
        (asked(), answered(WEEK, ("q1", SEATED, "")), "is told as seated, and the learner sits"),
        (asked(), answered(WEEK, ("q1", CANCELLED, "")), "is told as cancelled though it was not"),
        (
            asked(cancelled=True),
            answered(WEEK, ("q1", NEXT, "")),
            "is told as next though it was cancelled",
        ),
        (
            asked(),
            answered(WEEK, ("q1", NEXT, "")),
            "is next, though nothing that comes before it is in its way",
        ),
        (
            asked(),
            answered(WEEK, ("q1", REFUSED, "")),
            "is refused, though nothing that comes before it is in its way",
        ),
    ],
)
def test_an_outcome_that_is_not_true_is_found(request_, week, words):
    """H6: Roy sits in art; nothing but the planner put him there."""
    text = found(with_requests(request_), week)
    assert text.startswith(f"H6 mon-1: Request q1 for learner roy to offer group {words}")


def test_the_outcome_of_a_request_that_nobody_made_is_found():
    """H6: no invention."""
    text = found(SCHOOL, answered(WEEK, ("q9", NEXT, "")))
    assert text.startswith("H6 : Request q9 has an outcome, and nobody made it.")


@pytest.mark.parametrize(
    ("loser", "winner"),
    [
        ({"level": RequestLevel.ADMINISTRATOR}, {}),
        ({"level": RequestLevel.SERVICE}, {"level": RequestLevel.ADMINISTRATOR}),
        ({"weight_milli": 2}, {"weight_milli": 1}),
        ({"weeks_waiting": 2}, {"weeks_waiting": 1}),
        ({}, {"create_time": THURSDAY + timedelta(hours=1)}),
    ],
)
def test_the_higher_request_has_the_learner(loser, winner):
    """H6: level, need, waiting, time; the other way round it is well, and of equals either."""
    art = asked("q2", offer_id="art")
    week = changed(WEEK, "roy", "mon-1", rule=SeatRule.PIN)
    week = answered(week, ("q1", NEXT, "q2"), ("q2", SEATED, ""))
    text = found(with_requests(asked(**loser), replace(art, **winner)), week)
    assert (
        "Request q1 for learner roy to offer group has lost to request q2, which is lower" in text
    )
    lawful = with_requests(asked(**winner), replace(art, **loser))
    assert check(lawful, week) == []
    assert check(with_requests(asked(), art), week) == []


def test_a_teacher_owns_a_slot_with_what_is_of_its_subject_alone():
    """H6: math owns slot 1, so the group comes before art; where nobody owns it, it is by time."""
    owner = {"level": RequestLevel.OWNING_TEACHER, "create_time": THURSDAY + timedelta(hours=1)}
    art = asked("q2", offer_id="art")
    week = changed(WEEK, "roy", "mon-1", rule=SeatRule.PIN)
    week = answered(week, ("q1", NEXT, "q2"), ("q2", SEATED, ""))
    slots = (replace(SCHOOL.slots[0], subject="math"), *SCHOOL.slots[1:])
    named = asked(**owner, competency_id="fractions")
    for request in (asked(**owner), named):
        assert check(with_requests(request, art), week) == []
        text = found(with_requests(request, art, slots=slots), week)
        assert "has lost to request q2, which is lower" in text
    music = replace(asked(**owner), offer_id="music")
    assert check(with_requests(music, art), week) == []
    about = replace(music, competency_id="fractions")
    assert check(with_requests(about, art, slots=slots), week) == []
    english = (replace(SCHOOL.slots[0], subject="english"), *SCHOOL.slots[1:])
    assert check(with_requests(named, art, slots=english), week) == []


def test_a_pin_has_the_learner_before_any_request():
    """H6: and it is named as the winner."""
    school = with_requests(
        asked(level=RequestLevel.SERVICE), pins=(a_pin("p", "roy", offer_id="art"),)
    )
    week = changed(WEEK, "roy", "mon-1", rule=SeatRule.PIN)
    assert check(school, answered(week, ("q1", NEXT, "p"))) == []
    text = found(school, answered(week, ("q1", NEXT, "q7")))
    assert "is next after a request or pin that did not take its place" in text


def test_a_refusal_names_no_winner():
    """H6: what can never be had was taken by nobody, even where a pin has the learner."""
    school = with_requests(asked(offer_id="nothing"), pins=(a_pin("p", "roy", offer_id="art"),))
    week = changed(WEEK, "roy", "mon-1", rule=SeatRule.PIN)
    assert check(school, answered(week, ("q1", REFUSED, ""))) == []


@pytest.mark.parametrize("state", [REFUSED, NEXT])
def test_who_loses_is_told_why(state):
    """H6: a sentence for both sides."""
    week = answered(WEEK, ("q1", state, ""))
    speechless = replace(week.requests[0], sentence=" ")
    school = with_requests(asked(offer_id="nothing"))
    text = found(school, rehashed(replace(week, requests=(speechless,))))
    assert f"is {state.value}, and nobody is told why" in text


def test_a_request_may_be_about_something_where_the_session_is_about_nothing():
    """H6: art has no target, whatever the teacher has in mind."""
    week = answered(changed(WEEK, "roy", "mon-1", rule=SeatRule.PIN), ("q1", SEATED, ""))
    assert check(with_requests(asked(offer_id="art", competency_id="fractions")), week) == []


def test_what_the_planner_wants_is_in_no_requests_way():
    """H6: Ada is to lead the second try in slot 1; only the planner has her lead the group."""
    request = asked(offer_id="again")
    text = found(with_requests(request), answered(WEEK, ("q1", NEXT, "")))
    assert "is next, though nothing that comes before it is in its way" in text
    locked = (LockedSession(slot_id="mon-1", offer_id="group"),)
    week = answered(WEEK, ("q1", NEXT, ""))
    assert check(with_requests(request, locked=locked), week) == []


def test_a_lower_request_is_in_no_requests_way():
    """H6: the talk is for one, and Quin has it by a request that is lower, or higher."""
    talk = held(SCHOOL, "talk", competency_id="angles")
    week = moved(WEEK, "quin", talk, rule=SeatRule.PIN, weight_milli=0)
    for name in ("ned", "ola"):
        week = moved(week, name, held(SCHOOL, "art"))
    week = answered(week, ("q1", NEXT, "q2"), ("q2", SEATED, ""))
    first = asked(offer_id="talk", weight_milli=5)
    second = asked("q2", learner_id="quin", offer_id="talk", weight_milli=3)
    text = found(with_requests(first, second), week)
    assert "Request q1 for learner roy to offer talk is next, though nothing that comes" in text
    assert check(with_requests(first, replace(second, weight_milli=7)), week) == []
    assert check(with_requests(first, replace(second, weight_milli=5)), week) == []


def test_a_request_that_was_cancelled_is_in_no_requests_way():
    """H6: Quin's higher request for the one talk is no more."""
    higher = asked("q2", learner_id="quin", level=RequestLevel.SERVICE, offer_id="talk")
    school = with_requests(asked(offer_id="talk"), replace(higher, cancelled=True))
    text = found(school, answered(WEEK, ("q1", NEXT, ""), ("q2", CANCELLED, "")))
    assert "Request q1 for learner roy to offer talk is next, though nothing that comes" in text


@pytest.mark.parametrize("changes", [{"slot_id": "never"}, {"offer_id": "nothing"}])
def test_a_request_for_what_is_not_there_has_no_order_to_lose(changes):
    """H6: it is refused, whoever else is granted something."""
    lost = asked(level=RequestLevel.OWNING_TEACHER, **changes)
    won = asked("q2", learner_id="quin", slot_id="mon-3", offer_id="open")
    week = changed(WEEK, "quin", "mon-3", rule=SeatRule.PIN)
    week = answered(week, ("q1", REFUSED, ""), ("q2", SEATED, ""))
    assert check(with_requests(lost, won), week) == []


THREE = LEARNERS[:3]
SMALL_ROOM = (a_room("r1", 3), *SCHOOL.rooms[1:])
IN_WAY = [
    ({"rooms": SMALL_ROOM}, {}, {}),
    # Size: of the group, and of the offer.
    ({"policy": replace(SCHOOL.policy, small_group_cap=3)}, {}, {}),
    # The family, the scope, the one adult, the target that pins fix.
    ({"opt_outs": (OptOut(learner_id="roy", kind=SessionKind.SMALL_GROUP),)}, {}, {}),
    ({"opt_outs": (OptOut(learner_id="roy", subject="math"),)}, {}, {}),
    ({}, {"scope": GRADE_5}, {}),
    ({"needs": (*SCHOOL.needs, a_need("roy", adult_id="dan"))}, {}, {"competency_id": "fractions"}),
    ({}, {}, {"competency_id": "angles"}),
    ({}, {"competencies": ("fractions",)}, {"competency_id": "songs"}),
    # Company.
    ({"keep_apart": (KeepApart(rule_id="r", learner_id="kim", other_id="roy"),)}, {}, {}),
    # What it names is not there.
    ({}, {}, {"offer_id": "nothing"}),
    ({}, {}, {"slot_id": "never"}),
    ({}, {}, {"learner_id": "nobody"}),
    ({}, {}, {"slot_id": "never", "level": RequestLevel.OWNING_TEACHER}),
    ({}, {}, {"offer_id": "nothing", "level": RequestLevel.OWNING_TEACHER}),
    ({}, {}, {"offer_id": "talk", "competency_id": "songs"}),
    ({"slots": (replace(SCHOOL.slots[0], scope=GRADE_5), *SCHOOL.slots[1:])}, {}, {}),
    ({"absences": (an_absence("dan"),)}, {}, {"offer_id": "talk"}),
    # Of the two rooms one is closed and the other taken by pins.
    ({}, {}, {"offer_id": "half"}),
    # The adult, or a co-lead, leads a session that pins hold.
    ({}, {}, {"offer_id": "again"}),
    ({}, {}, {"offer_id": "both"}),
    # The one room is taken by pins, or closed, or unknown.
    ({}, {}, {"offer_id": "near"}),
    ({}, {}, {"offer_id": "shut"}),
    ({}, {}, {"offer_id": "lost"}),
]


@pytest.mark.parametrize(("changes", "offer", "request_"), IN_WAY)
def test_what_cannot_be_had_may_be_refused(changes, offer, request_):
    """H6: Kim, Lea and Max are pinned to the group on fractions; one thing is in Roy's way."""
    assert _of_refused(changes, offer, request_) == []


def test_but_for_what_is_in_its_way_it_could_be_had():
    """H6: so that the test above says something; in one more room, or for a service, too."""
    for request in ({}, {"competency_id": "fractions"}, {"offer_id": "talk"}):
        assert _of_refused({}, {}, request) == ["H6"]
    assert _of_refused({}, {}, {"offer_id": "near", "slot_id": "mon-3"}) == ["H6"]
    assert _of_refused({}, {}, {"offer_id": "far"}) == ["H6"]
    rows = (replace(SMALL_ROOM[0], layouts=(Layout(layout="rows", capacity=9),)), *SMALL_ROOM[1:])
    assert _of_refused({"rooms": rows}, {"layout": "rows"}, {}) == ["H6"]
    left = tuple(replace(x, enrolled=x.learner_id != "kim") for x in SCHOOL.learners)
    small = {"policy": replace(SCHOOL.policy, small_group_cap=3)}
    assert _of_refused({**small, "learners": left}, {}, {}) == ["H6"]
    open_pins = {"pins": tuple(a_pin(n, n, offer_id="group") for n in THREE)}
    assert _of_refused(open_pins, {}, {"competency_id": "angles"}) == ["H6"]
    needs = {"needs": (*SCHOOL.needs, a_need("roy"))}
    assert _of_refused(needs, {}, {"competency_id": "fractions"}) == ["H6"]
    other = {"needs": (*SCHOOL.needs, a_need("roy", adult_id="ada"))}
    look = {"offer_id": "look", "competency_id": "fractions"}
    assert _of_refused(other, {}, look) == ["H6"]
    apart = (KeepApart(rule_id="r", learner_id="kim", other_id="roy"),)
    service = {"level": RequestLevel.SERVICE}
    assert _of_refused({"keep_apart": apart}, {}, service) == ["H6"]
    others = (KeepApart(rule_id="r", learner_id="kim", other_id="lea"),)
    others += (KeepApart(rule_id="s", learner_id="roy", other_id="quin"),)
    assert _of_refused({"keep_apart": others}, {}, {}) == ["H6"]
    over = (replace(apart[0], expire_date=MONDAY),)
    assert _of_refused({"keep_apart": over}, {}, {}) == ["H6"]


def _of_refused(changes, offer, request_):
    """Return the rules of requests that a refusal breaks, in a school with three pins."""
    pins = [a_pin(f"p-{n}", n, offer_id="group", competency_id="fractions") for n in THREE]
    # Pins to what is not there are in nobody's way.
    pins += [a_pin("p-8", "quin", offer_id="nothing"), a_pin("p-9", "quin", "never")]
    offers = tuple(replace(o, **offer) if o.offer_id == "group" else o for o in SCHOOL.offers)
    near = an_offer("near", "dan", room_id="r1", kind=SessionKind.ENRICHMENT)
    more = (
        near,
        replace(near, offer_id="far", other_room_ids=("gym",)),
        replace(near, offer_id="shut", room_id="r9"),
        replace(near, offer_id="lost", room_id="r4", other_room_ids=("r0",)),
        replace(near, offer_id="half", room_id="r9", other_room_ids=("r1",)),
        replace(near, offer_id="both", room_id=None, co_adult_ids=("ada",)),
    )
    rooms = (*SCHOOL.rooms, replace(a_room("r9"), closed_slot_ids=("mon-1",)))
    school = with_requests(
        asked(**request_), pins=tuple(pins), rooms=rooms, offers=(*offers, *more)
    )
    week = answered(WEEK, ("q1", REFUSED, ""))
    return [b.rule for b in check(replace(school, **changes), week) if b.rule == "H6"]


def test_a_shared_room_that_pins_fill_is_in_the_way():
    """H6: Kim is pinned to the open, in a gym for one or two."""
    pins = (a_pin("p", "kim", "mon-1", offer_id="open"),)
    gym = (*SCHOOL.rooms[:-1], a_room("gym", 1, shared=True))
    request = asked(offer_id="den")
    week = answered(WEEK, ("q1", NEXT, "p"))
    full = with_requests(request, pins=pins, rooms=gym)
    assert [b for b in check(full, week) if b.rule == "H6"] == []
    two = replace(full, rooms=(*SCHOOL.rooms[:-1], a_room("gym", 2, shared=True)))
    assert [b.rule for b in check(two, week) if b.rule == "H6"] == ["H6"]


def test_a_legal_group_takes_no_more_while_a_consent_is_missing():
    """H6: three are pinned to a legal group of three; with all four consents there is a seat."""
    legal = {"legal": "L"}
    three = {"policy": replace(SCHOOL.policy, legal_cap=3)}
    assert _of_refused(three, legal, {}) == []
    given = tuple(replace(x, consents=("L",)) for x in SCHOOL.learners)
    assert _of_refused({**three, "learners": given}, legal, {}) == ["H6"]


def test_the_widest_tier_that_is_open_counts():
    """H6: tier 3 holds three, tier 2 five; a lock on tier 3 leaves no seat for a fourth."""
    tiers = {"policy": replace(SCHOOL.policy, tiers=PRODUCT_TIERS, small_group_cap=3)}
    assert _of_refused(tiers, {}, {}) == ["H6"]
    assert _of_refused(tiers, {"tier_ids": ("3",)}, {}) == []
    locked = (LockedSession(slot_id="mon-1", offer_id="group", tier_id="3"),)
    assert _of_refused({**tiers, "locked": locked}, {}, {}) == []
    on_angles = (LockedSession(slot_id="mon-1", offer_id="group", competency_id="angles"),)
    fractions = {"competency_id": "fractions"}
    assert _of_refused({"locked": on_angles, "pins": ()}, {}, fractions) == []
