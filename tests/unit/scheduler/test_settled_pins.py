"""Pins and agreed sessions before the search: what is kept, what is not and why, shape by shape."""

from dataclasses import replace

from services.scheduler.domain.model import (
    Choice,
    KeepApart,
    Layout,
    LockedSession,
    OptOut,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy
from services.scheduler.domain.pins import settle
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)

GROUP = SessionKind.SMALL_GROUP
ADULTS = ("ada", "bob", "cyd")
NAMES = ("kim", "lea", "max", "ned", "ola", "pam")


def a_school(**changes):
    """Return three adults with commons in three rooms, and six learners."""
    fields = {
        "adults": tuple(an_adult(name) for name in ADULTS),
        "rooms": tuple(a_room(f"r-{name}") for name in ADULTS),
        "offers": tuple(an_offer(f"o-{name}", name, room_id=f"r-{name}") for name in ADULTS),
        "learners": tuple(a_learner(name) for name in NAMES),
    }
    return a_problem(**(fields | changes))


def with_offer(offer_id, problem=None, **changes):
    """Return the school with one offer changed."""
    problem = problem or a_school()
    offers = [replace(o, **changes) if o.offer_id == offer_id else o for o in problem.offers]
    return replace(problem, offers=tuple(offers))


def settled(problem, *asked, locked=()):
    """Return what becomes of pins, given as (id, learner, offer) or whole, and of locks."""
    pins = [
        a_pin(one[0], one[1], offer_id=one[2]) if isinstance(one, tuple) else one for one in asked
    ]
    problem = replace(problem, pins=tuple(pins), locked=tuple(locked))
    return settle(index_of(normalised(problem), 1))


def told(found):
    """Return rule and message of the one breach."""
    (breach,) = found.breaches
    assert breach.message.endswith("and plan the week anew.")
    return f"{breach.rule.value} {breach.slot_id}: {breach.message}"


def lock(offer_id="o-ada", slot_id="mon-1", **changes):
    """Return an agreed session."""
    return LockedSession(slot_id=slot_id, offer_id=offer_id, **changes)


def test_who_leads_with_another_leads_nothing_else_then():
    """The pin to cyd's session is kept; the one to ada's, which needs cyd too, is not."""
    problem = with_offer("o-ada", co_adult_ids=("cyd",))
    found = settled(problem, ("p1", "kim", "o-cyd"), ("p2", "lea", "o-ada"))
    assert told(found).startswith("H2 mon-1: Pin p2 of learner lea asks for adult cyd, who leads")
    assert list(found.forced) == [("mon-1", "o-cyd")]


def test_a_co_lead_must_be_known_there_and_qualified():
    """Each of the three makes a breach that names the co-lead."""
    problem = with_offer("o-ada", co_adult_ids=("cyd",))
    away = replace(problem, absences=(an_absence("cyd"),))
    assert "H2 mon-1" in told(settled(away, ("p1", "kim", "o-ada")))
    unknown = with_offer("o-ada", co_adult_ids=("zoe",))
    assert "lacks a co-lead: adult zoe" in told(settled(unknown, ("p1", "kim", "o-ada")))
    adults = [replace(a, kinds=(GROUP,)) if a.adult_id == "cyd" else a for a in problem.adults]
    unfit = replace(problem, adults=tuple(adults))
    assert told(settled(unfit, ("p1", "kim", "o-ada"))).startswith("H9 mon-1")


def test_planning_time_is_not_an_absence():
    """The message says which it is."""
    adults = tuple(replace(a, slot_ids=("mon-2",)) for a in a_school().adults)
    problem = a_school(adults=adults, slots=(a_slot(), a_slot("mon-2", "10:00", "10:40")))
    assert "falls in planning time: adult ada" in told(settled(problem, ("p1", "kim", "o-ada")))


def test_a_session_moves_to_another_of_its_rooms_for_one_that_has_no_other():
    """Both are kept: o-ada goes to its second room when o-bob asks for the first."""
    problem = with_offer("o-ada", other_room_ids=("r-cyd",))
    problem = with_offer("o-bob", problem, room_id="r-ada")
    found = settled(problem, ("p1", "kim", "o-ada"), ("p2", "lea", "o-bob"))
    assert found.breaches == []
    assert found.forced["mon-1", "o-ada"].room_ids == ("r-cyd",)
    assert found.forced["mon-1", "o-bob"].room_ids == ("r-ada",)


