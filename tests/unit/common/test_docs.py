"""The data dictionary against the code: what the code can say, the page explains."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from trellis.evidence.v1 import evidence_pb2

from services.common.config import Settings, variable_name
from services.common.kafka import errors as kafka_errors
from services.common.rpc.credentials import ANY_DISTRICT
from services.common.rpc.credentials_file import CLIENT_FIELDS, TOKEN_FIELDS, read_credentials_file
from services.common.web.access_tokens import SigningKeys
from services.evidence.adapters.wire.quick_checks import UnusableFactError
from services.evidence.config import EvidenceSettings
from services.evidence.domain.entities import EntityFault
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.oneroster.fields import Version
from services.evidence.entrypoints.errors import ERRORS as EVIDENCE_ERRORS
from services.evidence.entrypoints.http.case import CORE_SCOPE
from services.evidence.entrypoints.http.oneroster.scopes import PREFIXES
from services.evidence.entrypoints.http.oneroster.scopes import SCOPES as ONEROSTER_SCOPES
from services.evidence.entrypoints.importing.mapping import Mapping
from services.evidence.entrypoints.scopes import SCOPES as EVIDENCE_SCOPES
from services.evidence.handlers.quick_checks import NOT_RECORDED
from services.mastery.adapters.wire.evidence import UnusableEventError
from services.mastery.config import MasterySettings
from services.mastery.domain.retention import BEFORE_RETENTION
from services.mastery.entrypoints.errors import ERRORS as MASTERY_ERRORS
from services.mastery.entrypoints.scopes import SCOPES as MASTERY_SCOPES
from services.scheduler.config import SchedulerSettings
from services.scheduler.entrypoints.errors import ERRORS as SCHEDULER_ERRORS
from services.scheduler.entrypoints.scopes import SCOPES as SCHEDULER_SCOPES

REPOSITORY = Path(__file__).parents[3]
INDEX = (REPOSITORY / "docs/data-dictionary.md").read_text("utf-8")
PARTS = {path.stem: path for path in sorted((REPOSITORY / "docs/data-dictionary").glob("*.md"))}
PAGES = INDEX + "".join(path.read_text("utf-8") for path in PARTS.values())
ROW = re.compile(r"^\| `([^`]+)`(.*)$", re.MULTILINE)
UPPER_SNAKE = re.compile(r"[A-Z]+(_[A-Z]+)*_?")
OWN_SETTINGS = (EvidenceSettings, MasterySettings, SchedulerSettings)
SCOPES = (EVIDENCE_SCOPES, MASTERY_SCOPES, SCHEDULER_SCOPES)
ERROR_TABLES = (EVIDENCE_ERRORS, MASTERY_ERRORS, SCHEDULER_ERRORS)
# Functions that take a reason, and at which place among their arguments.
REASON_ARGUMENTS = {"refuse": 1, "UnusableEventError": 0}


def section(heading: str) -> str:
    """Return the index from a heading of the second level to the next."""
    _, found, rest = INDEX.partition(f"\n## {heading}\n")
    assert found, heading
    return rest.partition("\n## ")[0]


def explained(text: str) -> dict[str, list[str]]:
    """Return the cells of each table row by what stands first in it."""
    return {
        match[1]: [cell.strip() for cell in match[2].strip(" |").split(" | ")]
        for match in ROW.finditer(text)
    }


def sources() -> Iterator[ast.AST]:
    """Yield every node of every module of the services."""
    for path in sorted((REPOSITORY / "services").rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def reasons_in_calls() -> set[str]:
    """Return reasons that stand in the code as arguments: `reason="X"`, `refuse(place, "X", …)`."""
    found: set[str] = set()
    for node in sources():
        if not isinstance(node, ast.Call):
            continue
        given = [one.value for one in node.keywords if one.arg == "reason"]
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = REASON_ARGUMENTS.get(name)
        if place is not None and len(node.args) > place:
            given.append(node.args[place])
        for one in given:
            if isinstance(one, ast.Constant) and UPPER_SNAKE.fullmatch(str(one.value)):
                found.add(one.value)
    return found


def reasons_of_classes() -> set[str]:
    """Return the `reason` of every class that has one and that no other class extends."""
    classes = [node for node in sources() if isinstance(node, ast.ClassDef)]
    extended = {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}
    return {
        line.value.value
        for node in classes
        if node.name not in extended
        for line in node.body
        if isinstance(line, ast.Assign)
        and isinstance(line.targets[0], ast.Name)
        and line.targets[0].id == "reason"
        and isinstance(line.value, ast.Constant)
    }


def test_the_page_explains_every_reason_for_which_a_record_is_refused() -> None:
    """Each has a meaning and something to do, and the page knows no other."""
    rows = explained(section("Why a record is refused"))
    assert set(rows) == {reason.name for reason in RefusalReason}
    prefix = "REFUSAL_REASON_"
    contract = {name.removeprefix(prefix) for name in evidence_pb2.RefusalReason.keys()}  # noqa: SIM118
    assert set(rows) == contract - {"UNSPECIFIED"}
    assert all(len(cells) == 2 and all(cells) for cells in rows.values())


def test_the_page_explains_every_error_reason() -> None:
    """Those of classes, of error tables, of roster faults and those given where they are raised."""
    told = {vars(error).get("reason", "") for table in ERROR_TABLES for error in table}
    told |= reasons_of_classes() | reasons_in_calls() | {fault.value for fault in EntityFault}
    told.discard("")
    assert len(told) > 60, "the code was not found"
    assert told <= set(re.findall(r"`([A-Z_]+)`", PAGES)), "reasons without an explanation"


@pytest.mark.parametrize("table", ERROR_TABLES)
def test_the_page_says_the_code_that_goes_with_a_reason(table: dict) -> None:
    """A reason of an error table stands in a row with its gRPC code."""
    lines = PAGES.splitlines()
    for error, code in table.items():
        reason = vars(error).get("reason")  # else each instance has its own
        if isinstance(reason, str):
            start = f"| `{reason}` | `{code.name}` |"
            assert any(line.startswith(start) for line in lines), start


def test_the_page_explains_every_dead_letter() -> None:
    """The reasons are those that the decoder of the topic names, that of seals, and no others."""
    documented = set(re.findall(r"^ +([A-Z_]{5,}) {2,}", UnusableEventError.__doc__, re.MULTILINE))
    assert documented
    assert set(explained(section("Dead letters"))) == documented | {BEFORE_RETENTION}


def test_the_page_explains_every_dead_letter_of_quick_checks() -> None:
    """The reasons are those that the decoder names, that of the ledger, and no others."""
    documented = set(re.findall(r"^ +([A-Z_]{5,}) {2,}", UnusableFactError.__doc__, re.MULTILINE))
    assert documented
    assert set(explained(section("Dead letters of quick checks"))) == documented | {NOT_RECORDED}


def test_the_page_explains_every_code_with_which_a_process_stops() -> None:
    """Each class of Stop has its row, and each row its class."""
    stops = [
        one
        for one in vars(kafka_errors).values()
        if isinstance(one, type) and issubclass(one, kafka_errors.Stop)
    ]
    codes = {one.code for one in stops} - {kafka_errors.Stop.code}
    assert set(explained(section("Why a process stops"))) == codes


def test_the_page_has_every_setting_with_its_default() -> None:
    """A variable is missing, superfluous, or has another default: this fails."""
    wanted = {f"…_{name.upper()}": field for name, field in Settings.model_fields.items()}
    for settings in OWN_SETTINGS:
        wanted |= {
            variable_name(settings, name): field
            for name, field in settings.model_fields.items()
            if name not in Settings.model_fields
        }
    rows = explained(section("Environment variables"))
    assert set(rows) == set(wanted)
    for name, field in wanted.items():
        default = "–" if field.default is None else f"`{str(field.default).removesuffix('.0')}`"
        shown = rows[name][-1].replace(".0`", "`")
        assert shown == default.replace(".0`", "`"), name


@pytest.mark.parametrize("service", ["evidence", "mastery", "scheduler"])
def test_the_page_has_every_table_and_column(service: str) -> None:
    """What schema.sql has stands in the dictionary, in code marks."""
    schema = (REPOSITORY / f"services/{service}/migrations/schema.sql").read_text("utf-8")
    words = set(re.findall(r"`([a-z0-9_]+)`", PAGES))
    tables = re.findall(r"^CREATE TABLE (?:\w+\.)?(\w+) \((.*?)^\);", schema, re.MULTILINE | re.S)
    assert tables
    for table, body in tables:
        columns = re.findall(r"^  ([a-z0-9_]+) ", body, re.MULTILINE)
        missing = {table, *columns} - words
        assert not missing, f"{table}: {sorted(missing)}"


def test_how_each_table_of_the_scheduler_grows_is_said() -> None:
    """What grows with it, and its bound: the relay's cursor alone is one row."""
    schema = (REPOSITORY / "services/scheduler/migrations/schema.sql").read_text("utf-8")
    tables = set(re.findall(r"^CREATE TABLE (\w+) \(", schema, re.MULTILINE))
    page = (REPOSITORY / "docs/architecture.md").read_text("utf-8")
    growth = page.partition("## How each thing grows")[2].partition("\n## ")[0]
    assert tables - set(re.findall(r"`([a-z_]+)`", growth)) == {"relay_cursor"}


