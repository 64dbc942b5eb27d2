"""The look at the machine: what is missing is named, with why and what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.config import LocalConfig
from deploy.local.preflight import (
    FREE_BYTES_LOWEST,
    Machine,
    NoJavaError,
    NoMavenError,
    NoPostgresError,
    NotLinuxError,
    OldJavaError,
    PreflightError,
    TooLittleDiskError,
    find_problems,
    java_major_version,
)

GOOD = Machine(
    system="linux",
    java_version=17,
    has_maven=True,
    has_postgres=True,
    free_bytes=FREE_BYTES_LOWEST,
    directory=Path("here"),
    kafka_cache_directory=Path("here/cache"),
    kafka_is_cached=False,
)
STARTS_BOTH = LocalConfig()
ELSEWHERE = LocalConfig(kafka_bootstrap_servers="k:9092", postgres_dsn="postgresql://p/postgres")


@pytest.mark.parametrize(
    ("machine", "problem"),
    [
        (replace(GOOD, system="darwin"), NotLinuxError),
        (replace(GOOD, java_version=None), NoJavaError),
        (replace(GOOD, java_version=11), OldJavaError),
        (replace(GOOD, has_maven=False), NoMavenError),
        (replace(GOOD, has_postgres=False), NoPostgresError),
        (replace(GOOD, free_bytes=FREE_BYTES_LOWEST - 1), TooLittleDiskError),
    ],
)
def test_each_lack_is_an_error_of_its_own(machine: Machine, problem: type[PreflightError]) -> None:
    """One thing missing gives one error of its class, which says what, why and what to do."""
    (found,) = find_problems(machine, STARTS_BOTH)
    assert type(found) is problem
    assert all((found.what, found.why, found.action))
    assert f"{found.what}\n  Why: {found.why}\n  What to do: {found.action}" == str(found)


def test_a_good_machine_has_no_problems() -> None:
    """Java 17, Maven, the wheel and room are all it takes."""
    assert find_problems(GOOD, STARTS_BOTH) == []


def test_everything_missing_is_said_at_once() -> None:
    """Nobody installs one thing only to be told of the next."""
    bare = replace(GOOD, java_version=None, has_maven=False, has_postgres=False, free_bytes=0)
    assert [type(problem) for problem in find_problems(bare, STARTS_BOTH)] == [
        NoJavaError,
        NoMavenError,
        NoPostgresError,
        TooLittleDiskError,
    ]


def test_servers_that_run_elsewhere_need_nothing_here() -> None:
    """With both addresses given, neither Java nor Maven nor the wheel nor room is asked for."""
    bare = replace(GOOD, java_version=None, has_maven=False, has_postgres=False, free_bytes=0)
    assert find_problems(bare, ELSEWHERE) == []


def test_a_fetched_kafka_needs_no_maven() -> None:
    """Maven only fetches: once the jars are there, it is not asked for."""
    assert find_problems(replace(GOOD, has_maven=False, kafka_is_cached=True), STARTS_BOTH) == []


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_402"', 8),
        ("command not understood", None),
    ],
)
def test_javas_version_is_read_in_all_its_forms(text: str, version: int | None) -> None:
    """Java 8 called itself 1.8, later ones begin with their number."""
    assert java_major_version(text) == version
