"""The images of a test: Trellis from a checkout or a tag, and stand-ins for those of servers."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local.kafka import fetch_jars
from deploy.local.postgres import wheel_directory
from deploy.local.stack import kafka_cache
from tests.cluster.tool import ROOT, ClusterTool

BASE: Final = "docker.io/library/python:3.11-slim"
HERE: Final = Path(__file__).parent / "images"
REPOSITORY: Final = "localhost/trellis"
KAFKA: Final = "localhost/kafka:4.3.1"
POSTGRES: Final = "localhost/postgres:18"


def trellis_image(tool: ClusterTool, tag: str, checkout: Path = ROOT) -> Path:
    """Build the image of a checkout from its own Dockerfile."""
    file = checkout / "deploy" / "Dockerfile"
    return tool.image(checkout, f"trellis:{tag}", "-f", str(file), "--build-arg", f"PYTHON={BASE}")


@contextmanager
def checkout_of(revision: str) -> Iterator[Path]:
    """Lend a checkout of a revision."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory) / "checkout"
        _git("worktree", "add", "--detach", str(place), revision)
        try:
            yield place
        finally:
            _git("worktree", "remove", "--force", str(place))


def kafka_image(tool: ClusterTool) -> Path:
    """Build what stands in for Kafka's image: the jars that tests run, and this machine's Java."""
    jars = kafka_cache(ROOT / ".trellis")
    fetch_jars(jars)
    with tempfile.TemporaryDirectory() as directory:
        context = Path(directory)
        shutil.copytree(HERE / "kafka", context, dirs_exist_ok=True)
        shutil.copytree(jars, context / "jars")
        shutil.copytree(_java_home(), context / "jre", ignore=shutil.ignore_patterns("src.zip"))
        return tool.image(context, KAFKA.removeprefix("localhost/"))


def postgres_image(tool: ClusterTool) -> Path:
    """Build what stands in for PostgreSQL's image: the programs of the wheel that tests run."""
    package = wheel_directory()
    with tempfile.TemporaryDirectory() as directory:
        context = Path(directory)
        shutil.copytree(HERE / "postgres", context, dirs_exist_ok=True)
        shutil.copytree(package / "pginstall", context / "pginstall", symlinks=True)
        shutil.copytree(package.parent / f"{package.name}.libs", context / "libs")
        return tool.image(context, POSTGRES.removeprefix("localhost/"))


def _java_home() -> Path:
    program = shutil.which("java")
    if program is None:
        raise FileNotFoundError("java is not on the PATH")
    return Path(program).resolve().parents[1]


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, timeout=120)
