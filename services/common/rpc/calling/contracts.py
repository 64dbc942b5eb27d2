"""What a service's contracts say: its methods, their messages and the comments on both.

Descriptors come from the generated modules, comments from `comments.json` beside them.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any, Final

from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)

COMMENTS: Final = "comments.json"

Described = Descriptor | EnumDescriptor | FieldDescriptor | MethodDescriptor | ServiceDescriptor


class Contracts:
    """The methods of a service, by their bare names, which are unique within it."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        """Take the generated `…_service_pb2` modules; methods that stream are left out."""
        files = [module.DESCRIPTOR for module in modules]
        first = next(iter(modules))
        self._root = Path(str(first.__file__)).parents[files[0].name.count("/")]
        self.services: Mapping[str, Mapping[str, MethodDescriptor]] = {
            service.name: {
                method.name: method
                for method in service.methods
                if not (method.client_streaming or method.server_streaming)
            }
            for file in files
            for service in file.services_by_name.values()
        }
        self.methods: Mapping[str, MethodDescriptor] = {
            name: method for methods in self.services.values() for name, method in methods.items()
        }

    def find(self, name: str) -> MethodDescriptor | None:
        """Return a method by its name, alone or after that of its service."""
        service, _, bare = name.rpartition(".")
        found = self.methods.get(bare)
        return found if found and service in ("", found.containing_service.name) else None

    def comment(self, described: Described, value: str = "") -> str:
        """Return what the contract says of it, or of a value of an enumeration; "" for nothing."""
        file = _file(described)
        name = described.full_name.removeprefix(f"{file.package}.")
        folder = self._root / PurePosixPath(file.name).parent
        return _comments(folder).get(f"{name}.{value}" if value else name, "")


def _file(described: Any) -> FileDescriptor:  # noqa: ANN401  (not every stub says it has one)
    file: FileDescriptor = getattr(described, "containing_service", described).file
    return file


@cache
def _comments(folder: Path) -> Mapping[str, str]:
    """Return the comments of a package; none for those that are not Trellis's own."""
    path = folder / COMMENTS
    if not path.exists():
        return {}
    comments: dict[str, str] = json.loads(path.read_text("utf-8"))
    return comments
