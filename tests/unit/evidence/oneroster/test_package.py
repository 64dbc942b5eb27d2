"""Packages of OneRoster: what is checked by the letter, what is read all the same, what is not."""

import json
import struct
import tracemalloc
import zipfile
from collections import Counter
from contextlib import suppress
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence.domain.oneroster.csv_binding import Mode
from services.evidence.domain.oneroster.faults import FaultError
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.header import check_header, read_header
from services.evidence.domain.oneroster.manifest import check_manifest, read_manifest
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.oneroster.archive import Archive, Limits
from services.evidence.entrypoints.importing.oneroster.check import MAX_FAULTS, check_package
from services.evidence.entrypoints.importing.oneroster.package import (
    FILE_ORDER,
    Package,
    PackageRow,
    RefusedRow,
)
from tests.support.oneroster import (
    PUBLISHED,
    SMALL,
    WHY_NOT,
    a_file,
    a_manifest,
    files_of,
    write_zip,
)

CASES = PUBLISHED / "invalid" / "cases.json"
ROWS_OF_SMALL = sum(len(rows) for rows in SMALL.values())
IDS_OF_SMALL = {row["sourcedId"] for rows in SMALL.values() for row in rows}
NAMES = [
    "propertyName",
    "oneroster.version",
    "1.2",
    "1.1",
    "file.orgs",
    "bulk",
    "sourcedId",
    "name",
]
published = pytest.mark.skipif(not CASES.exists(), reason=WHY_NOT)


@pytest.fixture
def send(tmp_path):
    """Write the small package with some files changed, and return its path; None removes one."""

    def write(changes=None, **more):
        files = {**files_of({**SMALL, **more}), **(changes or {})}
        kept = {name: content for name, content in files.items() if content is not None}
        return write_zip(tmp_path / "package.zip", kept)

    return write


def read(path, limits=None):
    """Return the rows that were read and those that were refused."""
    with Package(path, limits) as package:
        rows = list(package.rows())
    return (
        [row for row in rows if isinstance(row, PackageRow)],
        [row for row in rows if isinstance(row, RefusedRow)],
    )


def refused_codes(path):
    """Return the codes of what is refused in reading."""
    return [row.fault.code for row in read(path)[1]]


def refusal_of(path, limits=None):
    """Return the code with which a package is refused as a whole, by reading and by the check."""
    with pytest.raises(FaultError) as refused, Package(path, limits):
        pass
    code = refused.value.fault.code
    assert code in check_package(path, limits).codes
    return code


def cases():
    """Return the published cases: file, and codes of the check."""
    if not CASES.exists():
        return []
    listed = json.loads(CASES.read_text(encoding="utf-8"))
    return [(one["file"], () if one["codes"] == "ok" else tuple(one["codes"])) for one in listed]


def test_no_password_is_given_out_of_a_row_that_is_read_or_refused(send):
    """What is refused stays in quarantine as it came, and somebody looks at it."""
    users = [
        {**SMALL["users"][0], "sourcedId": one, "enabledUser": enabled, "password": "hidden"}
        for one, enabled in (("u8", "true"), ("u9", "perhaps"))
    ]
    path = send(users=users)
    found = [row for rows in read(path) for row in rows if row.collection is Collection.USERS]
    assert {type(row) for row in found} == {PackageRow, RefusedRow}
    assert all(row.cells["username"] for row in found)
    assert "hidden" not in "".join(cell for row in found for cell in row.cells.values())


@published
@pytest.mark.parametrize(("file", "codes"), cases())
def test_a_published_package_gets_its_verdict(file, codes):
    """The check finds what an independent validator finds, and nothing else."""
    assert check_package(PUBLISHED / "invalid" / file).codes == codes


@published
@pytest.mark.parametrize(("file", "codes"), cases())
def test_no_good_row_of_a_published_package_is_lost(file, codes):
    """Reading loses the row at fault, if any, and no other; the valid one has 1,843."""
    rows, refused = read(PUBLISHED / "invalid" / file)
    assert {row.fault.code for row in refused} <= set(codes)
    assert len(refused) <= 1
    lost = sum(row.line > 0 and "duplicate" not in row.fault.code for row in refused)
    assert len(rows) == 1_843 - lost


