"""The review of a draft: what people decide, the same in memory and in PostgreSQL."""

from collections import Counter
from dataclasses import replace

import pytest

from services.scheduler.domain.access import Role
from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.review import (
    SETTLED_RULES,
    SeatMarkState,
    SessionMarkState,
)
from services.scheduler.domain.cycle.waiting import ItemKind
from services.scheduler.domain.errors import (
    BatchTooLargeError,
    DecidedByOtherError,
    DraftChangedError,
    InvalidRequestError,
    InvalidSettingError,
    MoveRefusedError,
    NotAllowedError,
    NotFoundError,
    ReviewClosedError,
    SessionDeclinedError,
)
from services.scheduler.domain.model import KeepApart, SessionKind
from services.scheduler.domain.resources import RequestKey
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import SeatRule
from services.scheduler.handlers.cycle.moving import SessionWish, add_session, move_seat
from services.scheduler.handlers.cycle.reading import (
    Side,
    WeekKey,
    compare,
    get_cycle,
    list_review_state,
    list_teacher_changes,
)
from services.scheduler.handlers.cycle.review import (
    accept_seats,
    decline_session,
    unaccept_seats,
)
from services.scheduler.handlers.cycle.times import school_times
from services.scheduler.handlers.publishing import (
    PublishWeek,
    SignOffWeek,
    publish_week,
    sign_off_week,
)
from services.scheduler.handlers.weeks import id_of_seat
from tests.support.cycles import DraftSchool, a_principal, a_teacher
from tests.support.handmade import LEARNERS, held, lawful_week, moved, rehashed
from tests.support.handmade import SCHOOL as SMALL
from tests.support.schedules import DISTRICT, SCHOOL, a_policy
from tests.support.schools import MONDAY, a_school, an_adult
from tests.support.weeks import planned

KEY = WeekKey(district=DISTRICT, school_id=SCHOOL, monday=MONDAY)
PAT = a_principal()
PLANNED = normalised(a_school(7))
OPEN_TO_ALL = (SessionKind.ENRICHMENT, SessionKind.COMMONS)


@pytest.fixture
async def school(stores):
    """Give a school of eight with a lawful draft in review."""
    found = DraftSchool(stores)
    await found.draft(SMALL, lawful_week())
    return found


async def accept(school, actor, *seat_ids, **changes):
    """Accept seats as somebody."""
    deciding = school.by(actor, **changes)
    return await accept_seats(deciding, seat_ids, store=school.stores.store, clock=school.clock)


async def move(school, actor, seat_id, session_id, **changes):
    """Move a seat as somebody, against the real check."""
    deciding = school.by(actor, **changes)
    store, clock = school.stores.store, school.clock
    return await move_seat(deciding, seat_id, session_id, store=store, clock=clock, check=check)


async def decline(school, actor, session_id, **changes):
    """Decline a session as somebody."""
    deciding = school.by(actor, **changes)
    return await decline_session(
        deciding, session_id, store=school.stores.store, clock=school.clock
    )


async def add(school, actor, wish, **changes):
    """Agree on a session as somebody."""
    deciding = school.by(actor, **changes)
    return await add_session(deciding, wish, store=school.stores.store, clock=school.clock)


async def test_an_accepted_seat_is_kept_with_its_target_and_who_accepted_it(school):
    """What the final run needs is there, and the audit says who did it to whom and why."""
    (mark,) = await accept(school, a_teacher("ada"), "kim.mon-1", reason="she asked for it")
    assert (await school.review()).seats == (mark,)
    assert (mark.offer_id, mark.competency_id) == ("group", "fractions")
    assert (mark.state, mark.adult_id) == (SeatMarkState.ACCEPTED, "ada")
    assert await school.audit() == [
        (
            f"districts/{DISTRICT}/adults/ada",
            "accept_seat",
            f"districts/{DISTRICT}/learners/kim",
            "she asked for it",
        )
    ]


async def test_who_may_accept_is_who_leads_the_session_or_has_the_learner(school):
    """Ada leads the group; Bob has Kim in class; Cyd has nothing to do with either."""
    await accept(school, a_teacher("bob", "kim"), "kim.mon-1")
    await accept(school, a_teacher("ada"), "lea.mon-1")
    with pytest.raises(NotAllowedError):
        await accept(school, a_teacher("cyd"), "max.mon-1")
    assert [one.learner_id for one in (await school.review()).seats] == ["kim", "lea"]


