"""The commands `calibrate` and `epochs`: how hard a district's items are, and what work weighs.

They work on the service's own database, as the worker's role, as `rebuild` does.
Exit codes: 0 done; 1 nothing was published, or the document says no weights; 2 wrong use; 3 it was
refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console

from services.common import logs
from services.common.clock import SystemClock
from services.common.config import load
from services.common.postgres.pool import Database
from services.mastery.adapters.documents import from_json, from_yaml
from services.mastery.adapters.postgres.epoch_store import PostgresEpochs
from services.mastery.config import MasterySettings
from services.mastery.domain.calibration import RESPONSES_MINIMUM, TooManyItemsError
from services.mastery.domain.epochs import PublishedEpoch
from services.mastery.domain.errors import (
    MasteryError,
    PolicyDocumentError,
    WeightsDocumentError,
)
from services.mastery.domain.moments import micros_of
from services.mastery.domain.source_weights import SourceWeights, read_weights
from services.mastery.entrypoints.epochs_text import (
    changes_table,
    epoch_lines,
    history_table,
    summary_table,
    weights_table,
)
from services.mastery.handlers.epochs import NewEpoch, calibrate, publish_epoch
from services.mastery.ports.epochs import Epochs, Span

EXIT_NOT_DONE: Final = 1
EXIT_REFUSED: Final = 3

COMMAND_SECONDS: Final = 6 * 3_600.0
"""Sorting the evidence of a large district may take hours; waits for locks have their own bound."""

CONNECTIONS: Final = 1

TIME: Final = click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"])

T = TypeVar("T")

district_option: Final = click.option("--district", required=True, help="The district's id.")
effective_option: Final = click.option(
    "--effective",
    type=TIME,
    required=True,
    help="Work from then on is read with it, as in 2027-01-04T00:00:00-0500; an hour ahead.",
)
_PUBLISH_OPTIONS: Final = (
    click.option("--note", default="", help="Why, in one line; name nobody."),
    click.option(
        "--by", default="operator", show_default=True, help="The role that publishes it; no name."
    ),
    click.option(
        "--retroactive",
        is_flag=True,
        help="It may reach work that has been folded. It then waits: `rebuild` makes it part of"
        " the state, and until then all is read as before.",
    ),
    click.option("--yes", is_flag=True, help="Do not ask."),
    click.option("--dry-run", is_flag=True, help="Show, and publish nothing."),
)


def publish_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of what publishes an epoch."""
    for option in reversed(_PUBLISH_OPTIONS):
        command = option(command)
    return command


@click.command("calibrate")
@district_option
@effective_option
@click.option("--since", type=TIME, help="Learn from work from then on only. Without: from all.")
@click.option(
    "--least-responses",
    type=click.IntRange(1, 10_000),
    default=RESPONSES_MINIMUM,
    show_default=True,
    help="Responses from which on an item has a difficulty of its own.",
)
@publish_options
def calibrate_command(
    district: str,
    effective: datetime,
    since: datetime | None,
    least_responses: int,
    **options: Any,  # noqa: ANN401
) -> None:
    """Learn how hard a district's items are, and publish that as its next epoch.

    Reads all live evidence of the district in order of work, in one snapshot and beside live
    work, and shows what it found: how many items, how far apart, how much of the evidence they
    cover, and what changes most against the epoch that is in force at that time. After you have
    agreed, work from --effective on is read with it; what was folded before stays as it is.

    \b
        calibrate --district henry --effective 2027-01-04T00:00:00-0500 --dry-run

    Weights stay those of the epoch before. Memory is about 160 bytes for each learner and
    competency that have met, and for each item. Needs MASTERY_POSTGRES_DSN of the worker's role.
    """  # noqa: D301  (click's mark of text that stays as it is)
    span = Span(since_us=micros_of(since) if since else _BEGINNING_US, before_us=_END_US)

    async def learn(epochs: Epochs) -> None:
        effective_us = micros_of(effective)
        calibrated, comparison = await calibrate(
            district,
            span,
            effective_us=effective_us,
            responses_minimum=least_responses,
            epochs=epochs,
        )
        console = _console()
        console.print(summary_table(calibrated, comparison))
        for title, changes in (
            ("competencies", comparison.references),
            ("items", comparison.items),
        ):
            if changes:
                console.print(changes_table(title, changes))
        new = NewEpoch(
            district=district,
            effective_us=effective_us,
            calibrated=calibrated,
        )
        await _publish(new, epochs, options)

    _run(learn)


@click.group("epochs")
def epochs_group() -> None:
    """Show a district's epochs, and put what its kinds of work weigh.

    An epoch says, for work from a time on, how hard items are and what kinds and purposes of work
    weigh. `calibrate` publishes one with new difficulties, `epochs put-weights` one with new
    weights; each takes over from the one before what it does not say. docs/mastery.md has more.
    """


