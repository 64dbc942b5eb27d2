"""Generates `gen/` from `proto/`, and says whether what is committed is what would be generated.

Generated code is committed so that a checkout runs without a compiler; this keeps it honest.
It must not be imported by any service.
"""

from __future__ import annotations

import filecmp
import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
from google.protobuf import descriptor_pb2 as descriptors
from google.protobuf.message import Message

PROTO = Path("proto")
GENERATED = Path("gen")
COMMENTS = "comments.json"
"""In the folder of each package: what its contracts say of themselves, for commands that tell it.

Python's descriptors carry no comments, and an installed Trellis has no proto/.
"""
NAMED = {"message_type", "nested_type", "enum_type", "service", "field", "value", "method"}
"""The fields of descriptors that hold what has a name."""

Named = tuple[tuple[int, ...], str]


def generate(target: Path) -> None:
    """Run the protobuf compiler over every contract and write its output below `target`."""
    sources = sorted(str(path) for path in PROTO.rglob("*.proto"))
    described = target / "descriptors.binpb"
    outputs = [
        *(f"--{kind}_out={target}" for kind in ("python", "pyi", "grpc_python")),
        f"--descriptor_set_out={described}",
        "--include_source_info",
    ]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", *outputs, *sources], check=True
    )
    write_comments(described.read_bytes(), target)
    described.unlink()


def write_comments(described: bytes, target: Path) -> None:
    """Write the comments of every package into its folder, by name within the package."""
    by_package: dict[str, dict[str, str]] = defaultdict(dict)
    for file in descriptors.FileDescriptorSet.FromString(described).file:
        by_package[file.package].update(comments_of(file))
    for package, comments in by_package.items():
        text = json.dumps(dict(sorted(comments.items())), indent=1, ensure_ascii=False)
        (target / package.replace(".", "/") / COMMENTS).write_text(f"{text}\n", "utf-8")


def comments_of(file: descriptors.FileDescriptorProto) -> dict[str, str]:
    """Return what stands before each message, field, value and method of a file, in one line."""
    names = dict(_named(file, (), ""))
    return {
        names[tuple(one.path)]: " ".join(one.leading_comments.split())
        for one in file.source_code_info.location
        if one.leading_comments and tuple(one.path) in names
    }


def _named(parent: Message, path: tuple[int, ...], prefix: str) -> Iterator[Named]:
    """Yield the path of everything that has a name below a descriptor, with that name."""
    for kind, held in parent.DESCRIPTOR.fields_by_name.items():
        for place, child in enumerate(getattr(parent, kind) if kind in NAMED else ()):
            below = (*path, held.number, place)
            yield below, f"{prefix}{child.name}"
            yield from _named(child, below, f"{prefix}{child.name}.")


def differences(fresh: Path, committed: Path) -> list[str]:
    """Name the generated files that are missing, stale or left over, sorted."""
    names = {
        str(path.relative_to(root))
        for root in (fresh, committed)
        for path in root.rglob("*.*")
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
