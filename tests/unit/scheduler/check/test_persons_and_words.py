"""A lawful week, broken in one way at a time: H7 to H12, what persons have set, words, value."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.model import (
    Acceptance,
    KeepApart,
    LockedSession,
    PinOrigin,
    Request,
    RequestLevel,
    Scope,
    SessionKind,
)
from services.scheduler.domain.week import (
    Notice,
    NoticeKind,
    RequestOutcome,
    RequestState,
    SeatRule,
    Term,
)
from tests.support.doubting import found
from tests.support.handmade import (
    SCHOOL,
    a_week,
    changed,
    exempt,
    held,
    lawful_week,
    moved,
    rehashed,
    with_adult,
    with_need,
    with_offer,
    with_session,
    with_slot,
)
from tests.support.schools import (
    MONDAY,
    a_need,
    a_pin,
)

WEEK = lawful_week()
GROUP_ID = "group-mon-1-fractions"


# H7: what persons have settled stays.


def test_a_pin_of_who_is_not_expected_does_nothing():
    """H7: Kim is of another lunch; a pin to a slot that is not there is lost."""
    pins = (a_pin("p", "kim", "mon-3", offer_id="den"),)
    tags = [replace(x, tags=("blue",) if x.learner_id != "kim" else ()) for x in SCHOOL.learners]
    blue = replace(with_slot("mon-3", scope=Scope(tags=("blue",))), learners=tuple(tags))
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("kim", "mon-3")]
    assert check(replace(blue, pins=pins), rehashed(replace(WEEK, seats=tuple(seats)))) == []
    lost = replace(SCHOOL, pins=(a_pin("p", "kim", "mon-9", offer_id="art"),))
    assert found(lost, WEEK).startswith("H7 : Pin p of learner kim to offer art is not kept.")


def test_a_pin_is_kept():
    """H7: Kim is pinned to art, and sits in the group."""
    text = found(replace(SCHOOL, pins=(a_pin("p", "kim", offer_id="art"),)), WEEK)
    assert text.startswith("H7 mon-1: Pin p of learner kim to offer art is not kept.")


def test_rich_work_that_a_person_holds_is_displaced_by_no_need():
    """H7: Max is pinned to rich work in slot 1, and a prerequisite may not take him away."""
    school = replace(with_offer("art", rich=True), pins=(a_pin("p", "max", offer_id="art"),))
    assert found(school, WEEK).startswith("H7 mon-1: Pin p of learner max to offer art")
    kept = moved(WEEK, "max", held(SCHOOL, "art"), rule=SeatRule.PIN)
    assert check(school, kept) == []


@pytest.mark.parametrize(
    "locked",
    [
        LockedSession(slot_id="mon-1", offer_id="group", competency_id="angles"),
        LockedSession(slot_id="mon-2", offer_id="group"),
        LockedSession(slot_id="mon-1", offer_id="group", tier_id="2"),
    ],
)
def test_a_session_that_adults_agreed_on_is_held(locked):
    """H7: on its target, in its slot, of its tier."""
    text = found(replace(SCHOOL, locked=(locked,)), WEEK)
    assert text.startswith(f"H7 {locked.slot_id}: The session of offer group")
    kept = LockedSession(slot_id="mon-1", offer_id="group", competency_id="fractions")
    assert check(replace(SCHOOL, locked=(kept,)), WEEK) == []


# H8: who is kept apart.


APART = KeepApart(rule_id="r-7", learner_id="kim", other_id="lea")


def test_a_pair_that_is_kept_apart_shares_no_session():
    """H8: Kim and Lea are in every session together; the message names neither, nor the rule."""
    slots = {b.slot_id: b for b in check(replace(SCHOOL, keep_apart=(APART,)), WEEK)}
    assert set(slots) == {"mon-1", "mon-2", "mon-3", "mon-4"}
    assert {b.rule for b in slots.values()} == {"H8"}
    assert slots["mon-1"].message == (
        "Session group-mon-1-fractions cannot be so: somebody is placed by rule."
        " Plan the week anew."
    )


def test_two_rules_that_one_session_breaks_are_told_as_two():
    """H8: so a move that breaks a second one is seen, though no message names a rule."""
    second = replace(APART, rule_id="r-8", other_id="max")
    found = check(replace(SCHOOL, keep_apart=(APART, second)), WEEK)
    in_1 = [b.message for b in found if b.slot_id == "mon-1"]
    assert in_1 == [
        "Session group-mon-1-fractions cannot be so: somebody is placed by rule, 2 times over."
        " Plan the week anew."
    ]


def test_a_rule_of_a_pair_ends():
    """H8: the first day without the rule is Monday."""
    over = replace(APART, expire_date=MONDAY)
    assert check(replace(SCHOOL, keep_apart=(over,)), WEEK) == []
    standing = replace(APART, expire_date=MONDAY + timedelta(days=1))
    assert len(check(replace(SCHOOL, keep_apart=(standing,)), WEEK)) == 4


def test_a_pair_that_is_kept_apart_shares_no_room():
    """H8: Kim in art and Roy in music, both in the gym in slot 4."""
    school = with_offer("art", other_room_ids=("gym",))
    rule = KeepApart(rule_id="r-7", learner_id="kim", other_id="roy")
    school = replace(school, keep_apart=(rule,))
    both = with_session(WEEK, "music-mon-4", room_id="gym")
    both = with_session(both, "art-mon-4", room_id="gym")
    in_4 = [b.message for b in check(school, both) if b.slot_id == "mon-4"]
    assert in_4[0].startswith("Room gym, of session art-mon-4 and session music-mon-4, cannot")


def test_two_sessions_without_a_room_are_in_no_common_one():
    """H8: Kim in a talk and Lea in another, both on a walk; or one of them at home."""
    school = with_offer("music", room_id=None, other_room_ids=())
    school = replace(school, keep_apart=(APART,), pins=(a_pin("p", "lea", "mon-2", exemption="x"),))
    week = moved(WEEK, "kim", held(school, "music", "mon-1"))
    week = moved(week, "lea", held(school, "talk", "mon-1"), rule=SeatRule.PIN, weight_milli=0)
    seats = [s for s in week.seats if (s.learner_id, s.slot_id) != ("lea", "mon-2")]
    week = rehashed(replace(week, seats=(*seats, exempt("lea", "mon-2", "x"))))
    apart = {b.slot_id for b in check(school, week) if b.rule == "H8"}
    assert apart == {"mon-3", "mon-4"}


def test_who_sits_together_without_a_room_sits_together():
    """H8: Kim and Lea walk in one session."""
    school = replace(with_offer("open", room_id=None), keep_apart=(APART,))
    walk = with_session(WEEK, "open-mon-3", room_id=None)
    assert "mon-3" in {b.slot_id for b in check(school, walk) if b.rule == "H8"}


def h8_in_2(school, week):
    """Return what is found of pairs in slot 2."""
    return [b for b in check(school, week) if (b.rule, b.slot_id) == ("H8", "mon-2")]


@pytest.mark.parametrize("pair", [("pam", "roy"), ("roy", "pam")])
def test_a_service_wins_over_a_pair_by_the_word_of_persons_alone(pair):
    """H8: a pin or a granted request for a service, another person's word, and a notice on it."""
    rule = KeepApart(rule_id="r-7", learner_id=pair[0], other_id=pair[1])
    pins = (a_pin("p1", "pam", "mon-2", offer_id="speech", service=True),)
    pins += (a_pin("p2", "roy", "mon-2", offer_id="speech"),)
    week = moved(WEEK, "roy", held(SCHOOL, "speech", "mon-2"), rule=SeatRule.PIN)
    week = changed(week, "pam", "mon-2", rule=SeatRule.SERVICE_PIN)
    notice = Notice(kind=NoticeKind.SERVICE_OVER_APART, message="Told.", learner_id="pam")
    school = replace(SCHOOL, pins=pins, keep_apart=(rule,))
    assert h8_in_2(school, rehashed(replace(week, notices=(notice,)))) == []
    for other in (replace(notice, kind=NoticeKind.NO_GAIN), replace(notice, learner_id="kim")):
        assert len(h8_in_2(school, rehashed(replace(week, notices=(other,))))) == 1
    told = rehashed(replace(week, notices=(notice,)))
    assert len(h8_in_2(replace(school, pins=pins[:1]), told)) == 1
    assert len(h8_in_2(replace(school, pins=pins[1:]), told)) == 1
    request = Request(
        request_id="q",
        learner_id="pam",
        slot_id="mon-2",
        offer_id="speech",
        level=RequestLevel.SERVICE,
        create_time=SCHOOL.as_of,
    )
    granted = (RequestOutcome(request_id="q", state=RequestState.SEATED, sentence="So it is."),)
    told = rehashed(replace(told, requests=granted))
    assert h8_in_2(replace(school, pins=pins[1:], requests=(request,)), told) == []
    teacher = replace(request, level=RequestLevel.TEACHER)
    assert len(h8_in_2(replace(school, pins=pins[1:], requests=(teacher,)), told)) == 1


