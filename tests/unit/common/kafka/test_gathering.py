"""How long the broker may wait for more records before it answers a fetch."""

from __future__ import annotations

from types import SimpleNamespace

from services.common.kafka.transport import (
    BUSY_RECORDS,
    GATHER_BYTES,
    GATHER_MILLISECONDS,
    ChunkConsumerThread,
)


class AThread(ChunkConsumerThread):
    """The thread's decisions without the thread: it has a fetcher to tell, and no consumer."""

    def __init__(self) -> None:
        self.fetcher = SimpleNamespace(_fetch_min_bytes=0, _fetch_max_wait_ms=0)

    def _ensure_consumer(self) -> SimpleNamespace:
        return SimpleNamespace(_fetcher=self.fetcher)


def test_while_records_come_in_numbers_the_broker_gathers_for_a_moment():
    """After a full poll the next fetch waits for more bytes, and no longer than the bound."""
    thread = AThread()
    thread._gather(BUSY_RECORDS)
    assert thread.fetcher._fetch_min_bytes == GATHER_BYTES
    assert thread.fetcher._fetch_max_wait_ms == GATHER_MILLISECONDS


def test_a_lone_record_is_sent_on_at_once():
    """After a poll of few records one byte is enough to be answered, also after a busy time."""
    thread = AThread()
    thread._gather(BUSY_RECORDS)
    thread._gather(BUSY_RECORDS - 1)
    assert thread.fetcher._fetch_min_bytes == 1


def test_what_gathering_sets_is_what_aiokafka_reads():
    """The two names are private to aiokafka's fetcher: a new version that drops them shows here."""
    from aiokafka.consumer.fetcher import Fetcher

    names = Fetcher.__init__.__code__.co_names + Fetcher._get_actions_per_node.__code__.co_names
    assert {"_fetch_min_bytes", "_fetch_max_wait_ms"} <= set(names)
