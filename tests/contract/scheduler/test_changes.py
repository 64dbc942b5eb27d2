"""Changes of a published week: the same in memory and in PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.access import Role
from services.scheduler.domain.audit import AuditFilter
from services.scheduler.domain.check import check
from services.scheduler.domain.day.edits import SeatTo
from services.scheduler.domain.errors import (
    ChangeError,
    InvalidRequestError,
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
    PersonRefusedError,
    RevisionChangedError,
    WeekBrokenError,
)
from services.scheduler.domain.model import Request, RequestLevel, RequiredService, SessionKind
from services.scheduler.domain.revision import NEWEST
from services.scheduler.domain.runs import RunState, report_of
from services.scheduler.domain.school import SchoolAbsence
from services.scheduler.domain.snapshot import snapshot_hash
from services.scheduler.domain.week import RequestState, SeatRule
from services.scheduler.handlers.day.absences import (
    Resolution,
    list_unstaffed,
    report_absence,
    resolve_unstaffed,
)
from services.scheduler.handlers.day.changes import ChangeWeek
from services.scheduler.handlers.day.learners import (
    admit_learner,
    cancel_published_request,
    change_published_service,
    move_published_seat,
    release_learner,
)
from services.scheduler.handlers.day.places import locate_learner
from services.scheduler.handlers.planning import Planner
from services.scheduler.handlers.problem import make_problem
from services.scheduler.handlers.settings import ABSENCES, Delete, Upsert, delete, upsert
from services.scheduler.handlers.weeks import Which, show_week
from services.scheduler.ports.upstream import FoundNeeds
from tests.support.days import (
    AT_HALF_PAST_SEVEN,
    MONDAY,
    OFFICE,
    PRINCIPAL,
    a_school_day,
    an_act,
    an_actor,
    lived_week,
)
from tests.support.schedules import DISTRICT, LEASE, SCHOOL, SolverInProcess, a_run
from tests.support.schools import a_learner, a_need, a_room, an_adult, an_offer
from tests.support.weeks import seat_of, who_is_in


def wish(actor=OFFICE, request_id="", *, revision=1, reason="called in ill"):
    """Return somebody's wish to change the week at a revision."""
    act = an_act(actor, request_id)
    return ChangeWeek(act=act, monday=MONDAY, revision=revision, reason=reason)


async def at_half_past_seven(stores, *away, **changes):
    """Publish the week; at 7:30 these adults are reported away."""
    lived = await lived_week(stores, a_school_day(**changes), now=AT_HALF_PAST_SEVEN)
    for adult_id in away:
        await report_absence(an_act(), adult_id, MONDAY, (), changing=lived.changing)
    return lived


async def unstaffed(lived):
    """Return the day's sessions without their adult."""
    return (await list_unstaffed(an_act(), MONDAY, changing=lived.changing)).sessions


async def test_a_coach_is_absent_at_half_past_seven(stores):
    """The sessions become unstaffed; the office sees substitute, merge, release, with the seats."""
    lived = await at_half_past_seven(stores)
    found = await report_absence(an_act(), "ada", MONDAY, (), changing=lived.changing)
    assert found.revision == 1
    (session,) = found.sessions
    assert session.session.session_id == lived.session("group")
    assert (session.away, session.learner_ids) == (("ada",), ("kim", "lea", "max"))
    assert session.substitutes == ("cyd",)
    assert session.merges == ()
    (release,) = session.releases
    assert (release.session.offer_id, release.seats, session.places) == ("open", 3, 3)
    assert await unstaffed(lived) == found.sessions


async def test_nobody_is_sent_to_a_session_without_an_adult(stores):
    """The locator says that it is unstaffed, and nobody can be moved into it."""
    lived = await at_half_past_seven(stores, "ada")
    located = await locate_learner(
        an_act(),
        "kim",
        AT_HALF_PAST_SEVEN + timedelta(hours=2),
        store=lived.store,
        clock=lived.clock,
    )
    assert located.place.unstaffed
    to = SeatTo(learner_id="ned", slot_id="mon-1", session_id=lived.session("group"))
    with pytest.raises(ChangeError, match="no adult now"):
        await move_published_seat(wish(), to, changing=lived.changing)


