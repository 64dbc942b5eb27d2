"""The commands `policy`: show, put, list and check a district's mastery policy.

`check` asks nobody; the others are clients of the API, which need an address and a token.
Exit codes: 0 done; 1 the document says no policy, or the person said no; 2 wrong use; 3 the service
refused it or could not be reached.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from trellis.mastery.v1 import policy_service_pb2 as messages
from trellis.mastery.v1 import policy_service_pb2_grpc

from services.common.clock import SystemClock
from services.common.rpc import command_line
from services.common.rpc.command_line import Client, StoppedError
from services.mastery.adapters.documents import from_json, from_yaml
from services.mastery.domain.errors import PolicyDocumentError
from services.mastery.domain.model import Policy
from services.mastery.domain.policy_document import (
    changed_fields,
    read_document,
    write_document,
)
from services.mastery.entrypoints.policy_text import (
    as_json,
    at,
    difference_table,
    heading,
    history_table,
    plain,
    policy_table,
)
from services.mastery.handlers.policies import written

TARGET_VARIABLE: Final = "TRELLIS_MASTERY_TARGET"

EXIT_NOT_DONE: Final = 1

TIME: Final = click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"])
PAGE_SIZE: Final = 50

Stub = policy_service_pb2_grpc.PolicyServiceStub
CLIENT: Final = Client(stub=Stub)


target_options: Final = command_line.target_options("mastery", TARGET_VARIABLE)


@click.group("policy")
def policy() -> None:
    """Show, put, list and check a district's policy: rules, thresholds, words, roll-ups.

    A policy is a small file, YAML or JSON; what it leaves out has its default:

    \b
        current_rule: {name: decaying_average, parameter: 75}
        proficient_gate: {share: 0.7, at_least: 0.8}
        minimum_days: 2

    A new one re-reads what is known, and nothing is sent or folded again. docs/mastery.md has
    every field and its bounds.
    """  # noqa: D301  (click keeps the lines after this mark as they are)


@policy.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "wants_json", is_flag=True, help="Print the whole document as JSON.")
def check_command(file: Path, wants_json: bool) -> None:
    """Say what the policy in FILE would be, or everything that is wrong with it.

    Asks no service. Exit code 1: it cannot be kept.
    """
    _, checked = _read(file)
    if wants_json:
        click.echo(as_json(write_document(checked)))
    else:
        _console().print(policy_table(checked))


@policy.command("show")
@click.option("--as-of", type=TIME, help="In force then, as in 2026-11-19T12:00:00-0500.")
@click.option("--version", type=click.IntRange(0), help="This version; 0 is the default policy.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@click.option("--document", is_flag=True, help="Print the document alone, to edit and put.")
@target_options
def show_command(
    as_of: datetime | None,
    version: int | None,
    wants_json: bool,
    document: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Show the policy in force now, or another one, and where it differs from the default."""
    if as_of is not None and version is not None:
        raise click.UsageError("say --as-of or --version, and not both")
    request = messages.GetPolicyRequest(version=version)
    if as_of is not None:
        request.as_of_time.FromDatetime(as_of)

    async def work(stub: Stub) -> messages.Policy:
        return (await stub.GetPolicy(request)).policy  # type: ignore[no-any-return]

    found = CLIENT.call(options, work)
    if wants_json:
        click.echo(as_json(plain(found)))
    elif document:
        click.echo(as_json(json.loads(found.document)))
    else:
        click.echo(heading(found, _now()))
        _console().print(policy_table(_policy_of(found)))


@policy.command("history")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "wants_json", is_flag=True, help="Print JSON, with the documents.")
@target_options
def history_command(limit: int, wants_json: bool, **options: Any) -> None:  # noqa: ANN401
    """List the versions that were put, the newest first: which is in force, which wait."""

    async def work(stub: Stub) -> list[messages.Policy]:
        return await _versions(stub, limit)

    found = CLIENT.call(options, work)
    if wants_json:
        click.echo(as_json([plain(one) for one in found]))
    elif found:
        _console().print(history_table(found, _now()))
    else:
        click.echo("No version was put: the default policy is in force.")