@published
def test_a_district_of_the_published_sample_reads_whole():
    """Every row of the valid package is read, and the check finds nothing in it."""
    path = PUBLISHED / "grand-bend-v1p2-bulk.zip"
    rows, refused = read(path)
    counts = Counter(row.collection for row in rows)
    assert not refused
    assert check_package(path).count == 0
    assert (counts[Collection.ORGS], counts[Collection.COURSES]) == (4, 84)
    assert (counts[Collection.CLASSES], counts[Collection.USERS]) == (520, 1_016)
    assert (counts[Collection.ENROLLMENTS], counts[Collection.RESULT_OBJECTIVES]) == (13_960, 664)


def test_a_valid_package_has_no_fault_and_reads_whole(send):
    """The check finds nothing; reading gives every row with its line."""
    path = send()
    check = check_package(path)
    assert (check.count, check.rows) == (0, ROWS_OF_SMALL)
    rows, refused = read(path)
    assert (len(rows), refused) == (ROWS_OF_SMALL, [])
    assert [row.line for row in rows if row.collection is Collection.USERS] == [2, 3]


def test_children_come_before_their_parents_and_what_is_referred_to_first(send):
    """Roles before users, so that a user is derived once; classes before enrolments."""
    order = [collection for collection, _ in groupby(read(send())[0], lambda row: row.collection)]
    assert order == [one for one in FILE_ORDER if one.value in SMALL]
    place = {collection: index for index, collection in enumerate(FILE_ORDER)}
    assert place[Collection.ROLES] < place[Collection.USERS] < place[Collection.ENROLLMENTS]
    assert place[Collection.RESULT_OBJECTIVES] < place[Collection.RESULTS]
    assert place[Collection.LINE_ITEM_OBJECTIVES] < place[Collection.LINE_ITEMS]
    assert place[Collection.LINE_ITEMS] < place[Collection.RESULTS]


def test_a_directory_is_a_package_too(tmp_path):
    """The same files, unpacked."""
    for name, content in files_of(SMALL).items():
        (tmp_path / name).write_text(content, encoding="utf-8-sig")
    assert check_package(tmp_path).count == 0
    assert len(read(tmp_path)[0]) == ROWS_OF_SMALL


def test_a_package_of_1_1_reads_into_roles(tmp_path):
    """Users of 1.1 bring their roles; the check takes 1.1 by its own headers."""
    users = [{**user, "orgSourcedIds": "org-1", "role": "student"} for user in SMALL["users"]]
    tables = {name: rows for name, rows in SMALL.items() if name != "roles"}
    path = write_zip(tmp_path / "former.zip", files_of({**tables, "users": users}, Version.V1_1))
    assert check_package(path).codes == ()
    rows, refused = read(path)
    assert not refused
    objects = [one for row in rows for one in row.reading.objects]
    assert sum(one.key.collection is Collection.ROLES for one in objects) == 2


def test_a_file_with_the_other_version_s_columns_is_read_as_that(tmp_path):
    """A package of 1.2 whose users.csv is one of 1.1: users bring their roles."""
    users = [{**user, "orgSourcedIds": "org-1", "role": "student"} for user in SMALL["users"]]
    tables = {name: rows for name, rows in SMALL.items() if name != "roles"}
    former = {"users.csv": a_file("users", users, Version.V1_1)}
    path = write_zip(tmp_path / "mixed.zip", {**files_of(tables), **former})
    rows, refused = read(path)
    assert not refused
    found = Counter(one.key.collection for row in rows for one in row.reading.objects)
    assert (found[Collection.USERS], found[Collection.ROLES]) == (2, 2)
    assert "table.unknown_column:users.csv:5" in check_package(path).codes


def test_beside_a_file_of_roles_users_bring_none(send):
    """What roles.csv says counts; columns of 1.1 beside it are kept as the sender's own."""
    users = [{**user, "orgSourcedIds": "org-1", "role": "aide"} for user in SMALL["users"]]
    rows, _ = read(send({"users.csv": a_file("users", users, Version.V1_1)}))
    roles = [one for row in rows for one in row.reading.objects if one.parent is not None]
    assert [role.content["role"] for role in roles] == ["student", "teacher"]


