"""Generates `gen/` from `proto/`, and says whether what is committed is what would be generated.

Generated code is committed so that a checkout runs without a compiler; this keeps it honest.
It must not be imported by any service.
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

PROTO = Path("proto")
GENERATED = Path("gen")


def generate(target: Path) -> None:
    """Run the protobuf compiler over every contract and write its output below `target`."""
    sources = sorted(str(path) for path in PROTO.rglob("*.proto"))
    outputs = [f"--{kind}_out={target}" for kind in ("python", "pyi", "grpc_python")]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", *outputs, *sources], check=True
    )


def differences(fresh: Path, committed: Path) -> list[str]:
    """Name the generated files that are missing, stale or left over, sorted."""
    names = {
        str(path.relative_to(root))
        for root in (fresh, committed)
        for path in root.rglob("*.py*")
        if "__pycache__" not in path.parts
    }
    return sorted(name for name in names if not _same(fresh / name, committed / name))


def _same(left: Path, right: Path) -> bool:
    return left.exists() and right.exists() and filecmp.cmp(left, right, shallow=False)


@click.command()
@click.option("--write", is_flag=True, help="Write the fresh files instead of comparing.")
def main(write: bool) -> None:
    """Compare gen/ with what proto/ gives now; exit 1 with the names of files that differ."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        if write:
            shutil.rmtree(GENERATED / "trellis", ignore_errors=True)
            shutil.copytree(fresh / "trellis", GENERATED / "trellis")
            return
        stale = differences(fresh, GENERATED)
    if stale:
        click.echo("gen/ is not what proto/ gives; run `make proto` and commit:", err=True)
        for name in stale:
            click.echo(f"  {name}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
