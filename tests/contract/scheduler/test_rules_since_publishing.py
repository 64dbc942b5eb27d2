"""Rules that a school sets after a week was published: changes of the week keep them."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.day.edits import SeatTo
from services.scheduler.domain.errors import WeekBrokenError
from services.scheduler.domain.learner_settings import Consent, FamilyOptOut, LearnerSetting
from services.scheduler.domain.model import RequiredService, SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.school import (
    KeepKind,
    KeepRule,
    RoomClosure,
    SchoolAbsence,
    SchoolRequiredService,
    SchoolRoom,
)
from services.scheduler.handlers.day.absences import (
    Resolution,
    list_unstaffed,
    report_absence,
    resolve_unstaffed,
)
from services.scheduler.handlers.day.changes import ChangeWeek
from services.scheduler.handlers.day.learners import (
    admit_learner,
    change_published_service,
    move_published_seat,
)
from tests.support.days import (
    AT_HALF_PAST_SEVEN,
    MONDAY,
    OFFICE,
    a_school_day,
    an_act,
    lived_week,
)
from tests.support.schedules import DISTRICT, SCHOOL
from tests.support.schools import a_learner, a_room, an_offer
from tests.support.weeks import seat_of, session_of, who_is_in

DANCE = SessionKind.ENRICHMENT


async def a_day(stores, **changes):
    """Publish a week and return it, before its first lesson."""
    return await lived_week(stores, a_school_day(**changes), now=AT_HALF_PAST_SEVEN)


def wish(revision=1):
    """Return the office's wish to change the week at a revision."""
    return ChangeWeek(act=an_act(), monday=MONDAY, revision=revision, reason="news")


async def kept(lived, kind, *settings):
    """Keep settings of a kind, as the school sets them after publishing."""
    async with lived.store.change(DISTRICT, SCHOOL) as view:
        await getattr(view, kind).keep(settings, AT_HALF_PAST_SEVEN)


def apart(one, other, rule_id="k1"):
    """Return a rule that keeps two learners apart."""
    return KeepRule(
        school_id=SCHOOL,
        id=rule_id,
        version=1,
        kind=KeepKind.APART,
        learner_id=one,
        other_id=other,
        reason="said at a meeting",
        set_by=OFFICE.name,
    )


def setting_of(learner_id, **changes):
    """Return what is set for a learner."""
    fields = {"school_id": SCHOOL, "id": learner_id, "version": 1, "named_adult_id": "ada"}
    return LearnerSetting(**(fields | changes))


async def test_a_new_learner_is_kept_apart_and_off_what_the_family_opted_out_of(stores):
    """Zoe goes to the one session without dance and without ned, though both others have room."""
    offers = (
        *a_school_day().offers,
        an_offer("dance", "eve", DANCE, room_id="r4"),
        an_offer("quiet", "cyd", room_id="r5"),
    )
    learners = (*a_school_day().learners, *map(a_learner, ("ora", "pia", "quy")))
    rooms = (a_room("r1"), a_room("r2", 3), a_room("r3"), a_room("r4", 3), a_room("r5", 9))
    lived = await a_day(stores, offers=offers, rooms=rooms, learners=learners)
    week = lived.content.week
    lived.roll.learners = (*lived.roll.learners, a_learner("zoe"))
    open_to_all = [one for one in week.sessions if one.kind in (DANCE, SessionKind.COMMONS)]
    assert len(open_to_all) > 1
    company = session_of(week, seat_of(week, "ned"))
    await kept(lived, "keep_rules", apart("ned", "zoe"))
    out = FamilyOptOut(kind=DANCE)
    await kept(lived, "learner_settings", setting_of("zoe", opt_outs=(out,), tags=("bus",)))
    await admit_learner(wish(), "zoe", MONDAY, changing=lived.changing)
    content = (await lived.newest()).content
    chosen = session_of(content.week, seat_of(content.week, "zoe"))
    assert chosen.session_id != company.session_id
    assert chosen.kind is SessionKind.COMMONS
    assert check(content.problem, content.week) == []
    (zoe,) = [one for one in content.problem.learners if one.learner_id == "zoe"]
    assert zoe.tags == ("bus",)


@pytest.mark.parametrize("repair", [False, True])
async def test_a_new_learner_is_placed_nowhere_against_a_keep_rule(stores, repair):
    """The commons is the one place, and somebody sits there: refused, and nothing is published."""
    lived = await a_day(stores, needs=(), services=(), adults=a_school_day().adults[1:2])
    lived.roll.learners = (*lived.roll.learners, a_learner("zoe"))
    await kept(lived, "keep_rules", apart("ned", "zoe"))
    with pytest.raises(WeekBrokenError):
        await admit_learner(wish(), "zoe", MONDAY, repair=repair, changing=lived.changing)
    assert (await lived.newest()).revision.number == 1


async def test_a_new_learner_comes_with_consents_and_services(stores):
    """What is on file for them binds from their first day."""
    lived = await a_day(stores)
    lived.roll.learners = (*lived.roll.learners, a_learner("zoe"))
    consent = Consent(law="HB 1416", date=MONDAY)
    await kept(lived, "learner_settings", setting_of("zoe", consents=(consent,)))
    service = SchoolRequiredService(
        school_id=SCHOOL, id="s1", version=1, learner_id="zoe", service="speech", minutes=40
    )
    await kept(lived, "required_services", service)
    await admit_learner(wish(), "zoe", MONDAY, repair=True, changing=lived.changing)
    content = (await lived.newest()).content
    (zoe,) = [one for one in content.problem.learners if one.learner_id == "zoe"]
    assert zoe.consents == ("HB 1416",)
    assert seat_of(content.week, "zoe").session_id == lived.session("speech")
    assert check(content.problem, content.week) == []


