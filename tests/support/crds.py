"""Schemas of operators' resources, from the modules in which the operators publish them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator

FETCH_SECONDS: Final = 300
CLOUD_NATIVE_PG: Final = "github.com/cloudnative-pg/cloudnative-pg@v1.28.0"
PROMETHEUS_OPERATOR: Final = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
FOLDERS: Final = {
    CLOUD_NATIVE_PG: "config/crd/bases",
    PROMETHEUS_OPERATOR: "example/prometheus-operator-crd",
}
Schema = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Takes a bare "=", which YAML 1.1 gives a meaning of its own, for the text that it is."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def problems(resource: dict[str, Any]) -> list[str]:
    """Return what is wrong with a resource of an operator; a field that is not known is wrong."""
    schema = schemas()[resource["apiVersion"], resource["kind"]]
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(resource)
    ]


@cache
def schemas() -> dict[tuple[str, str], Schema]:
    """Return the strict schema of each resource, by version and kind."""
    found = {}
    for module, folder in FOLDERS.items():
        for path in (_fetched(module) / folder).glob("*.yaml"):
            for crd in yaml.load_all(path.read_text("utf-8"), _Loader):
                found.update(_versions(crd["spec"]))
    return found


def _versions(spec: dict[str, Any]) -> Iterator[tuple[tuple[str, str], Schema]]:
    for version in spec["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
        # What Kubernetes itself knows of every resource is not in the schema.
        schema["properties"]["metadata"] = {"type": "object", "additionalProperties": True}
        yield key, _strict(schema)


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict(value) for key, value in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    return made


def _fetched(module: str) -> Path:
    """Return the folder of a Go module, fetched into Go's own cache where it is not there yet."""
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(
            ["go", "mod", "download", "-json", module],
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
            timeout=FETCH_SECONDS,
        )
    said: dict[str, str] = json.loads(done.stdout or "{}")
    if "Dir" not in said:
        raise FileNotFoundError(f"{module}: {said.get('Error') or done.stderr}")
    return Path(said["Dir"])
