"""Policy documents as text: JSON from anywhere, YAML from the files of who runs a command.

A name that comes twice in one mapping is refused: which of the two was meant, nobody can say.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import yaml

from services.mastery.domain.errors import PolicyDocumentError, PolicyProblem
from services.mastery.domain.policy_document import DOCUMENT_BYTES, FIELDS, Document

WHOLE: Final = "document"
"""The field of a problem that is the whole text's."""


def from_json(text: str) -> object:
    """Return what a JSON text says; raises PolicyDocumentError."""
    _check_size(text)
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _unreadable("JSON", error) from error


def from_yaml(text: str) -> object:
    """Return what a YAML text says; raises PolicyDocumentError."""
    _check_size(text)
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable("YAML", error) from error


def to_json(document: Document, *, indent: int | None = None) -> str:
    """Return a document as JSON, its fields in their own order."""
    ordered = {name: document[name] for name in FIELDS if name in document}
    rest = {name: value for name, value in document.items() if name not in ordered}
    return json.dumps(ordered | rest, indent=indent)


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML in which a name may stand once in a mapping, and nothing is repeated by alias."""

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
        """Refuse aliases: a policy needs none, and a few lines of them can fill a memory."""
        if self.check_event(yaml.AliasEvent):
            raise ValueError("an alias (*) has no place in a policy")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401
        """Return a mapping; raises ValueError for a name that comes twice."""
        return _once(
            [
                (self.construct_object(key, deep=True), self.construct_object(value, deep=True))
                for key, value in node.value
            ]
        )


def _once(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for name, value in pairs:
        if isinstance(name, list | Mapping):
            raise ValueError("a name is a list or a mapping")
        if name in found:
            raise ValueError(f"the name {name!a} comes twice")
        found[name] = value
    return found


def _check_size(text: str) -> None:
    size = len(text.encode("utf-8", "replace"))
    if size > DOCUMENT_BYTES:
        raise PolicyDocumentError(
            [
                PolicyProblem(
                    field=WHOLE,
                    why=f"has {size} bytes.",
                    hint=f"A policy has at most {DOCUMENT_BYTES}.",
                )
            ]
        )


def _unreadable(language: str, error: Exception) -> PolicyDocumentError:
    why = "nests too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
    return PolicyDocumentError(
        [
            PolicyProblem(
                field=WHOLE,
                why=f"cannot be read as {language}: {why}.",
                hint='Send an object such as {"minimum_days": 2}.',
            )
        ]
    )
