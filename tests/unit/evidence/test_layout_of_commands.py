"""What commands print for people: nothing is cut off, what is alike is said once, help is whole."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from trellis.evidence.v1 import source_service_pb2

from services.evidence.__main__ import main
from services.evidence.entrypoints.commands import sources, syncs
from services.evidence.entrypoints.commands.contents import SECTIONS
from services.evidence.entrypoints.commands.layout import listing, minute, sentences
from services.evidence.entrypoints.importing.document_commands import print_report
from services.evidence.entrypoints.importing.documents import DocumentReport, KeptApart

CollectionCount = source_service_pb2.CollectionCount
Sync = source_service_pb2.Sync

NARROW = 80
IMPORT = "pull-roster-of-the-county-20261126T162751Z"


def a_console() -> Console:
    """Return a console of 80 columns that keeps what it prints."""
    return Console(width=NARROW, record=True, highlight=False, markup=False, file=StringIO())


def test_the_help_names_every_command_in_a_section_and_cuts_no_words_off():
    """A command without a place in it is listed among others, where nobody looks for it."""
    help_ = CliRunner().invoke(main, ["--help"], terminal_width=NARROW).output
    assert "Others:" not in help_
    assert "..." not in help_.partition("Options:")[2]
    told = {name.partition(" ")[0] for commands in SECTIONS.values() for name in commands}
    assert told == set(main.commands)


def test_a_command_of_no_section_is_listed_all_the_same():
    """With the words of its own."""
    other = type(main)(name="other")
    other.add_command(main.commands["mappings"], "unforeseen")
    help_ = CliRunner().invoke(other, ["--help"], terminal_width=NARROW).output
    assert "unforeseen  List the mappings" in help_.partition("Others:")[2]


def test_a_list_shows_ids_whole_beside_long_texts():
    """What is typed into the next command stands in one line."""
    console = a_console()
    table = listing("import", "outcome")
    table.add_row(IMPORT, "a text that is longer than the room beside it " * 3)
    console.print(table)
    printed = console.export_text()
    assert IMPORT in printed
    assert "…" not in printed


def test_an_import_that_is_held_says_how_it_is_settled(capsys: pytest.CaptureFixture[str]):
    """With how much is missing; one that somebody settled says who."""
    time = Timestamp(seconds=1_790_000_000)
    counts = [
        CollectionCount(collection="enrollments", standing_count=31_000, missing_count=15_990),
        CollectionCount(collection="orgs", standing_count=3),
        CollectionCount(collection="users", standing_count=4_000, missing_count=6),
    ]
    held = Sync(
        import_id=IMPORT,
        begin_time=time,
        state=Sync.STATE_HELD,
        missing_count=15_996,
        counts=counts,
    )
    kept = Sync(
        import_id="b",
        begin_time=time,
        state=Sync.STATE_FINISHED_WITHOUT_DELETIONS,
        missing_count=7,
        actor="district-it",
    )
    syncs._print([kept])
    printed = " ".join(capsys.readouterr().out.split())
    assert "7 missing objects were kept by district-it" in printed
    assert "settle-import" not in printed
    syncs._print([held])
    printed = " ".join(capsys.readouterr().out.split())
    assert "held: 15,996 objects are missing:" in printed
    assert "enrollments: 15,990 of 31,000 users: 6 of 4,000" in printed
    assert "orgs" not in printed
    assert "`settle-import IMPORT --delete`" in printed


def test_the_list_of_sources_has_whole_times_and_zones():
    """At 80 columns; a source of which nobody has said where it is says so."""
    time = Timestamp(seconds=1_790_000_000)
    found = [
        source_service_pb2.Source(
            source="sis", time_zone="America/New_York", last_receive_time=time
        ),
        source_service_pb2.Source(source="lms"),
    ]
    console = a_console()
    sources._print(found, console)
    printed = console.export_text()
    assert minute(time) in printed
    assert "America/New_York" in printed
    assert "not said" in printed


def test_what_is_to_be_said_of_several_documents_is_said_once():
    """With the place of each."""
    report = DocumentReport(import_id="sis-1", source="sis")
    for line in (2, 3):
        apart = KeptApart(
            place=f"users.csv line {line}",
            outcome="refused",
            reason="MALFORMED",
            field="role",
            message="No word",
            hint="Send one.",
        )
        report.count("users", "refused", apart)
    report.quarantined = 2
    console = a_console()
    print_report(report, console)
    printed = console.export_text()
    assert "MALFORMED, refused: users.csv line 2, users.csv line 3" in printed
    assert printed.count("role: No word. Send one.") == 1
    assert "quarantine list --import-id sis-1" in " ".join(printed.split())


def test_sentences_end_with_a_stop():
    """A message of a mapping has none, and a hint comes after it."""
    assert sentences("'x' is none of a, b", "Correct it.") == "'x' is none of a, b. Correct it."
    assert sentences("", "Why?") == "Why?"


def test_where_the_service_is_may_be_said_once_for_all_commands(tmp_path: Path):
    """An option wins over the environment; a file that is not there is told by its variable."""
    variables = {"TRELLIS_EVIDENCE_TARGET": "x:1", "TRELLIS_TOKEN_FILE": str(tmp_path / "none")}
    ended = CliRunner().invoke(main, ["merges"], env=variables)
    assert (ended.exit_code, "TRELLIS_TOKEN_FILE" in ended.output) == (2, True)
    ended = CliRunner().invoke(main, ["merges"])
    assert (ended.exit_code, "--target" in ended.output) == (2, True)
