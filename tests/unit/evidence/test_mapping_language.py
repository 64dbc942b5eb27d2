"""What a mapping can say: references, layouts, encodings, scores, times, ids, what is skipped."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence.adapters.wire.evidence import record_from
from services.evidence.domain.model import Evidence, Refusal
from services.evidence.domain.normalise import normalise
from services.evidence.domain.references import CompetencyReferenceKind
from services.evidence.entrypoints.importing.mapping import MappingError, load_mapping
from services.evidence.entrypoints.importing.rows import Row, RowReader
from services.evidence.entrypoints.importing.shipped import find_mapping, shipped_mappings
from services.evidence.entrypoints.importing.table import read_table
from services.evidence.entrypoints.importing.unreadable import UnreadableRow
from tests.support.evidence import what_is_known
from tests.support.importing import a_mapping, codes, learners, rows_of, score

HEAD = "student,task,code,day,level"
LINE = "100,t1,6.RP.A.1,2026-09-15,3"
CASE = "6b9f8d0e-5c1d-4a55-9f10-0a2d2b6a7c11"


def read(line: str = LINE, *, head: str = HEAD, **fields: Any) -> Row:
    """Return one row read by the small mapping with some fields changed."""
    return RowReader(a_mapping(**fields), head.split(",")).read(2, line.split(","))


def test_a_row_names_its_learner_and_competency_by_reference() -> None:
    """Nothing is registered: the service looks both up."""
    row = read()
    assert (learners([row]), codes(row), score(row)) == (["100"], ["6.RP.A.1"], (3,))
    assert (row.learner, row.competencies, row.fault) == ("", (), None)


@pytest.mark.parametrize(
    ("line", "value", "fault"),
    [
        ("100,t,c,2026-09-15,3", "100", None),
        (",t,c,2026-09-15,3", "t", None),
        ("n/a,t,c,2026-09-15,3", "t", None),
        (",,c,2026-09-15,3", "", "the row has no id of its learner"),
    ],
)
def test_the_first_id_that_a_row_has_says_whose_it_is(
    line: str, value: str, fault: str | None
) -> None:
    """A cell that stands for no id is none; without any, the row is refused."""
    references = [
        {"kind": "sis_number", "value": "{student}", "no_value": ["N/A"]},
        {"kind": "sourced_id", "value": "{task}"},
    ]
    row = read(line, learner_references=references, event_id="{@learner}")
    assert (learners([row]), row.fault) == ([value], fault)


@pytest.mark.parametrize(
    ("cell", "part", "kind", "values"),
    [
        ("6.RP.A.1", {}, CompetencyReferenceKind.HUMAN_CODE, ["6.RP.A.1"]),
        (f"urn:uuid:{CASE.upper()}", {}, CompetencyReferenceKind.CASE_UUID, [CASE]),
        ("https://x.org/1", {}, CompetencyReferenceKind.CASE_URI, ["https://x.org/1"]),
        ("a; b;a", {"separator": ";"}, CompetencyReferenceKind.HUMAN_CODE, ["a", "b"]),
        (
            "6.RP.A.1: Ratios",
            {"pattern": "^([^:]+)"},
            CompetencyReferenceKind.HUMAN_CODE,
            ["6.RP.A.1"],
        ),
        ("", {}, CompetencyReferenceKind.HUMAN_CODE, []),
    ],
)
def test_competencies_may_be_codes_uuids_or_uris(
    cell: str, part: dict[str, str], kind: CompetencyReferenceKind, values: list[str]
) -> None:
    """Each is read as what it is; one that stands there twice counts once."""
    row = read(f"1,t,{cell},2026-09-15,3", competency_references={"value": "{code}", **part})
    assert codes(row) == values
    assert {one.competency.kind for one in row.record.referenced_alignments} <= {kind}


def test_a_value_that_does_not_fit_the_pattern_never_falls_back_to_the_item() -> None:
    """The row is refused, though its item may have an alignment."""
    part = {"value": "{code}", "pattern": "^([0-9][^ ]*)"}
    row = read("1,t,Ratios,2026-09-15,3", competency_references=part, item="{task}")
    assert row.fault == "competency: 'Ratios' does not fit '^([0-9][^ ]*)'"
    assert codes(row) == [""]


def test_a_row_may_leave_it_to_its_item_what_it_is_about() -> None:
    """No competency is named at all."""
    row = read(competency_references=None, item="{task}")
    assert (codes(row), row.record.item, row.fault) == ([], "t1", None)


LEVELS = {"column": "level", "levels": {"Met": 3, "Exceeds": 3.5}}


@pytest.mark.parametrize(
    ("part", "cell", "read_score", "fault"),
    [
        ({"percent": "level"}, "85%", (85, 100), None),
        ({"percent": "level"}, " 85.5 % ", (85.5, 100), None),
        ({"percent": "level"}, "0", (0, 100), None),
        ({"percent": "level"}, "85.1234", (), "three decimals"),
        ({"percent": "level"}, "%", (), "no number"),
        ({"fraction": "level"}, "3/4", (3, 4), None),
        ({"fraction": "level"}, "2.5 / 5", (2.5, 5), None),
        ({"fraction": "level"}, "3", (), "no fraction like 3/4"),
        ({"fraction": "level"}, "a/b", (), "no number"),
        ({"words": LEVELS}, " met ", (3,), None),
        ({"words": LEVELS}, "EXCEEDS", (3.5,), None),
        ({"words": LEVELS}, "Not", (), "none of Met, Exceeds"),
        ({"words": LEVELS, "level": "level"}, "2", (2,), None),
        ({"words": {"column": "level", "points": {"yes": 1}, "possible": 2}}, "Yes", (1, 2), None),
        ({"level": "level"}, "1e999999999", (), "no number"),
        ({"level": "level"}, "Infinity", (), "no number"),
    ],
)
def test_cells_are_read_as_the_scores_that_they_mean(
    part: dict[str, Any], cell: str, read_score: tuple[float, ...], fault: str | None
) -> None:
    """Percents, fractions, words, words beside numbers; anything else is a fault."""
    row = read(f"1,t,c,2026-09-15,{cell}", score=part)
    assert score(row) == read_score
    assert (row.fault is None) == (fault is None)
    assert (fault or "") in (row.fault or "")


@pytest.mark.parametrize("part", [{"percent": "level"}, {"fraction": "level"}, {"words": LEVELS}])
def test_an_empty_cell_is_never_a_zero(part: dict[str, Any]) -> None:
    """It is an observation without a score."""
    row = read("1,t,c,2026-09-15,", score=part)
    assert (row.fault, row.record.HasField("score")) == (None, False)


@pytest.mark.parametrize(
    ("part", "cell", "utc"),
    [
        ({"clock": "12:00"}, "2026-09-15", "2026-09-15 16:00"),
        ({"clock": "12:00"}, "20260915", "2026-09-15 16:00"),
        ({"clock": "12:00"}, "2026-09-15T08:00", "2026-09-15 12:00"),
        ({"clock": "12:00"}, "2026-09-15T08:00Z", "2026-09-15 08:00"),
        ({"format": "%m/%d/%Y", "clock": "12:00"}, "9/15/2026", "2026-09-15 16:00"),
        ({"format": "%m/%d/%y"}, "9/15/26", "2026-09-15 04:00"),
        ({"format": ["iso", "%m/%d/%Y %I:%M %p"]}, "9/15/2026 1:30 PM", "2026-09-15 17:30"),
        ({"format": ["iso", "%m/%d/%Y"]}, "15/9/2026", None),
        ({"otherwise": "task"}, "", "2026-01-02 05:00"),
        ({"format": "%m/%d/%Y", "otherwise": "task"}, "", "2026-01-02 05:00"),
        ({}, "", None),
        ({"time_zone": "Pacific/Auckland"}, "0001-01-01", None),
    ],
)
def test_dates_and_times_are_read_in_the_forms_that_exports_have(
    part: dict[str, Any], cell: str, utc: str | None
) -> None:
    """ISO and US, dates alone with a stated clock, in the zone of the mapping."""
    time = {"column": "day", "time_zone": "America/New_York", **part}
    row = read(f"1,2026-01-02,c,{cell},3", time=time)
    if utc is None:
        assert (row.fault is not None, row.record.HasField("occur_time")) == (True, False)
    else:
        moment = datetime.fromtimestamp(row.record.occur_time.seconds, UTC)
        assert moment.strftime("%Y-%m-%d %H:%M") == utc


@pytest.mark.parametrize(
    ("rule", "cell", "skipped"),
    [
        ({"values": ["", "--", "Exempt"]}, "exempt", True),
        ({"values": ["", "--", "Exempt"]}, " ", True),
        ({"values": ["", "--", "Exempt"]}, "0", False),
        ({"other_than": ["3", "4"]}, "2", True),
        ({"other_than": ["3", "4"]}, "3", False),
        ({"pattern": "^miss"}, "Missing", True),
        ({"pattern": "^miss"}, "3", False),
    ],
)
def test_rows_that_mean_nothing_are_skipped_with_the_reason(
    rule: dict[str, Any], cell: str, skipped: bool
) -> None:
    """By value, by all other values, by pattern; capitals aside. A zero is a score."""
    row = read(
        f"1,t,c,2026-09-15,{cell}", skip=[{"column": "level", "because": "no grade", **rule}]
    )
    assert row.skipped == ("no grade" if skipped else "")


def test_hashed_ids_are_the_same_each_time_and_show_nothing() -> None:
    """They differ by source, and an empty one stays empty."""
    row, again = read(hash_ids=True), read(hash_ids=True)
    assert row.record.event_id == again.record.event_id
    assert (len(row.record.event_id), row.record.entity_id) == (32, "")
    assert "100" not in row.record.event_id
    assert read(hash_ids=True, source="sis").record.event_id != row.record.event_id


def test_columns_have_names_of_the_mappings_own(tmp_path: Path) -> None:
    """Several headings for one, capitals aside; an optional one may lack."""
    columns = {"student": ["Pupil", "Student Number"], "level": "Mark", "extra?": "Extra"}
    text = "STUDENT NUMBER,task,code,day,Mark\n100,t,c,2026-09-15,3\n"
    mapping = a_mapping(columns=columns, artefact="{extra}")
    (row,) = rows_of(text, mapping, tmp_path)
    assert (learners([row]), score(row), row.record.artefact) == (["100"], (3,), "")
    with pytest.raises(MappingError, match="no column 'Pupil' or 'Student Number'; it has a, b"):
        rows_of("a,b\n", mapping, tmp_path)


def test_a_column_that_is_there_twice_is_not_guessed(tmp_path: Path) -> None:
    """Which of the two is meant, nobody can tell."""
    with pytest.raises(MappingError, match="more than one column called level"):
        rows_of(f"{HEAD},level\n", a_mapping(), tmp_path)


def test_the_head_is_found_below_lines_of_its_own(tmp_path: Path) -> None:
    """And where it is not among the first rows, that is told."""
    mapping = a_mapping(head={"contains": ["Student", "level"]})
    (row,) = rows_of(f"Report of,x\n\nby,y\n{HEAD}\n{LINE}\n", mapping, tmp_path)
    assert (row.line, row.fault) == (5, None)
    with pytest.raises(MappingError, match="the head was not found"):
        rows_of("a\n" * 60, mapping, tmp_path)


WIDE: dict[str, Any] = {
    "event_id": "{student}-{@column}",
    "competency_references": {"value": "{@column}"},
    "score": {"points": {"earned": "@cell", "possible": "@most"}},
    "time": {"column": "@day", "time_zone": "UTC"},
    "column_rows": {"@most": "Points", "@day": "Day"},
    "unpivot": {"columns": "(.+) score", "beside": {"@note": "{@column} note"}},
    "artefact": "{@note}",
}


def test_a_wide_file_becomes_a_row_for_each_cell(tmp_path: Path) -> None:
    """With the rows that speak of columns, and the column that goes with each."""
    facts = "Points,4,,5\nDay,2026-09-15,,2026-09-16\n"
    text = f"student,A score,A note,B score\n{facts}100,3,x,5\n200,1,y\n"
    rows = rows_of(text, a_mapping(**WIDE), tmp_path)
    assert [row.fault for row in rows] == [None, None, "the row has 3 cells, the head 4"]
    assert [codes(row) for row in rows[:2]] == [["A"], ["B"]]
    assert [score(row) for row in rows[:2]] == [(3, 4), (5, 5)]
    assert [row.record.artefact for row in rows] == ["x", "", ""]
    assert [row.line for row in rows] == [4, 4, 5]


def test_a_column_for_each_week_gives_the_time(tmp_path: Path) -> None:
    """The heading is a date."""
    unpivot = {"columns": "(\\d+/\\d+/\\d+)"}
    time = {"column": "@column", "format": "%m/%d/%Y", "time_zone": "UTC"}
    mapping = a_mapping(
        unpivot=unpivot, time=time, score={"percent": "@cell"}, event_id="{student}-{@column}"
    )
    rows = rows_of("student,code,9/14/2026,9/21/2026\n100,c,40%,55%\n", mapping, tmp_path)
    assert [score(row) for row in rows] == [(40, 100), (55, 100)]
    assert rows[1].record.occur_time.seconds - rows[0].record.occur_time.seconds == 7 * 86_400


def test_a_wide_file_without_such_columns_cannot_be_used(tmp_path: Path) -> None:
    """What it has is told."""
    with pytest.raises(MappingError, match=r"fits '\(\.\+\) score'; it has student, x"):
        rows_of("student,x\nPoints,1\nDay,1\n", a_mapping(**WIDE), tmp_path)
    with pytest.raises(MappingError, match=r"'column_rows\.@day=WORD'"):
        rows_of("student,A score\nPoints,1\n100,1\n", a_mapping(**WIDE), tmp_path)


@pytest.mark.parametrize("name", ["export.csv", "export.csv.gz"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_at_the_beginning_say_the_encoding(tmp_path: Path, name: str, codec: str) -> None:
    """With them UTF-16 is read as what it is, compressed or not."""
    data = f"{HEAD}\n100,tâche,c,2026-09-15,3\n".encode(codec)
    content = gzip.compress(data) if name.endswith("gz") else data
    (row,) = rows_of(content, a_mapping(), tmp_path, name=name)
    assert row.record.event_id == "100-tâche"


def test_other_encodings_are_told_and_never_guessed(tmp_path: Path) -> None:
    """A row that is not UTF-8 says what to try, UTF-16 without a mark too, and then it is read."""
    latin = f"{HEAD}\n100,tâche,c,2026-09-15,3\n{LINE}\n".encode("cp1252")
    refused, read_row = rows_of(latin, a_mapping(), tmp_path)
    assert "cell 2 is not UTF-8" in (refused.fault or "")
    assert "--encoding windows-1252" in (refused.fault or "")
    assert read_row.fault is None
    first, _ = rows_of(latin, a_mapping(encoding="windows-1252"), tmp_path)
    assert first.record.event_id == "100-tâche"
    wide = f"{HEAD}\n{LINE}\n".encode("utf-16-le")
    with pytest.raises(MappingError, match="--encoding utf-16-le"):
        rows_of(wide, a_mapping(), tmp_path)
    (row,) = rows_of(wide, a_mapping(encoding="utf-16-le"), tmp_path)
    assert row.fault is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_cells_may_be_found(tmp_path: Path, delimiter: str) -> None:
    """A delimiter within quotes counts for nothing, and no line is lost on the way."""
    head = HEAD.replace(",", delimiter)
    lines = [
        LINE.replace(",", delimiter).replace("t1", f'"{number},;|, ,"') for number in range(80)
    ]
    rows = rows_of("\n".join([head, *lines]), a_mapping(delimiter="auto"), tmp_path)
    assert [row.fault for row in rows] == [None] * 80
    assert [row.record.event_id for row in rows] == [f"100-{number},;|, ," for number in range(80)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learner_references": []}, "either learner or learner_references"),
        ({"learner": {"source_id": "{a}", "school": "s"}}, "either learner or learner_references"),
        ({"competency_references": None}, "an item to align by"),
        ({"event_id": None}, "state event_id"),
        ({"snapshot": {}}, "neither event_id nor version"),
        ({"column_rows": {"@x": "X"}}, "column_rows need unpivot"),
        ({"column_rows": {"x": "X"}, "unpivot": {"columns": "a"}}, "must begin with @"),
        ({"unpivot": {"columns": "("}}, "must be a regular expression"),
        ({"competency_references": {"value": "x", "pattern": "a"}}, "exactly one group"),
        ({"score": {"percent": "a", "fraction": "b"}}, "exactly one of"),
        ({"score": {"words": {"column": "a"}}}, "either levels or points"),
        ({"score": {"words": {"column": "a", "points": {"x": 1}}}}, "possible goes with points"),
        ({"skip": [{"column": "a", "because": "b"}]}, "exactly one of values"),
        ({"delimiter": ",,"}, "delimiter"),
        ({"encoding": "latin-1"}, "encoding"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    """With the field, before anything is read."""
    document = a_mapping().model_dump(mode="json", exclude_defaults=True) | change
    path = tmp_path / "mapping.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(MappingError, match=said):
        load_mapping(path)


def test_a_number_of_a_mapping_that_no_score_can_have_is_the_mappings_fault() -> None:
    """It is told before the first row."""
    words = {"column": "level", "levels": {"Met": 3.00001}}
    with pytest.raises(MappingError, match=r"score: levels: '3\.00001'"):
        read(score={"words": words})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("time.time_zone=Mars/Base", "IANA name"),
        ("time.time_zone", "give FIELD=VALUE"),
        ("learner_references.9.kind=email", "give FIELD=VALUE"),
        ("time=[", "give FIELD=VALUE"),
    ],
)
def test_a_change_on_the_command_line_is_checked_like_the_file(change: str, said: str) -> None:
    """And one that can be used takes the place of what the file says."""
    with pytest.raises(MappingError, match=said):
        load_mapping(find_mapping("canvas_outcomes"), changes=[change])
    changes = [
        "time.time_zone=America/Chicago",
        "learner_references.0.kind=email",
        "item={@column}",
    ]
    mapping = load_mapping(find_mapping("canvas_outcomes"), changes=changes)
    assert (mapping.zone.key, mapping.item) == ("America/Chicago", "{@column}")
    assert mapping.learner_references[0].kind == "email"


def test_a_row_that_cannot_be_read_can_be_kept_as_it_stands() -> None:
    """By column, with what is wrong; half characters are escaped."""
    row = read("100,t,c,someday,\udcff")
    kept = UnreadableRow.of(row)
    assert kept.fault.startswith("cell 5 is not UTF-8")
    assert (
        kept.document
        == b'{"student": "100", "task": "t", "code": "c", "day": "someday", "level": "\\udcff"}'
    )
    assert read().cells == {}


EXPORTS: dict[str, list[str]] = {
    "khan_skills": ["Student Email", "Roster Status", "Ratios", "Rates"],
    "canvas_outcomes": ["Student ID", "Student SIS ID", "A result", "A mastery points"],
    "google_classroom": ["Email Address", "Quiz", "Poster"],
    "powerschool_standards": [
        "Student_Number",
        "Identifier",
        "StoreCode",
        "YearID",
        "StandardGrade",
    ],
    "infinite_campus_standards": ["Student Number", "Standard", "Term", "endYear", "Score"],
    "schoology_mastery": ["First Name", "Last Name", "Email", "A", "B"],
    "iready_diagnostic": [
        "Student ID",
        "Student Grade",
        "Academic Year",
        "Start Date",
        "Completion Date",
        "Geometry Relative Placement",
    ],
    "response_log": ["learner", "seq", "item", "skills", "correct"],
}
MAPPINGS = {name: load_mapping(path) for name, path in shipped_mappings().items()}
CELLS = st.text(max_size=12) | st.sampled_from(
    [
        "",
        "3",
        "85%",
        "3/4",
        "Mastered",
        "2026-09-15",
        "9/15/2026",
        "a@b.example",
        "\udcff",
        "1e9999999999",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(EXPORTS)), st.lists(st.lists(CELLS, max_size=7), max_size=4))
def test_any_rows_at_all_are_records_or_say_what_is_wrong(name: str, rows: list[list[str]]) -> None:
    """By every mapping that comes with Trellis: reading never raises, and what it gives is sent."""
    mapping = MAPPINGS[name]
    head = [EXPORTS[name], *([first, "x"] for first in mapping.column_rows.values())]
    lines = iter([*enumerate([*head, *rows], 1)])
    table = read_table(lines, mapping, export_date="2026-09-18")
    reader = RowReader(mapping, table.head)
    known = what_is_known(sources=frozenset({mapping.source}), earliest_micros=0)
    for row in table.rows:
        made = reader.read(*row)
        made.record.SerializeToString()
        if not made.skipped:
            found = normalise(record_from(made.record, made.record.ByteSize()), known)
            assert isinstance(found, Evidence | Refusal)
            assert made.fault is None or isinstance(found, Refusal)


def test_every_mapping_is_among_those_tried() -> None:
    """A new one is tried with any rows too."""
    assert set(EXPORTS) == set(shipped_mappings())