async def test_a_batch_is_accepted_whole_or_not_at_all(school):
    """One seat that is not theirs, or is not there, undoes the others; so does one too many."""
    with pytest.raises(NotAllowedError):
        await accept(school, a_teacher("ada"), "kim.mon-1", "kim.mon-3")
    with pytest.raises(NotFoundError):
        await accept(school, PAT, "kim.mon-1", "kim.mon-9")
    with pytest.raises(BatchTooLargeError):
        await accept(school, PAT, *["kim.mon-1"] * 501)
    assert (await school.review()).seats == ()


async def test_a_repeat_of_a_request_changes_nothing(school):
    """The same answer, and no second entry in the audit."""
    request = RequestKey(request_id="r", method="AcceptSeats", digest=bytes(32))
    first = await accept(school, PAT, "kim.mon-1", "lea.mon-1", request=request)
    again = await accept(school, PAT, "kim.mon-1", "lea.mon-1", request=request)
    assert first == again
    assert len(await school.audit()) == 2


async def test_a_decision_is_on_the_draft_that_the_person_saw(school):
    """Another draft is refused, whoever asks."""
    with pytest.raises(DraftChangedError):
        await accept(school, PAT, "kim.mon-1", week_hash="0" * 64)
    with pytest.raises(DraftChangedError):
        await decline(school, PAT, school.session_id("group"), week_hash="0" * 64)


async def test_after_the_review_nobody_decides(school):
    """Once the clock has ended it, each act is refused and says why."""
    await accept(school, PAT, "kim.mon-1")
    await school.end_review()
    for act in (
        accept(school, PAT, "lea.mon-1"),
        move(school, PAT, "lea.mon-1", school.session_id("art")),
        decline(school, PAT, school.session_id("group")),
        unaccept(school, PAT, "kim.mon-1"),
        add(school, PAT, SessionWish(slot_id="mon-2", offer_id="den")),
    ):
        with pytest.raises(ReviewClosedError, match="review of the week is over"):
            await act
    assert len((await school.review()).seats) == 1


async def test_of_a_published_week_nobody_accepts_seats(school):
    """What changes then are the listed changes, each a revision."""
    await publish(school)
    with pytest.raises(ReviewClosedError, match="published"):
        await accept(school, PAT, "kim.mon-1")


async def unaccept(school, actor, *seat_ids):
    """Take decisions back as somebody."""
    deciding = school.by(actor)
    await unaccept_seats(deciding, seat_ids, store=school.stores.store, clock=school.clock)


async def publish(school, *, check=check):
    """Sign the draft off and publish it."""
    fields = {
        "district": DISTRICT,
        "school_id": SCHOOL,
        "monday": MONDAY,
        "week_hash": school.week.week_hash,
        "actor": PAT.name,
    }
    store, clock = school.stores.store, school.clock
    await sign_off_week(SignOffWeek(adult_id="pat", **fields), store=store, clock=clock)
    await publish_week(PublishWeek(**fields), store=store, clock=clock, check=check)


async def test_signing_and_publishing_are_in_the_audit(school):
    """Who stood for the week and who published it."""
    await publish(school)
    assert [action for _, action, _, _ in await school.audit()] == ["publish", "sign_off"]


async def test_what_was_accepted_can_be_taken_back(school):
    """By who may accept it; a seat without a decision is passed over."""
    await accept(school, a_teacher("ada"), "kim.mon-1", "lea.mon-1")
    with pytest.raises(NotAllowedError):
        await unaccept(school, a_teacher("cyd"), "kim.mon-1")
    await unaccept(school, a_teacher("ada"), "kim.mon-1", "max.mon-1")
    assert [one.learner_id for one in (await school.review()).seats] == ["lea"]


async def test_a_lawful_move_is_kept_with_its_reason(school):
    """Kim goes to art; the words of the reason are in the audit alone."""
    mark = await move(school, a_teacher("ada"), "kim.mon-1", school.session_id("art"))
    assert (mark.state, mark.offer_id) == (SeatMarkState.MOVED, "art")
    assert (await school.review()).seats == (mark,)
    assert (await school.audit())[0][1:] == (
        "move_seat",
        f"districts/{DISTRICT}/learners/kim",
        "we agreed",
    )


