"""The ids of sessions: a meeting keeps its id under a substitute, and no two sessions share one."""

from dataclasses import replace

from services.scheduler.domain.check import check
from services.scheduler.domain.day.carried import opt_outs_under
from services.scheduler.domain.day.edits import Substitution, edited
from services.scheduler.domain.day.substitutes import led_or_handed_on
from services.scheduler.domain.model import OptOut, SessionKind
from tests.support.days import a_pin, a_school_day, content_of, session_of_offer
from tests.support.schools import an_offer


def held(content):
    """Return the id of each session, by the adult who leads it."""
    return {one.adult_id: one.session_id for one in content.week.sessions}


def test_a_week_that_is_planned_anew_keeps_the_id_under_a_substitute():
    """Ada's group under cyd has the id of ada's group, in the edit and in a new plan of it."""
    content = content_of(a_school_day())
    session = session_of_offer(content, "group")
    edit = Substitution(session_id=session.session_id, adult_id="cyd", away=("ada",))
    after = edited(content, [edit])
    pins = tuple(
        a_pin(
            f"p-{one.learner_id}",
            one.learner_id,
            offer_id=offer.offer_id,
            competency_id="fractions",
        )
        for offer in after.problem.offers
        if offer.stands_for == "group"
        for one in after.week.seats
        if one.session_id == session.session_id
    )
    anew = content_of(replace(after.problem, pins=pins))
    assert held(after)["cyd"] == held(anew)["cyd"] == session.session_id


def test_a_second_substitute_stands_for_what_the_first_stood_for():
    """Cyd goes home as well: eve leads on what was ada's, under one id."""
    adults = tuple(
        replace(one, subjects=("math",)) if one.adult_id == "eve" else one
        for one in a_school_day().adults
    )
    content = content_of(a_school_day(adults=adults))
    session = session_of_offer(content, "group")
    first = Substitution(session_id=session.session_id, adult_id="cyd", away=("ada",))
    then = Substitution(session_id=session.session_id, adult_id="eve", away=("cyd",))
    after = edited(content, [first, then])
    assert check(after.problem, after.week) == []
    assert held(after)["eve"] == session.session_id
    offers = {one.offer_id: one for one in after.problem.offers}
    (led,) = [one for one in after.week.sessions if one.adult_id == "eve"]
    assert led_or_handed_on(led, offers) == {"ada", "cyd", "eve"}
    (other,) = [one for one in after.week.sessions if one.adult_id == "bob"]
    assert led_or_handed_on(other, offers) == {"bob"}


def test_no_two_sessions_share_an_id_where_both_are_held():
    """Bob is back and eve still stands for him: his session has its id, and hers one of her own."""
    stand_in = an_offer(
        "sub.1", "eve", SessionKind.COMMONS, room_id="r1", slot_ids=("mon-1",), stands_for="open"
    )
    school = a_school_day()
    content = content_of(
        a_school_day(
            offers=(*school.offers, stand_in),
            needs=(),
            pins=(a_pin("p1", "ned", offer_id="open"), a_pin("p2", "new", offer_id="sub.1")),
        )
    )
    assert held(content)["bob"] == session_of_offer(content_of(school), "open").session_id
    assert held(content)["eve"] != held(content)["bob"]
    assert check(content.problem, content.week) == []


def test_who_has_opted_out_of_an_offer_has_done_so_under_a_substitute():
    """Of craft, whoever leads it; of what nobody stands for, nothing is added."""
    outs = (OptOut(learner_id="kim", offer_id="craft"), OptOut(learner_id="kim", offer_id="open"))
    offers = (an_offer("sub.1", "eve", stands_for="craft"), an_offer("open", "bob"))
    assert opt_outs_under(offers, outs) == (OptOut(learner_id="kim", offer_id="sub.1"),)