def test_the_pins_of_services_win_over_a_pair_and_whoever_set_it_is_told():
    """H8: both have speech then; without a notice that is a breach all the same."""
    pins = tuple(a_pin(n, n, "mon-2", offer_id="speech", service=True) for n in ("pam", "roy"))
    rule = KeepApart(rule_id="r-7", learner_id="pam", other_id="roy", expire_date=None)
    school = replace(SCHOOL, pins=pins, keep_apart=(rule,))
    week = moved(WEEK, "roy", held(SCHOOL, "speech", "mon-2"), rule=SeatRule.SERVICE_PIN)
    in_2 = lambda week: [b.message for b in check(school, week) if b.slot_id == "mon-2"]  # noqa: E731
    assert in_2(week) == [
        "Session speech-mon-2 cannot be so: somebody is placed by rule."
        " A service asks for it, and nobody is told. Plan the week anew, so that whoever set the"
        " rule is told."
    ]
    notice = Notice(kind=NoticeKind.SERVICE_OVER_APART, message="Told.", learner_id="pam")
    told = rehashed(replace(week, notices=(notice,)))
    assert in_2(told) == []
    # One service's pin is enough where the other seat is a person's word too, not the planner's.
    school = replace(school, pins=(pins[0], replace(pins[1], service=False)))
    by_word = changed(told, "roy", "mon-2", rule=SeatRule.PIN)
    assert [b for b in check(school, by_word) if b.slot_id == "mon-2"] == []
    school = replace(school, pins=pins[:1])
    by_planner = [b.rule for b in check(school, by_word) if b.slot_id == "mon-2"]
    assert "H8" in by_planner


