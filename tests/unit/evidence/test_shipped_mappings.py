"""Each mapping that comes with Trellis reads an export of the form that it describes.

The exports are made up here; no cell of them is anybody's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from trellis.evidence.v1 import evidence_pb2

from services.evidence.domain.references import ReferenceKind
from services.evidence.entrypoints.importing.import_command import import_command
from services.evidence.entrypoints.importing.mapping import MappingError, load_mapping
from services.evidence.entrypoints.importing.mappings_command import mappings_command
from services.evidence.entrypoints.importing.rows import Row
from services.evidence.entrypoints.importing.shipped import about, find_mapping, shipped_mappings
from tests.support.importing import codes, learners, rows_of, score, shipped

DAY = "2026-09-18"
NOON = int(datetime(2026, 9, 18, 16, tzinfo=UTC).timestamp())


def sent(rows: list[Row]) -> list[Row]:
    """Return the rows that become records; none of them has a fault."""
    found = [row for row in rows if not row.skipped]
    assert [row.fault for row in found] == [None] * len(found)
    return found


def skipped(rows: list[Row]) -> list[str]:
    """Return why the others are none."""
    return [row.skipped for row in rows if row.skipped]


def test_khan_words_become_levels_and_what_was_not_started_is_nothing(tmp_path: Path) -> None:
    """A skill is an item; the date is the end of the file's name; an e-mail stands in for an id."""
    text = (
        "Student Name,Student Email,Student SIS ID,Roster Status,Grade,Ratio tables,Unit rates\n"
        "Ada B,ADA@school.example,100,Rostered,6,Familiar,Not Started\n"
        "Ben C,ben@school.example,,Activated,6,Mastered,Attempted\n"
        "Cem D,cem@school.example,300,No Longer Rostered,6,Proficient,\n"
    )
    name = "District_skills_progress_math6_20260911_20260918.csv"
    rows = rows_of(text, shipped("khan_skills"), tmp_path, name=name)
    found = sent(rows)
    assert skipped(rows) == ["not started", "no longer rostered", "no longer rostered"]
    assert learners(found) == ["100", "ben@school.example", "ben@school.example"]
    assert [row.record.item for row in found] == ["Ratio tables", "Ratio tables", "Unit rates"]
    assert [score(row) for row in found] == [(2,), (4,), (1,)]
    first = found[0].record
    assert (first.occur_time.seconds, first.version) == (NOON, 202609180000)
    assert first.purpose == evidence_pb2.PURPOSE_PRACTICE
    assert "100" not in first.event_id + first.entity_id


def test_a_word_that_khan_does_not_have_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    """A new word is seen on the day on which it comes."""
    text = "Student Email,Roster Status,Unit rates\na@b.example,Rostered,Legendary\n"
    (row,) = rows_of(text, shipped("khan_skills"), tmp_path, export_date=DAY)
    assert row.fault == "@cell: 'Legendary' is none of Attempted, Familiar, Proficient, Mastered"


def test_canvas_outcomes_are_read_by_the_code_before_their_title(tmp_path: Path) -> None:
    """Two columns an outcome; a path before the title; N/A is no id; an empty cell no zero."""
    text = (
        "Student name,Student ID,Student SIS ID,"
        "Math > Ratios > 6.RP.A.1 Ratio language result,"
        "Math > Ratios > 6.RP.A.1 Ratio language mastery points,"
        "6.NS.A.1: Divide result,6.NS.A.1: Divide mastery points\n"
        "Ada B,11,100,3.5,3.0,0.0,3.0\n"
        "Ben C,12,N/A,,3.0,4.0,3.0\n"
    )
    rows = rows_of(text, shipped("canvas_outcomes"), tmp_path, export_date=DAY)
    found = sent(rows)
    assert skipped(rows) == ["no result yet"]
    assert [codes(row) for row in found] == [["6.RP.A.1"], ["6.NS.A.1"], ["6.NS.A.1"]]
    assert [score(row) for row in found] == [(3.5, 4), (0, 4), (4, 4)]
    reference = found[2].record.learner_reference
    assert (reference.kind, reference.value, reference.system) == (
        ReferenceKind.SOURCED_ID,
        "12",
        "canvas",
    )


def test_canvas_without_the_column_of_sis_ids_is_read_too(tmp_path: Path) -> None:
    """Older versions do not have it; another scale is one option away."""
    text = (
        "Student name,Student ID,6.RP.A.1 Ratios result,6.RP.A.1 Ratios mastery points\nA,7,5,3\n"
    )
    mapping = shipped("canvas_outcomes", "score.points.possible=5")
    (row,) = sent(rows_of(text, mapping, tmp_path, export_date=DAY))
    assert (learners([row]), score(row)) == (["7"], (5, 5))


