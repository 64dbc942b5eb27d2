"""Configuration: environment variables, read once into a frozen object, every problem at once.

A service subclasses `Settings`, gives its prefix and its own fields:

    class EvidenceSettings(Settings):
        model_config = SettingsConfigDict(env_prefix="EVIDENCE_")
        learner_keys_file: Path | None = None

    settings = load(EvidenceSettings)

An empty variable counts as not set. A variable that is nearly the name of a setting is a problem
too: a typing error must not silently mean the default. Nothing else in a service reads the
environment. Values are never printed, as some are secrets.
"""

import difflib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

EXIT_CONFIGURATION = 2
"""Exit code of a process whose configuration is wrong: starting it again cannot help."""

MAXIMUM_PORT = 65_535
# Nearly a known name: a slip of one or two letters in some twenty.
TYPING_ERROR_RATIO = 0.88


class ConfigurationError(Exception):
    """What was configured cannot work; the message says what to change. Exit code 2."""


def parse_listen(listen: str) -> tuple[str, int]:
    """Split "host:port" ("[::1]:8080" for IPv6) into host and port; port 0 takes a free one.

    Raises `ValueError`.
    """
    host, separator, port = listen.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit():
        raise ValueError('must be "host:port", for example "127.0.0.1:8080"')
    if int(port) > MAXIMUM_PORT:
        raise ValueError(f"the port must be 0 to {MAXIMUM_PORT}")
    bare = host.removeprefix("[").removesuffix("]")
    if ":" in bare and bare == host:
        raise ValueError('an IPv6 host goes in brackets, for example "[::1]:8080"')
    return bare, int(port)


def is_loopback(listen: str) -> bool:
    """Whether "host:port" can be reached from this machine alone."""
    host, _ = parse_listen(listen)
    return host in {"localhost", "::1"} or host.startswith("127.")


def _listen(value: str) -> str:
    parse_listen(value)
    return value


Listen = Annotated[str, AfterValidator(_listen)]
"""A checked "host:port" to listen on; port 0 takes a free one."""


class Settings(BaseSettings):
    """What every process can be told. A service's own settings extend it with a prefix."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, validate_default=True
    )

    postgres_dsn: Annotated[str, Field(min_length=1, repr=False)] = (
        "postgresql://127.0.0.1:5432/trellis"
    )
    """Address of the service's database for the role of this process (owner, api or worker)."""
    postgres_pool_size: Annotated[int, Field(ge=1, le=100)] = 8
    """At most this many connections."""
    kafka_bootstrap_servers: Annotated[str, Field(min_length=1)] = "127.0.0.1:9092"
    """Brokers as "host:port", separated by commas."""
    grpc_listen: Listen = "127.0.0.1:0"
    """Where the gRPC API listens."""
    http_listen: Listen = "127.0.0.1:0"
    """Where pages and the HTTP API listen, where the service has any."""
    health_listen: Listen = "127.0.0.1:0"
    """Where /health/live, /health/ready and /metrics listen: a port of their own, without TLS."""
    credentials_file: Path | None = None
    """Who may call (rpc/credentials_file.py has the format). Without it: loopback only."""
    development_district: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = None
    """Without a credentials file: every caller acts for this district. For development alone."""
    grpc_tls_certificate_file: Path | None = None
    """PEM certificate chain of the gRPC API; with it, `grpc_tls_key_file` is needed."""
    grpc_tls_key_file: Path | None = None
    """PEM key of that certificate."""
    grpc_tls_client_ca_file: Path | None = None
    """PEM of who signs clients' certificates; with it, a client must have one."""
    grpc_tls_client_names: str | None = None
    """Who may call, separated by commas: a URI of each client's certificate. Without it: who has
    a certificate of that CA."""
    log_format: Literal["json", "console"] = "json"
    """How a log line looks."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level that is written."""
    shutdown_grace_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """After SIGTERM, work in flight has this long."""


SettingsClass = TypeVar("SettingsClass", bound=BaseSettings)


def load(settings_class: type[SettingsClass]) -> SettingsClass:
    """Read the environment into the settings; print every problem and exit 2 where there is one."""
    problems = typing_errors(settings_class, os.environ)
    try:
        settings = settings_class()
    except ValidationError as error:
        problems += [_problem(settings_class, detail) for detail in error.errors()]
    except SettingsError as error:  # a variable that should hold JSON and does not
        problems.append(str(error))
    else:
        if not problems:
            return settings
    _exit_with(problems)


def typing_errors(settings_class: type[BaseSettings], environment: Mapping[str, str]) -> list[str]:
    """Return a line for each variable that is nearly the name of a setting, but is none."""
    prefix = _prefix(settings_class)
    known = {variable_name(settings_class, field) for field in settings_class.model_fields}
    unknown = sorted(name for name in environment if name.startswith(prefix) and name not in known)
    problems = []
    for name in unknown if prefix else ():
        close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=TYPING_ERROR_RATIO)
        if close:
            problems.append(f"{name}: there is no such setting; did you mean {close[0]}?")
    return problems


def variable_name(settings_class: type[BaseSettings], field: str) -> str:
    """Return the name of the environment variable of a setting."""
    return f"{_prefix(settings_class)}{field}".upper()


def _prefix(settings_class: type[BaseSettings]) -> str:
    return str(settings_class.model_config.get("env_prefix", "")).upper()


def _problem(settings_class: type[BaseSettings], detail: ErrorDetails) -> str:
    location = [str(part) for part in detail["loc"]]
    # A validator over several settings has no location: its message names them.
    name = variable_name(settings_class, location[0]) if location else ""
    context: dict[str, Any] = detail.get("ctx", {})
    cause = context.get("error")
    said = str(cause) if isinstance(cause, ValueError) else detail["msg"]
    return f"{name}: {said}" if name else said


def _exit_with(problems: list[str]) -> NoReturn:
    lines = ["The configuration cannot be used:", *(f"  {problem}" for problem in problems)]
    sys.stderr.write("\n".join(lines) + "\n")
    raise SystemExit(EXIT_CONFIGURATION)
