"""A lawful week, broken in one way at a time: H1 to H4, places, adults, rooms and sizes."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.model import (
    Layout,
    OptOut,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS
from services.scheduler.domain.week import (
    SeatRule,
)
from tests.support.doubting import found
from tests.support.handmade import (
    GRADE_5,
    LEARNERS,
    SCHOOL,
    a_week,
    changed,
    exempt,
    held,
    lawful_week,
    moved,
    rehashed,
    seated,
    with_adult,
    with_learner,
    with_offer,
    with_room,
    with_session,
    with_slot,
)
from tests.support.schools import (
    MONDAY,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)

WEEK = lawful_week()
GROUP_ID = "group-mon-1-fractions"


# H1, H4: one place for all that a slot is for, and for nobody else.


def test_who_has_no_place_is_named():
    """H1: Kim is left out of slot 3."""
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("kim", "mon-3")]
    text = found(SCHOOL, rehashed(replace(WEEK, seats=tuple(seats))))
    assert text.startswith("H1 mon-3: 1 enrolled without a place: learner kim.")


def test_whom_a_slot_is_not_for_needs_no_place_in_it():
    """H1: slot 3 is for the blue lunch, and Kim is of another; then her place breaks H4."""
    tags = [replace(x, tags=("blue",) if x.learner_id != "kim" else ()) for x in SCHOOL.learners]
    blue = replace(with_slot("mon-3", scope=Scope(tags=("blue",))), learners=tuple(tags))
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("kim", "mon-3")]
    assert check(blue, rehashed(replace(WEEK, seats=tuple(seats)))) == []
    text = found(blue, WEEK)
    assert text.startswith("H4 mon-3: Learner kim has a place in slot mon-3, which is not for them")


def test_two_places_that_meet_in_time_are_one_too_many():
    """H1: slot 2 begins before slot 1 ends, and Kim has a seat in both."""
    early = a_slot("mon-2", "09:30", "10:00")
    school = a_problem(slots=(a_slot("mon-1"), early), rooms=(a_room("gym"), a_room()))
    school = replace(school, adults=(an_adult("ada"), an_adult("bob")))
    offers = (an_offer("o1"), an_offer("o2", "bob", room_id="gym"))
    school = replace(school, offers=offers)
    one, two = held(school, "o1", "mon-1"), held(school, "o2", "mon-2")
    text = found(school, a_week(school, (one, two), (seated("lea", one), seated("lea", two))))
    assert text.startswith("H1 mon-1: Learner lea is in session o1-mon-1 and session o2-mon-2")
    lawful = a_week(school, (one,), (seated("lea", one), exempt("lea", "mon-2", "overlap")))
    assert check(school, lawful) == []


def test_an_exemption_asks_for_a_person():
    """H1: nobody has sent Kim away."""
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("kim", "mon-3")]
    seats.append(exempt("kim", "mon-3", "elsewhere"))
    text = found(SCHOOL, rehashed(replace(WEEK, seats=tuple(seats))))
    assert text.startswith("H1 mon-3: Learner kim is exempt (elsewhere) though nobody said so.")


def test_an_offer_is_only_for_its_scope():
    """H4: music is for grade 5; Quin and Roy are of grade 6."""
    text = [b.message for b in check(with_offer("music", scope=GRADE_5), WEEK)]
    assert len(text) == 2
    assert text[0].startswith("Learner quin sits in session music-mon-4, which is not for them.")


@pytest.mark.parametrize(
    "opt_out",
    [
        OptOut(learner_id="kim", offer_id="group"),
        OptOut(learner_id="kim", kind=SessionKind.SMALL_GROUP),
        OptOut(learner_id="kim", subject="math"),
    ],
)
def test_what_a_family_has_opted_out_of_gets_no_seat(opt_out):
    """H4: by offer, by kind, by subject."""
    text = found(replace(SCHOOL, opt_outs=(opt_out,)), WEEK)
    assert text.startswith("H4 mon-1: Learner kim sits in session group-mon-1-fractions, which the")


def test_no_pin_excuses_what_a_family_has_opted_out_of():
    """H4: the pin of an adult does not bind the family."""
    pin = a_pin("p", "roy", "mon-4", offer_id="music")
    school = replace(SCHOOL, pins=(pin,), opt_outs=(OptOut(learner_id="roy", offer_id="music"),))
    text = found(school, changed(WEEK, "roy", "mon-4", rule=SeatRule.PIN))
    assert text.startswith("H4 mon-4: Learner roy sits in session music-mon-4")


def test_who_has_left_has_no_seat():
    """H4: Roy's last day was Sunday."""
    texts = {b.rule for b in check(with_learner("roy", withdraw_date=MONDAY), WEEK)}
    assert texts == {"H4"}