def test_canvas_outcomes_may_be_items_instead(tmp_path: Path) -> None:
    """As the mapping's own comment says."""
    text = "Student name,Student ID,Ratios result,Ratios mastery points\nA,7,4,3\n"
    mapping = shipped("canvas_outcomes", "competency_references=null", "item={@column}")
    (row,) = sent(rows_of(text, mapping, tmp_path, export_date=DAY))
    assert (codes(row), row.record.item) == ([], "Ratios")


def test_google_classroom_has_rows_for_dates_and_points(tmp_path: Path) -> None:
    """They go with each column; a zero is a score; excused and empty cells are none."""
    text = (
        "Last Name,First Name,Email Address,Exit ticket 1,Poster\n"
        "Date,,,2026-09-15,\n"
        "Points,,,10,20\n"
        "Class average,,,7,15\n"
        "B,Ada,ada@school.example,0,Excused\n"
        "C,Ben,ben@school.example,,25\n"
    )
    rows = rows_of(text, shipped("google_classroom"), tmp_path, export_date=DAY)
    found = sent(rows)
    assert sorted(skipped(rows)) == ["no grade"] * 2 + ["no row of a student"] * 2
    assert [score(row) for row in found] == [(0, 10), (25, 20)]
    assert [row.record.item for row in found] == ["Exit ticket 1", "Poster"]
    days = [datetime.fromtimestamp(row.record.occur_time.seconds, UTC) for row in found]
    assert [day.strftime("%m-%d %H") for day in days] == ["09-15 16", "09-18 16"]


def test_two_pieces_of_work_with_one_title_and_date_are_refused(tmp_path: Path) -> None:
    """Nothing tells them apart, so each would correct the other."""
    text = (
        "Email Address,Quiz,Quiz,Quiz\nDate,2026-09-15,2026-09-15,2026-09-16\nPoints,1,1,1\n"
        "ada@school.example,1,0,1\n"
    )
    rows = rows_of(text, shipped("google_classroom"), tmp_path, export_date=DAY)
    faults = [row.fault for row in rows]
    assert faults[0] is not None
    assert "two columns are called 'Quiz'" in faults[0]
    assert faults[0] == faults[1]


def test_powerschool_levels_are_read_by_standard_and_term(tmp_path: Path) -> None:
    """Exempt and missing grades are none; a tab between cells is found."""
    head = "STUDENTS.Student_Number\tSTANDARD.Identifier\tSTANDARDGRADESECTION.StoreCode\t"
    head += "STANDARDGRADESECTION.YearID\tSTANDARDGRADESECTION.StandardGrade\tIsExempt\n"
    lines = [
        "100\t6.RP.A.1\tQ1\t36\t3.5\t0",
        "100\t6.RP.A.2\tQ1\t36\t2\t1",
        "200\t6.RP.A.1\tQ1\t36\t--\t0",
    ]
    rows = rows_of(
        head + "\n".join(lines), shipped("powerschool_standards"), tmp_path, export_date=DAY
    )
    (row,) = sent(rows)
    assert skipped(rows) == ["exempt", "no grade"]
    assert (learners([row]), codes(row), score(row)) == (["100"], ["6.RP.A.1"], (3.5,))
    assert row.record.purpose == evidence_pb2.PURPOSE_SUMMATIVE


def test_infinite_campus_takes_the_headings_that_a_district_chose(tmp_path: Path) -> None:
    """A heading of one's own is one option away; a CASE identifier is read as one."""
    case = "6b9f8d0e-5c1d-4a55-9f10-0a2d2b6a7c11"
    text = f"studentNumber,GUID,Term,endYear,Score\n100,{case},T1,2027,3\n200,{case},T1,2027,M\n"
    mapping = shipped("infinite_campus_standards", "columns.standard=GUID")
    rows = rows_of(text, mapping, tmp_path, export_date=DAY)
    (row,) = sent(rows)
    assert skipped(rows) == ["no score"]
    assert (codes(row), score(row)) == ([case], (3,))


def test_schoology_has_lines_above_its_head(tmp_path: Path) -> None:
    """The head is found by its columns; percents may have a sign."""
    text = (
        "Section: Math 6\nExported by Mx. Q,,\n\n"
        "First Name,Last Name,Unique User ID,6.RP.A.1 Ratios,6.RP.A.2 Rates\n"
        "Ada,B,100,85%,--\nBen,C,200,90.5,0%\n"
    )
    rows = rows_of(text, shipped("schoology_mastery"), tmp_path, export_date=DAY)
    found = sent(rows)
    assert [(row.line, codes(row), score(row)) for row in found] == [
        (5, ["6.RP.A.1"], (85, 100)),
        (6, ["6.RP.A.1"], (90.5, 100)),
        (6, ["6.RP.A.2"], (0, 100)),
    ]


IREADY = (
    "Student ID,Student Grade,Academic Year,Start Date,Completion Date,Overall Relative Placement,"
    "Geometry Scale Score,Geometry Placement,Geometry Relative Placement\n"
)