async def test_a_move_needs_a_reason_a_session_of_the_slot_and_the_right(school):
    """Each is refused by its own name, and nothing is kept."""
    art = school.session_id("art")
    with pytest.raises(InvalidSettingError, match="reason"):
        await move(school, PAT, "kim.mon-1", art, reason=" ")
    with pytest.raises(InvalidRequestError, match="held in slot mon-2"):
        await move(school, PAT, "kim.mon-1", school.session_id("art", "mon-2"))
    with pytest.raises(NotAllowedError):
        await move(school, a_teacher("cyd"), "kim.mon-1", art)
    assert (await school.review()).seats == ()


async def test_to_lead_the_session_gives_no_right_to_fetch_a_learner_into_it(school):
    """Bob leads art, and Kim sits in Ada's group: Bob moves her once she is his own learner."""
    art = school.session_id("art")
    with pytest.raises(NotAllowedError):
        await move(school, a_teacher("bob"), "kim.mon-1", art)
    assert (await school.review()).seats == ()
    mark = await move(school, a_teacher("bob", "kim"), "kim.mon-1", art)
    assert (mark.offer_id, mark.adult_id) == ("art", "bob")


@pytest.mark.parametrize("decided", ["accepted", "moved"])
async def test_what_another_decided_stands_but_before_who_reaches_the_school(school, decided):
    """Ada's decision on Kim is not Bob's to change, who has her in class; a coach changes it."""
    ada, bob = a_teacher("ada"), a_teacher("bob", "kim")
    art, look = school.session_id("art"), school.session_id("look")
    if decided == "accepted":
        (before,) = await accept(school, ada, "kim.mon-1")
    else:
        before = await move(school, ada, "kim.mon-1", art)
    for act in (move(school, bob, "kim.mon-1", look), unaccept(school, bob, "kim.mon-1")):
        with pytest.raises(DecidedByOtherError, match=f"adult ada has {decided} the seat"):
            await act
    assert (await school.review()).seats == (before,)
    coach = replace(a_teacher("cyd"), roles=frozenset({Role.COACH}))
    mark = await move(school, coach, "kim.mon-1", look)
    assert (mark.offer_id, mark.adult_id) == ("look", "cyd")


async def test_who_decided_may_decide_otherwise(school):
    """Ada accepts Kim, moves her out of her group after all, and takes that back."""
    ada = a_teacher("ada")
    await accept(school, ada, "kim.mon-1")
    mark = await move(school, ada, "kim.mon-1", school.session_id("art"))
    assert (await school.review()).seats == (mark,)
    await unaccept(school, ada, "kim.mon-1")
    assert (await school.review()).seats == ()


def moves_with_room(school):
    """Return seats of the planner's, each with a session of enrichment or commons with room."""
    held = Counter(seat.session_id for seat in school.week.seats)
    free = [s for s in school.week.sessions if s.kind in OPEN_TO_ALL and held[s.session_id] < s.cap]
    return [
        (seat, session)
        for seat in school.week.seats
        if seat.rule not in SETTLED_RULES
        for session in free
        if session.slot_id == seat.slot_id and session.session_id != seat.session_id
    ]


