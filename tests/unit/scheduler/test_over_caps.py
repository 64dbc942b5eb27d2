"""Exceptions of a week (H3): what holds more than its cap, and what of it an act has made."""

from dataclasses import replace

from services.scheduler.domain.check import check
from services.scheduler.domain.over_caps import OverCap, in_words, over_caps, over_caps_made
from services.scheduler.domain.rulebook import Rule
from tests.support.handmade import SCHOOL, lawful_week


def over(session_id="s1", seats=4, cap=3):
    """Return a session of three with four."""
    return OverCap(session_id=session_id, slot_id="mon-1", seats=seats, cap=cap)


def with_cap(cap, **changes):
    """Return the handmade school whose group, which three sit in, has a cap."""
    offers = tuple(
        replace(one, cap=cap, **changes) if one.offer_id == "group" else one
        for one in SCHOOL.offers
    )
    return replace(SCHOOL, offers=offers)


def test_a_session_at_its_cap_is_none_and_one_above_it_is():
    """It says which, how many sit there, and what its cap is."""
    assert over_caps(with_cap(3), lawful_week()) == ()
    (found,) = over_caps(with_cap(2), lawful_week())
    week = lawful_week()
    (group,) = [one for one in week.sessions if one.offer_id == "group"]
    assert found == OverCap(session_id=group.session_id, slot_id="mon-1", seats=3, cap=2)


def test_the_cap_of_the_law_is_no_such_cap():
    """No person may exceed it, so a group beyond it is broken and no exception."""
    school = with_cap(0, legal="hb1416")
    bound = replace(school, policy=replace(school.policy, legal_cap=2))
    assert over_caps(bound, lawful_week()) == ()
    assert any(one.rule is Rule.SIZE for one in check(bound, lawful_week()))


def test_an_act_has_made_what_is_new_or_larger():
    """What stood before is nobody's doing now; what became smaller neither."""
    before = (over("s1", seats=4), over("s2", seats=5), over("s3", seats=4))
    after = (over("s1", seats=4), over("s2", seats=4), over("s3", seats=5), over("s4"))
    assert over_caps_made(before, after) == (over("s3", seats=5), over("s4"))


def test_the_audit_says_each():
    """After what was done, and nothing where there is none."""
    assert in_words(()) == ""
    assert in_words((over(), over("s2"))) == (
        "; exception: session s1 holds 4 learners, its cap is 3"
        "; exception: session s2 holds 4 learners, its cap is 3"
    )
