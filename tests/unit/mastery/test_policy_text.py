"""What the commands `policy` print of words for levels and of roll-ups."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from rich.console import Console

from services.mastery.__main__ import main
from services.mastery.domain.model import DEFAULT_POLICY
from services.mastery.domain.policy_document import read_document
from services.mastery.entrypoints.policy_text import difference_table

ROLL_UPS = {
    "maths": {"all": ["number", "shape"]},
    "number": {"points": 3, "parts": {"adding": 2, "counting": 1}, "required": ["adding"]},
}


def printed(table):
    """Return a table as text, a hundred and sixty columns wide."""
    console = Console(width=160)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def checked(tmp_path, text):
    """Run `policy check` on a file; return the exit code and what was printed."""
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["policy", "check", str(file)], env={"COLUMNS": "160"})
    return result.exit_code, result.output


def test_check_says_what_levels_are_called_and_what_makes_a_roll_up(tmp_path):
    """One line for each broad competency."""
    code, said = checked(
        tmp_path,
        "level_names: [{name: new, from_level_milli: 1000}, {name: able, from_level_milli: 3500}]\n"
        "display_scale: {lowest: 0, highest: 100, decimals: 1}\n"
        "roll_ups:\n"
        "  maths: {all: [number, shape]}\n"
        "  number: {points: 3, parts: {adding: 2, counting: 1}, required: [adding]}\n",
    )
    assert code == 0
    assert "new from 1, able from 3.5" in said
    assert "0 to 100, 1 decimal" in said
    assert "maths: all of number, shape" in said
    assert "number: 3 points of adding 2 (required), counting 1" in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("roll_ups: {n: {all: [n]}}", "roll_ups.n.all names n as a part of itself. Take it out."),
        ("roll_ups: {n: {al: [m]}}", 'roll_ups.n.al is not known. Did you mean "all"?'),
        ("level_names: [one, two]", "level_names[0] is"),
        ("display_scale: {highest: 4}", "display_scale.lowest is missing."),
    ],
)
def test_check_says_what_is_wrong_and_what_to_do(tmp_path, text, why):
    """Where, why, and how to mend it; exit code 1."""
    code, said = checked(tmp_path, text)
    assert code == 1
    assert why in said


def test_a_change_of_one_roll_up_is_told_as_that_one():
    """Of two hundred others nothing is repeated; what is gone says none on the other side."""
    before = read_document({"roll_ups": ROLL_UPS})
    after = read_document({"roll_ups": ROLL_UPS | {"maths": {"all": ["number"]}}})
    said = printed(difference_table(before, after))
    assert "roll_ups.maths" in said
    assert "all of number, shape" in said
    assert "roll_ups.number" not in said
    gone = printed(difference_table(before, DEFAULT_POLICY))
    assert [line.split()[-1] for line in gone.splitlines() if "roll_ups." in line] == ["none"] * 2


def test_letters_are_told_with_the_levels_that_they_begin_at():
    """A scale of steps reads as names of levels do."""
    steps = [{"name": "C", "from_level_milli": 1_000}, {"name": "A", "from_level_milli": 3_700}]
    after = read_document({"display_scale": {"steps": steps}})
    assert "C from 1, A from 3.7" in printed(difference_table(DEFAULT_POLICY, after))
