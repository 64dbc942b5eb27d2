"""From a plan run to published pages, with the real processes."""

from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2

from tests.support.scheduler_world import planned, published, school_name, set_up, week_name


async def test_a_week_is_planned_signed_published_and_shown(stage):
    """The whole way works: settings, run, draft, sign-off, revision, lists, pages."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await planned(stub, stage.problem)
        assert run.state == week_pb2.PlanRun.STATE_SUCCEEDED, run.failure
        assert not run.breaches
        week = await published(stub, stage.problem, run.week_hash)
        assert (week.revision, week.week_hash) == (1, run.week_hash)
        sessions = await stub.ListSessions(
            messages.ListSessionsRequest(parent=week_name(stage.problem), page_size=1000)
        )
        assert len(sessions.sessions) == run.summary.sessions
        seats = await stub.ListSeats(
            messages.ListSeatsRequest(parent=week_name(stage.problem), page_size=1000)
        )
        assert len(seats.seats) == run.summary.seats + run.summary.exemptions
        explained = await stub.ExplainSeat(messages.ExplainSeatRequest(name=seats.seats[0].name))
        assert explained.seat == seats.seats[0]
    async with stage.browser() as browser:
        for page in (
            "staff",
            "staff/slots",
            "staff/adults",
            "staff/learners",
            "hall",
            "hall/rooms",
        ):
            answer = await browser.get(f"/schools/north/weeks/2026-11-23/{page}")
            assert answer.status_code == 200, (page, answer.text)
            assert "Revision 1, published" in answer.text
            # The overview names learners only where a need is not met.
            assert page == "staff" or "Abara" in answer.text


async def test_a_later_run_moves_nobody_who_was_published(stage):
    """Published seats come back as pins, so a run after publishing changes nothing by itself."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        first = await planned(stub, stage.problem)
        await published(stub, stage.problem, first.week_hash)
        second = await planned(stub, stage.problem, seed=99)
        assert second.state == week_pb2.PlanRun.STATE_SUCCEEDED, second.failure
        assert not second.breaches
        name = week_name(stage.problem)
        before, after = [
            await stub.ListSeats(
                messages.ListSeatsRequest(parent=name, page_size=1000, revision=revision)
            )
            for revision in (1, -1)
        ]
        places = [
            {(seat.learner, seat.slot_id): (seat.session, seat.exemption) for seat in one.seats}
            for one in (before, after)
        ]
        assert places[0] == places[1]


async def test_the_command_plans_and_prints(stage):
    """`plan` waits for the run and says what came out; a refusal is one line and a code."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
    token = stage.directory / "principal.token"
    token.write_text("principal")
    code, out = await stage.command(
        "plan",
        *(school_name(stage.problem), "2026-11-23", "--token-file", str(token)),
        *("--target", f"127.0.0.1:{stage.ports['grpc']}", "--budget", "20"),
    )
    assert (code, "Needs met" in out) == (0, True), out
    async with stage.scheduler() as stub:
        week = await stub.GetWeek(messages.GetWeekRequest(name=week_name(stage.problem)))
    assert week.week.week_hash in out
    code, out = await stage.command(
        *("plan", school_name(stage.problem), "2026-11-23"),
        *("--target", f"127.0.0.1:{stage.ports['grpc']}"),
    )
    assert (code, "UNAUTHENTICATED" in out) == (1, True), out
