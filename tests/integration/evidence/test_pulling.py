"""Pulls from real services on real ports into a running api, again and again."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import grpc.aio
import httpx
import pytest
from trellis.evidence.v1 import source_service_pb2 as messages

from services.common.rpc.client import connect, reason_of
from services.evidence.domain.source_object import Collection, ObjectKey
from services.evidence.entrypoints.importing.documents import Read
from services.evidence.entrypoints.pulling.delivery import Delivery
from services.evidence.entrypoints.pulling.runs import PeerPull, Run
from tests.integration.evidence.test_importing import Command
from tests.support.case import DOCUMENT, a_framework_package, an_id, memory_case, objects_of
from tests.support.clock import FixedClock
from tests.support.edfi import DOCUMENTS
from tests.support.edfi_server import CLIENT_ID, CLIENT_SECRET, EdFiServer
from tests.support.evidence import OWN_TOKEN, RunningApi, running_api
from tests.support.oneroster_provider import Provider, provider
from tests.support.pulling import Pulls, a_peer, configured, on_a_port, write_configuration
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory, ServiceDatabase
from tests.support.source_objects import a_district, a_result, an_object

TUESDAY = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
"""After everything that the provider of tests keeps at first."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A running api, its database and a place for files."""

    api: RunningApi
    database: ServiceDatabase
    directory: Path
    channel: grpc.aio.Channel
    clock: FixedClock

    def pulls(self, peer: Mapping[str, Any], **named: Any) -> Pulls:
        """Return pulls from a peer."""
        settings = configured(self.directory, peer, **named)
        return Pulls(self.channel, self.api, settings, self.clock)

    async def kept(self, collection: str) -> dict[str, bool]:
        """Return what is kept of a collection: whether each is deleted."""
        connection = await asyncpg.connect(self.database.superuser_dsn)
        try:
            rows = await connection.fetch(
                "SELECT object_id, deleted FROM source_object WHERE collection = $1", collection
            )
        finally:
            await connection.close()
        return {row["object_id"]: row["deleted"] for row in rows}