async def test_a_substitute_leads_the_group_on(stores):
    """A new revision that breaks nothing: the same learners with cyd; the old one stays."""
    lived = await at_half_past_seven(stores, "ada")
    group = lived.session("group")
    changed = await resolve_unstaffed(
        wish(),
        [Resolution(session_id=group, substitute="cyd")],
        changing=lived.changing,
    )
    newest = await lived.newest()
    assert changed.view.revision == newest.revision.number == 2
    assert newest.revision.sign_off.adult_id == "olu"
    content = newest.content
    assert check(content.problem, content.week) == []
    (session,) = [one for one in content.week.sessions if one.adult_id == "cyd"]
    assert who_is_in(content.week, session) == ["kim", "lea", "max"]
    # Nobody moves: it is the same meeting, under its id, with another adult.
    assert (changed.moves, session.session_id) == ((), group)
    assert await unstaffed(lived) == ()
    first = await show_week(
        Which(district=DISTRICT, school_id=SCHOOL, monday=MONDAY, revision=1), store=lived.store
    )
    assert first.content == lived.content


async def test_learners_go_to_the_commons_and_nobody_else_moves(stores):
    """The group is not held; what it met waits again, and the others sit where they sat."""
    lived = await at_half_past_seven(stores, "ada")
    changed = await resolve_unstaffed(
        wish(), [Resolution(session_id=lived.session("group"))], changing=lived.changing
    )
    week = (await lived.newest()).content.week
    assert who_is_in(week, next(s for s in week.sessions if s.adult_id == "bob")) == [
        *("kim", "lea", "max", "ned", "new")
    ]
    assert seat_of(week, "kim").rule is SeatRule.PIN
    assert [one.learner_id for one in changed.moves] == ["kim", "lea", "max"]
    assert [one.learner_id for one in week.unmet] == ["kim", "lea", "max"]
    assert (week.summary.needs, week.summary.needs_met) == (3, 0)
    assert "ada" not in {one.adult_id for one in week.sessions}


async def test_a_missed_service_says_what_stands_in_the_way(stores):
    """Dan is away: sam's speech is short in the new revision, with a sentence."""
    lived = await at_half_past_seven(stores, "dan")
    (session,) = await unstaffed(lived)
    assert set(session.substitutes) == {"cyd", "eve"}
    await resolve_unstaffed(
        wish(), [Resolution(session_id=session.session.session_id)], changing=lived.changing
    )
    content = (await lived.newest()).content
    (minutes,) = content.week.services
    assert (minutes.required_minutes, minutes.planned_minutes) == (40, 0)
    assert "make-up" in minutes.sentence
    assert check(content.problem, content.week) == []


async def test_the_whole_week_is_mended_with_few_moves(stores):
    """Repair chooses: ada's learners have a place, nobody else has moved, nothing is broken."""
    lived = await at_half_past_seven(stores, "ada")
    changed = await resolve_unstaffed(wish(), [], repair=True, changing=lived.changing)
    content = (await lived.newest()).content
    assert check(content.problem, content.week) == []
    assert {one.learner_id for one in changed.moves} <= {"kim", "lea", "max"}
    assert await unstaffed(lived) == ()


async def test_what_breaks_a_hard_rule_is_refused_with_the_list(stores):
    """The commons takes one more: two would have no place, and nothing is published."""
    rooms = (a_room("r1"), a_room("r2", 3), a_room("r3"))
    lived = await at_half_past_seven(stores, "ada", rooms=rooms)
    (session,) = await unstaffed(lived)
    assert (session.places, [one.seats for one in session.releases]) == (1, [1])
    with pytest.raises(WeekBrokenError, match="without a place") as refused:
        await resolve_unstaffed(
            wish(), [Resolution(session_id=lived.session("group"))], changing=lived.changing
        )
    assert [one.rule.value for one in refused.value.breaches] == ["H1"]
    assert (await lived.newest()).revision.number == 1
    with pytest.raises(ChangeError, match="eve cannot lead"):
        await resolve_unstaffed(
            wish(),
            [Resolution(session_id=lived.session("group"), substitute="eve")],
            changing=lived.changing,
        )


async def test_of_two_who_resolve_at_once_the_second_is_told(stores):
    """Both saw revision 1; one makes revision 2, the other is refused with its number."""
    lived = await at_half_past_seven(stores, "ada")
    group = lived.session("group")
    answers = await asyncio.gather(
        resolve_unstaffed(
            wish(),
            [Resolution(session_id=group, substitute="cyd")],
            changing=lived.changing,
        ),
        resolve_unstaffed(wish(PRINCIPAL), [Resolution(session_id=group)], changing=lived.changing),
        return_exceptions=True,
    )
    (refused,) = [one for one in answers if isinstance(one, RevisionChangedError)]
    assert refused.metadata == {"revision": "2"}
    assert (await lived.newest()).revision.number == 2