async def test_a_lawful_move_of_a_really_planned_draft_is_made(stores):
    """A move changes what the week is worth, which bars nothing: it is no rule of the learner's.

    Every seat that the planner gave may go where there is room for everybody.
    """
    school = DraftSchool(stores)
    await school.draft(PLANNED, planned(PLANNED))
    assert check(school.problem, school.week) == []
    moves = moves_with_room(school)
    assert len(moves) > 20
    assert {seat.rule for seat, _ in moves} >= {SeatRule.NEED, SeatRule.CHECK}
    for seat, session in moves[:: len(moves) // 8]:
        mark = await move(school, PAT, id_of_seat(seat), session.session_id)
        assert (await school.review()).seats == (mark,)
        await unaccept(school, PAT, id_of_seat(seat))


async def test_a_move_of_a_really_planned_draft_that_breaks_a_rule_is_refused(stores):
    """By that rule: nobody who is pinned for a service is moved, and the room's size stands."""
    school = DraftSchool(stores)
    rooms = tuple(replace(one, capacity=6) for one in PLANNED.rooms)
    problem = replace(PLANNED, rooms=rooms)
    await school.draft(problem, planned(problem))
    held = Counter(seat.session_id for seat in school.week.seats)
    full = [s for s in school.week.sessions if s.room_id and held[s.session_id] == 6]
    seat, session = next(
        (seat, session)
        for session in full
        for seat in school.week.seats
        if seat.slot_id == session.slot_id
        and seat.session_id not in (None, session.session_id)
        and seat.rule not in SETTLED_RULES
    )
    with pytest.raises(MoveRefusedError, match="rule H3"):
        await move(school, PAT, id_of_seat(seat), session.session_id)
    pinned = next(s for s in school.week.seats if s.rule is SeatRule.SERVICE_PIN)
    other = next(
        s
        for s in school.week.sessions
        if s.slot_id == pinned.slot_id and s.session_id != pinned.session_id
    )
    with pytest.raises(MoveRefusedError, match="rule H"):
        await move(school, PAT, id_of_seat(pinned), other.session_id)
    assert (await school.review()).seats == ()


async def test_a_move_beside_somebody_kept_apart_is_refused(stores):
    """Kim and Roy (H8): the refusal names neither rule nor learner: it is for its owner to read."""
    school = DraftSchool(stores)
    apart = KeepApart(rule_id="k1", learner_id="kim", other_id="roy")
    await school.draft(replace(SMALL, keep_apart=(apart,)), lawful_week())
    with pytest.raises(MoveRefusedError, match="rule H8") as caught:
        await move(school, PAT, "kim.mon-1", school.session_id("art"))
    told = " ".join((str(caught.value), *caught.value.metadata.values()))
    assert "somebody is placed by rule" in told
    for hidden in ("kim", "roy", "k1", "apart"):
        assert hidden not in told
    assert (await school.review()).seats == ()


async def test_a_move_into_a_full_room_is_refused(stores):
    """A person exceeds the cap of a session, never the room's (H3)."""
    school = DraftSchool(stores)
    rooms = tuple(replace(r, capacity=3) if r.room_id == "r2" else r for r in SMALL.rooms)
    problem = replace(SMALL, rooms=rooms)
    week = lawful_week()
    await school.draft(problem, replace(week, sessions=tuple(in_small_rooms(week))))
    with pytest.raises(MoveRefusedError, match="rule H3"):
        await move(school, PAT, "lea.mon-1", school.session_id("art"))
    assert (await school.review()).seats == ()


def in_small_rooms(week):
    """Return the sessions with the caps that a room of three gives them."""
    for session in week.sessions:
        yield replace(session, cap=3) if session.room_id == "r2" else session


async def test_a_move_out_of_a_required_service_is_refused(school):
    """Pam would miss her minutes: that is H5, whoever asks."""
    with pytest.raises(MoveRefusedError, match="rule H5"):
        await move(school, PAT, "pam.mon-2", school.session_id("art", "mon-2"))


async def test_a_person_goes_beyond_the_cap_of_a_session_with_a_reason(stores):
    """The group holds three by its offer; Roy is the fourth because somebody says why."""
    school = DraftSchool(stores)
    offers = tuple(replace(o, cap=3) if o.offer_id == "group" else o for o in SMALL.offers)
    problem = replace(SMALL, offers=offers)
    await school.draft(problem, lawful_week(problem))
    group = school.session_id("group")
    mark = await move(school, PAT, "roy.mon-1", group)
    assert mark.state is SeatMarkState.MOVED
    async with stores.store.snapshot(DISTRICT) as view:
        ((_, told),) = await view.audit.page(SCHOOL, limit=1)
    assert (told.actor, told.reason) == (PAT.name, "we agreed")
    assert told.detail == (
        "moved slot mon-1 to the session of offer group, week of 2026-11-23;"
        f" exception: session {group} holds 4 learners, its cap is 3"
    )


async def test_what_exceeds_a_cap_is_said_again_when_the_week_is_published(stores):
    """Roy is the fourth in a group of three: who publishes the week stands for that."""
    school = DraftSchool(stores)
    offers = tuple(replace(o, cap=3) if o.offer_id == "group" else o for o in SMALL.offers)
    problem = replace(SMALL, offers=offers)
    week = lawful_week(problem)
    group = next(one.session_id for one in week.sessions if one.offer_id == "group")
    seats = tuple(
        replace(one, session_id=group) if (one.learner_id, one.slot_id) == ("roy", "mon-1") else one
        for one in week.seats
    )
    await school.draft(problem, rehashed(replace(week, seats=seats)))
    await publish(school, check=lambda _problem, _week: ())
    async with stores.store.snapshot(DISTRICT) as view:
        page = [told for _, told in await view.audit.page(SCHOOL, limit=9)]
    assert [(told.actor, told.action) for told in page] == [
        (PAT.name, "publish"),
        (PAT.name, "sign_off"),
    ]
    for told in page:
        assert told.detail.endswith(f"; exception: session {group} holds 4 learners, its cap is 3")


async def test_a_declined_session_releases_its_seats_and_tells_who_accepted_them(school):
    """Bob accepted Kim's seat; Ada declines; Bob is told, and nobody accepts a seat there."""
    bob = a_teacher("bob", "kim")
    await accept(school, bob, "kim.mon-1")
    group = school.session_id("group")
    with pytest.raises(NotAllowedError):
        await decline(school, bob, group)
    (released,) = await decline(school, a_teacher("ada"), group)
    assert (released.learner_id, released.state) == ("kim", SeatMarkState.RELEASED)
    _, items = await list_review_state(KEY, bob, store=school.stores.store)
    (told,) = [one for one in items if one.kind is ItemKind.SEAT_RELEASED]
    assert told.sentence.startswith("Adult ada declined to lead the session in slot mon-1")
    with pytest.raises(SessionDeclinedError):
        await accept(school, bob, "kim.mon-1")
    with pytest.raises(SessionDeclinedError):
        await move(school, PAT, "roy.mon-1", group)


async def test_who_leads_with_an_adult_decides_as_the_adult_does(stores):
    """Gus leads the group with ada: he accepts its seats, declines it, and agrees on it again."""
    school = DraftSchool(stores)
    offers = tuple(
        replace(o, co_adult_ids=("gus",)) if o.offer_id == "group" else o for o in SMALL.offers
    )
    problem = replace(SMALL, offers=offers, adults=(*SMALL.adults, an_adult("gus")))
    await school.draft(problem, lawful_week(problem))
    gus, group = a_teacher("gus"), school.session_id("group")
    await accept(school, gus, "kim.mon-1")
    _, items = await list_review_state(KEY, gus, store=school.stores.store)
    assert {one.session_id for one in items if one.kind is ItemKind.SESSION_LEADS} == {group}
    (released,) = await decline(school, gus, group)
    assert released.note.startswith("Adult gus declined")
    await add(school, gus, SessionWish(slot_id="mon-1", offer_id="group"))


async def test_a_declined_session_can_be_agreed_on_again(school):
    """By its adult or who leads the school; then its seats are accepted as before."""
    await decline(school, a_teacher("ada"), school.session_id("group"))
    wish = SessionWish(slot_id="mon-1", offer_id="group", competency_id="fractions")
    with pytest.raises(NotAllowedError):
        await add(school, a_teacher("bob"), wish)
    await add(school, a_teacher("ada"), wish)
    (mark,) = (await school.review()).sessions
    assert mark.state is SessionMarkState.ADDED
    await accept(school, a_teacher("ada"), "kim.mon-1")


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (SessionWish(slot_id="mon-1", offer_id="none"), NotFoundError),
        (SessionWish(slot_id="mon-9", offer_id="den"), NotFoundError),
        (
            SessionWish(slot_id="mon-1", offer_id="den", competency_id="fractions"),
            InvalidRequestError,
        ),
        (SessionWish(slot_id="mon-1", offer_id="group", competency_id="none"), NotFoundError),
    ],
)
async def test_what_cannot_be_held_is_not_agreed_on(school, wish, error):
    """The refusal names what there is not, and nothing is kept."""
    with pytest.raises(error):
        await add(school, PAT, wish)
    assert (await school.review()).sessions == ()


