"""The command `audit` over a real gRPC server: filters, short names, the table and JSON."""

import asyncio
import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from services.scheduler.__main__ import main
from services.scheduler.domain.audit import AuditEntry
from tests.support.audit_api import PARENT, AuditApi, person
from tests.support.schedules import DISTRICT, NOW, SCHOOL


def an_entry(number, **changes):
    """Return an acceptance of a learner's seat by the coach."""
    fields = {
        "school_id": SCHOOL,
        "time": NOW + timedelta(minutes=number),
        "actor": person("coach"),
        "action": "accept_seat",
        "subject": f"districts/{DISTRICT}/learners/l{number}",
        "detail": f"accepted {number}",
        "monday": date(2026, 11, 23),
    }
    return AuditEntry(**(fields | changes))


@pytest.fixture
async def command(tmp_path):
    """Give a function that runs `audit` as somebody, over 601 entries; the last is the oldest."""
    api = AuditApi()
    signed = {
        "actor": person("principal"),
        "action": "sign_off",
        "subject": f"{PARENT}/weeks/2026-11-23",
        "reason": "all is well",
    }
    published = an_entry(-1, actor="clock", action="publish", monday=None)
    await api.keep(*(an_entry(n) for n in range(599)), an_entry(600, **signed), published)
    async with api.served() as target:

        async def run(*arguments, who="principal", school=PARENT):
            token = tmp_path / f"{who}.token"
            token.write_text(who)
            words = ["audit", school, *arguments, "--target", target, "--token-file", str(token)]
            invoked = await asyncio.to_thread(
                CliRunner(env={"COLUMNS": "200"}).invoke, main, words, catch_exceptions=False
            )
            return invoked.exit_code, invoked.output

        yield run


async def test_the_newest_are_shown_in_a_table(command):
    """Names without the district, the reason after the detail, and that there are more."""
    code, printed = await command("--limit", "2")
    assert code == 0
    assert "adults/principal" in printed
    assert "schools/north/weeks/2026-11-23" in printed
    assert "all is well" in printed
    assert "accepted 598" in printed
    assert "accepted 597" not in printed
    assert f"districts/{DISTRICT}" not in printed
    assert "--limit 0 shows all" in printed


async def test_all_of_it_comes_as_lines_of_json_over_several_pages(command):
    """Each line an entry, newest first, every field in it."""
    code, printed = await command("--limit", "0", "--json")
    lines = [json.loads(line) for line in printed.splitlines()]
    assert (code, len(lines)) == (0, 601)
    assert [int(one["number"]) for one in lines] == [*range(600, 0, -1), 601]
    assert lines[0]["reason"] == "all is well"
    assert lines[1]["reason_withheld"] is False


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (["--subject", "learners/l7"], [8]),
        (["--subject", f"districts/{DISTRICT}/learners/l7"], [8]),
        (["--subject", "weeks/2026-11-23"], [600]),
        (["--actor", "adults/principal"], [600]),
        (["--actor", "systems/sis"], []),
        (["--actor", "clock"], [601]),
        (["--action", "sign_off", "--action", "publish"], [600, 601]),
        (["--week", "2026-11-30"], []),
        (["--week", "2026-11-23", "--action", "sign_off"], [600]),
        (["--from", f"{NOW + timedelta(minutes=599):%Y-%m-%dT%H:%M:%S%z}"], [600]),
        (["--until", f"{NOW + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S%z}"], [1, 601]),
    ],
)
async def test_filters_and_short_names(command, filters, numbers):
    """A short name is one of the school's district, or of the school."""
    code, printed = await command(*filters, "--json")
    assert code == 0, printed
    assert [int(json.loads(line)["number"]) for line in printed.splitlines()] == numbers


async def test_nothing_found_is_said(command):
    """It is no failure."""
    assert await command("--actor", "adults/zoe") == (0, "No entry is found.\n")


async def test_it_reads_that_there_is_a_reason_and_not_which(command):
    """The table says so."""
    code, printed = await command("--action", "sign_off", who="it")
    assert code == 0
    assert "not for you" in printed
    assert "all is well" not in printed


async def test_who_may_not_and_what_is_none_is_said(command):
    """A refusal ends with 3, wrong use with 2."""
    code, printed = await command(who="teacher")
    assert code == 3, printed
    assert "NOT_ALLOWED" in printed
    assert (await command(who="program"))[0] == 3
    assert (await command(school="north"))[0] == 2
    assert (await command("--action", "moved"))[0] == 2
