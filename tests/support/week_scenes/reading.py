"""What is fetched of the week: on paper, in calendars, for programs, and facts on the topic."""

from __future__ import annotations

import asyncio
import csv
import io
import os
from collections import Counter
from http import HTTPStatus
from pathlib import Path

import httpx
from kafka import KafkaConsumer, TopicPartition
from pypdf import PdfReader
from trellis.roster.v1 import roster_service_pb2 as roster_service
from trellis.scheduler.v1 import feed_service_pb2 as feed_service
from trellis.scheduler.v1 import week_pb2 as week

from deploy.local.ports import LOOPBACK
from services.scheduler.adapters.wire.facts import TOPIC
from tests.support.alder import ADULTS, SCHOOL, SCHOOL_ID, ZONE
from tests.support.school_week import School, until

OF_ADULTS = {word for name, _ in ADULTS.values() for word in name.split()}
KEEP = "TRELLIS_KEEP_OUTPUTS"
"""A folder in which what was fetched is kept for people to look at; not set: nowhere."""


async def outputs_are_fetched(school: School) -> None:
    """Hall, slips and cards name everybody; calendars and files name nobody, and agree."""
    people = (
        await school.as_("district-it").roster.ListLearners(
            roster_service.ListLearnersRequest(page_size=500)
        )
    ).learners
    families = {one.family_name for one in people}
    for path, words in (
        ("print/hall.pdf", families),
        ("print/doors.pdf", families),
        ("print/slips.pdf", {one.given_name for one in people}),
        ("print/cards.pdf", families),
        ("print/locator.pdf", families),
        ("print/family.pdf", {one.given_name for one in people}),
    ):
        text = await asyncio.to_thread(_text, await fetched(school, path))
        missing = {one for one in words if one not in text}
        assert not missing, (path, missing)
    for path in ("hall", "staff", "print"):
        assert b"Revision 2" in await fetched(school, path), path
    own = await school.own_slip(0, school.monday)
    assert own.status_code == HTTPStatus.OK
    (mine,) = [one for one in people if one.name == school.learners[0]]
    assert mine.given_name in await asyncio.to_thread(_text, own.content)
    await attendance_is_a_file(school)
    await a_calendar_is_subscribed_to(school, {f"{o.given_name} {o.family_name}" for o in people})


async def fetched(school: School, path: str) -> bytes:
    """Return an output of the week as the office gets it."""
    address = f"/schools/{SCHOOL_ID}/weeks/{school.monday.isoformat()}/{path}"
    answer = await school.as_("office").browser.get(address)
    assert answer.status_code == 200, (path, answer.text)
    if os.environ.get(KEEP):
        name = path.replace("/", "-")
        Path(os.environ[KEEP], name if "." in name else f"{name}.html").write_bytes(answer.content)
    return answer.content


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def attendance_is_a_file(school: School) -> None:
    """Read a row for each seat in a session, with what was noted."""
    rows = list(csv.DictReader(io.StringIO((await fetched(school, "attendance.csv")).decode())))
    seats = [one for one in await school.seats() if one.session]
    assert len(rows) == len(seats)
    marked = Counter(one["mark"] for one in rows)
    assert marked["absent"] > 0
    assert marked["late"] > 0
    assert marked["present"] > marked["absent"] + marked["late"]


async def a_calendar_is_subscribed_to(school: School, names: set[str]) -> None:
    """Make an address as a learner; it opens without a token and names nobody."""
    made = await school.as_("learner-0").feeds.CreateFeed(
        feed_service.CreateFeedRequest(parent=SCHOOL, subject=school.learners[0])
    )
    async with httpx.AsyncClient() as program:
        port = school.cluster.ports["scheduler-api-http"]
        answer = await program.get(f"http://{LOOPBACK}:{port}{made.path}")
    assert answer.status_code == 200, answer.text
    own = [one for one in await school.seats() if one.learner == school.learners[0]]
    assert answer.text.count("BEGIN:VEVENT") == len(own)
    sessions = await school.sessions()
    for seat in own:
        start = school.at(0, sessions[seat.session].start_clock)
        assert f"{start.astimezone(ZONE):%Y%m%dT%H%M%S}" in answer.text, answer.text
    told = {*names, *(word for name in names for word in name.split() if word not in OF_ADULTS)}
    assert not {one for one in told if one in answer.text}


async def facts_are_on_the_topic(school: School) -> None:
    """Two revisions of one week, every step of two weeks, and what was asked, noted and given."""
    wanted = {
        "week_published",
        "cycle_step_done",
        "request_settled",
        "attendance_taken",
        "service_delivered",
        "quick_check_recorded",
    }

    async def found() -> list[week.SchedulerEvent] | None:
        facts = await asyncio.to_thread(_facts, school)
        return facts if wanted <= {one.WhichOneof("fact") for one in facts} else None

    facts = await until(found, what="every kind of fact")
    # A relay may send a fact again after a fault; its id tells.
    unique = {one.event_id: one for one in facts}.values()
    revisions = [o.week_published for o in unique if o.WhichOneof("fact") == "week_published"]
    assert sorted((one.week, one.revision) for one in revisions) == [
        (school.week, 1),
        (school.week, 2),
    ]
    steps = Counter(o.cycle_step_done.week for o in unique if o.HasField("cycle_step_done"))
    assert (
        steps[school.week]
        == len(week.DESCRIPTOR.pool.FindEnumTypeByName("trellis.scheduler.v1.CycleStep").values) - 1
    )


def _facts(school: School) -> list[week.SchedulerEvent]:
    consumer = KafkaConsumer(
        bootstrap_servers=school.cluster.kafka.bootstrap_servers, auto_offset_reset="earliest"
    )
    try:
        places = [TopicPartition(TOPIC, o) for o in consumer.partitions_for_topic(TOPIC) or ()]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        found = []
        while any(consumer.position(place) < end for place, end in ends.items()):
            for records in consumer.poll(timeout_ms=1000).values():
                found += [week.SchedulerEvent.FromString(one.value) for one in records]
        return found
    finally:
        consumer.close()