async def test_an_adult_is_not_to_lead_two_sessions_at_once(school):
    """Dan is to lead the den in the second slot: another session then is refused."""
    await add(school, PAT, SessionWish(slot_id="mon-2", offer_id="den"))
    with pytest.raises(InvalidRequestError, match="adult dan is to lead offer den"):
        await add(school, PAT, SessionWish(slot_id="mon-2", offer_id="look"))


async def test_an_adult_sees_what_waits_for_them(school):
    """The sessions that they lead, the seats in them and of their learners, and nobody else's."""
    ada = a_teacher("ada", "roy")
    await accept(school, ada, "kim.mon-1")
    _, items = await list_review_state(KEY, ada, store=school.stores.store)
    leads = {one.session_id for one in items if one.kind is ItemKind.SESSION_LEADS}
    assert leads == {s.session_id for s in school.week.sessions if s.adult_id == "ada"}
    waits = {(one.learner_id, one.slot_id) for one in items if one.kind is ItemKind.SEAT_WAITS}
    assert waits == {
        *(("lea", "mon-1"), ("max", "mon-1"), ("ola", "mon-2"), ("quin", "mon-2")),
        *(("roy", slot.slot_id) for slot in SMALL.slots),
    }
    (decided,) = [one for one in items if one.kind is ItemKind.SEAT_DECIDED]
    assert (decided.learner_id, decided.sentence) == ("kim", "Accepted by adult ada.")


