"""The commands `school-policy`: show a school's policy, or put another after showing the change.

Exit codes: 0 done; 1 the file says no policy that can be kept, or the person said no; 2 wrong use;
3 the service refused it or could not be reached.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import click
import grpc
import grpc.aio
from rich.console import Console
from rich.table import Table
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import scheduler_service_pb2_grpc, week_pb2

from services.common.ids import random_id
from services.common.rpc.command_line import Client
from services.scheduler.adapters.contract_document import DocumentError, to_yaml
from services.scheduler.adapters.policy_document import policy_document, read_policy
from services.scheduler.adapters.wire.names import POLICY
from services.scheduler.adapters.wire.settings import Parent, policy_from, policy_to
from services.scheduler.domain.errors import InvalidSettingError
from services.scheduler.domain.policy import SchoolPolicy, checked_policy
from services.scheduler.entrypoints.arguments import school_in
from services.scheduler.entrypoints.target import target_options

EXIT_NOT_DONE: Final = 1
DEADLINE_SECONDS: Final = 30.0
DEFAULT: Final = SchoolPolicy(school_id="default")

Stub = scheduler_service_pb2_grpc.SchedulerServiceStub
CLIENT: Final = Client(stub=Stub, timeout_seconds=DEADLINE_SECONDS)


@click.group("school-policy")
def school_policy() -> None:
    """Show or put a school's policy: slots, every number, tiers and weights of the rules.

    A policy is a small file, YAML or JSON; what it leaves out has its default:

    \b
        school_display_name: North Middle School
        time_zone: America/New_York
        slots:
          - {slot_id: mon-1, iso_weekday: 1, start_clock: "09:00", end_clock: "09:40"}
        small_group_cap: 4
        weights: {essential_milli: 3000}

    docs/problem.md has every number in words.
    """  # noqa: D301  (click keeps the lines after this mark as they are)


@school_policy.command("show")
@click.argument("school")
@click.option("--document", is_flag=True, help="Print what is not the default, to edit and put.")
@click.option("--json", "wants_json", is_flag=True, help="Print every field as JSON.")
@target_options
def show_command(school: str, *, document: bool, wants_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Show the policy of SCHOOL (districts/.../schools/...), and where it is not the default."""
    parent = school_in(school)
    found = CLIENT.call(options, lambda stub: _standing(stub, parent))
    if found is None:
        click.echo("The school has no policy yet: put one.")
        raise SystemExit(EXIT_NOT_DONE)
    if wants_json:
        click.echo(json.dumps(policy_document(found, whole=True), indent=2, ensure_ascii=False))
    elif document:
        click.echo(to_yaml(policy_document(found, whole=False)), nl=False)
    else:
        click.echo(f"{found.school_display_name}, version {found.version}")
        _console().print(_table(found))


@school_policy.command("put")
@click.argument("school")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Let the service check it, and keep nothing.")
@target_options
def put_command(school: str, file: Path, *, yes: bool, dry_run: bool, **options: Any) -> None:  # noqa: ANN401
    """Put the policy in FILE as that of SCHOOL, after showing what would change.

    What FILE leaves out goes back to its default. Nothing is kept where somebody else has changed
    the policy meanwhile.
    """
    parent = school_in(school)
    wanted = _read(file, parent)
    before = CLIENT.call(options, lambda stub: _standing(stub, parent))
    changes = _differences(before, wanted)
    if before is not None and not changes:
        click.echo(f"That is the policy already, version {before.version}; nothing was put.")
        return
    _show_change(before, changes)
    if not (yes or dry_run or click.confirm("Put it?")):
        click.echo("Nothing was put.")
        raise SystemExit(EXIT_NOT_DONE)
    request = messages.UpdatePolicyRequest(
        policy=policy_to(parent[0], wanted),
        request_id=random_id(),
        expected_version=before.version if before else 0,
        validate_only=dry_run,
    )

    async def put(stub: Stub) -> week_pb2.Policy:
        answer: messages.UpdatePolicyResponse = await stub.UpdatePolicy(request)
        return answer.policy

    version = CLIENT.call(options, put).version
    click.echo(
        f"It could be put as version {version}; nothing was kept."
        if dry_run
        else f"Version {version} stands: the next plan run reads it."
    )


def _read(file: Path, parent: Parent) -> SchoolPolicy:
    """Return the checked policy of a file; what is wrong with it ends the command with 1."""
    try:
        text = file.read_text(encoding="utf-8")
        read = read_policy(text, parent, is_json=file.suffix == ".json")
        return checked_policy(read, available_timezones())
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no text in UTF-8") from error
    except DocumentError as error:
        lines = [f"  {one.place} {one.why} {one.hint}" for one in error.faults]
    except InvalidSettingError as error:
        place = error.field.removeprefix("policy.")
        lines = [f"  {place} {error.what} {error.hint}"]
    raise click.ClickException("\n".join([f"{file} says no policy that can be kept:", *lines]))


async def _standing(stub: Stub, parent: Parent) -> SchoolPolicy | None:
    """Return the school's policy, None where it has none."""
    try:
        answer = await stub.GetPolicy(messages.GetPolicyRequest(name=POLICY.format(*parent)))
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return None
        raise
    return replace(policy_from(parent, answer.policy), version=answer.policy.version)


def _differences(before: SchoolPolicy | None, wanted: SchoolPolicy) -> list[tuple[str, str, str]]:
    """Return field, what stands and what would stand, of each that would change."""
    old = _flat(before or DEFAULT)
    new = _flat(wanted)
    return [
        (name, old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "")
    ]


def _flat(policy: SchoolPolicy) -> dict[str, str]:
    """Return every value of a policy by its place; slots and tiers by their own ids."""
    return dict(_places(policy_document(policy, whole=True)))


def _places(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, held in document.items():
        if name in ("slots", "tiers"):
            id_name = f"{name.removesuffix('s')}_id"
            # In their order: a need looks for its own tier from the first on.
            yield name, _text([one[id_name] for one in held])
            for one in held:
                rest = {key: value for key, value in one.items() if key != id_name}
                yield f"{name} {one[id_name]}", json.dumps(rest, ensure_ascii=False)
        elif isinstance(held, Mapping):
            yield from ((f"{name}.{key}", _text(value)) for key, value in held.items())
        else:
            yield name, _text(held)


def _text(held: object) -> str:
    if isinstance(held, list):
        return ", ".join(str(one) for one in held)
    return str(held)


def _show_change(before: SchoolPolicy | None, changes: list[tuple[str, str, str]]) -> None:
    default = _flat(DEFAULT)
    head = f"version {before.version}" if before else "no policy yet, the defaults"
    click.echo(f"What would change ({head}):")
    table = Table("field", "stands", "would stand", box=None)
    for name, old, new in changes:
        back = " (default)" if new == default.get(name) else ""
        table.add_row(name, old or "–", f"{new or '–'}{back}")
    _console().print(table)


def _table(policy: SchoolPolicy) -> Table:
    """Return every field with what stands, and the default where that is another."""
    default = _flat(DEFAULT)
    table = Table("field", "stands", "default", box=None)
    for name, held in _flat(policy).items():
        usual = default.get(name, "–")
        table.add_row(name, held or "–", "" if held == usual else usual or "–")
    return table


def _console() -> Console:
    return Console(highlight=False, markup=False, soft_wrap=True)