def test_columns_in_another_order_or_case_are_understood(send):
    """Reading goes by names; the check by the letter."""
    rows = "TYPE,Name,SourcedId,homeroom\nschool,North,org-1,7B\n"
    path = send({"orgs.csv": rows})
    (org,) = (row for row in read(path)[0] if row.collection is Collection.ORGS)
    assert org.reading.objects[0].content == {
        "type": "school",
        "name": "North",
        "metadata": {"homeroom": "7B"},
    }
    assert "table.missing_header:orgs.csv" in check_package(path).codes


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (
            "sourcedId,status,dateLastModified,type,identifier,parentSourcedId",
            "missing_column:orgs.csv:name",
        ),
        (
            "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId,town",
            "unknown_column:orgs.csv:8",
        ),
        (
            "sourcedId,status,dateLastModified,type,name,identifier,parentSourcedId",
            "column_order:orgs.csv",
        ),
        (
            "sourcedId,status,dateLastModified,name,type,metadata.a,identifier,parentSourcedId",
            "column_order:orgs.csv",
        ),
        (
            "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId,name",
            "duplicate_column:orgs.csv:8",
        ),
    ],
)
def test_the_check_holds_headers_to_the_letter(send, header, code):
    """The header is told alone: under it every row would be wrong."""
    path = send({"orgs.csv": f"{header}\n"})
    # Nothing else is told of the file; that references to it lead nowhere follows.
    assert [one for one in check_package(path).codes if "orgs.csv" in one.split(":")[1:2]] == [
        f"table.{code}"
    ]


def test_a_file_without_a_column_that_must_be_there_is_refused_once(send):
    """Not every row of it, and the other files go on."""
    path = send({"orgs.csv": "sourcedId,status\norg-1,\norg-2,\n"})
    rows, refused = read(path)
    assert [(row.line, row.fault.code) for row in refused] == [
        (0, "table.missing_column:orgs.csv:name")
    ]
    assert len(rows) == ROWS_OF_SMALL - 1


def test_a_quote_that_is_never_closed_takes_no_row_with_it(send):
    """The standard has no line breaks in cells, so the row is at fault and the next one is not."""
    text = a_file("orgs", SMALL["orgs"]) + 'org-2,,,"Sou"th,school,,\norg-3,,,East,school,,\n'
    rows, refused = read(send({"orgs.csv": text}))
    assert [(row.line, row.fault.code) for row in refused] == [(3, "row.malformed_csv:orgs.csv")]
    assert refused[0].cells == {"sourcedId": 'org-2,,,"Sou"th,school,,'}
    assert len(rows) == ROWS_OF_SMALL + 1


def test_a_line_break_within_a_cell_is_understood_and_told(send):
    """Systems write such cells all the same; the check names them."""
    text = a_file("orgs", [*SMALL["orgs"], {"sourcedId": "o", "name": "A\nB", "type": "school"}])
    path = send({"orgs.csv": text + "org-3,,,East,school,,\n"})
    rows, refused = read(path)
    assert not refused
    assert [row.line for row in rows if row.collection is Collection.ORGS] == [2, 3, 5]
    assert check_package(path).codes == ("row.line_break_in_value:orgs.csv:name",)


