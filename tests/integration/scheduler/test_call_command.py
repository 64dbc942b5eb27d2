"""The command `call` over a real gRPC server: kept, listed by pages, refused."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from services.evidence.__main__ import main as evidence
from services.scheduler.__main__ import main
from tests.support.school_data import PARENT, SchoolApi
from tests.support.schools import a_problem


@pytest.fixture
async def call(tmp_path):
    """Give a function that calls a method as somebody."""
    async with SchoolApi(a_problem()).served() as target:

        async def run(*words, who="office", given=None):
            token = tmp_path / f"{who}.token"
            token.write_text(who)
            invoked = await asyncio.to_thread(
                CliRunner().invoke,
                main,
                ["call", *words, "--token-file", str(token)],
                input=given,
                env={"TRELLIS_SCHEDULER_TARGET": target},
                catch_exceptions=False,
            )
            return invoked.exit_code, invoked.output

        yield run


def a_room(number):
    """Return a room as JSON has it."""
    return {"name": f"{PARENT}/rooms/r{number}", "display_name": f"Room {number}", "capacity": 20}


async def test_what_is_sent_comes_from_words_and_from_a_file(call, tmp_path):
    """A file, standard input, words; a list comes back whole where every page is asked for."""
    file = tmp_path / "rooms.json"
    file.write_text(json.dumps({"parent": PARENT, "rooms": [a_room(1), a_room(2)]}), "utf-8")
    assert (await call("BatchUpsertRooms", "--file", str(file)))[0] == 0
    given = json.dumps({"rooms": [a_room(3)]})
    code, output = await call("BatchUpsertRooms", f"parent={PARENT}", "--file", "-", given=given)
    assert code == 0
    assert json.loads(output)["rooms"][0]["display_name"] == "Room 3"
    words = ("ListRooms", f"parent={PARENT}", "page_size=1")
    first = json.loads((await call(*words))[1])
    whole = json.loads((await call(*words, "--all"))[1])
    assert len(first["rooms"]) == 1
    assert first["next_page_token"]
    assert [one["display_name"] for one in whole["rooms"]] == ["Room 1", "Room 2", "Room 3"]
    assert "next_page_token" not in whole


async def test_a_request_has_an_id_that_is_new_each_time(call):
    """The same words again are a call of their own, no repeat of the first one."""
    words = ("UpdateCalendar", f"calendar.name={PARENT}/calendar", "calendar.first_day=2026-08-03")
    first = await call(*words, "calendar.last_day=2027-06-11")
    second = await call(*words, "calendar.last_day=2027-06-18")
    assert json.loads(first[1])["calendar"]["last_day"] == "2027-06-11"
    assert json.loads(second[1])["calendar"]["last_day"] == "2027-06-18"


async def test_a_refusal_says_what_to_send_instead(call):
    """The hint of the contract is printed, as its reason is."""
    code, output = await call("GetWeekTimes", f"name={PARENT}/cycle")
    assert code == 3
    assert "INVALID_REQUEST: name: is not such a name: send districts/{district}/schools/" in output
    code, output = await call("BatchUpsertRooms", f"parent={PARENT}", who="learner")
    assert code == 3
    assert "NOT_ALLOWED" in output


async def test_wrong_use_is_told_before_anything_is_sent(call, tmp_path):
    """A file that is no JSON by its line; a command without an address by how to say it."""
    file = tmp_path / "rooms.json"
    file.write_text('{"parent": 1,\n oops', "utf-8")
    code, output = await call("BatchUpsertRooms", "--file", str(file))
    assert code == 2
    assert "line 2" in output
    invoked = CliRunner().invoke(evidence, ["call", "ListSchools"])
    assert invoked.exit_code == 2
    assert "Say --target" in invoked.output
