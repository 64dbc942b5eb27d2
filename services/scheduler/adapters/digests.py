"""Digests of published weeks as stored bytes: canonical JSON, compressed."""

import zlib

from services.scheduler.adapters.documents import (
    COMPRESSION_LEVEL,
    decompressed,
    from_json,
    to_json,
)
from services.scheduler.domain.history.digest import WeekDigest

MAXIMUM_BYTES = 16 * 1024 * 1024
"""Of a digest before compression; that of a school of 1,200 has less than one."""


def pack_digest(digest: WeekDigest) -> bytes:
    """Return a digest as it is stored."""
    return zlib.compress(to_json(digest).encode(), COMPRESSION_LEVEL)


def unpack_digest(data: bytes) -> WeekDigest:
    """Return a digest from its stored bytes; raises ValueError."""
    return from_json(WeekDigest, decompressed(data, MAXIMUM_BYTES))
