"""What the transport relies on inside Faust, aiokafka and mode: a change there must fail here.

Each entry is a function that services/common/kafka/transport.py overrides or leans on, with
a digest of its source. When one fails after an upgrade: read what changed, think about offsets, run
tests/integration/kafka and only then write the new digest down.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from importlib.metadata import version

import faust
import mode.threads
import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from faust.app.base import App
from faust.tables.recovery import Recovery
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import ConsumerMessage

from services.common.kafka import transport

RELIED_ON: dict[str, tuple[Callable[..., object], str]] = {
    # Overridden: called with these arguments, its result used in this way.
    "thread._fetch_records": (driver.AIOKafkaConsumerThread._fetch_records, "39a2c6c79fc1"),
    "thread.getmany": (driver.AIOKafkaConsumerThread.getmany, "26fc5fc9f3b6"),
    "thread.highwater": (driver.AIOKafkaConsumerThread.highwater, "6f7dbe109ae6"),
    "consumer._new_consumer_thread": (driver.Consumer._new_consumer_thread, "0870ec53dea7"),
    "consumer._to_message": (driver.Consumer._to_message, "7c24f6511b2f"),
    "consumer.on_buffer_full": (faust_consumer.Consumer.on_buffer_full, "c8961679e0bc"),
    "consumer.on_buffer_drop": (faust_consumer.Consumer.on_buffer_drop, "4b57e8a418d5"),
    "schema.compile": (faust.Schema.compile, "d46eec5ce319"),
    # The way a chunk takes, and the seek before it.
    "consumer.perform_seek": (faust_consumer.Consumer.perform_seek, "0e8c130ff4b0"),
    "consumer.getmany": (faust_consumer.Consumer.getmany, "4b168d84882a"),
    "consumer._drain_messages": (faust_consumer.Consumer._drain_messages, "44a2500309e8"),
    "recovery._resume_streams": (Recovery._resume_streams, "d986a6710c1a"),
    "app._on_partitions_revoked": (App._on_partitions_revoked, "d5c895bbe57d"),
    "app._on_partitions_assigned": (App._on_partitions_assigned, "de932b7927db"),
    "thread.start": (mode.threads.ServiceThread._start_thread, "a06373478446"),
    # Position and records belong together, with no await between them.
    "fetcher.fetched_records": (Fetcher.fetched_records, "be4348896b9b"),
    "fetcher.seek_to": (Fetcher.seek_to, "f0ba6aba6c22"),
    # Replaced, so that records stay as the parser gives them; and where it is called.
    "partition_records._consumer_record": (PartitionRecords._consumer_record, "e668541600b0"),
    "partition_records._unpack_records": (PartitionRecords._unpack_records, "b803e6d46480"),
    "fetch_result.getall": (FetchResult.getall, "3e717e30de50"),
    "fetch_result.check_assignment": (FetchResult.check_assignment, "b5340df67e3f"),
}


def digest(function: Callable[..., object]) -> str:
    """Return the first characters of a digest of a function's source."""
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12]


def test_faust_and_aiokafka_are_the_versions_that_were_read() -> None:
    """Private API is used, so the versions are pinned exactly."""
    assert version("faust-streaming") == "0.15.3"
    assert version("aiokafka") == "0.14.0"


@pytest.mark.parametrize("name", sorted(RELIED_ON))
def test_what_the_transport_relies_on_is_unchanged(name: str) -> None:
    """The source of each function is the one that the transport was written against."""
    function, expected = RELIED_ON[name]
    assert digest(function) == expected, f"{function.__qualname__} has changed: {digest(function)}"


def test_every_override_overrides_something() -> None:
    """A method that Faust renamed would be a method that nobody calls."""
    pairs = [
        (transport.ChunkConsumerThread, driver.AIOKafkaConsumerThread),
        (transport.ChunkConsumer, driver.Consumer),
        (transport.ChunkSchema, faust.Schema),
    ]
    own = {"seek_all", "_seek_all", "_cut", "_gather", "_fail", "_report", "_on_task_done"}
    for ours, theirs in pairs:
        names = {name for name, value in vars(ours).items() if inspect.isroutine(value)}
        missing = {name for name in names - own if not hasattr(theirs, name)}
        assert not missing, f"{ours.__name__}: {missing}"


def test_a_message_takes_its_values_in_the_order_in_which_they_are_given() -> None:
    """The constructor is called with positions, for speed."""
    names = list(inspect.signature(ConsumerMessage).parameters)
    assert names == [
        "topic",
        "partition",
        "offset",
        "timestamp",
        "timestamp_type",
        "headers",
        "key",
        "value",
        "checksum",
        "serialized_key_size",
        "serialized_value_size",
        "tp",
        "time_in",
        "time_out",
        "time_total",
        "generation_id",
    ]