@epochs_group.command("show")
@district_option
@click.option("--version", type=click.IntRange(1), help="This version. Without: the newest.")
def show_command(district: str, version: int | None) -> None:
    """Show one epoch: from when, how many items, what work weighs, and whether it is folded."""

    async def show(epochs: Epochs) -> None:
        known = await _known(district, epochs)
        found = [one for one in known if version in (None, one.epoch.version)]
        if not found:
            what = "has no epoch" if version is None else f"has no epoch {version}"
            raise click.ClickException(f"{district} {what}; `epochs history` lists what there is")
        click.echo("\n".join(epoch_lines(found[0])))
        _console().print(weights_table(found[0].epoch.weights))

    _run(show)


@epochs_group.command("history")
@district_option
def history_command(district: str) -> None:
    """List all epochs of a district, the newest first; says where a rebuild is needed."""

    async def show(epochs: Epochs) -> None:
        known = await _known(district, epochs)
        if not known:
            click.echo("No epoch was published: difficulty follows Depth of Knowledge alone.")
            return
        _console().print(history_table(known))
        _say_waiting(known)

    _run(show)


@epochs_group.command("put-weights")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@district_option
@effective_option
@publish_options
def put_weights_command(
    file: Path,
    district: str,
    effective: datetime,
    **options: Any,  # noqa: ANN401
) -> None:
    """Put what kinds and purposes of work weigh, from a time on, as FILE says (YAML or JSON).

    Weights are shares from 0 to 1; what the file leaves out has its default:

    \b
        kinds: {homework: 0.4, game: 0.2}
        unknown_summative: 1
        at_most: {practice: 0.5}

    Difficulties stay those of the epoch that is in force at that time. An external summative is
    still divided by its items on the competency.
    """  # noqa: D301
    weights = _read(file)
    _console().print(weights_table(weights))
    new = NewEpoch(
        district=district,
        effective_us=micros_of(effective),
        weights=weights,
    )
    _run(lambda epochs: _publish(new, epochs, options))


_BEGINNING_US: Final = -(2**62)
_END_US: Final = 2**62
"""Before and after all work."""


async def _publish(new: NewEpoch, epochs: Epochs, options: Mapping[str, Any]) -> None:
    """Ask, publish, and say what follows."""
    if options["dry_run"]:
        click.echo("Nothing was published.")
        return
    if not (options["yes"] or click.confirm("Publish it?")):
        click.echo("Nothing was published.")
        raise SystemExit(EXIT_NOT_DONE)
    new = replace(
        new,
        note=options["note"],
        actor=options["by"],
        allow_retroactive=options["retroactive"],
    )
    published = await publish_epoch(new, now_us=micros_of(SystemClock().now()), epochs=epochs)
    click.echo("\n".join(epoch_lines(published)))


async def _known(district: str, epochs: Epochs) -> list[PublishedEpoch]:
    async with epochs.reading(district) as store:
        return list(await store.known(district))


def _say_waiting(known: list[PublishedEpoch]) -> None:
    waiting = [str(one.epoch.version) for one in known if not one.is_folded]
    if waiting:
        click.echo(
            f"REFOLD NEEDED for {', '.join(waiting)}: the state is as if not published, until"
            " `python -m services.mastery rebuild` has swapped."
        )


def _read(file: Path) -> SourceWeights:
    """Return the weights of a file; what is wrong ends the command with 1."""
    try:
        text = file.read_text(encoding="utf-8")
        return read_weights(from_json(text) if file.suffix == ".json" else from_yaml(text))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no text in UTF-8") from error
    except PolicyDocumentError as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from error
    except WeightsDocumentError as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise click.ClickException(f"{file} says no weights that can be kept:\n{lines}") from error


def _run(work: Callable[[Epochs], Awaitable[T]]) -> T:
    """Do the work on the service's database; what is refused ends the command with 3."""
    settings = load(MasterySettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)

    async def connect_and_work() -> T:
        database = await Database.connect(
            settings.postgres_dsn,
            pool_size=CONNECTIONS,
            application_name="trellis-mastery-epochs",
            command_timeout_seconds=COMMAND_SECONDS,
        )
        try:
            return await work(PostgresEpochs(database))
        finally:
            await database.close()

    try:
        return asyncio.run(connect_and_work())
    except (MasteryError, TooManyItemsError) as error:
        click.echo(f"refused: {error}", err=True)
        raise SystemExit(EXIT_REFUSED) from error


def _console() -> Console:
    return Console(highlight=False, markup=False)
