"""Files to records by a mapping: times by rule, scores, names, and cells that cannot be read."""

import csv
import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from grpc.aio import AioRpcError, Metadata
from hypothesis import given, settings
from hypothesis import strategies as st
from trellis.evidence.v1 import evidence_pb2

from services.common.ids import is_id
from services.evidence.adapters.wire.evidence import record_from
from services.evidence.domain.model import Refusal
from services.evidence.domain.normalise import normalise
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError, load_mapping
from services.evidence.entrypoints.importing.names import competency_id
from services.evidence.entrypoints.importing.report import RefusedFile, RefusedRow, Report
from services.evidence.entrypoints.importing.rows import Row, RowReader
from services.evidence.entrypoints.importing.sending import Caller
from services.evidence.entrypoints.importing.source import SourceFile
from tests.support.evidence import COMPETENCIES, DISTRICT, what_is_known

EXAMPLE = Path(__file__).parents[3] / "services/evidence/mappings/response_log.yaml"
HEAD = ("learner", "seq", "item", "skills", "correct")
MONDAY_9_UTC = 1_725_282_000  # 2024-09-02 09:00 in New York


def a_mapping(**changes: Any) -> Mapping:
    """Return the shipped mapping with some fields changed; None takes a field away."""
    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    document["sequence"]["start_date"] = date(2024, 9, 2)
    for field, value in changes.items():
        if value is None:
            document.pop(field)
        else:
            document[field] = value
    return Mapping.model_validate(document)


ANY_MAPPING = a_mapping()
ANY_READER = RowReader(ANY_MAPPING, HEAD)


def read(*cells: str, mapping: Mapping | None = None, head: Sequence[str] = HEAD) -> Row:
    """Return one row read by a mapping."""
    return RowReader(mapping or a_mapping(), head).read(2, cells)


def test_a_row_of_a_response_log_becomes_a_record() -> None:
    """Ids, time, score, kind and purpose are where the mapping puts them."""
    row = read("82295", "1", "49016", "7;9", "1")
    assert row.fault is None
    assert (row.learner, row.school, row.competencies) == ("82295", "north", ("7", "9"))
    record = row.record
    assert (record.event_id, record.entity_id, record.item) == ("82295-1", "82295-1", "49016")
    assert record.occur_time.seconds == MONDAY_9_UTC
    assert record.score.points.earned_milli == record.score.points.possible_milli == 1_000
    assert record.purpose == evidence_pb2.PURPOSE_PRACTICE
    assert record.kind == evidence_pb2.KIND_QUIZ


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (2, 60),
        (10, 9 * 60),
        (11, 86_400),
        (41, 4 * 86_400),
        (51, 7 * 86_400),
        (101, 14 * 86_400),
    ],
)
def test_the_stated_rule_gives_times_on_weekdays(number: int, seconds: int) -> None:
    """Ten rows a day, a minute apart; after Friday comes Monday."""
    row = read("1", str(number), "i", "7", "1")
    assert row.record.occur_time.seconds == MONDAY_9_UTC + seconds


def test_a_start_on_a_weekend_is_the_monday_after() -> None:
    """The first day of work is a weekday."""
    for start in (date(2024, 8, 31), date(2024, 9, 1)):
        sequence = {**a_mapping().sequence.model_dump(), "start_date": start}  # type: ignore[union-attr]
        row = read("1", "1", "i", "7", "1", mapping=a_mapping(sequence=sequence))
        assert row.record.occur_time.seconds == MONDAY_9_UTC


@pytest.mark.parametrize(
    ("part", "cell", "seconds", "nanos"),
    [
        ({"format": "iso"}, "2024-09-02T09:00:00.5", MONDAY_9_UTC, 500_000_000),
        ({"format": "iso"}, "2024-09-02T13:00:00Z", MONDAY_9_UTC, 0),
        ({"format": "unix_seconds"}, str(MONDAY_9_UTC), MONDAY_9_UTC, 0),
        ({"format": "unix_milliseconds"}, f"{MONDAY_9_UTC}250", MONDAY_9_UTC, 250_000_000),
        ({"format": "%d.%m.%Y %H:%M"}, "02.09.2024 09:00", MONDAY_9_UTC, 0),
    ],
)
def test_a_column_of_times_is_read_in_its_stated_form(
    part: dict[str, str], cell: str, seconds: int, nanos: int
) -> None:
    """Each form gives the same moment; the stated zone is for times that name none."""
    time = {"column": "seq", "time_zone": "America/New_York", **part}
    row = read("1", cell, "i", "7", "1", mapping=a_mapping(sequence=None, time=time))
    assert (row.record.occur_time.seconds, row.record.occur_time.nanos) == (seconds, nanos)