async def test_a_change_sent_again_is_made_once(stores):
    """The repeat gets the revision and the moves of the first, and makes none."""
    lived = await at_half_past_seven(stores, "ada")
    resolutions = [Resolution(session_id=lived.session("group"), substitute="cyd")]
    first = await resolve_unstaffed(wish(request_id="r"), resolutions, changing=lived.changing)
    again = await resolve_unstaffed(wish(request_id="r"), resolutions, changing=lived.changing)
    assert (again.view.revision, again.moves) == (2, first.moves)
    assert (await lived.newest()).revision.number == 2


async def test_sessions_are_resolved_one_by_one(stores):
    """Ada and dan are away: the group is resolved first, speech stands open until it is, too."""
    lived = await at_half_past_seven(stores, "ada", "dan")
    group, speech = lived.session("group"), lived.session("speech")
    await resolve_unstaffed(
        wish(), [Resolution(session_id=group, substitute="cyd")], changing=lived.changing
    )
    (left,) = await unstaffed(lived)
    assert (left.session.session_id, left.substitutes) == (speech, ("eve",))
    await resolve_unstaffed(
        wish(revision=2), [Resolution(session_id=speech, substitute="eve")], changing=lived.changing
    )
    assert await unstaffed(lived) == ()
    with pytest.raises(ChangeError, match="not held any more"):
        await resolve_unstaffed(
            wish(revision=3), [Resolution(session_id=speech)], changing=lived.changing
        )


async def test_a_change_is_in_the_audit_with_its_reason(stores):
    """Who did what to which week, and why they said they did."""
    lived = await at_half_past_seven(stores, "ada")
    await resolve_unstaffed(
        wish(), [Resolution(session_id=lived.session("group"))], changing=lived.changing
    )
    week = f"districts/{DISTRICT}/schools/{SCHOOL}/weeks/{MONDAY.isoformat()}"
    async with lived.store.snapshot(DISTRICT) as view:
        ((_, entry),) = await view.audit.page(SCHOOL, AuditFilter(subject=week), limit=9)
        (_, absence), *_ = (await view.audit.page(SCHOOL, limit=9))[1:]
    assert (entry.actor, entry.reason) == (OFFICE.name, "called in ill")
    assert entry.detail.startswith("revision 2")
    assert absence.action == "report_absence"


async def test_who_may_not_change_a_published_week_changes_nothing(stores):
    """A teacher and a system may not; a person who is no adult cannot stand for it."""
    lived = await at_half_past_seven(stores, "ada")
    resolutions = [Resolution(session_id=lived.session("group"))]
    for role in (Role.TEACHER, Role.SPECIALIST, Role.LEARNER, Role.SYSTEM):
        with pytest.raises(NotAllowedError):
            await resolve_unstaffed(wish(an_actor(role)), resolutions, changing=lived.changing)
    with pytest.raises(PersonRefusedError):
        await resolve_unstaffed(
            wish(replace(OFFICE, adult_id="")), resolutions, changing=lived.changing
        )
    with pytest.raises(InvalidRequestError, match="reason"):
        await resolve_unstaffed(wish(reason=" "), resolutions, changing=lived.changing)
    with pytest.raises(NotAllowedError):
        await report_absence(
            an_act(an_actor(Role.TEACHER, "cyd")), "ada", MONDAY, (), changing=lived.changing
        )
    own = an_act(an_actor(Role.TEACHER, "cyd"))
    assert (await report_absence(own, "cyd", MONDAY, (), changing=lived.changing)).sessions == ()


async def test_an_absence_of_some_slots_grows_and_names_known_slots(stores):
    """Told again for more, it is of both; a slot that the school has not is refused."""
    lived = await at_half_past_seven(stores)
    await report_absence(an_act(), "ada", MONDAY, ("mon-1",), changing=lived.changing)
    await report_absence(an_act(), "ada", MONDAY, (), changing=lived.changing)
    async with lived.store.snapshot(DISTRICT) as view:
        (absence,) = await view.absences.all(SCHOOL)
    assert (absence.slot_ids, absence.version) == ((), 2)
    with pytest.raises(InvalidSettingError):
        await report_absence(an_act(), "ada", MONDAY, ("sun-9",), changing=lived.changing)


