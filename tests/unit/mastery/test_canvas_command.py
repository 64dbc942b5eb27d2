"""The command `canvas-rollups` prints what Canvas shows for a CSV of results."""

import pytest
from click.testing import CliRunner

from services.mastery.entrypoints.canvas_rollups import canvas_rollups

RESULTS = """learner,outcome,score,percent,possible,quiz,time
kim,3.NF.1,4,,,,2026-03-03T10:00:00Z
kim,3.NF.1,1,,,,2026-03-01T10:00:00-05:00
kim,3.NF.1,5,,,,2026-03-02
lea,3.NF.1,0,0,1,quiz 7,2026-03-01
lea,3.NF.1,1,1,1,quiz 7,2026-03-01
lea,3.NF.1,,,,,2026-03-02
max,3.NF.1,,,,,
kim,"3.NF.2, part",2.5,,,,
"""


def run(text, *options):
    """Return what the command says of a CSV."""
    runner = CliRunner()
    with runner.isolated_filesystem():
        with open("results.csv", "w", encoding="utf-8") as file:
            file.write(text)
        return runner.invoke(canvas_rollups, ["results.csv", *options])


def test_it_prints_a_rollup_for_each_learner_and_outcome():
    """The newest weighs most, questions of a quiz are pooled, and who has no score has none."""
    found = run(RESULTS, "--method", "decaying_average", "--parameter", "75")
    assert found.exit_code == 0, found.output
    assert found.stdout.splitlines() == [
        "learner,outcome,rollup",
        "kim,3.NF.1,3.75",
        'kim,"3.NF.2, part",2.5',
        "lea,3.NF.1,2.5",
        "max,3.NF.1,-",
    ]
    assert found.stderr.splitlines() == [
        "3.NF.1: mean 3.13, median 3.125, learners 2",
        "3.NF.2, part: mean 2.5, median 2.5, learners 1",
    ]


def test_the_scale_is_that_of_the_outcome():
    """Shares are of the points possible, and mastery is where the outcome has it."""
    four = run(RESULTS, "--method", "average", "--points-possible", "4")
    assert "lea,3.NF.1,2\n" in four.stdout
    strict = run(RESULTS, "--method", "n_mastery", "--parameter", "2", "--mastery-points", "4.5")
    assert "kim,3.NF.1,-\n" in strict.stdout


def test_the_new_decaying_average_may_be_off():
    """Then its name means the older one."""
    options = ("--method", "standard_decaying_average")
    assert run(RESULTS, *options).stdout != run(RESULTS, *options, "--old-averages").stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("learner,score\n", "Line 1: the heading has no outcome."),
        ("", "the heading has no learner, outcome, score."),
        ("learner,outcome,score\nkim,a,3\nkim,a,good\n", "Line 3: score is not a number."),
        ("learner,outcome,score,percent\nkim,a,3,nan\n", "Line 2: percent is not a number."),
        ("learner,outcome,score,time\nkim,a,3,soon\n", "Line 2: time is not in ISO 8601."),
    ],
)
def test_what_cannot_be_read_is_named_and_not_repeated(text, why):
    """The line and the column, never what stands there."""
    found = run(text)
    assert found.exit_code == 1
    assert why in found.output
    assert "good" not in found.output
    assert "soon" not in found.output


def test_points_that_are_no_number_are_refused():
    """A wrong option is named before the file is read."""
    found = run(RESULTS, "--points-possible", "five")
    assert found.exit_code == 2
    assert "five is not a number" in found.output
