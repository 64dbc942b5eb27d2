"""Metrics: one registry, names as `trellis_<thing>_<unit>`, and no label that names a person.

Metrics are made at import, once, with the factories below:

    ACCEPTED = counter("evidence_accepted_records", "Records that ...; look at ... when it stops.")

The help text says what a figure means and what to do when it is wrong.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

REGISTRY: Final = CollectorRegistry(auto_describe=True)
"""Every metric of the process. One process a pod: there is no multiprocess mode."""

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Of what `render` returns."""

SECONDS_BUCKETS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
)
"""For the length of requests and transactions."""

FRESHNESS_BUCKETS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 21_600)
"""For ages of facts in seconds: the objective is 60 s."""

FORBIDDEN_LABELS: Final = frozenset(
    {"learner", "learner_id", "person", "adult", "event_id", "evidence_id", "item", "token"}
)
"""Personal, or without a bound on the number of their values."""

PREFIX: Final = "trellis_"
LOOP_LAG_INTERVAL_SECONDS: Final = 0.5

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


def _checked(labels: Iterable[str]) -> tuple[str, ...]:
    names = tuple(labels)
    refused = FORBIDDEN_LABELS.intersection(names)
    if refused:
        raise ValueError(f"labels that no metric may have: {sorted(refused)}")
    return names


def counter(
    name: str,
    documentation: str,
    labels: Iterable[str] = (),
    *,
    registry: CollectorRegistry = REGISTRY,
) -> Counter:
    """Make the counter `trellis_<name>_total`."""
    return Counter(PREFIX + name, documentation, _checked(labels), registry=registry)


def gauge(
    name: str,
    documentation: str,
    labels: Iterable[str] = (),
    *,
    registry: CollectorRegistry = REGISTRY,
) -> Gauge:
    """Make the gauge `trellis_<name>`; the name ends with its unit."""
    return Gauge(PREFIX + name, documentation, _checked(labels), registry=registry)


def histogram(
    name: str,
    documentation: str,
    labels: Iterable[str] = (),
    *,
    buckets: Sequence[float] = SECONDS_BUCKETS,
    registry: CollectorRegistry = REGISTRY,
) -> Histogram:
    """Make the histogram `trellis_<name>`; the name ends with its unit."""
    return Histogram(
        PREFIX + name, documentation, _checked(labels), buckets=buckets, registry=registry
    )


class Red:
    """Rate, errors and duration of one kind of work: a histogram by labels, its children kept.

    The histogram's own count is the rate, so that one observation is all that a request costs.
    """

    def __init__(
        self,
        thing: str,
        documentation: str,
        labels: Iterable[str] = ("method", "code"),
        *,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        """Make `trellis_<thing>_seconds` with these labels, each with few values."""
        self._histogram = histogram(f"{thing}_seconds", documentation, labels, registry=registry)
        self._children: dict[tuple[str, ...], Histogram] = {}

    def observe(self, seconds: float, *label_values: str) -> None:
        """Count one piece of work that took `seconds`."""
        child = self._children.get(label_values)
        if child is None:
            child = self._children[label_values] = self._histogram.labels(*label_values)
        child.observe(seconds)


EVENT_LOOP_LAG: Final = gauge(
    "event_loop_lag_seconds",
    "How late the event loop was at the last look. Above 0.1 something blocks it: move that work"
    " to a process pool or into smaller pieces.",
)


async def watch_event_loop(*, interval_seconds: float = LOOP_LAG_INTERVAL_SECONDS) -> None:
    """Keep the gauge of the event loop's lag; runs until it is cancelled."""
    while True:
        due = time.perf_counter() + interval_seconds
        await asyncio.sleep(interval_seconds)
        EVENT_LOOP_LAG.set(max(0.0, time.perf_counter() - due))


def render(registry: CollectorRegistry = REGISTRY) -> bytes:
    """Return all metrics in Prometheus' text format."""
    return generate_latest(registry)
