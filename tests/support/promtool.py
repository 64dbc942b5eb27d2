"""Prometheus' own tool for rules, from the Debian package, fetched once."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

FETCH_SECONDS: Final = 300
ROOT: Final = Path(__file__).parents[2]


def promtool_program() -> Path:
    """Return promtool: the machine's own, or one below .trellis/cache."""
    own = shutil.which("promtool")
    if own is not None:
        return Path(own)
    program = ROOT / ".trellis" / "cache" / "promtool"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as directory:
            _fetch(Path(directory)).replace(program)
    return program


def _fetch(directory: Path) -> Path:
    def run(*command: str) -> None:
        subprocess.run(command, cwd=directory, check=True, timeout=FETCH_SECONDS)

    run("apt-get", "--quiet", "download", "prometheus")
    (package,) = directory.glob("prometheus_*.deb")
    run("dpkg-deb", "--extract", package.name, "content")
    return directory / "content" / "usr" / "bin" / "promtool"
