"""A school from CSV files, over a real gRPC server: rows are kept or answered one by one."""

import asyncio
import csv
import re

import pytest
from click.testing import CliRunner
from trellis.scheduler.v1 import calendar_service_pb2_grpc
from trellis.scheduler.v1 import school_service_pb2 as messages

from services.common.rpc.client import connect
from services.scheduler.__main__ import main
from services.scheduler.domain.access import Role
from services.scheduler.entrypoints.school_import import sending
from services.scheduler.entrypoints.school_import.kinds import KINDS
from tests.support.people import a_staff_member
from tests.support.scheduler_world import school_name, set_up
from tests.support.schedules import DISTRICT, NOW, SCHOOL
from tests.support.school_data import CANARY, PARENT, SchoolApi, set_calendar
from tests.support.schools import a_learner, a_problem

ROOMS = "id,name,capacity,layouts\nr101,Room 101,28,rows=28; circle=18\nr102,Room 102,20,\n"


@pytest.fixture
async def api():
    """Give a school whose policy stands."""
    problem = a_problem(learners=(a_learner(), a_learner("mia")))
    found = SchoolApi(problem)
    await set_up(found.api.as_("principal"), problem)
    await set_calendar(found.as_("principal"))
    return found


@pytest.fixture
async def served(api):
    """Serve it on a port."""
    async with api.served() as target:
        yield target


async def run(*arguments):
    """Run a command in a thread beside the server; return its exit code and what it printed."""
    invoked = await asyncio.to_thread(
        CliRunner().invoke, main, [str(one) for one in arguments], catch_exceptions=False
    )
    return invoked.exit_code, invoked.output


@pytest.fixture
def import_as(served, tmp_path):
    """Give a function that imports places as somebody."""

    async def run_import(who, *arguments):
        token = tmp_path / f"{who}.token"
        token.write_text(who)
        where = ("--target", served, "--token-file", token)
        return await run("import-school", PARENT, *arguments, *where)

    return run_import


async def kept(api, kind):
    """Return what the school has of a kind, by id."""
    async with api.store.snapshot(DISTRICT) as view:
        return {one.id: one for one in await getattr(view, kind).all(SCHOOL)}


OWN = {
    "bell_schedules": ("Regular day (example)", "Every day but Friday"),
    "calendar_days": ("Thanksgiving (example)", "Fall holiday"),
    "staff": ("teacher; coach", "teacher"),
    "learner_settings": ("studio-b", "studio-a"),
    "rooms": ("Room 101", "Room 111"),
    "offers": ("Open library", "Quiet library"),
    "essentials": ("2027-03-26", "2027-03-27"),
    "required_services": ("40", "50"),
    "keep_rules": ("2027-01-11", "2027-01-12"),
    "absences": ("away-1", "away-9"),
    "pins": ("p1", "p9"),
    "locked_sessions": ("agreed-1", "agreed-9"),
}
"""What a school changes in the example of each kind."""


async def whole_school(folder):
    """Write the templates and make each example one's own."""
    code, _ = await run("import-school", "--template", folder)
    assert code == 0
    for kind in KINDS:
        path = folder / f"{kind.name}.csv"
        text = path.read_text("utf-8-sig")
        assert OWN[kind.name][0] in text
        path.write_text(text.replace(*OWN[kind.name]), "utf-8-sig")


async def test_a_whole_school_is_imported_and_a_repeat_changes_nothing(api, import_as, tmp_path):
    """Every kind of file, from its template; the second time all is as it was."""
    folder = tmp_path / "north"
    await whole_school(folder)
    code, said = await import_as("system", folder)
    assert code == 0, said
    assert said.count("1 row; 1 new.") == len(KINDS)
    for kind in KINDS:
        assert len(await kept(api, kind.rows)) >= 1
    code, said = await import_as("system", folder)
    assert code == 0
    assert said.count("1 as they were.") == len(KINDS)
    assert not list(folder.glob("*refused*"))


async def test_a_check_keeps_nothing_and_knows_what_the_files_before_bring(
    api, import_as, tmp_path
):
    """Offers in rooms of the same folder are no fault, though no room was kept."""
    folder = tmp_path / "north"
    await whole_school(folder)
    before = await kept(api, "rooms")
    code, said = await import_as("system", folder, "--check")
    assert code == 0, said
    assert said.count("1 would be new.") == len(KINDS)
    assert await kept(api, "rooms") == before
    assert await kept(api, "keep_rules") == {}


