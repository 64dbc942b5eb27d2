"""Edits of weeks small enough to say by hand what must come of them."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.day.edits import Dissolution, SeatTo, edited
from services.scheduler.domain.day.options import Options
from services.scheduler.domain.day.substitutes import Substitution, led_or_handed_on
from services.scheduler.domain.day.unstaffed import away_in, unstaffed_ids
from services.scheduler.domain.errors import ChangeError
from services.scheduler.domain.model import (
    Acceptance,
    Choice,
    KeepApart,
    LockedSession,
    PinOrigin,
    RequiredService,
    SessionKind,
)
from services.scheduler.domain.week import SeatRule
from tests.support.days import GROUPED, a_school_day, content_of, session_of_offer
from tests.support.schools import (
    a_learner,
    a_need,
    a_pin,
    a_room,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import seat_of, who_is_in


def without(content, *adults):
    """Return what can be done while these adults are away on Monday."""
    absences = [an_absence(one) for one in adults]
    away = away_in(content.problem.slots, absences)
    return Options(Index(content.problem, content.week), away)


def test_who_leads_with_somebody_who_is_away_may_go_on_alone():
    """Ada and eve lead the group together; eve is away, and ada is among the substitutes."""
    group, *others = a_school_day().offers
    led_by_two = replace(group, co_adult_ids=("eve",))
    content = content_of(a_school_day(offers=(led_by_two, *others)))
    session = session_of_offer(content, "group")
    options = without(content, "eve")
    assert [one.session_id for one in options.unstaffed()] == [session.session_id]
    assert set(options.of(session).substitutes) == {"ada", "cyd"}
    for adult_id, leads in (("ada", ()), ("cyd", ("cyd",))):
        edit = Substitution(session_id=session.session_id, adult_id=adult_id, away=("eve",))
        after = edited(content, [edit])
        assert check(after.problem, after.week) == []
        (led,) = [one for one in after.week.sessions if one.adult_id == "ada"]
        offer = next(one for one in after.problem.offers if one.offer_id == led.offer_id)
        assert offer.co_adult_ids == leads
        offers = {one.offer_id: one for one in after.problem.offers}
        assert led_or_handed_on(led, offers) == {"ada", "eve", *leads}


def test_nobody_joins_whom_they_are_kept_apart_from():
    """Kim and ned are kept apart: kim is not among those whom the commons takes (H8)."""
    apart = KeepApart(rule_id="k1", learner_id="kim", other_id="ned")
    content = content_of(a_school_day(keep_apart=(apart,)))
    found = without(content, "ada").of(session_of_offer(content, "group"))
    (release,) = found.releases
    assert (release.learner_ids, release.seats, found.places) == (("lea", "max"), 2, 2)


def test_a_room_that_is_shared_holds_what_it_holds():
    """Commons and enrichment side by side in a room of five, three in it: two more, not four."""
    rooms = (a_room("r1"), a_room("r2", 4, shared=True), a_room("r3"))
    offers = (
        *a_school_day().offers,
        an_offer("craft", "eve", SessionKind.ENRICHMENT, room_id="r2", minimum=1),
    )
    content = content_of(a_school_day(rooms=rooms, offers=offers))
    found = without(content, "ada").of(session_of_offer(content, "group"))
    assert found.places == 2


def test_a_learner_who_is_bound_to_an_adult_has_no_substitute():
    """By law only ada may help kim with it to the end of the course (H9)."""
    needs = (a_need("kim", adult_id="ada"), a_need("lea"), a_need("max"))
    content = content_of(a_school_day(needs=needs))
    assert without(content, "ada").of(session_of_offer(content, "group")).substitutes == ()


def test_a_group_under_a_law_takes_a_fifth_with_every_consent_alone():
    """Example 6 on the Monday: four sit in a legal group; a fifth needs everybody's consent."""
    legal = an_offer("law", "cyd", room_id="r4", legal="HB1416", kind=SessionKind.SMALL_GROUP)
    names = ("ora", "pia", "quy", "ray")

    def found(*consents):
        learners = tuple(a_learner(one, consents=consents) for one in (*GROUPED, *names))
        content = content_of(
            a_school_day(
                rooms=tuple(map(a_room, ("r1", "r2", "r3", "r4"))),
                offers=(*a_school_day().offers, legal),
                learners=(*learners, a_learner("ned"), a_learner("sam")),
                needs=tuple(map(a_need, (*GROUPED, *names))),
                pins=tuple(
                    a_pin(f"p-{one}", one, offer_id=offer_id, competency_id="fractions")
                    for offer_id, some in (("law", names), ("group", GROUPED))
                    for one in some
                ),
            )
        )
        return without(content, "ada").of(session_of_offer(content, "group")).merges

    assert found() == ()
    assert [one.seats for one in found("HB1416")] == [1]


ACCEPTED_CRAFT = a_pin(
    "accepted.ned",
    "ned",
    offer_id="craft",
    origin=PinOrigin.PLANNED,
    acceptance=Acceptance(adult_id="eve"),
)