def test_the_search_chooses_among_the_rooms_that_nobody_else_asks_for():
    """One forced session alone keeps both its rooms; a closed one is none of them."""
    problem = with_offer("o-ada", other_room_ids=("r-cyd",))
    found = settled(problem, ("p1", "kim", "o-ada"))
    assert found.forced["mon-1", "o-ada"].room_ids == ("r-ada", "r-cyd")
    closed = a_room("r-ada")
    rooms = (replace(closed, closed_slot_ids=("mon-1",)), *problem.rooms[1:])
    found = settled(replace(problem, rooms=rooms), ("p1", "kim", "o-ada"))
    assert found.forced["mon-1", "o-ada"].room_ids == ("r-cyd",)


def test_where_all_rooms_are_taken_or_closed_the_message_says_so():
    """H2 in both cases."""
    problem = with_offer("o-bob", room_id="r-ada")
    found = settled(problem, ("p1", "kim", "o-ada"), ("p2", "lea", "o-bob"))
    assert "H2 mon-1: Pin p2 of learner lea asks for room r-ada, taken then" in told(found)
    rooms = tuple(replace(room, closed_slot_ids=("mon-1",)) for room in problem.rooms)
    found = settled(replace(problem, rooms=rooms), ("p1", "kim", "o-ada"))
    assert "finds no room of offer o-ada open in slot mon-1" in told(found)


def test_a_session_that_grows_moves_to_its_larger_room():
    """The layout's capacity counts: two in the circle, then the second room."""
    small = replace(a_room("r-ada"), layouts=(Layout(layout="circle", capacity=2),))
    problem = with_offer("o-ada", other_room_ids=("r-cyd",), layout="circle")
    problem = replace(problem, rooms=(small, *problem.rooms[1:]))
    pins = [(f"p{n}", name, "o-ada") for n, name in enumerate(NAMES[:3])]
    assert settled(problem, *pins[:2]).forced["mon-1", "o-ada"].room_ids == ("r-ada", "r-cyd")
    assert settled(problem, *pins).forced["mon-1", "o-ada"].room_ids == ("r-cyd",)


def test_a_shared_room_takes_as_many_as_it_holds_over_all_its_sessions():
    """Two and two fill the gym of four; the fifth is one too many, and told so."""
    problem = a_school(rooms=(a_room("gym", 4, shared=True),))
    problem = replace(problem, offers=tuple(replace(o, room_id="gym") for o in problem.offers))
    pins = [(f"p{n}", name, ("o-ada", "o-bob")[n % 2]) for n, name in enumerate(NAMES[:5])]
    found = settled(problem, *pins)
    assert "H3 mon-1: Pin p4 of learner ola is one too many for room gym" in told(found)


def test_a_session_is_agreed_without_any_pin():
    """It is forced with its target and tier, and no learner is in it."""
    problem = with_offer("o-ada", kind=GROUP, subject="math")
    problem = replace(problem, policy=Policy(tiers=PRODUCT_TIERS))
    tier_id = PRODUCT_TIERS[0].tier_id
    found = settled(problem, locked=[lock(competency_id="fractions", tier_id=tier_id)])
    forced = found.forced["mon-1", "o-ada"]
    assert (forced.locked, forced.learners) == (True, ())
    assert (forced.competency_id, forced.tier_id) == ("fractions", tier_id)


def test_the_tier_of_an_agreed_session_sets_its_cap():
    """Of a cap of 3: the fourth pin has to give a reason, and then is kept."""
    problem = with_offer("o-ada", kind=GROUP, subject="math")
    tiers = (replace(PRODUCT_TIERS[0], cap=3, minimum=1), PRODUCT_TIERS[1])
    problem = replace(problem, policy=Policy(tiers=tiers))
    pins = [a_pin(f"p{n}", name, offer_id="o-ada", reason="") for n, name in enumerate(NAMES[:4])]
    agreed = [lock(tier_id=tiers[0].tier_id)]
    assert told(settled(problem, *pins, locked=agreed)).startswith(
        "H3 mon-1: Pin p3 of learner ned"
    )
    assert settled(problem, *pins).breaches == []
    pins[0] = replace(pins[0], reason="they asked")
    assert settled(problem, *pins, locked=agreed).breaches == []


def test_what_cannot_be_agreed_is_a_breach_with_its_rule():
    """A slot, an offer, a tier and a target that there is not; an adult who leads a pinned one."""
    problem = with_offer("o-ada", kind=GROUP, subject="math")
    for agreed, rule in (
        (lock(slot_id="mon-9"), "H7 :"),
        (lock("nowhere"), "H7 mon-1:"),
        (lock(tier_id="2"), "H2 mon-1:"),
        (lock(competency_id="poems"), "H9 mon-1:"),
    ):
        assert told(settled(problem, locked=[agreed])).startswith(rule)
    problem = replace(problem, offers=(*problem.offers, an_offer("o-too", "ada", room_id=None)))
    service = a_pin("p1", "kim", offer_id="o-too", service=True)
    assert "H2 mon-1: The session of offer o-ada" in told(
        settled(problem, service, locked=[lock()])
    )


