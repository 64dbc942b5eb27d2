"""Prints and calendar addresses of a published week, with the real processes and PostgreSQL."""

import hashlib
import json

import icalendar
import vobject
from trellis.scheduler.v1 import feed_service_pb2, feed_service_pb2_grpc

from services.common.rpc.client import connect
from tests.support.outputs import pdf_text
from tests.support.scheduler_world import (
    DISTRICT,
    planned,
    published,
    school_name,
    set_up,
)

WEEK = "/schools/north/weeks/2026-11-23"
PRINTS = ("doors", "hall", "slips", "family", "locator", "cards")


def add_token(stage, name, person):
    """Let one more person sign in; their name is their token."""
    path = stage.directory / "credentials.json"
    document = json.loads(path.read_text())
    document["tokens"].append(
        {
            "name": name,
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "district": DISTRICT,
            "sources": [],
            "scopes": ["schedule.read"],
            "person": person,
        }
    )
    path.write_text(json.dumps(document))


async def test_a_published_week_is_printed_and_subscribed_to_until_the_address_is_revoked(stage):
    """From gRPC to a calendar without sign-in, found in PostgreSQL by its secret alone."""
    adult = stage.problem.adults[0].adult_id
    add_token(stage, "teacher", f"districts/{DISTRICT}/adults/{adult}")
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await planned(stub, stage.problem)
        await published(stub, stage.problem, run.week_hash)
    async with stage.browser() as browser:
        for one in PRINTS:
            answer = await browser.get(f"{WEEK}/print/{one}.pdf")
            assert answer.status_code == 200, (one, answer.text)
            # A card names who is in a session; every learner of this school is in some.
            assert "Abara" in pdf_text(answer.content), one
    async with (
        connect(f"127.0.0.1:{stage.ports['grpc']}", "teacher", timeout_seconds=20) as channel,
        stage.browser(None) as anybody,
    ):
        feeds = feed_service_pb2_grpc.FeedServiceStub(channel)
        made = await feeds.CreateFeed(
            feed_service_pb2.CreateFeedRequest(
                parent=school_name(stage.problem),
                subject=f"districts/{DISTRICT}/adults/{adult}",
                request_id="once",
            )
        )
        answer = await anybody.get(made.path)
        assert answer.status_code == 200, answer.text
        events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        assert events
        assert len(vobject.readOne(answer.text).contents["vevent"]) == len(events)
        etag = {"if-none-match": answer.headers["etag"]}
        assert (await anybody.get(made.path, headers=etag)).status_code == 304
        revoked = await feeds.RevokeFeed(feed_service_pb2.RevokeFeedRequest(name=made.feed.name))
        assert revoked.feed.revoker == f"districts/{DISTRICT}/adults/{adult}"
        assert (await anybody.get(made.path)).status_code == 404
        # Nobody is sent to the sign-in from there: a calendar program could not follow.
        assert (await anybody.get("/feeds/unknown.ics")).status_code == 404