async def test_the_reviewed_draft_and_the_final_one_are_compared(school):
    """Who sits elsewhere, and which session is held no more; nothing else."""
    await school.end_review()
    before = school.week
    art = next(s for s in before.sessions if s.session_id == school.session_id("art"))
    await school.draft(SMALL, moved(before, "kim", art), "final")
    found = await compare(KEY, Side(), Side(), store=school.stores.store)
    assert [(c.learner_id, c.slot_id, c.before, c.after) for c in found.changes.seats] == [
        ("kim", "mon-1", school.session_id("group"), art.session_id)
    ]
    assert found.changes.sessions == ()
    same = await compare(KEY, Side(run_id="final"), Side(run_id="final"), store=school.stores.store)
    assert (same.changes.seats, same.changes.sessions) == ((), ())
    with pytest.raises(NotFoundError):
        await compare(KEY, Side(run_id="none"), Side(), store=school.stores.store)


async def test_a_teachers_groups_are_compared_with_the_published_week_alone(school):
    """A draft has no groups to tell of; the first published week has everybody new."""
    with pytest.raises(NotFoundError):
        await list_teacher_changes(KEY, "ada", store=school.stores.store)
    await publish(school)
    since, changes = await list_teacher_changes(KEY, "ada", store=school.stores.store)
    assert since is None
    assert {(c.learner_id, c.competency_id, c.is_new) for c in changes} == {
        (name, "fractions", True) for name in ("kim", "lea", "max", "ola", "quin")
    }


async def test_the_cycle_says_whether_the_review_is_open(school):
    """Open while a draft stands, closed once the clock has ended it."""
    async with school.stores.store.change(DISTRICT, SCHOOL) as view:
        await view.policies.keep(a_policy(version=1), school.clock.now())
    store = school.stores.store
    assert (await get_cycle(KEY, store=store, times=school_times)).is_review_open
    await school.end_review()
    found = await get_cycle(KEY, store=store, times=school_times)
    assert not found.is_review_open
    assert found.summary.startswith("The clock does not keep this school's cycle")


async def test_another_district_sees_no_decision(school):
    """What one district decided is nothing to another."""
    await accept(school, PAT, "kim.mon-1")
    await decline(school, PAT, school.session_id("art"))
    async with school.stores.store.snapshot("cedar") as view:
        review = await view.review.of(SCHOOL, MONDAY)
        assert (review.seats, review.sessions) == ((), ())
        assert await view.cycle.marks(SCHOOL, MONDAY) == {}
        assert await view.cycle.of(SCHOOL) is None


def test_the_small_school_is_as_the_tests_say():
    """Eight learners; the week made by hand breaks nothing."""
    assert len(LEARNERS) == 8
    assert check(SMALL, lawful_week()) == []
    assert held(SMALL, "group").adult_id == "ada"