# H9: the right adult.


def test_an_adult_leads_only_the_kinds_that_they_are_qualified_for():
    """H9: Ada may lead checks alone."""
    messages = [b.message for b in check(with_adult("ada", kinds=(SessionKind.CHECK,)), WEEK)]
    assert len(messages) == 2
    assert any("is a small_group: its adult is not qualified for that" in m for m in messages)


def test_an_offer_that_names_neither_subject_nor_competency_has_no_target():
    """H9: what is offered must be said."""
    text = found(with_offer("group", subject=""), WEEK)
    assert "is on competency fractions, which is not offered" in text


def test_one_adult_leads_to_the_end_of_a_course():
    """H9: Kim's is Dan, and Ada's group helps her; a pin does not change that."""
    text = found(with_need("kim", adult_id="dan"), WEEK)
    assert text.startswith("H9 mon-1: Session group-mon-1-fractions of adult ada helps learner kim")
    assert "is adult dan" in text
    pin = a_pin("p", "kim", offer_id="group")
    school = replace(with_need("kim", adult_id="dan"), pins=(pin,))
    assert found(school, changed(WEEK, "kim", "mon-1", rule=SeatRule.PIN)).startswith("H9 mon-1")


def test_the_one_adult_is_for_help_alone():
    """H9: who checks Ned is not asked; and an offer of another subject has not this target."""
    assert check(with_need("ned", adult_id="ada"), WEEK) == []
    adults = with_adult("ada", subjects=("math", "art"))
    text = found(with_offer("group", adults, subject="art"), WEEK)
    assert "Session group-mon-1-fractions of adult ada is on math, not on art" in text


# H10: the evidence floor.


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence_count": 1},
        {"day_count": 1},
        {"newest_day": date(2026, 10, 19)},
        {"newest_day": date(2026, 11, 20)},
        {"newest_day": None},
        {"level_milli": None},
    ],
)
def test_help_asks_for_enough_evidence(changes):
    """H10: count, days, age and level; what is of after the as-of day is none."""
    text = found(with_need("kim", **changes), WEEK)
    assert text.startswith("H10 mon-1: The seat of learner kim rests on too little evidence for")