async def test_an_adult_is_away_by_one_absence_however_it_was_told(stores):
    """Imported for a slot, reported for the day: one absence, under its name; removed: back."""
    lived = await at_half_past_seven(stores)
    imported = SchoolAbsence(
        school_id=SCHOOL, id="hr-17", adult_id="ada", date=MONDAY, slot_ids=("mon-1",)
    )
    surroundings = {"store": lived.store, "clock": lived.clock}
    sent = Upsert(district=DISTRICT, school_id=SCHOOL, settings=(imported,))
    await upsert(sent, ABSENCES, **surroundings)
    found = await report_absence(an_act(), "ada", MONDAY, (), changing=lived.changing)
    assert [one.session.adult_id for one in found.sessions] == ["ada"]
    async with lived.store.snapshot(DISTRICT) as view:
        (absence,) = await view.absences.all(SCHOOL)
    assert (absence.id, absence.slot_ids, absence.version) == ("hr-17", (), 2)
    gone = Delete(district=DISTRICT, school_id=SCHOOL, setting_id="hr-17")
    await delete(gone, ABSENCES, **surroundings)
    assert await unstaffed(lived) == ()


async def test_what_is_sent_of_a_time_that_was_reported_is_refused_with_the_name(stores):
    """A second absence of ada's morning under another id would outlive the first."""
    lived = await at_half_past_seven(stores, "ada")
    async with lived.store.snapshot(DISTRICT) as view:
        (reported,) = await view.absences.all(SCHOOL)
    again = replace(reported, id="hr-17")
    other = replace(reported, id="hr-18", adult_id="bob")
    surroundings = {"store": lived.store, "clock": lived.clock}
    with pytest.raises(InvalidSettingError, match=reported.id):
        await upsert(
            Upsert(district=DISTRICT, school_id=SCHOOL, settings=(other, again)),
            ABSENCES,
            **surroundings,
        )
    same = Upsert(district=DISTRICT, school_id=SCHOOL, settings=(other, reported))
    assert len(await upsert(same, ABSENCES, **surroundings)) == 2


async def test_a_new_learner_has_a_place_in_every_slot(stores):
    """As the roster has them, in the commons; nobody else moves, and who is unknown is refused."""
    lived = await at_half_past_seven(stores)
    lived.roll.learners = (*lived.roll.learners, a_learner("zoe"))
    changed = await admit_learner(wish(), "zoe", MONDAY, changing=lived.changing)
    content = (await lived.newest()).content
    assert seat_of(content.week, "zoe").rule is SeatRule.COMMONS
    assert [(one.learner_id, one.before) for one in changed.moves] == [("zoe", None)]
    assert check(content.problem, content.week) == []
    assert content.week.summary.learners == 7
    with pytest.raises(NotFoundError):
        await admit_learner(wish(revision=2), "nobody", MONDAY, changing=lived.changing)
    with pytest.raises(ChangeError, match="already"):
        await admit_learner(wish(revision=2), "zoe", MONDAY, changing=lived.changing)


async def test_a_new_learner_beside_a_full_commons_is_placed_by_mending(stores):
    """Without a free place the request is refused; mending finds one where there is any."""
    rooms = (a_room("r1"), a_room("r2", 2), a_room("r3"))
    offers = (*a_school_day().offers, an_offer("more", "eve", room_id="r4"))
    lived = await at_half_past_seven(stores, rooms=(*rooms, a_room("r4")), offers=offers)
    lived.roll.learners = (*lived.roll.learners, a_learner("zoe"))
    content = lived.content
    if not any(one.offer_id == "more" for one in content.week.sessions):
        with pytest.raises(WeekBrokenError, match="without a place"):
            await admit_learner(wish(), "zoe", MONDAY, changing=lived.changing)
    await admit_learner(wish(), "zoe", MONDAY, repair=True, changing=lived.changing)
    newest = (await lived.newest()).content
    assert check(newest.problem, newest.week) == []
    assert seat_of(newest.week, "zoe").session_id


async def test_who_has_left_has_no_seat_any_more(stores):
    """From the first day without them; the rest of the week is as it was."""
    lived = await at_half_past_seven(stores)
    changed = await release_learner(wish(), "kim", MONDAY, changing=lived.changing)
    content = (await lived.newest()).content
    assert [one.learner_id for one in changed.moves] == ["kim"]
    assert check(content.problem, content.week) == []
    left = [one for one in lived.content.week.seats if one.learner_id != "kim"]
    assert list(content.week.seats) == left