# H2: adults and rooms.


def test_a_co_lead_who_is_away_leaves_a_session_unstaffed():
    """H2: the co-lead is looked at like the lead."""
    school = with_offer("music", co_adult_ids=("dan",))
    text = found(replace(school, absences=(an_absence("dan", slot_ids=("mon-4",)),)), WEEK)
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd is unstaffed: adult dan,")


def test_a_co_lead_leads_nothing_else_then():
    """H2: Dan leads the check while he leads the group with Ada."""
    text = found(with_offer("group", co_adult_ids=("dan",)), WEEK)
    assert "Session group-mon-1-fractions of adult ada meets session look-mon-1-fractions" in text
    assert "adult dan" in text


def test_a_co_lead_is_an_adult_of_the_school():
    """H2: nobody is called Eve."""
    text = found(with_offer("group", co_adult_ids=("eve",)), WEEK)
    assert text.startswith("H2 mon-1: Session group-mon-1-fractions of adult ada lacks a co-lead.")


def test_planning_time_is_untouched():
    """H2: Dan has planning time in slot 1."""
    text = found(with_adult("dan", slot_ids=("mon-2", "mon-3")), WEEK)
    assert text.startswith("H2 mon-1: Session look-mon-1-fractions of adult dan falls in planning")


def test_a_session_may_be_held_in_any_of_its_rooms_and_in_no_other():
    """H2: music may go to the gym, and not to the lab."""
    assert check(SCHOOL, with_session(WEEK, "music-mon-4", room_id="gym")) == []
    text = found(SCHOOL, with_session(WEEK, "music-mon-4", room_id="r1"))
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd is not what offer music")


def test_a_closed_room_hosts_nothing():
    """H2: room 4 is closed in slot 4."""
    text = found(with_room("r4", closed_slot_ids=("mon-4",)), WEEK)
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd is in room r4, which is")


def test_a_room_is_given_once_unless_it_is_shared():
    """H2: art and music both in the gym are well, until it is no longer shared."""
    school = with_offer("art", other_room_ids=("gym",))
    both = with_session(
        with_session(WEEK, "music-mon-4", room_id="gym"), "art-mon-4", room_id="gym"
    )
    assert check(school, both) == []
    lonely = replace(school, rooms=with_room("gym", shared=False).rooms)
    text = found(lonely, both)
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd meets session art-mon-4 in")


def test_a_session_is_of_a_tier_where_the_school_has_tiers():
    """H2: without a tier, or of one that the offer is not for, it is not what was offered."""
    tiered = replace(SCHOOL, policy=replace(SCHOOL.policy, tiers=PRODUCT_TIERS))
    with_tier = with_session(WEEK, "group-mon-1-fractions", tier_id="3", cap=3)
    assert check(tiered, with_tier) == []
    assert found(tiered, WEEK).startswith("H2 mon-1: Session group-mon-1-fractions of adult ada is")
    only_two = with_offer("group", tiered, tier_ids=("2",))
    assert "is of tier 3, which its offer is not for" in found(only_two, with_tier)


def test_an_id_stands_for_one_session():
    """H2: a second session under the same id would hide who sits where."""
    twin = with_session(WEEK, "music-mon-4", session_id="art-mon-4")
    seats = [
        replace(s, session_id="art-mon-4") if s.session_id == "music-mon-4" else s
        for s in twin.seats
    ]
    rules = {b.rule for b in check(SCHOOL, rehashed(replace(twin, seats=tuple(seats))))}
    assert "H2" in rules