@pytest.mark.parametrize(
    "changes", [{"level_milli": 3000}, {"at_least_eight_tenths_micro": 700_000}]
)
def test_help_asks_for_a_gap(changes):
    """H10: level 3, or a probability of .7, is none."""
    text = found(with_need("kim", **changes), WEEK)
    assert text.startswith("H10 mon-1: The seat of learner kim has no gap in competency fractions")


@pytest.mark.parametrize("word", ["nominated", "confirmed"])
def test_a_teachers_word_stands_for_the_evidence(word):
    """H10: of one piece, and at level 3; the gap is then half a point."""
    school = with_need("kim", evidence_count=1, day_count=1, level_milli=3000, **{word: True})
    assert check(school, changed(WEEK, "kim", "mon-1", weight_milli=500)) == []


def test_a_check_is_for_who_lacks_evidence():
    """H10: Ned's evidence is enough for help."""
    text = found(with_need("ned", evidence_count=2, day_count=2), WEEK)
    assert text.startswith("H10 mon-1: The seat of learner ned checks competency fractions, of")


# H11, H12: words, reasons, value.


def test_a_title_that_labels_is_found():
    """H11: in a hall."""
    text = found(SCHOOL, with_session(WEEK, "music-mon-4", title="Tier 2 music"))
    assert text.startswith('H11 mon-4: The title "Tier 2 music" labels learners (tier).')


def test_a_learner_reads_no_level():
    """H11: in one's own reason."""
    text = found(SCHOOL, changed(WEEK, "kim", "mon-1", learner_sentence="You are at 1.8."))
    assert text.startswith("H11 mon-1: What learner kim reads labels them (1.8).")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"staff_sentence": " "}, "has no whole reason"),
        ({"weight_milli": 1300}, "states a weight of 1300, and its need weighs 1200"),
        ({"evidence": ("e-lea-fractions",)}, "states evidence that its need does not rest on"),
        ({"rule": SeatRule.ENRICHMENT}, "is by enrichment in a small_group"),
        ({"rule": SeatRule.EXEMPT}, "is by exempt in a small_group"),
        ({"choice_rank": 1}, "states rank 1 of a choice, and its session is of rank 0"),
    ],
)
def test_a_seat_says_why_and_says_it_rightly(changes, words):
    """H12: sentences, weight, evidence, rule and rank."""
    text = found(SCHOOL, changed(WEEK, "kim", "mon-1", **changes))
    assert text.startswith(f"H12 mon-1: The seat of learner kim {words}")


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_the_rank_of_a_choice_is_stated_rightly(rank):
    """H12: music is Roy's second."""
    text = found(SCHOOL, changed(WEEK, "roy", "mon-4", choice_rank=rank))
    assert f"states rank {rank} of a choice, and its session is of rank 2" in text


def test_who_is_in_no_session_met_no_choice():
    """H12: Roy is sent home, and his exemption says that it is his second choice."""
    school = replace(SCHOOL, pins=(a_pin("p", "roy", "mon-4", exemption="home"),))
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("roy", "mon-4")]
    for rank, rules in ((2, ["H12"]), (0, [])):
        home = replace(exempt("roy", "mon-4", "home"), choice_rank=rank)
        week = rehashed(replace(WEEK, seats=(*seats, home)))
        assert [b.rule for b in check(school, week)] == rules


def test_a_seat_of_a_choice_that_nobody_made_is_found():
    """H12: Quin did not choose music; and Pam did not ask to be assessed again."""
    text = found(SCHOOL, changed(WEEK, "quin", "mon-4", rule=SeatRule.CHOICE))
    assert "The seat of learner quin says that it was chosen, and no choice asks for it" in text
    again = next(s for s in WEEK.sessions if s.offer_id == "again")
    text = found(SCHOOL, moved(WEEK, "max", again))
    assert text.startswith("H12 mon-2: The seat of learner max says that it was chosen")


def test_a_pin_that_nobody_set_is_found():
    """H12: nothing slips under the floor by calling itself pinned."""
    text = found(SCHOOL, changed(WEEK, "kim", "mon-1", rule=SeatRule.PIN))
    assert text.startswith("H12 mon-1: The seat of learner kim says that it is pinned")


