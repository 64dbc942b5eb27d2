"""From Thursday noon to Friday 16:00: ranking closes, the draft, the review, the sign-off."""

from __future__ import annotations

from dataclasses import dataclass, field

from trellis.scheduler.v1 import cycle_pb2 as cycle
from trellis.scheduler.v1 import cycle_service_pb2 as cycle_service
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler_service
from trellis.scheduler.v1 import week_pb2 as week

from tests.support import alder
from tests.support.alder import adult_name, named_adult_of
from tests.support.school_week import School
from tests.support.school_week_acts import rank, refused

HELPED_BY_REQUEST = 1
"""The learner for whom math asked."""


@dataclass(kw_only=True)
class Review:
    """What people decided on the draft; seats as (learner, slot) with the offer of the session."""

    week_hash: str
    run: str
    seats: dict[tuple[str, str], week.Seat]
    sessions: dict[str, week.Session]
    accepted: dict[tuple[str, str], str] = field(default_factory=dict)
    moved: tuple[str, str] = ("", "")
    moved_to: str = ""
    declined: tuple[str, str] = ("", "")
    """Slot and offer."""

    def offer_of(self, seat: week.Seat) -> str:
        """Return the offer of a seat's session; empty for an exemption."""
        return self.sessions[seat.session].offer if seat.session else ""


async def ranking_closes(school: School) -> None:
    """At noon; what comes after it is not in, and nobody is said to have been shut out."""
    before = school.moved.move(school.day(-4), "11:59", seconds=30)
    await school.beaten_since(before)
    school.moved.move(school.day(-4), "12:00", seconds=31)
    told = await school.step(cycle.CYCLE_STEP_CLOSE_RANKING)
    assert told.outcome.startswith("Ranking is closed"), told
    await refused(rank(school, "learner-50", 50), "WINDOW_CLOSED")


async def the_draft_is_made(school: School) -> Review:
    """At 13:00, with a report that says whether every slot fits; requests stand in it."""
    school.moved.move(school.day(-4), "13:00", seconds=1)
    step = await school.step(cycle.CYCLE_STEP_DRAFT)
    run = await school.run(step.plan_run)
    assert [(one.slot_id, one.learners) for one in run.summary.capacity] == [
        (slot, alder.LEARNERS) for slot, _, _ in alder.SLOTS
    ]
    for one in run.summary.capacity:
        assert one.places >= one.learners, one
        assert one.short_of == 0, one
    assert run.summary.seats + run.summary.exemptions == alder.LEARNERS * len(alder.SLOTS)
    assert run.summary.needs_met > 0
    seats, sessions = await school.seats(-1), await school.sessions(-1)
    found = Review(
        week_hash=run.week_hash,
        run=run.name,
        seats={(one.learner, one.slot_id): one for one in seats},
        sessions=sessions,
    )
    asked = found.seats[school.learners[HELPED_BY_REQUEST], "mon-1"]
    assert found.offer_of(asked) == alder.in_school("offers", "math-1-group")
    return found


async def the_draft_is_reviewed(school: School, review: Review) -> None:
    """Seats are accepted by who leads and by who looks after; one moves, a session is declined."""
    state = await school.as_("math-1").cycle.ListReviewState(
        cycle_service.ListReviewStateRequest(parent=school.week, page_size=1000)
    )
    assert state.week_hash == review.week_hash
    kinds = {one.kind for one in state.items}
    assert {cycle_service.ReviewItem.KIND_SEAT_WAITS} <= kinds
    await declines(school, review)
    leads = [one for one in review.seats.values() if _led_by(review, one) == adult_name("math-1")]
    leads = [one for one in leads if _session_key(review, one) != review.declined]
    await accepts(school, review, "math-1", leads)
    free = [one for one in review.seats.values() if _key(one) not in review.accepted]
    looked_after = [
        one
        for one in free
        if named_adult_of(school.learners.index(one.learner)) == "science"
        and one.session
        and _session_key(review, one) != review.declined
    ]
    await accepts(school, review, "science", looked_after[:3])
    await moves(school, review)


async def accepts(school: School, review: Review, adult: str, seats: list[week.Seat]) -> None:
    """Accept seats of the draft as an adult."""
    assert seats
    answer = await school.as_(adult).cycle.AcceptSeats(
        cycle_service.AcceptSeatsRequest(
            parent=school.week, week_hash=review.week_hash, seats=[one.name for one in seats]
        )
    )
    assert {one.decision for one in answer.seats} == {cycle_service.SEAT_DECISION_ACCEPTED}
    assert {one.adult for one in answer.seats} == {adult_name(adult)}
    review.accepted |= {_key(one): review.offer_of(one) for one in seats}


async def declines(school: School, review: Review) -> None:
    """Decline a session as who leads it; the seat in it that was accepted is released."""
    session = next(
        one
        for one in review.sessions.values()
        if one.adult == adult_name("math-2") and one.kind != week.SESSION_KIND_REASSESSMENT
    )
    seat = next(one for one in review.seats.values() if one.session == session.name)
    await school.as_("math-2").cycle.AcceptSeats(
        cycle_service.AcceptSeatsRequest(
            parent=school.week, week_hash=review.week_hash, seats=[seat.name]
        )
    )
    decline = cycle_service.DeclineSessionRequest(
        name=session.name, week_hash=review.week_hash, reason="Called to a meeting."
    )
    await refused(school.as_("math-1").cycle.DeclineSession(decline), "NOT_ALLOWED")
    answer = await school.as_("math-2").cycle.DeclineSession(decline)
    assert [one.seat for one in answer.released] == [seat.name]
    review.declined = (session.slot_id, session.offer)


