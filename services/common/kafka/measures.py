"""The metrics of workers and relays. Labels are groups, topics and partitions: few values."""

from __future__ import annotations

from contextlib import suppress

from services.common.kafka.progress import Progress
from services.common.metrics import counter, gauge, histogram

_RECORDS = counter(
    "consume_records",
    "Records by outcome: applied, skipped (already applied before) or parked. Parked ones are in"
    " dead_letter with their reason: look there.",
    ("consumer_group", "topic", "outcome"),
)
_CHUNK_SECONDS = histogram(
    "consume_chunk_seconds",
    "Length of one transaction of chunks, its retries included. Above a second PostgreSQL is slow"
    " or away.",
    ("consumer_group", "topic"),
)
_RETRIES = counter(
    "consume_retries",
    "Failures that were tried again. When it rises steadily, look at the worker's log for what.",
    ("consumer_group", "topic"),
)
_LAG = gauge(
    "consume_lag_records",
    "Offsets between what is applied and the topic's end. When it grows, add workers, up to the"
    " number of partitions.",
    ("consumer_group", "topic", "partition"),
)
RELAY_PUBLISHED = counter(
    "relay_published_rows",
    "Rows that Kafka has acknowledged and the cursor has passed.",
    ("relay",),
)
RELAY_UNSENT_ROWS = gauge(
    "relay_unsent_rows",
    "Rows behind the cursor that wait to be published, counted up to a bound.",
    ("relay",),
)
RELAY_OLDEST_SECONDS = gauge(
    "relay_oldest_unsent_seconds",
    "Age of the oldest unsent row. When it grows while the relay is well, a transaction is open"
    " somewhere on the PostgreSQL server: see pg_stat_activity by xact_start.",
    ("relay",),
)
RELAY_WATERMARK_SECONDS = gauge(
    "relay_watermark_time_seconds",
    "When the last watermark was sent, in seconds since 1970. It stands while nothing is written."
    " When it stands although evidence comes in, who asks for a position waits in vain: see"
    " relay_oldest_unsent_seconds.",
    ("topic",),
)
RELAY_ACTIVE = gauge(
    "relay_active", "1 where this process publishes, 0 where it stands by.", ("relay",)
)


class ConsumeMeasures:
    """The metrics of one group on one topic, their label values looked up once."""

    def __init__(self, consumer_group: str, topic: str) -> None:
        self._labels = (consumer_group, topic)
        self._applied = _RECORDS.labels(*self._labels, "applied")
        self._skipped = _RECORDS.labels(*self._labels, "skipped")
        self._parked = _RECORDS.labels(*self._labels, "parked")
        self._seconds = _CHUNK_SECONDS.labels(*self._labels)
        self._retries = _RETRIES.labels(*self._labels)

    def transacted(self, seconds: float) -> None:
        """Note how long a transaction took."""
        self._seconds.observe(seconds)

    def consumed(self, applied: int, skipped: int, parked: int) -> None:
        """Count what became of one chunk."""
        self._applied.inc(applied)
        self._skipped.inc(skipped)
        self._parked.inc(parked)

    def retried(self) -> None:
        """Count a failure that is tried again."""
        self._retries.inc()

    def lag(self, partition: int, progress: Progress) -> None:
        """Set the lag of one partition of ours."""
        known = progress.partitions.get(partition)
        if known is not None:
            _LAG.labels(*self._labels, str(partition)).set(known.lag)

    def unassigned(self, partitions: set[int]) -> None:
        """Drop the lag of partitions that another worker has now."""
        for partition in partitions:
            with suppress(KeyError):
                _LAG.remove(*self._labels, str(partition))
