"""Where the service is that a command talks to, and how: options, calls, the bar that is shown."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import click
import grpc.aio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from services.common.rpc import command_line
from services.common.rpc.client import connect
from services.evidence.entrypoints.importing.sending import Caller

DEADLINE_SECONDS: Final = 30.0

TARGET_VARIABLE: Final = "TRELLIS_EVIDENCE_TARGET"
"""Said once in a shell, it need not be said with every command."""

EXIT_REFUSED: Final = 1
"""Of every command: 0 done, 1 some of it is refused, 2 it cannot be used so, 3 stopped."""


@dataclass(frozen=True, kw_only=True)
class Target(command_line.Target):
    """Where the service is, with which token, and how long a call is tried again."""

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
    patience = click.option(
        "--patience-seconds",
        default=120.0,
        show_default=True,
        help="So long one call is tried again while the service cannot be reached.",
    )
    add = command_line.target_options("evidence", TARGET_VARIABLE, required=required)
    return add(patience(command))


def target_from(options: dict[str, Any]) -> Target:
    """Return what the options of `target_options` say."""
    said = command_line.target_from(options)
    return Target(
        address=said.address,
        token=said.token,
        tls=said.tls,
        patience_seconds=options["patience_seconds"],
    )


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