async def test_one_bad_row_never_fails_the_file(api, import_as, tmp_path):
    """The good rows are kept; each other is told with line, column, shape, why and what to do."""
    path = tmp_path / "rooms.csv"
    path.write_text(
        'id,name,capacity,shared\nr1,"Room, one",28,\nr2,Room 2,thirty,no\nr 3,Room 3,20,\n'
        "r4,,20,\nr5,Resource Room,9,maybe\nr6,Resource Room,9,\nr7,Room 7,0,\nr1,Again,3,\n"
        "r8,Room 8,20,no,one too many\n"
    )
    code, said = await import_as("office", path)
    assert code == 1
    assert (await kept(api, "rooms"))["r1"].display_name == "Room, one"
    expected = [
        "line 3, column capacity (aaaaaa): is no whole number. Write digits alone",
        "line 4, column id (a 9): is no id. Use 1 to 64 letters",
        "line 5, column name (empty): is empty.",
        "line 6, column shared (aaaaa): is neither yes nor no. Write yes or no.",
        "line 7, column name (aaaaaaaa aaaa): ",
        "line 8, column capacity (9): is 0. Send 1 to 5000.",
        "line 9, column id (a9): is that of line 2 too.",
        "line 10 (5 cells): has more cells than the heading.",
    ]
    for words in expected:
        assert f"rooms.csv, {words}" in said
    assert "thirty" not in said


async def test_refused_rows_are_mended_and_sent_again(api, import_as, tmp_path):
    """They stand in a file beside, with why; nothing is written over, and mended it is taken."""
    path = tmp_path / "rooms.csv"
    path.write_text("id,name,capacity\nr7,Room 7,0\nr8,Zimmer Ä,12\nr9,Room 9,many\n", "utf-8")
    assert (await import_as("office", path))[0] == 1
    refused = tmp_path / "rooms.refused.csv"
    with refused.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["refused_line"], row["refused_column"]) for row in rows] == [
        ("r7", "2", "capacity"),
        ("r9", "4", "capacity"),
    ]
    assert rows[0]["refused_do"] == "Send 1 to 5000."
    mended = refused.read_text("utf-8-sig").replace("Room 7,0", "Room 7,7")
    refused.write_text(mended, "utf-8")
    code, said = await import_as("office", refused)
    assert code == 1
    assert "rooms.refused-2.csv has the refused rows" in said
    assert refused.read_text("utf-8") == mended
    assert {"r7", "r8"} <= (await kept(api, "rooms")).keys()


async def test_a_file_that_cannot_be_read_is_told_before_anything_is_sent(api, import_as, tmp_path):
    """Each saves the file in another wrong way; the words say how to save it."""
    wrong = {
        "rooms.csv": "id,name,capacity\nr1,Café,3\n".encode("cp1252"),
        "offers.csv": b"PK\x03\x04workbook",
        "absences.csv": "id,adult,date\n".encode("utf-16"),
        "pins.csv": b"id;learner;date;slot\np1;l1;2026-11-23;mon-1\n",
        "keep_rules.csv": b"id,kind,learner,other_lerner\n",
        "essentials.csv": b"due_date\n2027-01-01\n",
        "required_services.csv": b'id,learner,service,minutes\ns1,"l"1,x,3\n',
        "locked_sessions.csv": b"id,date,slot,offer,date\n",
    }
    for name, data in wrong.items():
        (tmp_path / name).write_bytes(data)
    before = await kept(api, "rooms")
    code, said = await import_as("office", tmp_path)
    assert code == 2
    plain = re.sub(r"\s+", " ", said)
    for words in (
        "rooms.csv, line 2: it is not UTF-8, but looks like Windows-1252",
        "offers.csv is a workbook",
        "absences.csv is UTF-16",
        "pins.csv: its columns are parted by semicolons",
        'Did you mean "other_learner"?',
        "essentials.csv: the first line lacks competency",
        "required_services.csv, line 2: it is no CSV",
        "locked_sessions.csv: a column stands twice",
    ):
        assert words in plain
    assert await kept(api, "rooms") == before