async def test_a_seat_is_moved_by_a_persons_word(stores):
    """Ned joins the group without a need; a service's seat stays, and an exemption is a place."""
    lived = await at_half_past_seven(stores)
    to = SeatTo(learner_id="ned", slot_id="mon-1", session_id=lived.session("group"))
    await move_published_seat(wish(), to, changing=lived.changing)
    content = (await lived.newest()).content
    assert seat_of(content.week, "ned").session_id == lived.session("group")
    assert check(content.problem, content.week) == []
    away = SeatTo(learner_id="new", slot_id="mon-1", session_id=None, exemption="off-campus")
    await move_published_seat(wish(revision=2), away, changing=lived.changing)
    assert seat_of((await lived.newest()).content.week, "new").exemption == "off-campus"


async def test_a_group_beyond_its_cap_is_an_exception_that_the_audit_says(stores):
    """Who took it upon themselves, and why; a change that has no part in it says nothing."""
    offers = tuple(
        replace(one, cap=3) if one.offer_id == "group" else one for one in a_school_day().offers
    )
    lived = await at_half_past_seven(stores, offers=offers)
    group = lived.session("group")
    to = SeatTo(learner_id="ned", slot_id="mon-1", session_id=group, by_reason=True)
    await move_published_seat(wish(), to, changing=lived.changing)
    away = SeatTo(learner_id="new", slot_id="mon-1", session_id=None, exemption="off-campus")
    await move_published_seat(wish(revision=2), away, changing=lived.changing)
    async with lived.store.snapshot(DISTRICT) as view:
        (_, after), (_, told), *_ = await view.audit.page(SCHOOL, limit=9)
    assert (told.actor, told.reason, told.monday) == (OFFICE.name, "called in ill", MONDAY)
    assert told.subject == f"districts/{DISTRICT}/learners/ned"
    assert told.detail.endswith(f"; exception: session {group} holds 4 learners, its cap is 3")
    assert "exception" not in after.detail


async def test_nobody_is_moved_in_a_slot_that_is_over(stores):
    """At noon the first slot is past: what happened there stands."""
    lived = await at_half_past_seven(stores)
    lived.clock.advance(timedelta(hours=5))
    to = SeatTo(learner_id="ned", slot_id="mon-1", session_id=lived.session("group"))
    with pytest.raises(ChangeError, match="is over"):
        await move_published_seat(wish(), to, changing=lived.changing)


async def test_a_service_that_is_agreed_late_is_given_in_the_week(stores):
    """Ned needs 40 minutes of speech from today: the week is mended, and he sits with dan."""
    lived = await at_half_past_seven(stores)
    service = RequiredService(learner_id="ned", service="speech", minutes=40)
    await change_published_service(wish(), service, changing=lived.changing)
    content = (await lived.newest()).content
    assert seat_of(content.week, "ned").session_id == lived.session("speech")
    assert check(content.problem, content.week) == []


async def test_a_draft_of_before_does_not_come_over_a_change(stores):
    """A run that began before the change and ends after it is no draft: it knows nothing of it."""
    lived = await at_half_past_seven(stores, "ada")
    content = lived.content
    async with lived.store.change(DISTRICT, SCHOOL) as view:
        await view.runs.add(a_run("run-2"))
    lease = await stores.queue.take(
        owner="a", now=AT_HALF_PAST_SEVEN, until=AT_HALF_PAST_SEVEN + LEASE
    )
    await stores.queue.keep_snapshot(lease, content.problem, snapshot_hash(content.problem))
    await resolve_unstaffed(
        wish(), [Resolution(session_id=lived.session("group"))], changing=lived.changing
    )
    week = content.week
    assert await stores.queue.succeed(lease, week, report_of(week), AT_HALF_PAST_SEVEN)
    async with lived.store.snapshot(DISTRICT) as view:
        head = await view.weeks.head(SCHOOL, MONDAY)
        runs = await view.runs.page(SCHOOL, before=0, limit=9)
        change = await view.runs.get(SCHOOL, head.newest.run_id)
    assert (head.draft, head.newest.number) == (None, 2)
    assert [run.run_id for _, run in runs] == ["run-2", "run-1"]
    assert change.state is RunState.SUCCEEDED
    shown = await show_week(
        Which(district=DISTRICT, school_id=SCHOOL, monday=MONDAY, revision=NEWEST),
        store=lived.store,
    )
    assert shown.view.revision == 2