ACCEPTED = a_pin(
    "p",
    "kim",
    "mon-1",
    offer_id="group",
    competency_id="fractions",
    origin=PinOrigin.PLANNED,
    acceptance=Acceptance(adult_id="ada"),
)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"acceptance": Acceptance(adult_id="ada")}, None),
        ({}, "was accepted, and does not say so"),
        ({"acceptance": Acceptance(adult_id="bob")}, "says that it was accepted, and no pin does"),
        (
            {"acceptance": Acceptance(adult_id="ada"), "rule": SeatRule.PIN},
            "says that a person gave it, and the planner did",
        ),
        (
            {"acceptance": Acceptance(adult_id="ada"), "weight_milli": 1},
            "states a weight of 1",
        ),
    ],
)
def test_an_accepted_seat_says_why_it_was_given_and_who_accepted_it(changes, what):
    """H12: the pin that keeps it excuses no word of it."""
    school = replace(SCHOOL, pins=(ACCEPTED,))
    breaches = check(school, changed(WEEK, "kim", "mon-1", **changes))
    if what is None:
        assert breaches == []
    else:
        assert any(what in breach.message for breach in breaches)


def test_nobody_accepted_a_seat_without_a_pin_that_says_so():
    """H12: an acceptance is a person's word, which the snapshot has to hold."""
    week = changed(WEEK, "kim", "mon-1", acceptance=Acceptance(adult_id="ada"))
    assert "says that it was accepted, and no pin does" in found(SCHOOL, week)


def test_an_accepted_seat_that_the_planner_would_not_give_stands_by_its_pin():
    """H12: Kim's need is gone since, and there is no claim to tell."""
    needs = tuple(one for one in SCHOOL.needs if one.learner_id != "kim")
    school = replace(SCHOOL, needs=needs, pins=(ACCEPTED,))
    week = changed(
        WEEK,
        "kim",
        "mon-1",
        rule=SeatRule.PIN,
        competency_id=None,
        weight_milli=0,
        evidence=(),
        acceptance=Acceptance(adult_id="ada"),
    )
    assert check(school, a_week(school, week.sessions, week.seats, services=week.services)) == []


def test_a_seat_names_the_target_of_its_session():
    """H12: Kim's says angles, in a session on fractions; she needs both."""
    school = replace(SCHOOL, needs=(*SCHOOL.needs, a_need("kim", "angles")))
    text = found(school, changed(WEEK, "kim", "mon-1", competency_id="angles"))
    assert "names another competency than its session" in text


def test_a_pin_is_of_a_service_where_the_seat_says_so():
    """H12: not by a teacher's pin or request, nor by the pin of an exemption."""
    school = replace(SCHOOL, pins=(a_pin("p", "roy", "mon-4", offer_id="music"),))
    text = found(school, changed(WEEK, "roy", "mon-4", rule=SeatRule.SERVICE_PIN))
    assert text.startswith("H12 mon-4: The seat of learner roy says that it is pinned")
    school = replace(SCHOOL, pins=(a_pin("p", "roy", "mon-4", exemption="home"),))
    rules = [b.rule for b in check(school, changed(WEEK, "roy", "mon-4", rule=SeatRule.PIN))]
    assert rules == ["H12", "H7"]
    request = Request(
        request_id="q",
        learner_id="roy",
        slot_id="mon-4",
        offer_id="music",
        level=RequestLevel.TEACHER,
        create_time=SCHOOL.as_of,
    )
    granted = (RequestOutcome(request_id="q", state=RequestState.SEATED, sentence="So it is."),)
    for rule, level, rules in (
        (SeatRule.SERVICE_PIN, RequestLevel.TEACHER, ["H12"]),
        (SeatRule.SERVICE_PIN, RequestLevel.SERVICE, []),
        (SeatRule.PIN, RequestLevel.TEACHER, []),
    ):
        school = replace(SCHOOL, requests=(replace(request, level=level),))
        week = changed(replace(WEEK, requests=granted), "roy", "mon-4", rule=rule)
        assert [b.rule for b in check(school, week)] == rules


def test_a_value_that_the_seats_do_not_bear_out_is_found():
    """H12: the terms are added up anew; without terms there is nothing to doubt."""
    terms = (Term(rule="S1", value_milli=9999),)
    messages = [b.message for b in check(SCHOOL, rehashed(replace(WEEK, terms=terms)))]
    assert "The week states 9999 for S1, and its seats are worth 4800. Plan the week anew." in (
        messages
    )


def test_a_week_changed_after_it_was_hashed_is_found():
    """H12: the hash is of the very week."""
    text = found(SCHOOL, replace(WEEK, seed=99))
    assert text == "H12 : The week's hash is not the hash of the week. Plan the week anew."