def test_an_adult_who_is_qualified_for_nothing_of_an_offer_leads_it_for_nobody():
    """H9: neither by an agreed session nor by a pin; the group would have no target."""
    problem = with_offer("o-ada", kind=GROUP, subject="art")
    assert told(settled(problem, locked=[lock()])).startswith("H9 mon-1: The session of offer")
    assert told(settled(problem, ("p1", "kim", "o-ada"))).startswith("H9 mon-1: Pin p1")


def test_services_come_before_locks_and_locks_before_other_pins():
    """All three want ada: the first of them in that order is held."""
    problem = a_school()
    offers = [an_offer(f"o-{n}", "ada", room_id=None) for n in (1, 2, 3)]
    problem = replace(problem, offers=tuple(offers))
    pin = a_pin("a", "kim", offer_id="o-1")
    service = a_pin("b", "lea", offer_id="o-3", service=True)
    held = [
        list(settled(problem, *pins, locked=[lock("o-2")]).forced)
        for pins in ((pin,), (pin, service))
    ]
    assert held == [[("mon-1", "o-2")], [("mon-1", "o-3")]]


def test_a_pin_to_what_the_learner_may_not_come_to_is_never_kept():
    """H4: a scope of another grade, a family's opt-out of offer, kind or subject."""
    problem = with_offer("o-ada", scope=Scope(grades=("8",)))
    assert told(settled(problem, ("p1", "kim", "o-ada"))).startswith("H4 mon-1")
    group = with_offer("o-ada", kind=GROUP, subject="math")
    for out in ({"offer_id": "o-ada"}, {"kind": GROUP}, {"subject": "math"}):
        problem = replace(group, opt_outs=(OptOut(learner_id="kim", **out),))
        assert "the family has opted out" in told(settled(problem, ("p1", "kim", "o-ada")))
        assert settled(problem, ("p1", "lea", "o-ada")).breaches == []


def test_who_is_out_of_a_slots_scope_is_not_pinned_there():
    """No seat, no breach: the slot does not expect them."""
    slot = replace(a_slot(), scope=Scope(grades=("8",)))
    found = settled(a_school(slots=(slot,)), ("p1", "kim", "o-ada"))
    assert (found.seats, found.breaches) == ({}, [])


def test_the_one_adult_of_a_need_binds_a_pin_too():
    """H9 where the target is named; where it is open, another target is left."""
    problem = with_offer("o-ada", kind=GROUP, subject="math")
    problem = replace(
        problem,
        competencies=(a_competency(), a_competency("angles", "Angles")),
        needs=(a_need("kim", adult_id="bob"),),
    )
    named = a_pin("p1", "kim", offer_id="o-ada", competency_id="fractions")
    assert "H9 mon-1" in told(settled(problem, named))
    found = settled(problem, ("p1", "kim", "o-ada"))
    assert found.breaches == []
    assert found.forced["mon-1", "o-ada"].target_ids == ("angles",)


def test_a_target_must_be_for_everybody_pinned():
    """Lea's family has opted out of the one that Kim's pin names: the second pin is not kept."""
    problem = with_offer("o-ada", kind=GROUP, subject="", competencies=("fractions", "poems"))
    problem = replace(
        problem,
        adults=(an_adult("ada", ("math", "english")), *problem.adults[1:]),
        competencies=(a_competency(), a_competency("poems", "Poems", subject="english")),
        opt_outs=(OptOut(learner_id="lea", subject="math"),),
    )
    kim = a_pin("p1", "kim", offer_id="o-ada", competency_id="fractions")
    assert told(settled(problem, kim, ("p2", "lea", "o-ada"))).startswith("H4 mon-1: Pin p2")
    found = settled(problem, ("p1", "kim", "o-ada"), ("p2", "lea", "o-ada"))
    assert found.forced["mon-1", "o-ada"].target_ids == ("poems",)
    late = settled(problem, ("p1", "lea", "o-ada"), replace(kim, pin_id="p2"))
    assert "competency fractions, which is not for everybody" in told(late)


def test_a_re_assessment_is_on_what_its_learners_ask_for():
    """No claim has a say in it."""
    problem = with_offer("o-ada", kind=SessionKind.REASSESSMENT, subject="math")
    problem = replace(
        problem,
        competencies=(a_competency(), a_competency("angles", "Angles")),
        needs=(a_need("kim"),),
        choices=(Choice(learner_id="kim", rank=1, competency_id="angles"),),
    )
    found = settled(problem, ("p1", "kim", "o-ada"))
    assert found.forced["mon-1", "o-ada"].competency_id == "angles"