def test_bytes_of_another_charset_put_their_row_at_fault(send):
    """Latin-1 in one name refuses one row; what can be told of it is kept."""
    text = a_file("orgs", SMALL["orgs"]).encode() + b"org-2,,,Espa\xf1ola,school,,\n"
    rows, refused = read(send({"orgs.csv": text}))
    assert [row.fault.code for row in refused] == ["row.invalid_encoding:orgs.csv"]
    assert refused[0].cells["name"] == "Espa�ola"
    assert len(rows) == ROWS_OF_SMALL


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (a_file("orgs", SMALL["orgs"]).encode("utf-16"), "table.invalid_encoding:orgs.csv"),
        (a_file("orgs", []), "table.missing_data_rows:orgs.csv"),
        (b"", "table.missing_data_rows:orgs.csv"),
        (a_file("orgs", []) + "x" * 1_000_001, "table.line_too_long:orgs.csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(send, content, code):
    """One refusal with line 0; the other files go on."""
    path = send({"orgs.csv": content})
    rows, refused = read(path)
    assert [(row.line, row.fault.code) for row in refused] == [(0, code)]
    assert len(rows) == ROWS_OF_SMALL - 1
    assert code in check_package(path).codes


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("org-2,,,South,school", "row.wrong_cell_count:orgs.csv"),
        ("org-2,,,South,school,,,more", "row.wrong_cell_count:orgs.csv"),
        ("org-1,,,South,school,,", "reference.duplicate_sourced_id:orgs.csv:sourcedId"),
        ("org-2,,,So\x00uth,school,,", "row.unkeepable_character:orgs.csv:name"),
    ],
)
def test_a_bad_row_is_given_out_as_refused(send, row, code):
    """With its line, its cells and the code, so that somebody can look at it."""
    path = send({"orgs.csv": a_file("orgs", SMALL["orgs"]) + f"{row}\n"})
    rows, refused = read(path)
    assert [(one.line, one.fault.code) for one in refused] == [(3, code)]
    assert refused[0].cells["sourcedId"] in ("org-1", "org-2")
    assert len(rows) == ROWS_OF_SMALL
    assert check_package(path).codes == (code,)


def test_empty_cells_behind_the_last_column_are_no_fault_in_reading(send):
    """Spreadsheets write them."""
    path = send({"orgs.csv": a_file("orgs", SMALL["orgs"]) + "org-2,,,South,school,,,,\n"})
    assert refused_codes(path) == []


def test_the_check_finds_references_that_lead_nowhere(send):
    """A bulk package is closed; each reference that is not is told once for its file and column."""
    enrollments = [{**row, "classSourcedId": "gone"} for row in SMALL["enrollments"]]
    check = check_package(send(enrollments=enrollments))
    assert [(one.fault.code, one.line) for one in check.faults] == [
        ("reference.unresolved_reference:enrollments.csv:classSourcedId", 2)
    ]
    assert refused_codes(send(enrollments=enrollments)) == []


def test_changes_may_refer_to_what_came_before(tmp_path):
    """A delta package is not closed."""
    row = {
        **SMALL["enrollments"][0],
        "status": "active",
        "dateLastModified": "2026-10-05T15:04:05.000Z",
    }
    path = write_zip(tmp_path / "delta.zip", files_of({"enrollments": [row]}, mode="delta"))
    assert check_package(path).count == 0
    with Package(path) as package:
        assert package.files == ((Collection.ENROLLMENTS, Mode.DELTA),)
        (read_row,) = package.rows()
    assert read_row.reading.objects[0].modified_micros == 1_791_212_645_000_000


def test_faults_are_counted_and_told_up_to_a_bound(tmp_path):
    """A file that is wrong throughout does not make a report without end."""
    orgs = [{"sourcedId": f"o{n}", "name": "n", "type": "School"} for n in range(MAX_FAULTS + 5)]
    check = check_package(write_zip(tmp_path / "p.zip", files_of({"orgs": orgs})))
    assert check.count == MAX_FAULTS + 5
    assert len(check.faults) == MAX_FAULTS
    assert check.codes == ("row.invalid_enum:orgs.csv:type",)