def test_iready_placements_are_read_with_the_diagnostics_own_date(tmp_path: Path) -> None:
    """Sent again it repeats; a corrected placement is another sending of the same observation."""
    line = "100,6,2026-2027,09/10/2026,9/15/2026,Early On Grade Level,480,Grade 6,{}\n"
    mapping = shipped("iready_diagnostic")
    (row,) = sent(rows_of(IREADY + line.format("Early On Grade Level"), mapping, tmp_path))
    assert (row.record.item, score(row)) == ("grade 6 Geometry", (3,))
    (same,) = rows_of(IREADY + line.format("Early On Grade Level"), mapping, tmp_path)
    (other,) = rows_of(IREADY + line.format("2 Grade Levels Below"), mapping, tmp_path)
    assert same.record == row.record
    assert other.record.entity_id == row.record.entity_id
    assert (other.record.event_id != row.record.event_id, score(other)) == (True, (1,))


def test_every_mapping_can_be_used_and_says_what_it_is() -> None:
    """The list of `mappings` has a line for each; each has been tried out here or elsewhere."""
    listed = CliRunner().invoke(mappings_command, [], env={"COLUMNS": "200"}).output
    for name, path in shipped_mappings().items():
        assert load_mapping(path).about == about(path) != ""
        assert name in listed
        assert about(path) in listed
    tried = Path(__file__).read_text("utf-8")
    untried = [name for name in shipped_mappings() if f'shipped("{name}"' not in tried]
    assert untried == ["response_log"]


@pytest.mark.parametrize("name", [one for one in shipped_mappings() if one != "response_log"])
def test_every_mapping_says_how_sure_it_is_and_shows_no_ids_in_topics(name: str) -> None:
    """An event id travels to topics, so none is made of an e-mail or a number as it is."""
    text = shipped_mappings()[name].read_text("utf-8")
    assert "# How sure this is" in text
    assert load_mapping(shipped_mappings()[name]).hash_ids


def test_a_mapping_is_printed_to_be_copied_and_a_mistyped_name_gets_a_suggestion() -> None:
    """What `--show` prints is the file."""
    printed = CliRunner().invoke(mappings_command, ["--show", "canvas_outcomes"]).output
    assert printed == shipped_mappings()["canvas_outcomes"].read_text("utf-8")
    wrong = CliRunner().invoke(mappings_command, ["--show", "canvas_outcome"])
    assert (wrong.exit_code, "did you mean canvas_outcomes?" in wrong.output) == (2, True)
    with pytest.raises(MappingError, match="no mapping of this name"):
        find_mapping("zzzzzzzzzzzzzz")


def test_a_preview_shows_how_rows_are_read_without_a_service(tmp_path: Path) -> None:
    """Masked ids, what of, score, time, and why a row is skipped; a wrong heading is told."""
    path = tmp_path / "mastery.csv"
    path.write_text(
        "First Name,Last Name,Email,6.RP.A.1 Ratios\n"
        "Ada,B,ada.b@school.example,85%\nBen,C,ben@school.example,\nCem,D,c@x.example,?\n",
        encoding="utf-8",
    )
    command = [str(path), "--mapping", "schoology_mastery", "--preview", "9", "--export-date", DAY]
    shown = CliRunner().invoke(import_command, command, env={"COLUMNS": "180"})
    assert shown.exit_code == 0, shown.output
    assert "email a…@school.example" in shown.output
    assert "ada.b" not in shown.output
    for part in (
        "6.RP.A.1",
        "85 of 100",
        "2026-09-18 12:00",
        "skipped: no result yet",
        "refused: @cell",
    ):
        assert part in shown.output
    assert "1 sent, 1 skipped, 1 refused" in shown.output
    unmasked = CliRunner().invoke(import_command, [*command, "--show-ids"], env={"COLUMNS": "180"})
    assert "ada.b@school.example" in unmasked.output
    wrong = CliRunner().invoke(
        import_command, [str(path), "--mapping", "canvas_outcomes", "--preview", "1"]
    )
    assert (wrong.exit_code, "columns.canvas_id=HEADING" in wrong.output) == (2, True)


def test_a_preview_has_no_power_over_the_terminal(tmp_path: Path) -> None:
    """Control characters of a file are written out, and what looks like markup is shown."""
    path = tmp_path / "mastery.csv"
    path.write_text(
        "First Name,Last Name,Email,6.RP.A.1 Ratios\nAda,B,[red]\x1b[2Jada@school.example,85%\n",
        encoding="utf-8",
    )
    command = [str(path), "--mapping", "schoology_mastery", "--preview", "9", "--export-date", DAY]
    shown = CliRunner().invoke(import_command, [*command, "--show-ids"], env={"COLUMNS": "180"})
    assert "\x1b[2J" not in shown.output
    assert r"[red]\x1b[2jada@school.example" in shown.output
