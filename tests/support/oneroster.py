"""Small packages of OneRoster, and where the published ones are."""

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.schema import FILES, SCHEMA

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "oneroster"
WHY_NOT = "published packages are not part of the project (../shared/data)"

SMALL = {
    "orgs": [{"sourcedId": "org-1", "name": "North", "type": "school"}],
    "academicSessions": [
        {
            "sourcedId": "fall",
            "title": "Fall",
            "type": "term",
            "startDate": "2026-08-20",
            "endDate": "2026-12-19",
            "schoolYear": "2027",
        }
    ],
    "courses": [{"sourcedId": "crs-1", "title": "Algebra", "orgSourcedId": "org-1"}],
    "classes": [
        {
            "sourcedId": "cls-1",
            "title": "Algebra 1",
            "courseSourcedId": "crs-1",
            "classType": "scheduled",
            "schoolSourcedId": "org-1",
            "termSourcedIds": "fall",
        }
    ],
    "users": [
        {
            "sourcedId": f"usr-{number}",
            "enabledUser": "true",
            "username": f"u{number}",
            "givenName": "Given",
            "familyName": "Family",
        }
        for number in (1, 2)
    ],
    "roles": [
        {
            "sourcedId": f"rol-{number}",
            "userSourcedId": f"usr-{number}",
            "roleType": "primary",
            "role": role,
            "orgSourcedId": "org-1",
        }
        for number, role in ((1, "student"), (2, "teacher"))
    ],
    "enrollments": [
        {
            "sourcedId": f"enr-{number}",
            "classSourcedId": "cls-1",
            "schoolSourcedId": "org-1",
            "userSourcedId": f"usr-{number}",
            "role": role,
        }
        for number, role in ((1, "student"), (2, "teacher"))
    ],
}
"""The rows of a valid bulk package of 1.2, by file."""


def a_manifest(modes: Mapping[str, str], version: Version = Version.V1_2) -> str:
    """Return the text of a manifest that declares files; all others are absent."""
    rows = [("propertyName", "value"), ("manifest.version", "1.0")]
    rows.append(("oneroster.version", version.value))
    rows += [(f"file.{name}", modes.get(name, "absent")) for name in FILES[version]]
    return _text(rows)


def a_file(name: str, rows: list[dict[str, str]], version: Version = Version.V1_2) -> str:
    """Return the text of a data file with the standard's header; what a row has not is empty."""
    table = SCHEMA[FILES[version][name]].tables[version]
    omissible = {column.header for column in table.columns if column.omissible}
    headers = [header for header in table.headers if header not in omissible]
    return _text([headers, *([row.get(header, "") for header in headers] for row in rows)])


def files_of(
    tables: Mapping[str, list[dict[str, str]]], version: Version = Version.V1_2, mode: str = "bulk"
) -> dict[str, str | bytes]:
    """Return the texts of a package's files by name, the manifest among them."""
    files: dict[str, str | bytes] = {
        f"{name}.csv": a_file(name, rows, version) for name, rows in tables.items()
    }
    return {"manifest.csv": a_manifest(dict.fromkeys(tables, mode), version), **files}


def write_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a ZIP of files and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def _text(rows) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