def test_files_and_manifest_have_to_go_together(send):
    """What is declared and missing is told; what is not declared is told, and not read."""
    modes = dict.fromkeys([*SMALL, "results"], "bulk") | {"roles": "absent"}
    path = send({"manifest.csv": a_manifest(modes)})
    codes = ("manifest.undeclared_file:roles.csv", "manifest.missing_file:results.csv")
    with Package(path) as package:
        assert {fault.code for fault in package.faults} == set(codes)
        assert Collection.ROLES not in {row.collection for row in package.rows()}
    assert set(codes) <= set(check_package(path).codes)


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (None, "manifest.missing_manifest:manifest.csv"),
        (
            a_manifest({}).replace("oneroster.version,1.2", "oneroster.version,1.0"),
            "manifest.invalid_oneroster_version:manifest.csv",
        ),
        ("", "manifest.invalid_oneroster_version:manifest.csv"),
    ],
)
def test_a_package_of_no_known_version_is_refused(send, manifest, code):
    """OneRoster 1.0 had no manifest; the refusal says what to export instead."""
    path = send({"manifest.csv": manifest})
    with pytest.raises(FaultError) as refused, Package(path):
        pass
    assert refused.value.fault.code == code
    assert "1.2" in refused.value.fault.hint
    assert check_package(path).count == 1


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("file.orgs,bulk", "file.orgs,whole", "manifest.invalid_mode:manifest.csv:file.orgs"),
        ("file.results,absent\r\n", "", "manifest.missing_property:manifest.csv:file.results"),
        (
            "manifest.version,1.0",
            "manifest.version,2",
            "manifest.invalid_manifest_version:manifest.csv",
        ),
        (
            "file.orgs,bulk",
            "file.orgs,bulk\r\nfile.pets,bulk",
            "manifest.unknown_property:manifest.csv",
        ),
        ("file.orgs,bulk", "file.orgs,bulk\r\nfile.orgs,bulk", "manifest.invalid_row:manifest.csv"),
        ("propertyName", "property", "manifest.invalid_header:manifest.csv"),
    ],
)
def test_the_check_holds_the_manifest_to_the_letter(send, old, new, code):
    """One fault each."""
    manifest = files_of(SMALL)["manifest.csv"].replace(old, new)
    assert check_package(send({"manifest.csv": manifest})).codes == (code,)


def test_a_manifest_in_another_writing_is_understood(send):
    """Names in small letters, with .csv, and the binding's version."""
    manifest = "propertyname,value\n oneroster.version ,1.2.1\n"
    manifest += "".join(f"FILE.{name}.csv,Bulk\n" for name in SMALL)
    assert len(read(send({"manifest.csv": manifest}))[0]) == ROWS_OF_SMALL


def test_side_files_of_a_file_manager_do_no_harm(send):
    """MacOS adds a folder to each ZIP."""
    path = send({"__MACOSX/._orgs.csv": b"\x00\x05", "readme.txt": "hello"})
    assert len(read(path)[0]) == ROWS_OF_SMALL
    assert check_package(path).codes == ("zip.unexpected_entry",)


