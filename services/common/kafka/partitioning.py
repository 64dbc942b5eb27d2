"""Which partition a key belongs to: murmur2, as every Kafka client's default partitioner has it."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

_SEED: Final = 0x9747B28C
_MULTIPLIER: Final = 0x5BD1E995
_ROTATE: Final = 24
_WORD: Final = 0xFFFFFFFF
_POSITIVE: Final = 0x7FFFFFFF
# Keys repeat: a class hands in its quiz at once. A hash costs 3 µs, a look-up 0.1.
CACHED_KEYS: Final = 65_536


def murmur2(data: bytes) -> int:
    """Return the 32-bit hash, unsigned (org.apache.kafka.common.utils.Utils.murmur2)."""
    length = len(data)
    value = _SEED ^ length
    words = length // 4
    for word in struct.unpack_from(f"<{words}I", data):
        mixed = (word * _MULTIPLIER) & _WORD
        mixed = ((mixed ^ (mixed >> _ROTATE)) * _MULTIPLIER) & _WORD
        value = ((value * _MULTIPLIER) & _WORD) ^ mixed
    rest = data[words * 4 :]
    if rest:
        value = ((value ^ int.from_bytes(rest, "little")) * _MULTIPLIER) & _WORD
    value = ((value ^ (value >> 13)) * _MULTIPLIER) & _WORD
    return value ^ (value >> 15)


@lru_cache(maxsize=CACHED_KEYS)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key among ``partitions`` (≥ 1)."""
    return (murmur2(key) & _POSITIVE) % partitions
