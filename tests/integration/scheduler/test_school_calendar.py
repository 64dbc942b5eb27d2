"""A school's calendar by command, over a real gRPC server: shown, changed, refused by field."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.scheduler.__main__ import main
from tests.support.school_data import PARENT, SchoolApi
from tests.support.schools import a_problem

EXAMPLE = Path(__file__).parents[3] / "docs/examples/school-calendar.yaml"
BELLS = """\
bell_schedule,display_name,period,start,end,flexible
regular,Regular day,1,09:00,09:40,yes
b-day,B day,1,09:00,09:40,yes
early-release,Early release,1,08:30,09:00,yes
spring,Spring,1,09:10,09:50,yes
"""
SMALL = """\
first_day: 2026-08-03
last_day: 2027-06-11
bells:
  - bell_schedule: regular
"""


@pytest.fixture
async def run(tmp_path):
    """Give a function that runs a command of the scheduler as the office; bells are there."""
    async with SchoolApi(a_problem()).served() as target:
        token = tmp_path / "office.token"
        token.write_text("office")

        async def command(*words, answer=None):
            where = ["--target", target, "--token-file", str(token)]
            invoked = await asyncio.to_thread(
                CliRunner().invoke,
                main,
                [*(str(one) for one in words), *where],
                input=answer,
                catch_exceptions=False,
            )
            return invoked.exit_code, invoked.output

        bells = tmp_path / "bell_schedules.csv"
        bells.write_text(BELLS.replace("display_name", "name"), "utf-8")
        code, output = await command("import-school", PARENT, bells)
        assert code == 0, output
        yield command


@pytest.fixture
def file(tmp_path):
    """Give a function that writes a calendar file."""

    def write(text, name="calendar.yaml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


async def test_a_school_without_a_calendar_says_so(run):
    """With what stands in its place."""
    code, output = await run("school-calendar", "show", PARENT)
    assert code == 1
    assert "the slots of its policy stand" in output


async def test_what_was_put_is_shown_and_put_again_changes_nothing(run, file):
    """The example of the docs, word for word but for comments and order."""
    code, output = await run("school-calendar", "put", PARENT, EXAMPLE, "--yes")
    assert code == 0, output
    shown = (await run("school-calendar", "show", PARENT))[1]
    assert "bell_schedule: early-release" in shown
    assert "- snow_day" in shown
    assert "open_ranking" not in shown, "a step that is due by default is not said"
    code, output = await run("school-calendar", "put", PARENT, file(shown), answer="")
    assert (code, output) == (0, "That is the calendar already; nothing was put.\n")


async def test_what_would_change_is_shown_and_asked_for(run, file):
    """No is no; what is left out goes back to its default."""
    await run(
        "school-calendar", "put", PARENT, file(SMALL + "iso_weekdays: [2, 3, 4, 5]\n"), "--yes"
    )
    later = file(SMALL.replace("06-11", "06-18"))
    code, output = await run("school-calendar", "put", PARENT, later, answer="n\n")
    assert code == 1
    lines = [line.split() for line in output.splitlines()]
    assert ["last_day", "2027-06-11", "2027-06-18"] in lines
    assert ["iso_weekdays", "2;", "3;", "4;", "5", "the", "default"] in lines
    assert "06-11" in (await run("school-calendar", "show", PARENT))[1]
    assert (await run("school-calendar", "put", PARENT, later, answer="y\n"))[0] == 0
    shown = (await run("school-calendar", "show", PARENT))[1]
    assert "06-18" in shown
    assert "iso_weekdays" not in shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SMALL.replace("breaks", "x") + "brakes: []\n", "brakes is no field. Did you mean breaks?"),
        (SMALL + "uses_cycle_day: [snow]\n", "uses_cycle_day[0] is none that there is. Write holi"),
        (SMALL + "iso_weekdays: 1\n", "iso_weekdays is no list."),
        (
            SMALL + "week_clock: {draft: {iso_weekday: x}}\n",
            "draft.iso_weekday is no whole number.",
        ),
        ("[1]", "the file is no mapping of names to values."),
    ],
)
async def test_a_file_that_says_no_calendar_is_told_field_by_field(run, file, text, told):
    """Before anything is sent, and with what to do."""
    code, output = await run("school-calendar", "put", PARENT, file(text), "--yes")
    assert code == 1
    assert told in output


async def test_what_the_service_refuses_is_told(run, file):
    """A bell schedule that there is not; JSON is read as well."""
    wanted = {
        "first_day": "2026-08-03",
        "last_day": "2027-06-11",
        "bells": [{"bell_schedule": "x"}],
    }
    path = file(json.dumps(wanted), "calendar.json")
    code, output = await run("school-calendar", "put", PARENT, path, "--yes")
    assert code == 3
    assert "UNKNOWN_BELL_SCHEDULE: calendar.bells[0].bell_schedule" in output
