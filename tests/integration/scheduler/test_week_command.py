"""A principal's Friday by command, over a real gRPC server: look, sign off, publish."""

import asyncio

import pytest
from click.testing import CliRunner
from trellis.scheduler.v1 import scheduler_service_pb2_grpc

from services.common.rpc.credentials import Credentials
from services.common.rpc.server import RpcServer
from services.scheduler.__main__ import main
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.scopes import SCOPES
from tests.support.scheduler_api import CREDENTIALS, Api
from tests.support.schools import MONDAY, a_problem


@pytest.fixture
async def school(tmp_path):
    """Give a school, and a function that runs `week` for it as somebody."""
    api = Api(a_problem())
    server = RpcServer(
        "127.0.0.1:0",
        credentials=Credentials.of(dict(CREDENTIALS)),
        error_table=ERRORS,
        scopes=SCOPES,
    )
    server.add(scheduler_service_pb2_grpc.add_SchedulerServiceServicer_to_server, api.servicer)
    port = await server.start()

    async def run(command, *words, who="principal", monday=MONDAY, answer=None):
        token = tmp_path / f"{who}.token"
        token.write_text(who)
        where = ["--target", f"127.0.0.1:{port}", "--token-file", str(token)]
        invoked = await asyncio.to_thread(
            CliRunner().invoke,
            main,
            ["week", command, api.parent, str(monday), *words, *where],
            input=answer,
            catch_exceptions=False,
        )
        return invoked.exit_code, invoked.output

    try:
        yield api, run
    finally:
        await server.stop(grace_seconds=0)


async def test_a_draft_is_looked_at_signed_and_published(school):
    """Each step shows what it is about, asks, and says what has come of it."""
    api, run = school
    week_hash = await api.draft()
    code, output = await run("show")
    assert code == 0
    assert "a draft, not signed off" in output
    assert f"Hash                {week_hash}\n" in output
    assert "No hard rule is broken." in output
    code, output = await run("sign-off", answer="y\n")
    assert code == 0
    assert "Signed off by districts/" in output
    code, output = await run("publish", answer="y\n")
    assert code == 0
    assert "Revision 1, signed off by districts/" in output
    assert "revision 1, published, signed off by" in (await run("show"))[1]


async def test_no_is_no(school):
    """A draft that was looked at and not agreed to is as it was."""
    api, run = school
    await api.draft()
    code, output = await run("sign-off", answer="n\n")
    assert (code, "Nothing was done." in output) == (1, True)
    assert "not signed off" in (await run("show"))[1]


async def test_a_script_names_the_draft_that_it_has_seen(school):
    """Nothing is asked; another draft is refused, and no draft is signed unseen."""
    api, run = school
    week_hash = await api.draft()
    code, output = await run("sign-off", "--hash", "0" * 64)
    assert code == 3
    assert "DRAFT_CHANGED" in output
    assert (await run("sign-off", "--hash", week_hash))[0] == 0
    assert (await run("publish", "--hash", week_hash))[0] == 0


async def test_who_may_not_and_what_is_not_there_is_told(school):
    """With the reason of the contract; a day that is no Monday before anything is asked."""
    api, run = school
    code, output = await run("show")
    assert code == 3
    assert "NOT_FOUND" in output
    code, output = await run("show", monday=MONDAY.replace(day=MONDAY.day + 1))
    assert code == 2
    assert "is a Tuesday" in output
    week_hash = await api.draft()
    code, output = await run("sign-off", "--hash", week_hash, who="reader")
    assert code == 3
    assert 'needs the scope "schedule.publish". Use a token that has it' in output