def test_a_session_is_what_an_offer_says():
    """H2: of some offer, in a slot of it, with its adult, in a room of the school."""
    offers = tuple(o for o in SCHOOL.offers if o.offer_id != "music")
    texts = [b.message for b in check(replace(SCHOOL, offers=offers), WEEK) if b.rule == "H2"]
    assert texts == ["Session music-mon-4 of adult cyd comes from no offer. Plan the week anew."]
    text = found(with_offer("music", slot_ids=("mon-3",)), WEEK)
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd is not offered in the slot")
    assert check(with_offer("music", slot_ids=("mon-4",)), WEEK) == []
    text = found(SCHOOL, with_session(WEEK, "music-mon-4", adult_id="dan"))
    assert "Session music-mon-4 of adult dan is not what offer music says" in text
    nowhere = with_session(WEEK, "music-mon-4", room_id="r9", cap=30)
    text = found(with_offer("music", other_room_ids=("r9",)), nowhere)
    assert "is in room r9, which the school has not" in text


def test_the_lead_is_looked_at_like_a_co_lead():
    """H2, H9: who is there, has no planning time then and may lead this is well."""
    away = replace(SCHOOL, absences=(an_absence("dan"),))
    assert "adult dan is unstaffed: its adult is away" in found(away, WEEK)
    text = found(with_adult("dan", slot_ids=("mon-2",)), WEEK)
    assert "falls in planning time: its adult leads nothing in this slot" in text
    assert check(with_adult("dan", slot_ids=("mon-1",)), WEEK) == []
    assert check(with_adult("dan", kinds=(SessionKind.CHECK,)), WEEK) == []
    led = with_offer("music", with_adult("dan", kinds=(SessionKind.CHECK,)), co_adult_ids=("dan",))
    assert "adult dan, who leads it too, is not qualified for that" in found(led, WEEK)
    led = with_offer("music", with_adult("dan", slot_ids=("mon-1",)), co_adult_ids=("dan",))
    assert "falls in planning time: adult dan, who leads it too, leads nothing" in found(led, WEEK)


def test_two_sessions_without_a_room_take_none_from_each_other():
    """H2: a talk and music, both on a walk."""
    school = with_offer("music", room_id=None, other_room_ids=())
    week = moved(WEEK, "roy", held(school, "music"))
    week = with_session(week, "music-mon-4", room_id=None)
    school = replace(school, needs=(*SCHOOL.needs, a_need("quin")))
    week = moved(week, "quin", held(school, "talk", competency_id="fractions"))
    for name in ("ned", "ola"):
        week = moved(week, name, held(school, "art"))
    assert check(school, changed(week, "roy", "mon-1", choice_rank=2)) == []


# H1 once more: places that are none.


def test_a_place_is_in_a_slot_and_a_session_of_it_and_one():
    """H1: an unknown slot; a session of another slot; a session and an exemption; two places."""
    lost = replace(exempt("kim", "mon-9", "x"))
    text = found(SCHOOL, rehashed(replace(WEEK, seats=(*WEEK.seats, lost))))
    assert text.startswith("H1 mon-9: Learner kim has a place in a slot that the week has not.")
    other = changed(WEEK, "kim", "mon-4", session_id="art-mon-1")
    texts = [b.message for b in check(SCHOOL, other) if b.slot_id == "mon-4"]
    assert texts == [
        "Learner kim sits in session art-mon-1, which the slot has not. Plan the week anew."
    ]
    pins = (a_pin("p", "kim", "mon-4", exemption="x"),)
    both = changed(WEEK, "kim", "mon-4", exemption="x")
    texts = [b.message for b in check(replace(SCHOOL, pins=pins), both) if b.rule == "H1"]
    assert texts == ["Learner kim needs a session or an exemption, not both. Plan the week anew."]
    twice = rehashed(replace(WEEK, seats=(*WEEK.seats, seated("kim", WEEK.sessions[-1]))))
    assert "Learner kim has 2 places." in " ".join(b.message for b in check(SCHOOL, twice))


# H3: sizes.