def a_zip_of(path, *infos):
    """Write a ZIP of a manifest and entries as they are given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", a_manifest({}))
        for info, content in infos:
            archive.writestr(info, content)
    return path


@pytest.mark.parametrize("name", ["../orgs.csv", "/orgs.csv", "a/../../orgs.csv", "C:\\orgs.csv"])
def test_a_path_that_leads_elsewhere_is_refused(tmp_path, name):
    """Nothing is unpacked to disk, and still nobody honest writes such a path."""
    assert refusal_of(a_zip_of(tmp_path / "p.zip", (name, "x"))) == "zip.entry_unsafe_path"


def test_a_link_is_refused(tmp_path):
    """A symbolic link names a file of the machine that reads it."""
    link = zipfile.ZipInfo("orgs.csv")
    link.external_attr = 0o120777 << 16
    path = a_zip_of(tmp_path / "p.zip", (link, "/etc/passwd"))
    assert refusal_of(path) == "zip.entry_not_a_file"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "manifest.csv").symlink_to("/etc/passwd")
    assert refusal_of(folder) == "zip.entry_not_a_file:manifest.csv"


def test_files_that_are_there_twice_are_refused(tmp_path):
    """Which one is meant cannot be known; another case of letters is the same name."""
    path = a_zip_of(tmp_path / "p.zip", ("orgs.csv", "x"), ("Orgs.csv", "y"))
    assert refusal_of(path) == "zip.duplicate_entry:orgs.csv"


def test_files_in_several_folders_are_refused(tmp_path):
    """In one folder all is clear, in several it is not."""
    path = a_zip_of(tmp_path / "p.zip", ("a/orgs.csv", "x"))
    assert refusal_of(path) == "zip.entry_nested_path"


def test_an_encrypted_entry_is_refused(send):
    """The flag is enough: nobody has the password."""
    path = send()
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        content[at + offset] |= 1
    path.write_bytes(content)
    assert refusal_of(path) == "zip.encrypted_entry"


def test_a_package_that_was_cut_short_is_refused(send):
    """Of a bulk file that was cut, the missing rows would read as deletions."""
    path = send()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert refusal_of(path) == "zip.unreadable"
    path.write_bytes(b"")
    assert refusal_of(path) == "zip.unreadable"


def test_a_damaged_entry_is_refused_before_a_row_is_used(send):
    """One flipped byte of one file: the checksum tells."""
    path = send()
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("enrollments.csv").header_offset + 30 + len("enrollments.csv") + 8
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)
    assert refusal_of(path) == "zip.damaged_entry:enrollments.csv"


def test_a_size_that_lies_is_damage(send):
    """No more than the claimed size is unpacked, and the checksum does not fit then."""
    path = send()
    content = bytearray(path.read_bytes())
    at = content.rfind(b"orgs.csv") - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, at + 24, 10)
    path.write_bytes(content)
    assert refusal_of(path) == "zip.damaged_entry:orgs.csv"


def test_a_list_of_entries_without_end_is_not_read(send):
    """What it claims to be is looked at before it is read into memory."""
    path = send()
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.rfind(b"PK\x05\x06") + 12, 2 << 20)
    path.write_bytes(content)
    assert refusal_of(path) == "zip.too_many_entries"


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4))
def test_whatever_is_damaged_is_read_or_refused(tmp_path_factory, flips):
    """Bytes changed anywhere never make it fail otherwise, and never make a row of another one."""
    path = write_zip(tmp_path_factory.getbasetemp() / "damaged.zip", files_of(SMALL))
    content = bytearray(path.read_bytes())
    for share, value in flips:
        content[int(share * len(content))] = value
    path.write_bytes(content)
    check_package(path)
    try:
        rows, _ = read(path)
    except FaultError:
        return
    assert {row.reading.objects[0].key.id for row in rows} <= IDS_OF_SMALL


@given(
    st.sampled_from(list(SCHEMA)),
    st.lists(st.lists(st.text(max_size=8) | st.sampled_from(NAMES), max_size=8), max_size=6),
)
def test_whatever_stands_in_manifest_and_header_is_read_or_refused(collection, rows):
    """Neither fails otherwise."""
    for read_one in (lambda: read_manifest(rows), lambda: check_manifest(rows)):
        with suppress(FaultError):
            read_one()
    for row in rows:
        with suppress(FaultError):
            assert len(read_header(collection, row, list(Version)).names) == len(row)
        for version in SCHEMA[collection].tables:
            check_header(collection, row, version)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(entries=3), "zip.too_many_entries"),
        (Limits(entry_bytes=100), "zip.entry_too_large:manifest.csv"),
        (Limits(total_bytes=100), "zip.too_large"),
    ],
)
def test_what_is_far_too_large_is_refused(send, limits, code):
    """By what the entries claim; more than they claim is never unpacked."""
    assert refusal_of(send(), limits) == code


def test_what_is_packed_far_too_well_is_refused(send):
    """Sixteen megabytes of nothing are no roster."""
    path = send({"orgs.csv": b"," * (17 << 20)})
    assert refusal_of(path) == "zip.compression_ratio:orgs.csv"


def test_the_digest_tells_packages_apart(send):
    """The same bytes, the same digest; other bytes, another one."""
    digests = []
    for changes in ({}, {}, {"orgs.csv": a_file("orgs", [])}):
        with Archive(send(changes)) as archive:
            digests.append(archive.digest)
    assert digests[0] == digests[1] != digests[2]


def test_memory_does_not_grow_with_the_package(tmp_path):
    """Rows are streamed: ten times the rows take no more than a quarter more memory."""

    def peak_of(count):
        orgs = [{"sourcedId": f"o{n}", "name": "n" * 40, "type": "school"} for n in range(count)]
        path = write_zip(tmp_path / f"{count}.zip", files_of({"orgs": orgs}))
        del orgs
        tracemalloc.start()
        with Package(path) as package:
            assert sum(isinstance(row, PackageRow) for row in package.rows()) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # The first run pays for what is imported and cached.
    peak_of(10)
    assert peak_of(20_000) < 1.25 * peak_of(2_000)
