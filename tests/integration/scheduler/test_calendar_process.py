"""A calendar through the real API process and PostgreSQL, also as the worker's role reads it."""

import grpc
import pytest
from trellis.scheduler.v1 import calendar_pb2, calendar_service_pb2_grpc
from trellis.scheduler.v1 import calendar_service_pb2 as messages

from services.common.postgres.pool import Database
from services.common.rpc.client import connect
from services.scheduler.adapters.postgres.store import PostgresStore
from tests.support.scheduler_world import DISTRICT, school_name, set_up, week_name


async def test_a_calendar_is_set_read_back_and_seen_by_a_worker(stage):
    """Set over gRPC, kept under row-level security, told as times, read by the worker's role."""
    stage.start("api", "api")
    parent = school_name(stage.problem)
    bells = calendar_pb2.BellSchedule(
        name=f"{parent}/bellSchedules/regular",
        display_name="Regular",
        periods=[
            calendar_pb2.Period(
                period_id="1", start_clock="09:00", end_clock="09:40", flexible=True
            )
        ],
    )
    calendar = calendar_pb2.Calendar(
        name=f"{parent}/calendar",
        first_day="2026-08-05",
        last_day="2027-05-28",
        bells=[calendar_pb2.BellRule(bell_schedule=bells.name)],
    )
    day = calendar_pb2.CalendarDay(
        name=f"{parent}/calendarDays/2026-11-20", no_school=calendar_pb2.NO_SCHOOL_HOLIDAY
    )
    async with stage.scheduler("office") as stub:
        await set_up(stub, stage.problem)
    async with connect(f"127.0.0.1:{stage.ports['grpc']}", "office", timeout_seconds=20) as channel:
        stub = calendar_service_pb2_grpc.CalendarServiceStub(channel)
        await stub.BatchUpsertBellSchedules(
            messages.BatchUpsertBellSchedulesRequest(parent=parent, bell_schedules=[bells])
        )
        await stub.UpdateCalendar(messages.UpdateCalendarRequest(calendar=calendar))
        await stub.BatchUpsertCalendarDays(
            messages.BatchUpsertCalendarDaysRequest(parent=parent, calendar_days=[day])
        )
        times = await stub.GetWeekTimes(messages.GetWeekTimesRequest(name=week_name(stage.problem)))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.DeleteBellSchedule(messages.DeleteBellScheduleRequest(name=bells.name))
    assert (times.steps[6].date, times.steps[6].clock) == ("2026-11-19", "16:00")
    assert times.slots[0].slot_id == "mon-1"
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    token = stage.directory / "office.token"
    token.write_text("office")
    code, out = await stage.command(
        *("calendar", parent, "2026-11-16", "--weeks", "2", "--token-file", str(token)),
        *("--target", f"127.0.0.1:{stage.ports['grpc']}"),
    )
    assert code == 0, out
    assert "Thu 11-19 16:00" in out
    assert "Friday, November 20, 2026: no school (holiday). Not held: fri-1." in out
    worker = await Database.connect(
        stage.database.dsn("worker"), pool_size=1, application_name="test-worker"
    )
    try:
        async with PostgresStore(worker).snapshot(DISTRICT) as view:
            (found,) = await view.calendars.all()
            assert await view.calendars.of(found.school_id) == found
            assert [one.id for one in found.days] == ["2026-11-20"]
    finally:
        await worker.close()
