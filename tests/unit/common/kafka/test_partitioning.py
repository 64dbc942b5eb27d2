"""The partition of a key is the one that every other client takes."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import murmur2 as murmur2_of_aiokafka
from hypothesis import given
from hypothesis import strategies as st

from services.common.kafka.partitioning import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_gives_the_numbers_of_kafkas_own_tests(key: bytes, signed: int) -> None:
    """The examples are those of Apache Kafka's UtilsTest, where Java's int is signed."""
    assert murmur2(key) == signed % 2**32


@given(st.binary(max_size=100), st.integers(min_value=1, max_value=50))
def test_any_key_meets_the_partition_of_another_implementation(key: bytes, count: int) -> None:
    """Ours reads words at once, for speed; the slow one reads bytes."""
    assert murmur2(key) == murmur2_of_aiokafka(key)
    assert partition_of(key, count) == (murmur2_of_aiokafka(key) & 0x7FFFFFFF) % count
