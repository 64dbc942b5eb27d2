"""What is wrong with a field of a YAML file, in words for whoever wrote it."""

from collections.abc import Mapping
from typing import Any, Final

_WORDS: Final = {
    "missing": "has to be said",
    "extra_forbidden": "is no field: look at its spelling, and where it stands",
    "union_tag_invalid": "{discriminator} is {tag!r}; it can be {expected_tags}",
    "union_tag_not_found": "{discriminator} has to be said",
}
"""By the type of pydantic's error, whose own sentence is for programmers; others say it well."""


def problem(detail: Mapping[str, Any], whole: str) -> str:
    """Return where the fault is and what it is. whole: what to call the file itself.

    A field of an element of a list is named by its place from 0, as in `peers.0.address`.
    """
    place = ".".join(str(part) for part in detail["loc"]) or whole
    words = _WORDS.get(detail["type"])
    if words is None:
        return f"{place}: {detail['msg']}"
    context = {name: str(value) for name, value in detail.get("ctx", {}).items()}
    context["discriminator"] = context.get("discriminator", "").strip("'")
    return f"{place}: {words.format(**context)}"