@pytest.mark.parametrize(
    ("offer_changes", "policy_changes", "cap"),
    [
        ({"cap": 1}, {}, 1),
        ({}, {"enrichment_cap": 1}, 1),
    ],
)
def test_no_more_sit_in_a_session_than_policy_and_offer_allow(offer_changes, policy_changes, cap):
    """H3: two in music, where one may."""
    school = with_offer("music", **offer_changes)
    school = replace(school, policy=replace(school.policy, **policy_changes))
    week = with_session(WEEK, "music-mon-4", cap=cap)
    messages = [b.message for b in check(school, week) if "music" in b.message]
    assert messages == [
        "Session music-mon-4 of adult cyd holds 2 learners, the cap is 1."
        " Remove a pin, or offer a larger room, and plan the week anew."
    ]


def test_a_session_states_its_cap_rightly():
    """H3: whoever reads it must know how many seats there are."""
    text = found(SCHOOL, with_session(WEEK, "group-mon-1-fractions", cap=8))
    assert "states a cap of 8, and its rules make it 5" in text


def test_the_cap_of_a_tier_binds():
    """H3: tier 3 is for three; a fourth is one too many."""
    tiered = replace(SCHOOL, policy=replace(SCHOOL.policy, tiers=PRODUCT_TIERS))
    needs = (*SCHOOL.needs[:3], *(a_need(name) for name in ("ned", "ola", "pam", "roy")))
    week = with_session(WEEK, "group-mon-1-fractions", tier_id="3", cap=3)
    group = next(s for s in week.sessions if s.offer_id == "group")
    week = moved(week, "pam", group)
    for name in ("ned", "ola"):
        week = moved(week, name, held(SCHOOL, "art", "mon-1"))
    text = found(replace(tiered, needs=needs), week)
    assert "Session group-mon-1-fractions of adult ada holds 4 learners, the cap is 3." in text


def test_a_room_holds_what_its_layout_holds():
    """H3: room 4 is set up in rows for one."""
    rooms = with_room("r4", layouts=(Layout(layout="rows", capacity=1),)).rooms
    school = replace(with_offer("music", layout="rows"), rooms=rooms)
    text = found(school, with_session(WEEK, "music-mon-4", cap=1))
    assert "puts 2 learners into room r4 set up as rows, which holds 1" in text


def test_the_sessions_of_a_shared_room_share_its_capacity():
    """H3: art with six and music with two in a gym of seven."""
    school = with_offer("art", other_room_ids=("gym",))
    school = replace(school, rooms=(*SCHOOL.rooms[:-1], a_room("gym", 7, shared=True)))
    both = with_session(WEEK, "music-mon-4", room_id="gym", cap=7)
    both = with_session(both, "art-mon-4", room_id="gym", cap=7)
    opened = [s for s in both.seats if s.slot_id != "mon-3" or s.learner_id != "roy"]
    left = a_pin("p", "roy", "mon-3", exemption="away")
    seats = (*opened, exempt("roy", "mon-3", "away"))
    both = with_session(rehashed(replace(both, seats=seats)), "open-mon-3", cap=7)
    texts = [b.message for b in check(replace(school, pins=(left,)), both)]
    assert len(texts) == 2
    assert all("makes it 8 learners in room gym, which holds 7" in text for text in texts)


def pinned(names, **changes):
    """Return pins of learners to the group in slot 1."""
    return tuple(
        a_pin(f"p-{n}", n, "mon-1", offer_id="group", competency_id="fractions", **changes)
        for n in names
    )


def a_full_group(pins, cap=5, **offer_changes):
    """Return the school with pins, and the week with six learners in the group by them."""
    school = replace(with_offer("group", **offer_changes), pins=pins)
    week = WEEK
    group = with_session(WEEK, "group-mon-1-fractions", cap=cap).sessions[0]
    for name in LEARNERS[:6]:
        week = moved(week, name, group, rule=SeatRule.PIN, weight_milli=0)
    return school, with_session(week, group.session_id, cap=cap)


def test_a_person_may_go_beyond_a_cap_with_a_reason():
    """H3: six pins to a group of five are well with a reason, and one too many without."""
    assert check(*a_full_group(pinned(LEARNERS[:6]))) == []
    text = found(*a_full_group(pinned(LEARNERS[:6], reason="")))
    assert "holds 6 learners, the cap is 5" in text


