"""A file becomes responses; what cannot be read is counted, told, and stops nothing."""

import gzip
from pathlib import Path

import pytest

from services.mastery.evaluation.log import OccasionBy
from services.mastery.evaluation.mapping import (
    Mapping,
    MappingError,
    find_mapping,
    shipped_names,
)
from services.mastery.evaluation.reading import LogBrokenOffError, LogError, read_log

PLAIN = find_mapping("plain_log")
TUTOR = find_mapping("cognitive_tutor")
HEAD = "learner,seq,item,skills,correct\n"
TUTOR_HEAD = (
    "Row\tAnon Student Id\tProblem Name\tStep Name\tFirst Transaction Time\t"
    "Correct First Attempt\tKC(Default)\n"
)
LOGS = Path(__file__).parents[5] / "shared" / "data" / "learner-logs"


def a_file(directory, text, name="log.csv"):
    """Return a file of this text."""
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def test_several_skills_are_one_response(tmp_path):
    """A skill named twice counts once."""
    log, account = read_log(a_file(tmp_path, HEAD + "ann,1,x,7;9;7,1\nann,2,y,9,0\n"), PLAIN)
    assert (len(log), len(log.pieces), account.used) == (2, 3, 2)
    assert log.competency_count.tolist() == [2, 1]
    assert log.competencies == ["7", "9"]


def test_responses_are_ordered_by_the_order_that_the_file_states(tmp_path):
    """Not by their lines; made-up times are a minute apart from the same start."""
    log, _ = read_log(a_file(tmp_path, HEAD + "b,2,y,7,0\na,1,x,7,1\nb,1,x,7,1\n"), PLAIN)
    assert [log.learners[k] for k in log.learner] == ["a", "b", "b"]
    assert log.correct.tolist() == [1, 1, 0]
    assert (log.time_us - log.time_us[0]).tolist() == [0, 0, 60_000_000]
    assert log.occasion_by == OccasionBy.RESPONSE


def test_bad_rows_are_counted_with_line_and_reason_and_the_rest_goes_on(tmp_path):
    """Each of five rows has another fault; the last is cut."""
    rows = "ann,1,x,7,1\nann,2,x,7,maybe\nann,z,x,7,1\n,4,x,7,1\nann,5,x,,1\nann,6,x,7,0\nann,7"
    log, account = read_log(a_file(tmp_path, HEAD + rows), PLAIN)
    assert (len(log), account.rows, account.used, account.bad) == (2, 7, 2, 5)
    assert [(one.line, one.reason) for one in account.examples] == [
        (3, "correct is neither right nor wrong: 'maybe'"),
        (4, "seq is no whole number: 'z'"),
        (5, "no learner"),
        (6, "no skills"),
        (8, "cells missing or too many: 2 of 5"),
    ]
    assert account.bad_by_reason["correct is neither right nor wrong"] == 1


def test_a_tutors_export_has_times_and_steps_of_no_competency(tmp_path):
    """Components are joined by two tildes, and days are those of the zone."""
    rows = (
        "1\tann\tP1\tS1\t2006-10-26 23:30:00.0\t1\tFind X~~Find Y\n"
        "2\tann\tP1\tS2\t2006-10-27 00:30:00.5\t0\t\n"
        '3\tann\tP1\tS3\t2006-10-27 01:30:00.0\t0\tFind "X\n'
        "4\tann\tP1\tS4\tyesterday\t0\tFind X\n"
    )
    log, account = read_log(a_file(tmp_path, TUTOR_HEAD + rows, "ct.tsv"), TUTOR)
    assert log.items == ["P1 / S1", "P1 / S3"]
    assert log.competencies == ['Find "X', "Find X", "Find Y"]
    assert (account.without_competency, account.bad) == (1, 1)
    assert (log.day[1] - log.day[0], log.time_us[1] - log.time_us[0]) == (1, 7_200_000_000)
    assert account.examples[0].reason.startswith("First Transaction Time is no time")


def test_a_compressed_file_is_read_and_one_that_breaks_off_is_refused(tmp_path):
    """What broke off is not measured as if it were whole."""
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress((HEAD + "ann,1,x,7,1\n").encode()))
    assert len(read_log(path, PLAIN)[0]) == 1
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(LogBrokenOffError, match="get the whole file"):
        read_log(path, PLAIN)


def test_a_file_of_other_columns_is_refused_with_those_it_has(tmp_path):
    """The message names what is missing and what is there."""
    with pytest.raises(
        LogError, match="no column item, skills, seq; its first line has: learner, c"
    ):
        read_log(a_file(tmp_path, "learner,correct\nann,1\n"), PLAIN)


@pytest.mark.parametrize("rows", ["", "ann,1,x,7,2\n"])
def test_a_file_without_a_usable_row_is_refused(tmp_path, rows):
    """There is nothing to measure."""
    with pytest.raises(LogError, match="no row that can be used"):
        read_log(a_file(tmp_path, HEAD + rows), PLAIN)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    """The message says where a mapping states it."""
    path = tmp_path / "log.csv"
    path.write_bytes((HEAD + "zoë,1,x,7,1\n").encode("windows-1252"))
    with pytest.raises(LogError, match="state its encoding in the mapping"):
        read_log(path, PLAIN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a list", "mapping: Input should be"),
        ("learner: [", "is not a YAML file"),
        ("learner: '{a}'\nsurprise: 1", "surprise: Extra inputs"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_which_field(tmp_path, text, message):
    """Every problem is told at once."""
    with pytest.raises(MappingError, match=message):
        find_mapping(str(a_file(tmp_path, text, "map.yaml")))


def test_a_mapping_that_is_not_there_names_those_that_are():
    """By their names."""
    with pytest.raises(MappingError, match="cognitive_tutor, plain_log"):
        find_mapping("no_such")


def test_a_mapping_states_one_kind_of_time(tmp_path):
    """Real times or made-up ones, not both and not neither."""
    text = "learner: '{a}'\nitem: '{b}'\ncompetencies: {column: c}\ncorrect: {column: d}\n"
    with pytest.raises(MappingError, match="state either time or made_up_time"):
        find_mapping(str(a_file(tmp_path, text, "map.yaml")))


def test_every_shipped_mapping_says_what_it_is_for():
    """In one line."""
    assert all(find_mapping(name).about for name in shipped_names())


@pytest.mark.skipif(not LOGS.is_dir(), reason=f"public logs are not at {LOGS}")
def test_the_real_tutor_log_reads_without_a_bad_row():
    """18,220 steps of 11 learners, 3,519 of them of the interface alone."""
    log, account = read_log(LOGS / "pybkt-examples" / "ct.csv", TUTOR)
    assert (account.rows, account.without_competency, account.bad) == (18_220, 3_519, 0)
    assert len(log.learners) == 11


def test_the_page_lists_every_field_of_a_mapping():
    """docs/mastery.md says what a mapping may say."""
    page = (Path(__file__).parents[4] / "docs" / "mastery.md").read_text(encoding="utf-8")
    section = page[page.index("### Your own log") :]
    assert not [name for name in Mapping.model_fields if f"`{name}`" not in section]
