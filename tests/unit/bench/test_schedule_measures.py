"""The measures of a week against figures worked out by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.model import (
    Choice,
    GroupHistory,
    KeepApart,
    KeepTogether,
    LearnerHistory,
    LockedSession,
    Mode,
    OptOut,
    RequiredService,
    Section,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy, Weights
from services.scheduler.domain.rulebook import Rule
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.seating import Held, Seating
from tests.support.schools import (
    AS_OF_DAY,
    MONDAY,
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

GROUP_1 = Held("mon-1", "group", "fractions", "2", "r1")
GROUP_2 = Held("mon-2", "group", "fractions", "2", "r1")
CLUB_1, CLUB_2 = (Held(slot, "club", room_id="r2") for slot in ("mon-1", "mon-2"))
CHECK_2 = Held("mon-2", "look", "ratios", "", "r3")
SPEECH_1 = Held("mon-1", "speech", room_id="r3")


@pytest.fixture
def problem():
    """Return a school of four learners in which each term of the value occurs."""
    return a_problem(
        policy=Policy(tiers=PRODUCT_TIERS, weights=Weights(first_need_milli=70)),
        slots=(a_slot(), a_slot("mon-2", "09:45", "10:25")),
        adults=(an_adult(), an_adult("bob"), an_adult("cy")),
        rooms=(a_room("r1", 4), a_room("r2", 4), a_room("r3", 4)),
        offers=(
            an_offer("group", kind=SessionKind.SMALL_GROUP, mode=Mode.PEER),
            an_offer("club", "bob", SessionKind.ENRICHMENT, room_id="r2"),
            an_offer("look", "cy", SessionKind.CHECK, room_id="r3"),
            an_offer("speech", "cy", SessionKind.SERVICE, room_id="r3", service="speech"),
        ),
        learners=(
            a_learner("lea", adult_ids=("ada", "bob")),
            *(a_learner(name) for name in ("leo", "lia", "lou")),
        ),
        competencies=(a_competency(essential=True), a_competency("ratios", "Ratios")),
        needs=(
            a_need("lea", level_milli=1800, weeks_waiting=1, sessions=2),
            a_need("lou", level_milli=2400, newest_day=AS_OF_DAY - timedelta(days=15)),
            a_need("lia", "ratios", level_milli=2001, evidence_count=1),
        ),
        choices=(
            Choice(learner_id="lia", rank=2, offer_id="club"),
            Choice(learner_id="leo", rank=1, offer_id="club"),
        ),
        services=(RequiredService(learner_id="leo", service="speech", minutes=40),),
        histories=(LearnerHistory(learner_id="lou", weeks_without_need_seat=2),),
        group_histories=(
            GroupHistory(
                learner_id="lea", competency_id="fractions", adult_id="ada", last_week=True
            ),
        ),
        keep_together=(KeepTogether(rule_id="t", learner_id="leo", other_id="lou"),),
    )


@pytest.fixture
def seating():
    """Return the week: lea and lou in the group, lea twice; club, a check and a service."""
    seats = {
        ("lea", "mon-1"): GROUP_1,
        ("lea", "mon-2"): GROUP_2,
        ("lou", "mon-1"): GROUP_1,
        ("lou", "mon-2"): CLUB_2,
        ("lia", "mon-1"): CLUB_1,
        ("lia", "mon-2"): CHECK_2,
        ("leo", "mon-1"): SPEECH_1,
        ("leo", "mon-2"): CLUB_2,
    }
    return Seating(tuple(sorted(set(seats.values()))), seats)


def test_each_term_is_what_the_hand_says(problem, seating):
    """Weights 3000, 900 and 500; tier .8, peers .9, the second seat half; the rest from rules."""
    found = measures_of(problem, seating)
    # lea: gap 1.2 x 2 x 1.25 = 3.0, of tier 3 in a group of tier 2: 2.4, among peers 2.16, twice,
    # the second for half: -1.5; lou: gap 0.6 x 2 x 0.75 = 0.9, among peers 0.81; lia's check:
    # gap 0.999 x 1 x 0.5 = 0.4995, so 500 thousandths; first need seats: 70, and 70 x 3 weeks.
    needs = 2 * (3000 + 2160 - 2400) - 1500 + (900 + 810 - 900) + 500 + 70 + 210
    assert found.terms[Rule.GREATEST_NEED] == needs
    assert found.terms[Rule.ONE_GAP] == 2 * (2400 - 3000)
    assert found.terms[Rule.VOICE] == 400 + 500
    assert found.terms[Rule.ENRICHMENT_FOR_ALL] == 3 * 3
    assert found.terms[Rule.CONTINUITY] == 2 * (150 + 50)
    assert found.terms[Rule.KNOWN_ADULT] == 2 * 30 + 100
    assert found.value_milli == needs - 1200 + 900 + 9 + 400 + 160


def test_the_shares_are_what_the_hand_says(problem, seating):
    """Both needs are served, both choices met, everybody placed, the service delivered."""
    found = measures_of(problem, seating)
    assert found.weighted_need_served_share == 1
    assert found.learners_served_share == 1
    assert found.mean_rank == 1.5
    assert (found.unplaced, found.places) == (0, 8)
    assert (found.service_sessions_short, found.service_sessions) == (0, 1)
    # lea has both slots in the group and no choice of her own; the club and the check hold few.
    assert found.broken == {"S3 no own choice": 1, "S7 too few": 3}


def test_what_is_missing_is_counted(problem, seating):
    """Without lou's group and leo's service, a need, a place and a session are missing."""
    seats = dict(seating.seats) | {("lou", "mon-1"): None, ("leo", "mon-1"): CLUB_1}
    found = measures_of(problem, Seating(seating.sessions, seats))
    assert found.weighted_need_served_share == pytest.approx(3000 / 3900)
    assert found.learners_served_share == 0.5
    assert found.unplaced == 1
    assert (found.service_sessions_short, found.service_minutes_short) == (1, 40)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"keep_apart": (KeepApart(rule_id="a", learner_id="lea", other_id="lou"),)}, "H8"),
        ({"pins": (a_pin(learner_id="lia", slot_id="mon-1", offer_id="speech"),)}, "H7 a pin"),
        ({"pins": (a_pin(learner_id="lia", exemption="out"),)}, "H4 no place"),
        ({"locked": (LockedSession(slot_id="mon-2", offer_id="speech"),)}, "H7 a declared"),
        ({"opt_outs": (OptOut(learner_id="lou", offer_id="club"),)}, "H4 out of scope"),
        ({"adults": (an_adult(), an_adult("bob"), an_adult("cy", ("art",)))}, "H9"),
        ({"absences": (an_absence("bob"),)}, "H2"),
        ({"rooms": (a_room("r1", 1), a_room("r2", 4), a_room("r3", 4))}, "H3 too many"),
        ({"needs": ()}, "H10"),
        ({"slots": (a_slot(), a_slot("mon-2", "09:20", "10:00"))}, "H1 two places"),
    ],
)
def test_broken_rules_are_found(problem, seating, changes, rule):
    """Each change of the school makes the same week break a rule that it kept before."""
    before = measures_of(problem, seating).broken
    after = measures_of(replace(problem, **changes), seating).broken
    assert any(name.startswith(rule) for name in after - before)


def test_a_prerequisite_comes_with_its_target(problem, seating):
    """Help on what another need builds on asks for a seat on that need too."""
    competencies = (a_competency(), a_competency("ratios", "Ratios", prerequisites=("fractions",)))
    needs = (*problem.needs, a_need("lea", "ratios"))
    found = measures_of(replace(problem, competencies=competencies, needs=needs), seating).broken
    assert found["S1 a prerequisite without its target"] == 1
    assert found["S1 too much of what others build on"] == 1


def test_a_section_that_lacks_one_thing_weighs_less(problem):
    """Where 3 of 5 learners of a class have the same gap, each weighs half."""
    learners = tuple(a_learner(f"l{k}") for k in range(5))
    needs = tuple(a_need(f"l{k}", level_milli=2000) for k in range(3))
    section = Section(section_id="c", subject="math", learner_ids=tuple(f"l{k}" for k in range(5)))
    changes = {"learners": learners, "needs": needs, "group_histories": ()}
    before = Facts(replace(problem, **changes)).claims
    after = Facts(replace(problem, **changes, sections=(section,))).claims
    assert {claim.weight_milli for claim in before.values()} == {2000}
    assert {claim.weight_milli for claim in after.values()} == {1000}


def test_calm_exits_take_claims_away(problem):
    """Who left a group comes back below 2.7 only; two cycles without a gain end the help."""
    left = GroupHistory(learner_id="lea", competency_id="fractions", exit_date=MONDAY)
    stuck = GroupHistory(
        learner_id="lea", competency_id="fractions", cycles=2, entry_level_milli=1800
    )
    near = (a_need("lea", level_milli=2700),)
    assert not Facts(replace(problem, needs=near, group_histories=(left,))).claims
    assert ("lea", "fractions") in Facts(replace(problem, group_histories=(left,))).claims
    assert ("lea", "fractions") not in Facts(replace(problem, group_histories=(stuck,))).claims