async def test_nobody_is_moved_beside_who_they_are_kept_apart_from_since(stores):
    """The rule is of this morning: ned may not go to kim's group, and new may."""
    lived = await a_day(stores)
    await kept(lived, "keep_rules", apart("kim", "ned"))
    to = SeatTo(learner_id="ned", slot_id="mon-1", session_id=lived.session("group"))
    with pytest.raises(WeekBrokenError) as refused:
        await move_published_seat(wish(), to, changing=lived.changing)
    assert [one.rule for one in refused.value.breaches] == [Rule.KEEP_APART]
    await move_published_seat(wish(), replace(to, learner_id="new"), changing=lived.changing)


async def test_a_new_opt_out_binds_a_person_who_moves_a_seat(stores):
    """Opted out of groups this morning: the move is refused by scope."""
    lived = await a_day(stores)
    out = FamilyOptOut(kind=SessionKind.SMALL_GROUP)
    await kept(lived, "learner_settings", setting_of("ned", opt_outs=(out,)))
    to = SeatTo(learner_id="ned", slot_id="mon-1", session_id=lived.session("group"))
    with pytest.raises(WeekBrokenError) as refused:
        await move_published_seat(wish(), to, changing=lived.changing)
    assert [one.rule for one in refused.value.breaches] == [Rule.SCOPE]


async def test_a_rule_that_the_week_breaks_already_bars_no_other_change(stores):
    """Kim and lea sit together against a rule of today; new may be exempt, and they stay put."""
    lived = await a_day(stores)
    await kept(lived, "keep_rules", apart("kim", "lea"))
    await kept(
        lived,
        "learner_settings",
        setting_of("max", opt_outs=(FamilyOptOut(kind=SessionKind.SMALL_GROUP),)),
    )
    closed = SchoolRoom(
        school_id=SCHOOL,
        id="r1",
        version=1,
        display_name="Room 1",
        capacity=30,
        closures=(RoomClosure(date=MONDAY),),
    )
    await kept(lived, "rooms", closed)
    to = SeatTo(learner_id="new", slot_id="mon-1", session_id=None, exemption="off-campus")
    changed = await move_published_seat(wish(), to, changing=lived.changing)
    assert [one.learner_id for one in changed.moves] == ["new"]
    content = (await lived.newest()).content
    group = next(one for one in content.week.sessions if one.offer_id == "group")
    assert who_is_in(content.week, group) == ["kim", "lea", "max"]
    broken = {one.rule for one in check(content.problem, content.week)}
    assert broken == {Rule.KEEP_APART, Rule.SCOPE, Rule.STAFF_AND_ROOMS}
    # A rule more that a change would break is none that the week breaks already.
    await kept(lived, "keep_rules", apart("max", "ned", "k2"))
    beside = SeatTo(learner_id="ned", slot_id="mon-1", session_id=lived.session("group"))
    with pytest.raises(WeekBrokenError) as refused:
        await move_published_seat(wish(2), beside, changing=lived.changing)
    (told,) = refused.value.breaches
    assert "placed by rule, 2 times over" in told.message


async def test_who_is_released_goes_nowhere_against_a_rule_of_today(stores):
    """Ada is away: the list offers kim no place beside ned, from whom kim is kept apart since."""
    lived = await a_day(stores)
    await kept(lived, "keep_rules", apart("kim", "ned"))
    await report_absence(an_act(), "ada", MONDAY, (), changing=lived.changing)
    (session,) = (await list_unstaffed(an_act(), MONDAY, changing=lived.changing)).sessions
    (release,) = session.releases
    assert release.learner_ids == ("lea", "max")
    with pytest.raises(WeekBrokenError, match="kim"):
        await resolve_unstaffed(
            wish(), [Resolution(session_id=lived.session("group"))], changing=lived.changing
        )


async def test_mending_seats_nobody_in_a_room_that_is_closed_since(stores):
    """Speech was in r3; r3 is closed this morning: more minutes of it are given nowhere in r3."""
    lived = await a_day(stores)
    closed = SchoolRoom(
        school_id=SCHOOL,
        id="r3",
        version=1,
        display_name="Room 3",
        capacity=30,
        closures=(RoomClosure(date=MONDAY),),
    )
    await kept(lived, "rooms", closed)
    service = RequiredService(learner_id="ned", service="speech", minutes=40)
    await change_published_service(wish(), service, changing=lived.changing)
    content = (await lived.newest()).content
    assert "r3" not in {one.room_id for one in content.week.sessions}
    assert check(content.problem, content.week) == []


async def test_an_absence_that_is_taken_back_binds_no_change_any_more(stores):
    """Eve was to be away when the week was planned, and is not: she can stand in for dan."""
    problem = a_school_day()
    away = SchoolAbsence(school_id=SCHOOL, id="a1", version=1, adult_id="eve", date=MONDAY)
    problem = replace(problem, absences=(away.planned(),))
    lived = await lived_week(stores, problem, now=AT_HALF_PAST_SEVEN)
    await kept(lived, "absences", away)

    async def substitutes():
        found = await report_absence(an_act(), "dan", MONDAY, (), changing=lived.changing)
        return found.sessions[0].substitutes

    assert await substitutes() == ("cyd",)
    async with lived.store.change(DISTRICT, SCHOOL) as view:
        await view.absences.remove(SCHOOL, away.id)
    assert await substitutes() == ("cyd", "eve")
