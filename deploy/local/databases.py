r"""Makes the roles and databases of the services by running deploy/postgres/bootstrap.sql.

The same file is run by psql elsewhere (see its head): here it is split at `\gexec`, each query is
run, and each statement that it returns is run by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.errors import BootstrapError

Role = Literal["owner", "api", "worker"]

BOOTSTRAP_FILE = Path(__file__).parents[1] / "postgres" / "bootstrap.sql"
SERVICES = ("evidence", "mastery", "scheduler")
ROLES: tuple[Role, ...] = ("owner", "api", "worker")
# Fixed on purpose: it protects nothing on a server that trusts loopback, and a made-up secret in a
# development file would only look like one.
DEVELOPMENT_PASSWORD = "trellis-development"  # noqa: S105
CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 60.0
# psql's quoted variable, :'name', and not the cast ::'name'.
VARIABLE = re.compile(r"(?<!:):'([a-z_]+)'")
RUN = "\\gexec"


def role_name(service: str, role: Role) -> str:
    """Name a role of a service as bootstrap.sql does."""
    return f"{service}_{role}"


def database_name(service: str) -> str:
    """Name the database of a service as bootstrap.sql does."""
    return f"trellis_{service}"


def development_passwords() -> dict[str, str]:
    """Give every role the development password, by role name."""
    return {
        role_name(service, role): DEVELOPMENT_PASSWORD for service in SERVICES for role in ROLES
    }


def with_database(dsn: str, database: str) -> str:
    """Point an address at another database of the same server."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def service_dsn(
    dsn: str,
    service: str,
    role: Role,
    *,
    password: str = DEVELOPMENT_PASSWORD,
    database: str | None = None,
) -> str:
    """Return the address of a service's database for one of its roles.

    `dsn` is any address of the server; only its host, port and options are kept.
    """
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    credentials = f"{role_name(service, role)}:{quote(password, safe='')}"
    return urlunsplit(
        parts._replace(
            netloc=f"{credentials}@{host}", path=f"/{database or database_name(service)}"
        )
    )


def bootstrap_queries(script: str, variables: Mapping[str, str]) -> list[str]:
    """Split the bootstrap file into its queries, with the variables put in as quoted literals."""

    def literal(match: re.Match[str]) -> str:
        return "'" + variables[match.group(1)].replace("'", "''") + "'"

    # Comments go first: they speak of `\gexec` and of variables.
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    blocks = "\n".join(lines).split(RUN)
    if blocks[-1].strip():
        raise BootstrapError(
            what="bootstrap.sql cannot be run.",
            why=f"Its last block does not end with {RUN}, so its statements would never run.",
            action=f"End every block of {BOOTSTRAP_FILE.name} with {RUN}.",
        )
    return [VARIABLE.sub(literal, block).strip() for block in blocks[:-1]]


async def bootstrap(dsn: str, passwords: Mapping[str, str] | None = None) -> None:
    """Make the roles and databases on a server; safe to run again.

    `dsn` is of a role that may create roles and databases. `passwords` is by role name.
    """
    given = development_passwords() if passwords is None else passwords
    variables = {f"{role}_password": password for role, password in given.items()}
    script = BOOTSTRAP_FILE.read_text(encoding="utf-8")
    try:
        connection = await asyncpg.connect(
            dsn, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS
        )
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise BootstrapError(
            what="PostgreSQL does not take the connection that should make the databases.",
            why=str(error) or type(error).__name__,
            action="Check TRELLIS_POSTGRES_DSN (or that the local server runs) and try again.",
        ) from error
    try:
        for query in bootstrap_queries(script, variables):
            for row in await connection.fetch(query):
                await connection.execute(row[0])
    except asyncpg.PostgresError as error:
        raise BootstrapError(
            what="The roles and databases of the services could not be made.",
            why=str(error),
            action="The role of the DSN must be allowed to create roles and databases.",
        ) from error
    finally:
        await connection.close(timeout=CONNECT_SECONDS)