@pytest.mark.parametrize("pins", [(), (ACCEPTED_CRAFT,)])
def test_a_chosen_session_under_a_substitute_stays_the_learners_place(pins):
    """Ned chose craft; under a substitute it is not that choice, so an adult's word holds it."""
    offers = (
        *a_school_day().offers,
        an_offer("craft", "eve", SessionKind.ENRICHMENT, room_id="r4", minimum=1),
    )
    choice = Choice(learner_id="ned", rank=1, offer_id="craft", confirmed=True)
    content = content_of(
        a_school_day(
            offers=offers,
            rooms=tuple(map(a_room, ("r1", "r2", "r3", "r4"))),
            choices=(choice,),
            pins=pins,
        )
    )
    assert seat_of(content.week, "ned").rule is SeatRule.CHOICE
    session = session_of_offer(content, "craft")
    edit = Substitution(session_id=session.session_id, adult_id="cyd", away=("eve",))
    after = edited(content, [edit])
    assert check(after.problem, after.week) == []
    assert (seat_of(after.week, "ned").rule, seat_of(after.week, "ned").choice_rank) == (
        SeatRule.PIN,
        0,
    )
    assert [seat_of(after.week, "ned").acceptance] == ([one.acceptance for one in pins] or [None])


def test_what_was_agreed_with_who_is_away_is_agreed_no_more():
    """A locked session and a pin to it go with the adult; the check asks for neither."""
    locked = LockedSession(slot_id="mon-1", offer_id="group", competency_id="fractions")
    pin = a_pin("p1", "kim", offer_id="group", competency_id="fractions")
    content = content_of(a_school_day(locked=(locked,), pins=(pin,)))
    session = session_of_offer(content, "group")
    target = session_of_offer(content, "open")
    to = tuple((one, target.session_id) for one in GROUPED)
    edit = Dissolution(session_id=session.session_id, away=("ada",), to=to)
    after = edited(content, [edit])
    assert check(after.problem, after.week) == []
    assert after.problem.locked == ()
    substitute = Substitution(session_id=session.session_id, adult_id="cyd", away=("ada",))
    after = edited(content, [substitute])
    assert check(after.problem, after.week) == []
    (held,) = [one for one in after.week.sessions if one.adult_id == "cyd"]
    assert [one.offer_id for one in after.problem.locked] == [held.offer_id]


def test_a_service_that_an_adult_has_pinned_is_not_moved_by_hand():
    """Service first (H5): the service is changed, not the seat."""
    pin = a_pin("p1", "sam", offer_id="speech", service=True)
    content = content_of(a_school_day(pins=(pin,)))
    to = SeatTo(
        learner_id="sam",
        slot_id="mon-1",
        session_id=session_of_offer(content, "open").session_id,
    )
    with pytest.raises(ChangeError, match="service"):
        edited(content, [to])


def test_a_reason_may_exceed_a_groups_cap_and_never_the_room():
    """A sixth joins a group of five with a reason; a room of five holds no sixth (H3)."""
    names = ("kim", "lea", "max", "ora", "pia")
    changes = {
        "learners": tuple(map(a_learner, (*names, "ned", "new", "sam"))),
        "needs": tuple(map(a_need, names)),
    }
    for capacity, broken in ((30, []), (5, ["H3"])):
        rooms = (a_room("r1", capacity), a_room("r2"), a_room("r3"))
        content = content_of(a_school_day(rooms=rooms, **changes))
        session = session_of_offer(content, "group")
        assert len(who_is_in(content.week, session)) == 5
        to = SeatTo(learner_id="ned", slot_id="mon-1", session_id=session.session_id)
        after = edited(content, [to])
        found = check(after.problem, after.week)
        assert sorted({one.rule.value for one in found}) == broken


def test_absences_that_the_plan_knew_leave_nothing_unstaffed():
    """Nobody is sent to the office for what was planned around."""
    content = content_of(a_school_day(absences=(an_absence("ada"),)))
    assert unstaffed_ids(content, ()) == frozenset()
    content = content_of(a_school_day())
    group = session_of_offer(content, "group").session_id
    assert unstaffed_ids(content, [an_absence("ada")]) == {group}
    assert unstaffed_ids(content, [an_absence("ada", slot_ids=("mon-9",))]) == frozenset()


def test_the_same_edits_give_the_same_bytes():
    """Twice the same: one hash."""
    content = content_of(a_school_day())
    session = session_of_offer(content, "group")
    edit = Substitution(session_id=session.session_id, adult_id="cyd", away=("ada",))
    one, other = edited(content, [edit]), edited(content, [edit])
    assert one == other
    assert len(one.week.week_hash) == 64


def test_a_service_goes_to_a_colleague_of_the_same_service():
    """Two give speech: sam's minutes are given by the other, and none is short."""
    offers = (
        *a_school_day().offers,
        an_offer("speech2", "eve", SessionKind.SERVICE, room_id="r4", service="speech"),
    )
    services = (
        RequiredService(learner_id="sam", service="speech", minutes=40, adult_id=None),
        RequiredService(learner_id="ned", service="speech", minutes=40, adult_id="eve"),
    )
    content = content_of(
        a_school_day(
            offers=offers,
            services=services,
            rooms=tuple(map(a_room, ("r1", "r2", "r3", "r4"))),
            pins=(a_pin("p1", "sam", offer_id="speech", service=True),),
            adults=(*a_school_day().adults, an_adult("fay", ())),
        )
    )
    session = session_of_offer(content, "speech")
    (merge,) = without(content, "dan").of(session).merges
    assert merge.session.adult_id == "eve"
    edit = Dissolution(
        session_id=session.session_id, away=("dan",), to=(("sam", merge.session.session_id),)
    )
    after = edited(content, [edit])
    assert check(after.problem, after.week) == []
    assert all(one.planned_minutes == one.required_minutes for one in after.week.services)
