"""What it would cost to seat a learner elsewhere: the question about a week that is there."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from services.scheduler.adapters.problem_file import write_problem
from services.scheduler.adapters.week_file import write_week_file
from services.scheduler.domain.errors import ChangeError
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.other_seats import other_seats
from services.scheduler.domain.week import value_of
from services.scheduler.entrypoints.what_if import what_if_command
from tests.support.schools import a_learner, a_need, a_pin, a_problem, a_room, an_adult, an_offer
from tests.support.weeks import planned

NAMES = ("kim", "lea", "max")


@pytest.fixture
def problem():
    """Return a school with one seat in a group, three who need it, and commons for all."""
    return a_problem(
        adults=(an_adult("ada"), an_adult("bob", ())),
        rooms=(a_room("r1"), a_room("r2")),
        offers=(
            an_offer("group", "ada", SessionKind.SMALL_GROUP, cap=1, minimum=1),
            an_offer("open", "bob", SessionKind.COMMONS, room_id="r2"),
        ),
        learners=tuple(map(a_learner, NAMES)),
        needs=tuple(
            a_need(name, level_milli=level)
            for name, level in zip(NAMES, (1000, 1400, 1800), strict=True)
        ),
    )


def test_each_session_of_the_slot_is_told_with_its_cost(problem):
    """Max in the group costs what the week is worth less with a pin that seats him there."""
    week = planned(problem)
    here, there = other_seats(problem, week, "max", "mon-1")
    assert (here.session.offer_id, here.what_if.loss_milli) == ("open", 0)
    assert (there.session.offer_id, there.taken) == ("group", 1)
    pinned = planned(replace(problem, pins=(a_pin(learner_id="max", offer_id="group"),)))
    assert there.what_if.loss_milli == value_of(week.terms) - value_of(pinned.terms) > 0
    assert "one learner with a greater need would lose a seat" in there.what_if.sentence


def test_what_there_is_not_is_refused(problem):
    """A learner, a slot, and a problem that the week is not of."""
    week = planned(problem)
    for asked in ((problem, "eve", "mon-1"), (problem, "max", "mon-9")):
        with pytest.raises(ChangeError, match="has no"):
            other_seats(asked[0], week, *asked[1:])
    with pytest.raises(ChangeError, match="belong together"):
        other_seats(replace(problem, needs=()), week, "max", "mon-1")


def test_the_command_shows_a_table_and_names_nobody_else(problem, tmp_path):
    """Sessions, seats taken, and the sentence."""
    file, week_file = tmp_path / "problem.json", tmp_path / "week.json"
    file.write_text(write_problem(problem), "utf-8")
    write_week_file(week_file, planned(problem))
    arguments = [str(file), str(week_file), "--learner", "max", "--slot", "mon-1"]
    result = CliRunner().invoke(what_if_command, arguments, terminal_width=200)
    assert result.exit_code == 0, result.output
    assert "Would cost" in result.output
    assert "1 of 1" in result.output
    assert not {"kim", "lea"} & set(result.output.split())
    arguments[-1] = "mon-9"
    refused = CliRunner().invoke(what_if_command, arguments)
    assert refused.exit_code == 1
    assert "has no slot mon-9" in refused.output