@pytest.mark.parametrize(
    ("score", "cell", "points", "level"),
    [
        ({"correct": "correct"}, "0", (0, 1_000), 0),
        ({"points": {"earned": "correct", "possible": 5}}, "2.5", (2_500, 5_000), 0),
        ({"points": {"earned": "correct", "possible": "seq"}}, "1", (1_000, 4_000), 0),
        ({"level": "correct"}, "3.5", (0, 0), 3_500),
    ],
)
def test_scores_are_read_exactly(
    score: dict[str, Any], cell: str, points: tuple[int, int], level: int
) -> None:
    """Decimals become thousandths without a float in between."""
    record = read("1", "4", "i", "7", cell, mapping=a_mapping(score=score)).record
    found = (record.score.points.earned_milli, record.score.points.possible_milli)
    assert (found, record.score.level_milli) == (points, level)


def test_an_empty_score_is_an_observation_without_one() -> None:
    """Nothing in the cell: kept, and counts nothing."""
    row = read("1", "1", "i", "7", "")
    assert row.fault is None
    assert not row.record.HasField("score")


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (("1", "x", "i", "7", "1"), "seq: 'x' is no whole number"),
        (("1", "0", "i", "7", "1"), "seq: 0 is not within"),
        (("1", "10000001", "i", "7", "1"), "seq: 10000001 is not within"),
        (("1", "1", "i", "7", "maybe"), "correct: 'maybe' is neither"),
        (("a", "1", "i", "7", "1"), "school_by_modulo: 'a'"),
        (("1", "1", "i"), "the row has 3 cells, the head 5"),
        (("1", "1", "\udcff", "7", "1"), "cell 3 is not UTF-8"),
    ],
)
def test_what_cannot_be_read_becomes_a_record_that_is_refused(
    cells: Sequence[str], fault: str
) -> None:
    """The row says what is wrong, and no service would take its record for good."""
    row = read(*cells)
    assert row.fault is not None
    assert fault in row.fault
    named = bool(row.learner and row.school)
    row.record.learner = f"districts/{DISTRICT}/learners/ada" if named else ""
    for _ in row.competencies:
        row.record.alignments.add(competency=f"districts/{DISTRICT}/competencies/6.rp.1")
    known = what_is_known(
        sources=frozenset({"response-log"}),
        earliest_micros=0,
        competencies={one: one for one in COMPETENCIES},
    )
    assert isinstance(normalise(record_from(row.record, row.record.ByteSize()), known), Refusal)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), min_size=5, max_size=5))
def test_any_cells_at_all_are_a_row(cells: list[str]) -> None:
    """Reading never raises, and what it gives can be sent."""
    ANY_READER.read(2, cells).record.SerializeToString()


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_value_has_an_id_of_its_own(value: str) -> None:
    """A value that cannot be an id is made one, and another value gets another one."""
    made = competency_id(ANY_MAPPING, value)
    assert is_id(made)
    assert competency_id(ANY_MAPPING, value + " ") != made


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sourcee": "x"}, "sourcee"),
        ({"sequence": None}, "either sequence or time"),
        (
            {"sequence": {"column": "seq", "per_day": 1, "time_zone": "UTC"}},
            "start_date or end_date",
        ),
        ({"score": {"correct": "a", "level": "b"}}, "exactly one of"),
        ({"purpose": "fun"}, "purpose"),
        ({"schools": []}, "needs schools"),
        ({"source": "not an id"}, "source"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_with_the_field(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    """Before anything is sent, every problem is told."""
    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    for field, value in changes.items():
        document[field] = value
    path = tmp_path / "mapping.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(MappingError, match=said):
        load_mapping(path)


def test_a_column_that_the_file_does_not_have_is_told_with_those_it_has() -> None:
    """The mapping and the file are compared before the first row."""
    with pytest.raises(MappingError, match="no column correct; it has learner, seq"):
        RowReader(a_mapping(), HEAD[:4])


def test_the_shipped_mapping_can_be_used_and_its_start_moved() -> None:
    """--start-date takes the place of the stated day."""
    mapping = load_mapping(EXAMPLE, start_date=date(2026, 8, 3))
    assert mapping.sequence is not None
    assert mapping.sequence.start_date == date(2026, 8, 3)


def counted_back(end: date, **changes: Any) -> Mapping:
    """Return the shipped mapping with its sequence counted back from a day."""
    sequence = a_mapping().sequence
    assert sequence is not None
    document = {**sequence.model_dump(), "start_date": None, "end_date": end, **changes}
    return a_mapping(sequence=document)


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (112, 9 * 60),
        (103, 0),
        (102, -3 * 86_400 + 9 * 60),
        (63, -6 * 86_400),
        (53, -7 * 86_400),
        (2, -17 * 86_400 + 9 * 60),
        (1, -17 * 86_400 + 8 * 60),
    ],
)
def test_the_rule_counts_back_over_weekends_from_a_last_day(number: int, seconds: int) -> None:
    """The last row is the last of its day, the one before ten rows of the Friday before."""
    reader = RowReader(counted_back(date(2024, 9, 2)), HEAD, last_numbers={"1": 112})
    row = reader.read(2, ("1", str(number), "i", "7", "1"))
    assert row.record.occur_time.seconds == MONDAY_9_UTC + seconds