async def test_a_group_on_the_same_thing_takes_in_who_fits(stores):
    """Two groups on fractions: ada's learners may merge into cyd's, up to its cap."""
    offers = (
        *a_school_day().offers,
        an_offer("group2", "cyd", kind=SessionKind.SMALL_GROUP, room_id="r4"),
    )
    names = ("kim", "lea", "max", "ora", "pia", "quy")
    lived = await at_half_past_seven(
        stores,
        offers=offers,
        rooms=tuple(map(a_room, ("r1", "r2", "r3", "r4"))),
        learners=tuple(map(a_learner, (*names, "ned", "new", "sam"))),
        needs=tuple(map(a_need, names)),
        adults=(*a_school_day().adults, an_adult("fay", ())),
    )
    sizes = {
        one.adult_id: len(who_is_in(lived.content.week, one))
        for one in lived.content.week.sessions
        if one.competency_id
    }
    assert set(sizes) == {"ada", "cyd"}
    found = await report_absence(an_act(), "ada", MONDAY, (), changing=lived.changing)
    (session,) = found.sessions
    (merge,) = session.merges
    assert (merge.session.adult_id, merge.seats) == ("cyd", 5 - sizes["cyd"])
    changed = await resolve_unstaffed(
        wish(),
        [Resolution(session_id=lived.session("group"))],
        changing=lived.changing,
    )
    content = (await lived.newest()).content
    assert check(content.problem, content.week) == []
    into = [one for one in changed.moves if one.after == lived.session("group2")]
    assert len(into) == min(merge.seats, len(session.learner_ids))


async def test_a_new_plan_of_the_week_keeps_what_persons_changed(stores):
    """Cyd's substitution and new's exemption stand in no setting: they come from the revision."""
    lived = await at_half_past_seven(stores, "ada")
    await resolve_unstaffed(
        wish(),
        [Resolution(session_id=lived.session("group"), substitute="cyd")],
        changing=lived.changing,
    )
    away = SeatTo(learner_id="new", slot_id="mon-1", session_id=None, exemption="off-campus")
    await move_published_seat(wish(revision=2), away, changing=lived.changing)
    planner = Planner(
        owner="planner",
        store=stores.worker,
        queue=stores.queue,
        directory=lived.roll,
        needs=NoNeeds(),
        solver=SolverInProcess(),
        clock=lived.clock,
    )
    problem = (await make_problem(DISTRICT, a_run(), planner.sources)).problem
    (offer,) = problem.offers
    assert (offer.adult_id, offer.slot_ids) == ("cyd", ("mon-1",))
    pins = {one.learner_id: one.offer_id or one.exemption for one in problem.pins}
    assert pins == {"kim": offer.offer_id, "lea": offer.offer_id, "max": offer.offer_id} | {
        "new": "off-campus"
    }


async def test_who_was_next_has_the_place_of_a_request_that_is_taken_back(stores):
    """Math and English both ask for ned; English is cancelled before the lesson: he is in math."""
    time = AT_HALF_PAST_SEVEN - timedelta(days=5)
    asked = {"learner_id": "ned", "slot_id": "mon-1", "create_time": time}
    requests = (
        Request(
            request_id="english",
            offer_id="open",
            level=RequestLevel.ADMINISTRATOR,
            adult_id="bob",
            **asked,
        ),
        Request(
            request_id="math",
            offer_id="group",
            level=RequestLevel.TEACHER,
            adult_id="ada",
            competency_id="fractions",
            **asked,
        ),
    )
    lived = await at_half_past_seven(stores, requests=requests)
    states = {one.request_id: one.state for one in lived.content.week.requests}
    assert states == {"english": RequestState.SEATED, "math": RequestState.NEXT}
    await cancel_published_request(wish(), "english", changing=lived.changing)
    content = (await lived.newest()).content
    assert seat_of(content.week, "ned").session_id == lived.session("group")
    assert check(content.problem, content.week) == []


class NoNeeds:
    """A mastery service that knows of no need."""

    async def needs(self, district, learner_ids, as_of, *, min_position):
        """Return nothing."""
        return FoundNeeds(needs=(), position=0)
