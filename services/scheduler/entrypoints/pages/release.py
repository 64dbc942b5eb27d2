"""Which making of the pages this is: another template or word is another page of the same week."""

import hashlib
from functools import cache
from pathlib import Path

ENTRYPOINTS = Path(__file__).parents[1]
SUFFIXES = (".py", ".html", ".typ")


@cache
def pages_digest() -> str:
    """Return a digest of all that makes pages and files of a week, as it lies on the disk."""
    digest = hashlib.sha256()
    for path in sorted(ENTRYPOINTS.rglob("*")):
        if path.suffix in SUFFIXES:
            digest.update(path.read_bytes())
    return digest.hexdigest()