def test_an_end_on_a_weekend_is_the_friday_before() -> None:
    """The last day of work is a weekday."""
    for end in (date(2024, 8, 30), date(2024, 8, 31), date(2024, 9, 1)):
        reader = RowReader(counted_back(end, per_day=1), HEAD, last_numbers={"1": 1})
        row = reader.read(2, ("1", "1", "i", "7", "1"))
        assert row.record.occur_time.seconds == MONDAY_9_UTC - 3 * 86_400


def test_counted_on_and_counted_back_keep_the_order_and_the_steps_of_rows() -> None:
    """Both rules give the rows of a day at the same clock times, in the file's order."""
    on = RowReader(a_mapping(), HEAD)
    back = RowReader(counted_back(date(2024, 9, 6)), HEAD, last_numbers={"1": 50})
    rows = [("1", str(number), "i", "7", "1") for number in range(1, 51)]
    times = [on.read(2, cells).record.occur_time.seconds for cells in rows]
    assert [back.read(2, cells).record.occur_time.seconds for cells in rows] == times
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("8", "seq: 8 lies after the learner's last row, 7"),
        ("0", "seq: 0 is not within"),
        ("x", "seq: 'x' is no whole number"),
    ],
)
def test_a_row_without_a_place_before_the_last_one_is_refused(number: str, fault: str) -> None:
    """It becomes a record without a time, and the fault says why."""
    reader = RowReader(counted_back(date(2024, 9, 2)), HEAD, last_numbers={"1": 7})
    row = reader.read(2, ("1", number, "i", "7", "1"))
    assert not row.record.HasField("occur_time")
    assert row.fault is not None
    assert fault in row.fault


def test_a_day_before_all_calendars_is_a_fault_of_the_row() -> None:
    """Counting back further than the year 1 never ends the import."""
    mapping = counted_back(date(2024, 9, 2), per_day=1)
    reader = RowReader(mapping, HEAD, last_numbers={"1": 9_000_000})
    row = reader.read(2, ("1", "1", "i", "7", "1"))
    assert row.fault == "seq: 1 lies before the year 1"


def test_each_learners_last_row_is_found_in_the_file(tmp_path: Path) -> None:
    """The file is read once beforehand; rows that cannot be read count for nothing."""
    path = tmp_path / "log.csv"
    lines = ["1,1,a,7,1", "2,x,a,7,1", "1,3,a,7,1", "1,9", "1,2,a,7,1", "2,1,a,7,1"]
    path.write_text("learner,seq,item,skills,correct\n" + "\n".join(lines), encoding="utf-8")
    with SourceFile(path, counted_back(date(2024, 9, 2))) as source:
        times = [row.record.occur_time.seconds - MONDAY_9_UTC for row in source.rows()]
    missing = -MONDAY_9_UTC
    assert times == [7 * 60, missing, 9 * 60, missing, 8 * 60, 9 * 60]


def test_the_shipped_mapping_can_be_counted_back_but_not_from_both_ends() -> None:
    """--end-date takes the place of the stated start; with --start-date it is refused."""
    mapping = load_mapping(EXAMPLE, end_date=date(2026, 11, 18))
    assert mapping.sequence is not None
    assert (mapping.sequence.start_date, mapping.sequence.end_date) == (None, date(2026, 11, 18))
    with pytest.raises(MappingError, match="exclude each other"):
        load_mapping(EXAMPLE, start_date=date(2026, 8, 3), end_date=date(2026, 11, 18))


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_a_file_gives_rows_with_the_lines_that_they_begin_on(tmp_path: Path, name: str) -> None:
    """Also after a cell with a line break and an empty line, compressed or not, with a BOM."""
    text = '\ufefflearner,seq,item,skills,correct\n1,1,a,7,1\n2,1,"b\nb",7,1\n\n3,1,c,7,1\n'
    path = tmp_path / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    with SourceFile(path, a_mapping()) as source:
        rows = list(source.rows())
    assert [(row.line, row.learner) for row in rows] == [(2, "1"), (3, "2"), (6, "3")]