def test_no_reason_exceeds_the_law():
    """Four without a consent are kept, the fifth is not; with all consents it is."""
    problem = with_offer("o-ada", legal="law-1")
    pins = [(f"p{n}", name, "o-ada") for n, name in enumerate(NAMES[:5])]
    assert "under law law-1, which allows 4" in told(settled(problem, *pins))
    learners = tuple(replace(one, consents=("law-1",)) for one in problem.learners)
    assert settled(replace(problem, learners=learners), *pins).breaches == []


def test_a_reason_counts_whoever_gives_it():
    """Of a cap of one: two learners are kept where one of their pins has a reason."""
    problem = with_offer("o-ada", cap=1)
    one, other = (a_pin(f"p-{n}", n, offer_id="o-ada", reason="") for n in ("kim", "lea"))
    assert told(settled(problem, one, other)).startswith("H3 mon-1: Pin p-lea")
    for pins in ((replace(one, reason="asked"), other), (one, replace(other, reason="asked"))):
        assert settled(problem, *pins).breaches == []


APART = KeepApart(rule_id="rule-1", learner_id="kim", other_id="lea")


def test_two_kept_apart_are_not_pinned_into_one_session():
    """H8, and the message names neither the rule nor either of the two."""
    problem = a_school(keep_apart=(APART,))
    found = settled(problem, ("p1", "kim", "o-ada"), ("p2", "lea", "o-ada"))
    said = "H8 mon-1: Pin p2 asks for a session of offer o-ada, and its learner is placed by rule."
    assert told(found).startswith(said)
    assert not {"kim", "lea", "rule-1"} & set(told(found).replace(".", " ").split())
    over = replace(problem, keep_apart=(replace(APART, expire_date=problem.monday),))
    assert settled(over, ("p1", "kim", "o-ada"), ("p2", "lea", "o-ada")).breaches == []


def test_two_kept_apart_are_not_pinned_into_one_shared_room():
    """They sit in two rooms where there are two; else H8."""
    problem = a_school(keep_apart=(APART,))
    gym, hall = a_room("gym", shared=True), a_room("hall", shared=True)
    problem = replace(
        problem,
        rooms=(gym, hall),
        offers=tuple(replace(o, room_id="gym") for o in problem.offers),
    )
    pins = (("p1", "kim", "o-ada"), ("p2", "lea", "o-bob"))
    assert told(settled(problem, *pins)).startswith("H8 mon-1: Pin p2 asks for a room")
    found = settled(with_offer("o-ada", problem, other_room_ids=("hall",)), *pins)
    assert found.breaches == []
    assert found.forced["mon-1", "o-ada"].room_ids == ("hall",)


def test_a_service_comes_before_a_rule_of_two():
    """Both are kept in the one room that there is; the week's notices tell who set the rule."""
    problem = a_school(keep_apart=(APART,), rooms=(a_room("gym", shared=True),))
    problem = replace(problem, offers=tuple(replace(o, room_id="gym") for o in problem.offers))
    services = [
        a_pin(f"p-{name}", name, offer_id=offer_id, service=True)
        for name, offer_id in (("kim", "o-ada"), ("lea", "o-bob"))
    ]
    assert settled(problem, *services).breaches == []


def test_two_pins_for_one_seat_are_both_kept():
    """The one names the target that the other leaves open; so do two of one exemption."""
    problem = with_offer("o-ada", kind=GROUP, subject="math")
    named = a_pin("p2", "kim", offer_id="o-ada", competency_id="fractions")
    found = settled(problem, ("p1", "kim", "o-ada"), named)
    assert found.breaches == []
    assert found.forced["mon-1", "o-ada"].learners == ("kim",)
    codes = [a_pin(f"p{n}", "kim", exemption=code) for n, code in enumerate(("out", "out", "ill"))]
    assert "H1 mon-1: Pin p2 of learner kim meets pin p0" in told(settled(problem, *codes))


def test_a_pin_is_kept_after_all_where_a_later_one_gives_its_seat():
    """The first gives no reason and is over the cap; the second, for the very seat, has one."""
    problem = with_offer("o-ada", cap=1)
    pins = [
        a_pin(pin_id, name, offer_id="o-ada", reason=reason)
        for pin_id, name, reason in (("p1", "kim", ""), ("p2", "lea", ""), ("p3", "lea", "asked"))
    ]
    found = settled(problem, *pins)
    assert (found.breaches, found.unkept) == ([], {})


def test_what_is_not_kept_is_listed_by_pin():
    """With the breach that says why."""
    found = settled(a_school(), ("p1", "kim", "nowhere"), ("p2", "lea", "o-ada"))
    assert found.unkept == {"p1": found.breaches[0]}