def fields_of(model: type[BaseModel], before: str = "") -> set[str]:
    """Return the fields of a mapping, those of its parts with dots; a part stands for itself."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        parts = list(models_in(field.annotation))
        path = f"{before}{name}"
        found |= {path} if not parts else set()
        for part in parts:
            found |= fields_of(part, f"{path}.")
    return found


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the parts of a mapping that an annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def test_the_page_has_every_field_of_a_mapping() -> None:
    """A field of the mapping file without a row, or a row without a field: this fails."""
    cells = re.findall(r"^\| (`[^|]+) \|", section("Mapping of an import"), re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`([a-z_.]+)`", cell)}
    parts = {"schools", "score", "skip", "learner_references", "snapshot"}
    assert named - parts == fields_of(Mapping)


def test_the_page_has_every_scope() -> None:
    """A scope that opens something has a row, and each row is of one that does."""
    page = PARTS["access"].read_text("utf-8").partition("## Scopes")[2]
    rows = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    oneroster = {name for names in ONEROSTER_SCOPES.values() for name in names}
    assert named == {ANY_DISTRICT, *oneroster, *(one for table in SCOPES for one in table.values())}
    assert CORE_SCOPE in page
    assert PREFIXES[Version.V1_2] in page


def test_the_page_has_every_field_of_the_credentials_file() -> None:
    """Of a token and of a client, and the files that it shows are such files."""
    page = PARTS["access"].read_text("utf-8")
    rows = explained(page.partition("## The credentials file")[2].partition("\n## ")[0])
    assert set(rows) == TOKEN_FIELDS | CLIENT_FIELDS


def test_the_files_of_the_page_can_be_used(tmp_path: Path) -> None:
    """What somebody copies from it is taken."""
    blocks = re.findall(r"```json\n(.*?)```", PARTS["access"].read_text("utf-8"), re.DOTALL)
    credentials, keys = (tmp_path / "credentials.json", tmp_path / "keys.json")
    credentials.write_text(blocks[0])
    keys.write_text(blocks[1].replace("64 hexadecimal digits or more", "0f" * 32))
    assert len(read_credentials_file(credentials).clients) == 1
    assert SigningKeys.load(keys)