@policy.command("put")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--effective",
    type=TIME,
    help="From when it is in force, as in 2027-01-04T00:00:00-0500. Without: from now on.",
)
@click.option("--note", default="", help="Why, in one line; name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Let the service check it, and keep nothing.")
@target_options
def put_command(
    file: Path,
    effective: datetime | None,
    note: str,
    yes: bool,
    dry_run: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Put the policy in FILE as the district's next version, after showing what would change.

    All masteries are then read with it from that moment on, and published again. Nothing is kept
    where somebody else has put a version meanwhile. The token needs the scope
    mastery.policy.write.
    """
    document, wanted = _read(file)
    before, newest = CLIENT.call(options, lambda stub: _standing(stub, effective))
    differs = _show_change(before, wanted)
    if newest > before.version:
        when = "now" if effective is None else f"{effective.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        click.echo(f"Version {newest} takes effect later than {when}, and would give way.")
    elif not differs:
        click.echo("That is the policy in force already; nothing was put.")
        return
    if not (yes or dry_run or click.confirm("Put it?")):
        click.echo("Nothing was put.")
        raise SystemExit(EXIT_NOT_DONE)
    request = messages.PutPolicyRequest(
        document=json.dumps(document),
        note=note,
        expected_version=newest,
        validate_only=dry_run,
    )
    if effective is not None:
        request.effective_time.FromDatetime(effective)

    async def work(stub: Stub) -> messages.Policy:
        return (await stub.PutPolicy(request)).policy  # type: ignore[no-any-return]

    _say_kept(CLIENT.call(options, work), dry_run=dry_run)


async def _standing(stub: Stub, effective: datetime | None) -> tuple[messages.Policy, int]:
    """Return the policy in force when a new one would take effect, and the newest version."""
    versions = (await stub.ListPolicies(messages.ListPoliciesRequest(page_size=1))).policies
    request = messages.GetPolicyRequest()
    if effective is not None:
        request.as_of_time.FromDatetime(effective)
    before = (await stub.GetPolicy(request)).policy
    return before, versions[0].version if versions else 0


async def _versions(stub: Stub, limit: int) -> list[messages.Policy]:
    """Return up to `limit` versions, the newest first, page by page."""
    found: list[messages.Policy] = []
    request = messages.ListPoliciesRequest(page_size=min(limit, PAGE_SIZE))
    while len(found) < limit:
        page = await stub.ListPolicies(request)
        found += page.policies
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    return found[:limit]


def _show_change(before: messages.Policy, wanted: Policy) -> bool:
    """Print what would change; return whether anything would."""
    click.echo(heading(before, _now()))
    try:
        old = _policy_of(before)
    except StoppedError as error:
        # A new version is the way out of it, so this is no reason to end here.
        click.echo(f"What it says cannot be shown: {error.message}.")
        return True
    if changed_fields(old, wanted):
        _console().print(difference_table(old, wanted))
        return True
    return False


def _say_kept(kept: messages.Policy, *, dry_run: bool) -> None:
    effective, now = at(kept.effective_time), _now()
    if dry_run:
        click.echo(f"It could be put as version {kept.version}; nothing was kept.")
    elif effective > now:
        click.echo(
            f"Version {kept.version} is kept and takes effect at {effective:%Y-%m-%d %H:%M} UTC."
            " Until then it can be replaced by another version."
        )
    else:
        click.echo(
            f"Version {kept.version} is in force since {effective:%Y-%m-%d %H:%M} UTC. Masteries"
            " are answered by it at once, and published again within minutes."
        )


def _read(file: Path) -> tuple[object, Policy]:
    """Return the document of a file and its policy; what is wrong ends the command with 1."""
    try:
        text = file.read_text(encoding="utf-8")
        document = from_json(text) if file.suffix == ".json" else from_yaml(text)
        read = read_document(document)
        written(read)
        return document, read
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no text in UTF-8") from error
    except PolicyDocumentError as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise click.ClickException(f"{file} says no policy that can be kept:\n{lines}") from error


def _policy_of(message: messages.Policy) -> Policy:
    """Return the policy of a version that the service gave."""
    try:
        return read_document(from_json(message.document))
    except PolicyDocumentError as error:
        raise StoppedError(
            f"version {message.version} is of another release than this one: {error} Use that"
            " release, look at it with --json, or put a version that this one can read"
        ) from error


def _console() -> Console:
    return Console(highlight=False, markup=False)


def _now() -> datetime:
    return SystemClock().now()
