"""Where the service is that a command talks to, and how: options, calls, the bar that is shown."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import grpc.aio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from services.common.rpc.client import connect, reason_of
from services.common.rpc.tls import Tls
from services.evidence.entrypoints.importing.sending import Caller

DEADLINE_SECONDS: Final = 30.0

TARGET_VARIABLE: Final = "TRELLIS_EVIDENCE_TARGET"
TOKEN_FILE_VARIABLE: Final = "TRELLIS_TOKEN_FILE"  # noqa: S105  (a name)
"""Said once in a shell, they need not be said with every command."""

EXIT_REFUSED: Final = 1
EXIT_STOPPED: Final = 3
"""Of every command: 0 done, 1 some of it is refused, 2 it cannot be used so, 3 stopped."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the service is, and with which token."""

    address: str
    token: str | None
    tls: Tls | None
    patience_seconds: float

    def connect(self) -> grpc.aio.Channel:
        """Return an open channel."""
        return connect(self.address, self.token, timeout_seconds=DEADLINE_SECONDS, tls=self.tls)

    def caller(self) -> Caller:
        """Return how to call: again and again, within the patience."""
        return Caller(
            patience_seconds=self.patience_seconds,
            deadline_seconds=DEADLINE_SECONDS,
            chance=random.random,
        )


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the service is, which has to be said."""
    return _options(command, required=True)


def optional_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the same options to a command that can do something without a service."""
    return _options(command, required=False)


def _options(command: Callable[..., Any], *, required: bool) -> Callable[..., Any]:
    for option in (
        click.option(
            "--target",
            required=required,
            envvar=TARGET_VARIABLE,
            show_envvar=True,
            help="The gRPC API of evidence, as host:port.",
        ),
        click.option(
            "--token-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            envvar=TOKEN_FILE_VARIABLE,
            show_envvar=True,
            help="A file with the token; without it none is sent.",
        ),
        click.option(
            "--ca-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="PEM of who signed the service's certificate; with it, TLS is used.",
        ),
        click.option(
            "--patience-seconds",
            default=120.0,
            show_default=True,
            help="So long one call is tried again while the service cannot be reached.",
        ),
    )[::-1]:
        command = option(command)
    return command


def target_from(options: dict[str, Any]) -> Target:
    """Return what the options of `target_options` say."""
    token_file: Path | None = options["token_file"]
    ca_file: Path | None = options["ca_file"]
    return Target(
        address=options["target"],
        token=None if token_file is None else token_file.read_text(encoding="utf-8").strip(),
        tls=None if ca_file is None else Tls(ca_file=ca_file),
        patience_seconds=options["patience_seconds"],
    )


_WHAT_TO_DO: Final = {
    "UNAVAILABLE": ". Nothing answers there: look at --target, and whether the service runs.",
    "UNAUTHENTICATED": ". Say --token-file, with a token that stands in the credentials file.",
    "SCOPE_MISSING": ". Use a token that has it, or add it to the token's in the credentials file.",
}
"""By reason, in the words of a command; the service cannot know by what it is called."""


class StoppedError(click.ClickException):
    """The service refused a call, or could not be reached: exit code 3."""

    exit_code = EXIT_STOPPED


def call(work: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """Run a client's work; a refused call ends the command with its reason."""

    async def run() -> object:
        return await work()

    try:
        return asyncio.run(run())
    except grpc.aio.AioRpcError as error:
        raise StoppedError(said(error)) from error


def said(error: grpc.aio.AioRpcError) -> str:
    """Return the reason and the message of a refused call, and what to do where that is known."""
    reason = reason_of(error) or error.code().name
    hint = _WHAT_TO_DO.get(reason, "")
    return f"{reason}: {error.details() or 'no details'}{hint}"


def progress_bar() -> Progress:
    """Return a bar on standard error, so that standard output is the report's alone."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