async def moves(school: School, review: Review) -> None:
    """Move a learner to another enrichment session of the slot, as the principal, and say why."""
    open_kinds = (week.SESSION_KIND_ENRICHMENT, week.SESSION_KIND_COMMONS)
    own = [
        one
        for one in review.sessions.values()
        if one.kind in open_kinds and (one.slot_id, one.offer) != review.declined
    ]
    seat, target = next(
        (seat, target)
        for seat in review.seats.values()
        for target in own
        if seat.session in {one.name for one in own}
        and _key(seat) not in review.accepted
        and target.slot_id == seat.slot_id
        and target.name != seat.session
    )
    move = cycle_service.MoveSeatRequest(
        name=seat.name, week_hash=review.week_hash, session=target.name
    )
    await refused(school.as_("principal").cycle.MoveSeat(move), "FIELD_MISSING")
    move.reason = "Asked to be with the other group."
    moved = (await school.as_("principal").cycle.MoveSeat(move)).seat
    assert (moved.decision, moved.offer) == (cycle_service.SEAT_DECISION_MOVED, target.offer)
    review.moved, review.moved_to = _key(seat), target.offer


async def the_final_run_keeps_what_was_accepted(school: School, review: Review) -> week.PlanRun:
    """No accepted seat moves, the moved one is where it was moved to, the declined is not held."""
    school.moved.move(school.day(-3), "15:00", seconds=1)
    ended = await school.step(cycle.CYCLE_STEP_END_REVIEW)
    assert ended.plan_run == review.run
    late = cycle_service.AcceptSeatsRequest(
        parent=school.week,
        week_hash=review.week_hash,
        seats=[next(iter(review.seats.values())).name],
    )
    await refused(school.as_("principal").cycle.AcceptSeats(late), "REVIEW_CLOSED")
    school.moved.move(school.day(-3), "15:05", seconds=1)
    final = await school.run((await school.step(cycle.CYCLE_STEP_FINAL_RUN)).plan_run)
    sessions = await school.sessions(-1)
    seats = {_key(one): one for one in await school.seats(-1)}
    offers = {key: sessions[one.session].offer if one.session else "" for key, one in seats.items()}
    assert {key: offers[key] for key in review.accepted} == review.accepted
    # Whoever accepts a seat did not choose it: the learner reads why they have it.
    for key in review.accepted:
        before = review.seats[key].reason.learner_sentence
        assert seats[key].reason.learner_sentence == before
    assert offers[review.moved] == review.moved_to
    assert review.declined not in {(one.slot_id, one.offer) for one in sessions.values()}
    await changes_are_listed(school, review, offers)
    return final


async def changes_are_listed(
    school: School, review: Review, offers: dict[tuple[str, str], str]
) -> None:
    """List what differs between the final draft and the reviewed one, and all of it."""
    listed = await school.as_("principal").cycle.ListChanges(
        cycle_service.ListChangesRequest(parent=school.week, page_size=1000)
    )
    told = {
        (one.learner, one.slot_id): (one.before.offer, one.after.offer) for one in listed.changes
    }
    differ = {
        key: (review.offer_of(seat), offers[key])
        for key, seat in review.seats.items()
        if review.offer_of(seat) != offers[key]
    }
    assert differ.items() <= told.items()
    assert review.moved in told
    assert not review.accepted.keys() & told.keys()
    held = await school.as_("principal").cycle.ListSessionChanges(
        cycle_service.ListSessionChangesRequest(parent=school.week, page_size=1000)
    )
    ended = [(o.before.slot_id, o.before.offer) for o in held.changes if not o.HasField("after")]
    assert review.declined in ended


async def it_is_signed_and_published(school: School, week_hash: str) -> None:
    """Refuse a teacher's sign-off, take the principal's; the clock publishes at 16:00."""
    school.moved.move(school.day(-3), "15:30", seconds=1)
    reminded = await school.step(cycle.CYCLE_STEP_REMIND_SIGN_OFF)
    assert "Nobody has signed" in reminded.outcome
    sign = scheduler_service.SignOffWeekRequest(name=school.week, week_hash=week_hash)
    await refused(school.as_("math-1").weeks.SignOffWeek(sign), "NOT_ALLOWED")
    await school.as_("principal").weeks.SignOffWeek(sign)
    school.moved.move(school.day(-3), "16:00", seconds=1)
    done = await school.step(cycle.CYCLE_STEP_PUBLISH)
    assert (done.state, done.revision) == (cycle.CYCLE_STEP_STATE_DONE, 1), done
    shown = (
        await school.as_("arts").weeks.GetWeek(scheduler_service.GetWeekRequest(name=school.week))
    ).week
    assert (shown.state, shown.revision) == (week.Week.STATE_PUBLISHED, 1)
    assert (shown.week_hash, shown.sign_off_adult) == (week_hash, adult_name("principal"))


def _key(seat: week.Seat) -> tuple[str, str]:
    return (seat.learner, seat.slot_id)


def _led_by(review: Review, seat: week.Seat) -> str:
    return review.sessions[seat.session].adult if seat.session else ""


def _session_key(review: Review, seat: week.Seat) -> tuple[str, str]:
    return (seat.slot_id, review.offer_of(seat))