@pytest.fixture
async def world(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[World]:
    """Give a running api on a migrated database."""
    database = postgres_database("evidence", SCHEMA)
    async with running_api(database, tmp_path) as api:
        channel = connect(api.address, OWN_TOKEN.token, timeout_seconds=30)
        try:
            yield World(
                api=api,
                database=database,
                directory=tmp_path,
                channel=channel,
                clock=FixedClock(TUESDAY),
            )
        finally:
            await channel.close()


@asynccontextmanager
async def a_sis() -> AsyncIterator[tuple[Provider, str]]:
    """Serve the small district on a port."""
    async with provider() as served:
        await served.kept.keep(a_district())
        async with on_a_port(served.app) as address:
            yield served, address


class Change:
    """Changes things at a provider, at a time."""

    def __init__(self, served: Provider, clock: FixedClock) -> None:
        assert served.kept.memory is not None
        self._memory = served.kept.memory
        self._clock = clock

    def put(self, one: Any) -> None:
        """Keep an object as it is now."""
        self._memory.keep("henry", "sis", one, self._clock.now())

    def lose(self, collection: Collection, *ids: str) -> None:
        """Lose objects without a trace."""
        for one in ids:
            self._memory.lose("henry", ObjectKey(collection=collection, id=one))


async def test_a_roster_is_pulled_whole_and_then_by_what_has_changed(world: World) -> None:
    """A second pull of everything changes nothing; a change and a deletion come by themselves."""
    async with a_sis() as (served, address):
        pulls = world.pulls(a_peer("oneroster", address))
        first = await pulls.pull()
        assert first.run.whole
        assert first.run.notes == []
        assert await world.kept("demographics") == {}
        enrolments = await world.kept("enrollments")
        assert enrolments == {f"e{one}": one == 6 for one in range(1, 7)}
        again = await pulls.pull(everything=True)
        assert set(again.counts) <= {"unchanged", "waiting"}
        assert again.report.sync.state == messages.Sync.STATE_FINISHED
        assert again.report.sync.deleted_count == 0

        world.clock.advance(timedelta(hours=3))
        change = Change(served, world.clock)
        change.put(an_object(Collection.ORGS, "s2", name="New Name", type="school", identifier="3"))
        change.put(replace(a_result("r3", "l2", "u1"), deleted=True))
        world.clock.advance(timedelta(minutes=15))
        delta = await pulls.pull()
        assert not delta.run.whole
        assert dict(delta.report.outcomes) == {("orgs", "changed"): 1, ("results", "changed"): 1}
        assert (await world.kept("results"))["r3"]
        kept = json.loads((await pulls.cursor()).content)
        assert kept == {"whole": "2026-09-01", "since": "2026-09-01T14:15:00+00:00"}


async def test_what_a_pull_of_everything_does_not_bring_is_gone(world: World) -> None:
    """On Saturday; the pulls of the week do not show it, as the system does not mark it."""
    async with a_sis() as (served, address):
        pulls = world.pulls(a_peer("oneroster", address))
        await pulls.pull()
        Change(served, world.clock).lose(Collection.RESULTS, "r2")
        world.clock.advance(timedelta(days=1))
        assert not (await pulls.pull()).run.whole
        assert not (await world.kept("results"))["r2"]
        world.clock.advance(timedelta(days=3))
        saturday = await pulls.pull()
        assert saturday.run.whole
        assert saturday.report.sync.deleted_count == 1
        assert (await world.kept("results"))["r2"]
        assert not (await pulls.pull()).run.whole


async def test_a_system_that_has_lost_much_deletes_nothing_here(world: World) -> None:
    """The deletions are held for a person; the pulls go on."""
    async with a_sis() as (served, address):
        change = Change(served, world.clock)
        for number in range(20):
            change.put(an_object(Collection.CATEGORIES, f"x{number}", title="Quizzes"))
        pulls = world.pulls(a_peer("oneroster", address))
        await pulls.pull()
        change.lose(Collection.CATEGORIES, *(f"x{number}" for number in range(20)))
        held = await pulls.pull(everything=True)
        assert held.report.sync.state == messages.Sync.STATE_HELD
        assert held.report.sync.missing_count == 20
        assert not any((await world.kept("categories")).values())
        assert not (await pulls.pull()).run.whole


async def test_a_service_of_1_1_is_pulled_from(world: World) -> None:
    """With what 1.1 has, and each role in its one school."""
    async with a_sis() as (_, address):
        pulls = world.pulls(a_peer("oneroster", address, version="1.1"))
        first = await pulls.pull()
        assert first.run.notes == []
        assert await world.kept("scoreScales") == {}
        assert sum(not gone for gone in (await world.kept("users")).values()) == 5
        assert len(await world.kept("results")) == 3


class BrokenOff(PeerPull):
    """A pull that dies at its fourth batch."""

    async def run(self, delivery: Delivery, *, everything: bool = False) -> Run:
        """Pull, and die."""
        return await super().run(Dying(sending=delivery.sending), everything=everything)


class Dying(Delivery):
    """Hands three batches over, and then dies."""

    async def send(self, form: Any, documents: Sequence[Read]) -> None:
        """Hand over, or die."""
        if sum(self.sending.report.outcomes.values()) > 6:
            raise asyncio.CancelledError
        await super().send(form, documents)


async def test_a_pull_that_dies_between_batches_is_taken_up(world: World) -> None:
    """What was kept is kept, nothing is deleted, and the next one brings everything."""
    async with a_sis() as (_, address):
        pulls = world.pulls(a_peer("oneroster", address))
        pulls.pull_class = BrokenOff
        with pytest.raises(asyncio.CancelledError):
            await pulls.pull()
        assert len(await world.kept("orgs")) == 3
        assert await world.kept("results") == {}
        assert (await pulls.cursor()).content == ""
        pulls.pull_class = PeerPull
        world.clock.advance(timedelta(minutes=1))
        after = await pulls.pull()
        assert after.run.whole
        assert after.report.outcomes["orgs", "unchanged"] == 3
        assert len(await world.kept("results")) == 3
        assert after.report.sync.deleted_count == 0


async def test_two_pulls_of_everything_at_a_time_delete_nothing_of_each_other(
    world: World,
) -> None:
    """As two replicas make them: what one brings is not missing for the other."""
    async with a_sis() as (_, address):
        pulls = world.pulls(a_peer("oneroster", address))
        other = world.pulls(a_peer("oneroster", address, name="other"))
        await pulls.pull()
        world.clock.advance(timedelta(minutes=1))
        first = asyncio.create_task(pulls.pull(everything=True))
        second = asyncio.create_task(other.pull(everything=True))
        for done in await asyncio.gather(first, second):
            assert done.report.sync.deleted_count == 0
            assert done.report.sync.state == messages.Sync.STATE_FINISHED
        assert not any((await world.kept("orgs")).values())


async def test_an_import_that_begins_while_another_runs_takes_nothing_from_it(
    world: World,
) -> None:
    """What anybody has brought since an import began is there, whoever brought it last."""
    async with a_sis() as (_, address):
        pulls = world.pulls(a_peer("oneroster", address))
        await pulls.pull()
        begin = messages.BeginSyncRequest(source="sis", import_id="file", collections=["orgs"])
        await pulls.stub.BeginSync(begin)
        world.clock.advance(timedelta(minutes=1))
        await pulls.pull(everything=True)
        finished = await pulls.stub.FinishSync(messages.FinishSyncRequest(import_id="file"))
        assert finished.sync.deleted_count == 0
        assert finished.sync.state == messages.Sync.STATE_FINISHED


async def test_a_cursor_is_small_text_of_a_source_that_the_caller_speaks_for(
    world: World,
) -> None:
    """Empty where nothing was pulled; the last one that was put stands."""
    async with a_sis() as (_, address):
        pulls = world.pulls(a_peer("oneroster", address))
    assert not (await pulls.cursor("new")).HasField("put_time")
    cursor = messages.PullCursor(source="sis", name="new", content="x" * 4_096)
    for content in ("x" * 4_096, ""):
        cursor.content = content
        await pulls.stub.PutPullCursor(messages.PutPullCursorRequest(cursor=cursor))
        found = await pulls.cursor("new")
        assert found.content == content
        assert found.HasField("put_time")
    for field, value in (("content", "x" * 4_097), ("content", "\0"), ("name", ""), ("name", "\n")):
        wrong = messages.PullCursor(source="sis", name="new", content="x")
        setattr(wrong, field, value)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await pulls.stub.PutPullCursor(messages.PutPullCursorRequest(cursor=wrong))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    cursor.source = "somebody-else"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await pulls.stub.PutPullCursor(messages.PutPullCursorRequest(cursor=cursor))
    assert reason_of(refused.value) == "SOURCE_NOT_ALLOWED"


async def test_an_ed_fi_api_is_pulled_from(world: World) -> None:
    """Everything first, then what is new, has a new key or is gone."""
    server = EdFiServer()
    for resource, document in DOCUMENTS.items():
        server.put(resource, document)
    async with on_a_port(server.app) as address:
        root = f"{address}/v7.1/api"
        peer = a_peer(
            "edfi", root, client_id=CLIENT_ID, token_address=f"{root}/oauth/token", whole_on="never"
        )
        pulls = world.pulls(peer, secret=CLIENT_SECRET)
        first = await pulls.pull()
        assert first.run.whole
        assert first.report.total("refused") == 0, first.report.shown
        students = await world.kept("users")
        again = await pulls.pull(everything=True)
        assert again.report.total("changed") == 0
        assert again.report.sync.deleted_count == 0
        student = DOCUMENTS["students"]
        server.put("students", {**student, "studentUniqueId": "2002", "firstName": "New"})
        server.delete("students", student)
        delta = await pulls.pull()
        assert not delta.run.whole
        users = await world.kept("users")
        assert len(users) == len(students) + 1
        assert sum(users.values()) == 1


async def test_an_ed_fi_api_whose_data_were_replaced_is_pulled_from_anew(world: World) -> None:
    """By itself, and what is gone is gone."""
    server = EdFiServer()
    for number in range(3):
        server.put("students", {**DOCUMENTS["students"], "studentUniqueId": str(number)})
    async with on_a_port(server.app) as address:
        root = f"{address}/v7.1/api"
        peer = a_peer(
            "edfi", root, client_id=CLIENT_ID, token_address=f"{root}/oauth/token", whole_on="never"
        )
        pulls = world.pulls(peer | {"resources": ["students", "staffs"]}, secret=CLIENT_SECRET)
        await pulls.pull()
        server.oldest = server.version = 900
        server.forget("students", {**DOCUMENTS["students"], "studentUniqueId": "2"})
        anew = await pulls.pull()
        assert anew.run.whole
        assert len(anew.run.notes) == 1
        assert sum((await world.kept("users")).values()) == 1


async def test_frameworks_are_pulled_from_a_publisher(world: World) -> None:
    """Only what has changed is fetched; what an item no longer in a package was, is gone later."""
    kept = memory_case()
    await kept.keep(objects_of(a_framework_package()))
    async with provider(case=kept.reader) as served, on_a_port(served.app) as address:
        peer = a_peer("case", address, source="case", whole_on="saturday")
        pulls = world.pulls(peer)
        first = await pulls.pull()
        assert first.run.notes == []
        assert set(await world.kept("CFDocuments")) == {DOCUMENT}
        assert len(await world.kept("CFItems")) == 3
        assert first.report.sync.state == messages.Sync.STATE_FINISHED
        second = await pulls.pull()
        assert second.report.documents == 0
        changed = a_framework_package()
        changed["CFItems"][0]["fullStatement"] = "Says it otherwise."
        await kept.keep(objects_of(changed))
        third = await pulls.pull()
        assert third.report.outcomes["CFItems", "changed"] == 1
        assert an_id(1) in await world.kept("CFItems")


async def test_the_command_pulls_once_and_reports(world: World, tmp_path: Path) -> None:
    """From each peer, also where one fails; what is wrong with a configuration is told at once."""
    async with a_sis() as (_, address):
        path = write_configuration(
            tmp_path,
            a_peer("oneroster", address, name="roster"),
            a_peer("oneroster", address, name="nobody", client_id="stranger"),
        )
        command = Command(world.api, tmp_path)
        code, out, errors = await command.run("pull", "--config", str(path), "--once", "--json")
        assert out, errors
        roster, nobody = json.loads(out)
        assert roster["peer"] == "roster"
        assert roster["whole"]
        assert roster["by_collection"]["orgs"] == {"changed": 3}
        assert "does not know this client" in nobody["stopped"]
        assert "secret" not in nobody["stopped"].replace("client id or its secret", "")
        assert code == 3
        path.write_text("peers: [{source: sis, kind: oneroster}]\n", encoding="utf-8")
        code, out, errors = await command.run("pull", "--config", str(path), "--once")
        assert code == 2
        assert "address" in errors
        assert "timetable" in errors


async def test_the_process_pulls_shows_how_it_is_and_ends_when_told(
    world: World, tmp_path: Path
) -> None:
    """A first pull comes at once; metrics and health stand on a port; SIGTERM ends it cleanly."""
    async with a_sis() as (_, address):
        path = write_configuration(
            tmp_path,
            a_peer("oneroster", address),
            silence=[
                {
                    "source": "sis",
                    "time_zone": "UTC",
                    "begin": "00:00",
                    "end": "23:59",
                    "after": "2h",
                }
            ],
        )
        process = await Command(world.api, tmp_path).start("pull", "--config", str(path))
        assert process.stderr is not None
        try:
            port = 0
            async with asyncio.timeout(60):
                while True:
                    line = json.loads(await process.stderr.readline())
                    port = line.get("port", port)
                    if line["event"] == "pull_ends":
                        break
            assert line["whole"]
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
                assert (await http.get("/health/ready")).status_code == 200
                metrics = (await http.get("/metrics")).text
            assert 'trellis_evidence_pull_documents_total{outcome="changed",peer="sis"}' in metrics
            assert 'trellis_evidence_pull_last_success_timestamp_seconds{peer="sis"}' in metrics
            assert 'trellis_evidence_source_silent_seconds{source="sis"}' in metrics
        finally:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                await process.communicate()
        assert process.returncode == 0
