"""Where the service is that a command talks to, and what is said where it refuses a call.

For commands that are clients of a service's API. Which calls they make, and how often one is tried
again, is theirs.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import click
import grpc.aio

from services.common.rpc.client import DEADLINE_SECONDS, connect, detail_of
from services.common.rpc.tls import Tls

TOKEN_FILE_VARIABLE: Final = "TRELLIS_TOKEN_FILE"  # noqa: S105  (a name)
"""Said once in a shell, it need not be said with every command."""

EXIT_STOPPED: Final = 3
"""Of a command whose call was refused, or that could not reach the service."""

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a service is, and with which token."""

    address: str
    token: str | None
    tls: Tls | None


def target_options(
    service: str, variable: str, *, required: bool = True, default: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the options that say where a service is.

    variable: of the environment, which says the address where no option does.
    default: the address where neither does.
    """
    # A default of None would be one for click, and nothing would be asked for any more.
    otherwise: dict[str, Any] = {} if default is None else {"default": default}
    options = (
        click.option(
            "--target",
            required=required and default is None,
            show_default=default is not None,
            **otherwise,
            envvar=variable,
            show_envvar=True,
            help=f"The gRPC API of {service}, as host:port.",
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
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def target_from(options: dict[str, Any]) -> Target:
    """Return what the options of `target_options` say."""
    token_file: Path | None = options["token_file"]
    ca_file: Path | None = options["ca_file"]
    return Target(
        address=options["target"],
        token=None if token_file is None else token_file.read_text(encoding="utf-8").strip(),
        tls=None if ca_file is None else Tls(ca_file=ca_file),
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


def call(work: Callable[[], Awaitable[T]]) -> T:
    """Run a client's work; a refused call ends the command with its reason."""

    async def run() -> T:
        return await work()

    try:
        return asyncio.run(run())
    except grpc.aio.AioRpcError as error:
        raise StoppedError(said(error)) from error


@dataclass(frozen=True, kw_only=True)
class Client(Generic[S]):
    """A command as the client of one contract. timeout_seconds: of each call."""

    stub: Callable[[grpc.aio.Channel], S]
    timeout_seconds: float = DEADLINE_SECONDS

    def call(self, options: dict[str, Any], work: Callable[[S], Awaitable[T]]) -> T:
        """Do a client's work at the target of the options, as `call` does."""
        target = target_from(options)

        async def connect_and_work() -> T:
            async with connect(
                target.address, target.token, timeout_seconds=self.timeout_seconds, tls=target.tls
            ) as channel:
                return await work(self.stub(channel))

        return call(connect_and_work)


def said(error: grpc.aio.AioRpcError) -> str:
    """Return the reason and the message of a refused call, and what to do where that is known."""
    detail = detail_of(error)
    reason = detail.reason if detail else error.code().name
    message = error.details() or "no details"
    hint = detail.metadata.get("hint", "") if detail else ""
    to_do = f": {hint}" if hint and hint not in message else _WHAT_TO_DO.get(reason, "")
    return f"{reason}: {message}{to_do}"