async def test_a_mark_crlf_and_quotes_are_read(api, import_as, tmp_path):
    """As spreadsheets write them; a row over two lines keeps the lines of the next ones right."""
    path = tmp_path / "pins.csv"
    lines = (
        "id,learner,date,slot,offer,exemption,reason",
        'p1,lea,2026-11-23,mon-1,o1,,"said ""yes"", twice"',
        'p2,mia,2026-11-23,mon-1,,off-campus,"one\r\ntwo"',
        "p3,mia,23/11/2026,mon-1,,off-campus,",
    )
    path.write_bytes("\ufeff".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n")
    code, said = await import_as("office", path)
    assert code == 1
    assert (await kept(api, "pins"))["p1"].reason == 'said "yes", twice'
    assert "pins.csv, line 3, column reason" in said
    assert "pins.csv, line 5, column date (99/99/9999): is no date." in said


async def test_what_one_may_not_set_stops_its_file_and_no_other(api, import_as, tmp_path):
    """The office sets rooms and no keep rules; the reason is nowhere on the screen."""
    (tmp_path / "rooms.csv").write_text(ROOMS)
    (tmp_path / "keep_rules.csv").write_text(
        f"id,kind,learner,other_learner,reason\nk1,apart,lea,mia,{CANARY}\n"
    )
    (tmp_path / "absences.csv").write_text("id,adult,date\nx,ada,2026-11-23\n")
    code, said = await import_as("office", tmp_path)
    assert code == 3
    assert "keep_rules.csv stopped: NOT_ALLOWED" in said
    assert "absences.csv: 1 row; 1 new." in said
    assert CANARY not in said
    assert await kept(api, "keep_rules") == {}
    code, said = await import_as("counselor", tmp_path / "keep_rules.csv")
    assert code == 0
    listed = await api.as_("counselor").ListKeepRules(messages.ListKeepRulesRequest(parent=PARENT))
    assert listed.keep_rules[0].reason == CANARY


async def test_a_large_file_goes_in_batches_of_rows_and_of_bytes(
    api, import_as, tmp_path, monkeypatch
):
    """1,200 rooms are three calls; a bound of bytes makes them more. All of them stand."""
    rows = "".join(f"r{place},Room,20,\n" for place in range(1200))
    (tmp_path / "rooms.csv").write_text(f"id,name,capacity,shared\n{rows}")
    calls = []
    original = api.api.servicer.BatchUpsertRooms

    async def counted(request, context):
        calls.append(len(request.rooms))
        return await original(request, context)

    monkeypatch.setattr(api.api.servicer, "BatchUpsertRooms", counted)
    async with api.served() as target:
        token = tmp_path / "t"
        token.write_text("office")
        where = ("--target", target, "--token-file", token)
        assert (await run("import-school", PARENT, tmp_path, *where))[0] == 0
        assert calls == [500, 500, 200]
        monkeypatch.setattr(sending, "MAX_BATCH_BYTES", 20_000)
        code, said = await run("import-school", PARENT, tmp_path, *where)
    assert code == 0
    assert "1,200 as they were" in said
    assert len(calls) > 6
    assert len(await kept(api, "rooms")) == 1200


async def test_an_example_of_the_template_is_not_taken_for_a_row(import_as, tmp_path):
    """Whoever forgets to remove it is told."""
    await run("import-school", "--template", tmp_path)
    code, said = await import_as("system", tmp_path / "rooms.csv")
    assert code == 1
    assert "is the example of the template" in said


async def test_a_template_writes_over_nothing(tmp_path):
    """A file that is there stays as it is."""
    (tmp_path / "rooms.csv").write_text("mine")
    code, said = await run("import-school", "--template", tmp_path)
    assert code == 0
    assert (tmp_path / "rooms.csv").read_text() == "mine"
    assert said.count("is written") == len(KINDS) - 1


async def test_a_service_that_does_not_answer_is_told_with_what_was_not_sent(tmp_path):
    """The command stops, and says what to do: import again."""
    (tmp_path / "rooms.csv").write_text(ROOMS)
    (tmp_path / "absences.csv").write_text("id,adult,date\nx,ada,2026-11-23\n")
    code, said = await run("import-school", PARENT, tmp_path, "--target", "127.0.0.1:1")
    assert code == 3
    assert "UNAVAILABLE" in said
    assert "Not sent: absences.csv" in said


async def test_check_school_says_what_is_missing_and_fails_where_the_week_stops(
    api, served, tmp_path
):
    """In words, the gravest first; with people who cannot sign, the week stops."""
    token = tmp_path / "token"
    token.write_text("office")
    where = ("--target", served, "--token-file", token)
    async with api.store.change(DISTRICT, SCHOOL) as view:
        leading = a_staff_member("principal", roles=(Role.PRINCIPAL,), version=1)
        await view.staff_members.keep([leading], NOW)
    code, said = await run("check-school", PARENT, *where)
    assert code == 0, said
    assert "The week of 2026-11-23:" in said
    async with api.store.change(DISTRICT, SCHOOL) as view:
        assert await view.staff_members.remove(SCHOOL, "principal")
    code, said = await run("check-school", PARENT, "--monday", "2026-11-30", *where)
    assert code == 1
    assert "Stops the week" in said
    assert "[NO_SIGNER]" in said


async def set_calendar_of(stage):
    """Set the calendar of the school over the port of the real process."""
    address = f"127.0.0.1:{stage.ports['grpc']}"
    async with connect(address, "principal", timeout_seconds=20) as channel:
        stub = calendar_service_pb2_grpc.CalendarServiceStub(channel)
        await set_calendar(stub, school_name(stage.problem))


async def test_the_real_processes_import_and_check_a_school(stage, tmp_path):
    """Over PostgreSQL and beside the real contracts: imported, checked, and a repeat is nothing."""
    stage.start("api", "api")
    parent = school_name(stage.problem)
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
    await set_calendar_of(stage)
    folder = tmp_path / "north"
    await whole_school(folder)
    token = tmp_path / "token"
    token.write_text("office")
    where = ("--target", f"127.0.0.1:{stage.ports['grpc']}", "--token-file", token)
    for words in ("1 new.", "1 as they were."):
        code, said = await run("import-school", parent, folder, *where)
        assert code == 0, said
        assert said.count(words) == len(KINDS), said
    code, said = await run("check-school", parent, "--monday", "2026-11-23", *where)
    assert code == 0, said
    # The examples are about people whom this school does not have.
    for found in ("OFFER_ADULT_MISSING", "KEEP_RULE_LEARNER_GONE", "SERVICE_LEARNER_GONE"):
        assert f"[{found}]" in said
