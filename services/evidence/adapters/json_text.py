"""Contents of source objects as JSON texts, for stores and for telling what has changed."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.evidence.domain.source_object import Json, SourceObject


def json_text(content: Mapping[str, Json]) -> str:
    """Return the JSON of a content, with its names sorted."""
    return json.dumps(content, default=_plain, sort_keys=True, ensure_ascii=False)


def content_of(text: str) -> Mapping[str, Json]:
    """Return the content of a JSON text; fractions are Decimal."""
    found: Mapping[str, Json] = json.loads(text, parse_float=Decimal)
    return found


def digest_of_object(one: SourceObject) -> bytes:
    """Return 16 bytes that are the same where an object says the same, in whatever form it came."""
    parent = "" if one.parent is None else f"{one.parent.collection.value}/{one.parent.id}"
    text = "\x1f".join((str(one.deleted), parent, json_text(one.content)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _plain(value: object) -> Any:  # noqa: ANN401  (json takes anything)
    # A decoder takes no number of more than 15 digits, and so many a float holds exactly.
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} stands in no content")