HEAD_LINE = b"learner,seq,item,skills,correct\n"


def damaged() -> bytes:
    """Return a compressed file of which some bytes in the middle are others."""
    rows = b"".join(b"%d,1,a%d,7,1\n" % (number, number * 7919) for number in range(2_000))
    packed = bytearray(gzip.compress(HEAD_LINE + rows))
    packed[60:90] = bytes(30)
    return bytes(packed)


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("log.csv.gz", gzip.compress(HEAD_LINE + b"x" * 8_000_001), csv.Error, "8,000,000"),
        ("log.csv", HEAD_LINE + b"x" * 8_000_001, csv.Error, "8,000,000"),
        ("log.csv.gz", damaged(), gzip.BadGzipFile, "damaged"),
        ("log.csv.gz", gzip.compress(HEAD_LINE)[:-12], EOFError, "ended"),
        ("log.csv", (HEAD_LINE + b"1,1,a,7,1\n").decode().encode("utf-16")[:-1], csv.Error, "UTF"),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end_says_so(
    tmp_path: Path, name: str, content: bytes, error: type[Exception], said: str
) -> None:
    """Whatever is wrong with it: one endless line, damage, half a file, half a character."""
    path = tmp_path / name
    path.write_bytes(content)
    with SourceFile(path, a_mapping()) as source, pytest.raises(error, match=said):
        list(source.rows())


def test_the_file_of_refused_rows_is_safe_in_a_spreadsheet(tmp_path: Path) -> None:
    """A cell that would be taken for a formula is quoted."""
    path = tmp_path / "refused.csv"
    row = RefusedRow(
        line=2, event_id="=1+1", reason="MALFORMED", field="item", message="@x", hint="-"
    )
    with RefusedFile(path) as file:
        file.write(row)
    assert path.read_text(encoding="utf-8").splitlines()[1] == "2,'=1+1,MALFORMED,item,'@x,'-"


def test_the_report_keeps_a_few_refused_rows_of_each_reason() -> None:
    """However many are refused, the report stays short, and its counts are whole."""
    report = Report(import_id="x")
    for line in range(1_000):
        reason = "MALFORMED" if line % 2 else "UNKNOWN_LEARNER"
        row = RefusedRow(line=line, event_id="", reason=reason, field="", message="", hint="")
        report.count("refused", row)
    assert report.reasons == {"MALFORMED": 500, "UNKNOWN_LEARNER": 500}
    assert len(report.shown) == 10


class Faulty:
    """Fails with a code so many times, then answers."""

    def __init__(self, code: grpc.StatusCode, failures: int) -> None:
        self.calls = 0
        self._code = code
        self._failures = failures

    async def __call__(self, request: object, *, timeout: float) -> str:
        """Answer, or fail."""
        self.calls += 1
        if self.calls <= self._failures:
            raise AioRpcError(self._code, Metadata(), Metadata())
        return "answer"


async def test_a_service_that_is_away_is_called_again() -> None:
    """UNAVAILABLE is waited for; the answer comes through."""
    caller = Caller(patience_seconds=5, deadline_seconds=1, chance=lambda: 0.0)
    rpc = Faulty(grpc.StatusCode.UNAVAILABLE, 2)
    assert await caller.call(rpc, evidence_pb2.Record()) == "answer"
    assert rpc.calls == 3


@pytest.mark.parametrize(
    ("code", "patience_seconds"),
    [(grpc.StatusCode.UNAVAILABLE, 0.0), (grpc.StatusCode.INVALID_ARGUMENT, 60.0)],
)
async def test_patience_ends_and_what_cannot_help_is_not_tried_again(
    code: grpc.StatusCode, patience_seconds: float
) -> None:
    """A spent patience and a refusal both end at the first call."""
    caller = Caller(patience_seconds=patience_seconds, deadline_seconds=1, chance=lambda: 0.0)
    rpc = Faulty(code, 1_000)
    with pytest.raises(AioRpcError):
        await caller.call(rpc, evidence_pb2.Record())
    assert rpc.calls == 1
