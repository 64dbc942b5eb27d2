"""Exports that say anew how everything stands: only what changed is sent, as of the export."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.evidence.entrypoints.importing.import_command import import_command
from services.evidence.entrypoints.importing.mapping import MappingError
from services.evidence.entrypoints.importing.rows import Row
from services.evidence.entrypoints.importing.snapshot import UNCHANGED, Changes
from services.evidence.entrypoints.importing.source import date_of_name
from tests.support.importing import rows_of, score, shipped

HEAD = "Student Email,Roster Status,Ratios,Rates\n"
MAPPING = shipped("khan_skills")


def exported(tmp_path: Path, day: str, *lines: str) -> list[Row]:
    """Return the rows of one week's export."""
    return rows_of(HEAD + "\n".join(lines), MAPPING, tmp_path, export_date=day)


def sent(rows: list[Row]) -> list[Row]:
    """Return what is sent of them."""
    return [row for row in rows if not row.skipped]


def test_an_unchanged_level_is_no_news_and_a_changed_one_corrects(tmp_path: Path) -> None:
    """The same observation, a later version, another sending."""
    before = exported(tmp_path, "2026-09-11", "a@x.example,Rostered,Familiar,Attempted")
    now = exported(tmp_path, "2026-09-18", "a@x.example,Rostered,Familiar,Proficient")
    changes = Changes.since(before)
    rows = list(changes.of(now))
    assert [row.skipped for row in rows] == [UNCHANGED, ""]
    (changed,) = sent(rows)
    former = before[1].record
    assert changed.record.entity_id == former.entity_id
    assert changed.record.event_id != former.event_id
    assert changed.record.version > former.version
    assert score(changed) == (3,)


def test_a_level_that_falls_back_is_sent_again(tmp_path: Path) -> None:
    """What stood two weeks ago is no repeat: it is a new sending of what stands now."""
    first, _, third = (
        exported(tmp_path, day, f"a@x.example,Rostered,{level},")
        for day, level in (
            ("2026-09-04", "Proficient"),
            ("2026-09-11", "Mastered"),
            ("2026-09-18", "Proficient"),
        )
    )
    second = exported(tmp_path, "2026-09-11", "a@x.example,Rostered,Mastered,")
    (again,) = sent(list(Changes.since(second).of(third)))
    assert again.record.event_id != first[0].record.event_id
    assert again.record.version > first[0].record.version


def test_the_same_export_sent_again_makes_the_same_records(tmp_path: Path) -> None:
    """The service knows all of them."""
    one, two = (
        exported(tmp_path, "2026-09-18", "a@x.example,Rostered,Familiar,Mastered") for _ in "12"
    )
    assert [row.record for row in one] == [row.record for row in two]


def test_what_has_no_row_any_more_is_counted(tmp_path: Path) -> None:
    """A learner who left, a level that was taken away: nothing is sent, and it is told."""
    before = exported(
        tmp_path,
        "2026-09-11",
        "a@x.example,Rostered,Familiar,Familiar",
        "b@x.example,Rostered,Mastered,Not Started",
    )
    changes = Changes.since(before)
    rows = list(changes.of(exported(tmp_path, "2026-09-18", "a@x.example,Rostered,Familiar,")))
    assert sent(rows) == []
    assert changes.gone == 2


def test_a_roster_status_that_changes_is_no_evidence(tmp_path: Path) -> None:
    """What only says whether a row counts plays no part in what it says."""
    before = exported(tmp_path, "2026-09-11", "a@x.example,Rostered,Familiar,")
    now = exported(tmp_path, "2026-09-18", "a@x.example,Activated,Familiar,")
    assert sent(list(Changes.since(before).of(now))) == []


def test_the_date_may_stand_in_the_files_name() -> None:
    """The last one counts; a name without one leaves it to the option; a wrong one is told."""
    assert date_of_name("D_skills_progress_x_20260911_20260918.csv", MAPPING) == "2026-09-18"
    assert date_of_name("export.csv", MAPPING) == ""
    with pytest.raises(MappingError, match="say --export-date"):
        date_of_name("x_20269999.csv", MAPPING)


def test_without_a_date_an_export_cannot_be_read(tmp_path: Path) -> None:
    """Nothing could be told of when."""
    with pytest.raises(MappingError, match="say --export-date YYYY-MM-DD"):
        exported(tmp_path, "", "a@x.example,Rostered,Familiar,")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--district is needed"),
        (["--district", "d"], "--target is needed"),
        (["--district", "d", "--target", "h:1"], "--previous FILE"),
        (
            ["--district", "d", "--target", "h:1", "--first", "--previous", "{file}"],
            "--previous FILE",
        ),
    ],
)
def test_the_command_asks_for_the_export_before(
    tmp_path: Path, options: list[str], said: str
) -> None:
    """Sent without it, every level would look like work of this week."""
    path = tmp_path / "x_20260918.csv"
    path.write_text(HEAD, encoding="utf-8")
    arguments = [str(path), "--mapping", "khan_skills"]
    arguments += [one.replace("{file}", str(path)) for one in options]
    result = CliRunner().invoke(import_command, arguments)
    assert (result.exit_code, said in " ".join(result.output.split())) == (2, True)


def test_only_a_snapshot_has_an_export_before(tmp_path: Path) -> None:
    """Another mapping says so."""
    path = tmp_path / "log.csv"
    path.write_text("learner,seq,item,skills,correct\n", encoding="utf-8")
    arguments = [str(path), "--mapping", "response_log", "--first"]
    result = CliRunner().invoke(import_command, [*arguments, "--district", "d", "--target", "h:1"])
    assert (result.exit_code, "for mappings with a snapshot" in result.output) == (2, True)
