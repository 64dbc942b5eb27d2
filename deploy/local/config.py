"""The settings of the local runner: environment only, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from deploy.local.errors import LocalRunnerError

KAFKA_VARIABLE = "TRELLIS_KAFKA_BOOTSTRAP_SERVERS"
POSTGRES_VARIABLE = "TRELLIS_POSTGRES_DSN"


class LocalConfigError(LocalRunnerError):
    """A setting of the local runner cannot be used."""


@dataclass(frozen=True, kw_only=True)
class LocalConfig:
    """Which servers to use. None means: start one here."""

    kafka_bootstrap_servers: str | None = None
    postgres_dsn: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> LocalConfig:
        """Read the variables; an empty one counts as not given."""
        config = cls(
            kafka_bootstrap_servers=environment.get(KAFKA_VARIABLE) or None,
            postgres_dsn=environment.get(POSTGRES_VARIABLE) or None,
        )
        problems = [*_kafka_problems(config), *_postgres_problems(config)]
        if problems:
            raise LocalConfigError(
                what="The environment holds settings that cannot be used.",
                why=" ".join(problems),
                action="Correct the variables, or unset them to have the servers started here.",
            )
        return config


def _kafka_problems(config: LocalConfig) -> list[str]:
    if config.kafka_bootstrap_servers is None:
        return []
    return [
        f"{KAFKA_VARIABLE} holds {address!r}, which is not host:port."
        for address in config.kafka_bootstrap_servers.split(",")
        if not address.rpartition(":")[0] or not address.rpartition(":")[2].isdigit()
    ]


def _postgres_problems(config: LocalConfig) -> list[str]:
    if config.postgres_dsn is None:
        return []
    parts = urlsplit(config.postgres_dsn)
    if parts.scheme in ("postgres", "postgresql") and parts.hostname:
        return []
    # The value is not repeated: it holds a password.
    return [f"{POSTGRES_VARIABLE} is not of the form postgresql://user:password@host:port/name."]