def test_the_planner_adds_nobody_to_a_session_that_is_full_by_reasons():
    """H3: five are pinned, the sixth is not."""
    school, week = a_full_group(pinned(LEARNERS[1:6]))
    week = changed(week, "kim", "mon-1", rule=SeatRule.NEED, weight_milli=1200)
    assert "holds 6 learners, the cap is 5" in found(school, week)


def test_no_reason_goes_beyond_what_law_allows():
    """H3: a legal group of four, unless the consent of every one of the six is on file."""
    school, week = a_full_group(pinned(LEARNERS[:6]), legal="HB 1416", cap=4)
    text = found(school, week)
    assert "holds 6 learners under law HB 1416, which allows 4 while consent is missing" in text
    given = [replace(x, consents=("HB 1416",)) for x in school.learners]
    assert check(replace(school, learners=tuple(given)), week) == []
    but_one = [replace(given[0], consents=()), *given[1:]]
    text = found(replace(school, learners=tuple(but_one)), week)
    assert "while consent is missing for learner kim" in text


def test_no_reason_goes_beyond_the_room():
    """H3: the room holds four."""
    school, week = a_full_group(pinned(LEARNERS[:6]), cap=4)
    rooms = [replace(r, capacity=4) if r.room_id == "r1" else r for r in school.rooms]
    text = found(
        replace(school, rooms=tuple(rooms)), with_session(week, "again-mon-2-fractions", cap=4)
    )
    assert "puts 6 learners into room r1, which holds 4" in text


def test_so_many_reasons_are_enough_as_there_are_seats_too_many():
    """H3: six in a group of five, one of them with a reason."""
    pins = (*pinned(LEARNERS[:1]), *pinned(LEARNERS[1:6], reason=""))
    assert check(*a_full_group(pins)) == []


def test_a_legal_group_of_its_size_needs_no_consent():
    """H3: three where four are allowed."""
    assert check(with_offer("group", legal="L"), with_session(WEEK, GROUP_ID, cap=4)) == []
    assert check(with_offer("group", legal="L"), WEEK) == []


def test_where_nothing_is_said_of_a_size_the_cap_of_enrichment_stands():
    """H3: commons without a room; in a room of forty it is the room's."""
    outside = with_offer("open", room_id=None)
    walk = with_session(WEEK, "open-mon-3", room_id=None)
    assert check(outside, with_session(walk, "open-mon-3", cap=30)) == []
    assert "its rules make it 30" in found(outside, with_session(walk, "open-mon-3", cap=40))
    large = replace(SCHOOL, rooms=(*SCHOOL.rooms[:-1], a_room("gym", 40, shared=True)))
    assert check(large, with_session(WEEK, "open-mon-3", cap=40)) == []


def test_only_who_is_in_a_shared_room_at_the_time_fills_it():
    """H3: three of eight in a gym of seven; and eight in it, one slot after the other."""
    school = with_offer("art", room_id="gym")
    school = replace(school, rooms=(*SCHOOL.rooms[:-1], a_room("gym", 8, shared=True)))
    week = WEEK
    for session in WEEK.sessions:
        if session.room_id in ("r2", "gym"):
            week = with_session(week, session.session_id, room_id="gym", cap=8)
    ends = {"mon-2": "10:40", "mon-3": "11:00"}
    late = a_slot("mon-2", "10:20", "11:00")
    assert check(school, week) == []
    slots = [late if s.slot_id in ends and s.slot_id == "mon-2" else s for s in SCHOOL.slots]
    for session in [s for s in week.sessions if s.slot_id == "mon-2"]:
        week = with_session(week, session.session_id, start=late.start, end=late.end)
    assert check(replace(school, slots=tuple(slots)), week) == []


def test_a_layout_may_hold_more_than_the_room_does_else():
    """H3: room 4 is for one, and in a circle for nine."""
    room = replace(a_room("r4", 1), layouts=(Layout(layout="circle", capacity=9),))
    school = with_offer("music", layout="circle")
    school = with_offer("look", school, layout="circle")
    rooms = [room if r.room_id == "r4" else r for r in SCHOOL.rooms]
    week = with_session(WEEK, "music-mon-4", cap=9)
    assert check(replace(school, rooms=tuple(rooms)), week) == []
