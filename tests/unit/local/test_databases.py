"""The bootstrap file as Python reads it, and the addresses that follow from it."""

from __future__ import annotations

import re

import pytest

from deploy.local.databases import (
    BOOTSTRAP_FILE,
    ROLES,
    SERVICES,
    VARIABLE,
    bootstrap_queries,
    development_passwords,
    role_name,
    service_dsn,
    with_database,
)
from deploy.local.errors import BootstrapError

SCRIPT = BOOTSTRAP_FILE.read_text(encoding="utf-8")
VARIABLES = {f"{role}_password": password for role, password in development_passwords().items()}


def test_the_file_holds_a_password_variable_for_every_role() -> None:
    """What the file asks for and what Python gives are the same names."""
    assert set(VARIABLE.findall(SCRIPT)) == VARIABLES.keys()


def test_the_file_uses_nothing_of_psql_but_gexec() -> None:
    """Any other backslash command would work in psql and fail here."""
    code = "\n".join(line for line in SCRIPT.splitlines() if not line.startswith("--"))
    assert set(re.findall(r"\\\w+", code)) == {"\\gexec"}


def test_every_block_is_a_query_without_a_variable_left() -> None:
    """Each block returns statements, so it begins with SELECT, and all variables are filled in."""
    queries = bootstrap_queries(SCRIPT, VARIABLES)
    assert len(queries) == 6
    assert all(query.startswith("SELECT format(") for query in queries)
    assert not any(VARIABLE.search(query) for query in queries)


def test_a_password_with_a_quote_stays_a_password() -> None:
    """A quote in a password ends no literal."""
    (query,) = bootstrap_queries("SELECT :'a_password', '1'::int\n\\gexec\n", {"a_password": "x'y"})
    assert query == "SELECT 'x''y', '1'::int"


def test_a_last_block_that_would_never_run_is_refused() -> None:
    """Whoever forgets the last marker hears of it."""
    with pytest.raises(BootstrapError):
        bootstrap_queries("SELECT 1\n\\gexec\nSELECT 2;\n", {})


def test_every_service_and_role_stands_in_the_file() -> None:
    """The names that Python uses are those that the file makes."""
    assert all(f"'{role_name(service, role)}'" in SCRIPT for service in SERVICES for role in ROLES)


def test_a_services_address_keeps_the_host_and_changes_who_and_where() -> None:
    """The superuser's name is gone, the password is quoted, the options stay."""
    dsn = service_dsn("postgresql://root:s@h:5/postgres?ssl=1", "mastery", "api", password="a/b")
    assert dsn == "postgresql://mastery_api:a%2Fb@h:5/trellis_mastery?ssl=1"
    assert with_database(dsn, "other").endswith("@h:5/other?ssl=1")
