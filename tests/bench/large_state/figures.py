"""What a run found, leg by leg, and what follows from it for a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench.large_state.folding import Folded
from tests.bench.large_state.looks import FOR, PROJECTOR, REBUILD, WORKER, Look
from tests.bench.large_state.rebuilding import Rebuilt
from tests.bench.large_state.work import SHAPES, People, Shape

YEAR_LEARNERS: Final = 43_000
YEAR_ITEMS: Final = 10_800
"""Graded items a learner in a year: 60 a school day, on 180 days."""
LAST_TO_FIRST_LIMIT: Final = 1.2
REBUILD_FACTOR: Final = 3.0
SECONDS_AN_HOUR: Final = 3_600
GIGABYTE: Final = 1e9


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One run of records of a shape, from the first chunk to the last commit.

    `cpu_micros` is by stage, a record; `statement_micros` is wall time within PostgreSQL by what
    statements are for, a record, waits included. Bytes are what the leg added.
    """

    shape: Shape | None
    records: int
    records_per_second: float
    cpu_micros: Mapping[str, float]
    statement_micros: Mapping[str, float]
    worker_resident_mebibytes: float
    worker_peak_mebibytes: float
    wal_bytes_a_record: float
    full_page_images_a_record: float
    checkpoints: int
    table_bytes_a_record: Mapping[str, float]
    hot_update_shares: Mapping[str, float]
    vacuums: Mapping[str, int]
    total_bytes_after: int
    index_share_after: float

    @property
    def cost_micros(self) -> float:
        """CPU of the worker and of PostgreSQL for it, a record."""
        return self.cpu_micros[WORKER] + self.cpu_micros[FOR + WORKER]

    @property
    def postgres_to_worker(self) -> float:
        """PostgreSQL's CPU for the fold as a multiple of the worker's own."""
        return self.cpu_micros[FOR + WORKER] / self.cpu_micros[WORKER]

    @property
    def projected_micros(self) -> float:
        """CPU of the projector and of PostgreSQL for it, a record."""
        return self.cpu_micros[PROJECTOR] + self.cpu_micros[FOR + PROJECTOR]

    @property
    def bytes_a_record(self) -> float:
        """Of all tables with their indexes."""
        return sum(self.table_bytes_a_record.values())


def leg_of(
    shape: Shape | None,
    folded: Folded,
    *,
    cpu_seconds: Mapping[str, float],
    before: Look,
    after: Look,
) -> Leg:
    """Return the figures of a leg."""
    records = folded.records
    tables = {name: (before.tables[name], after.tables[name]) for name in after.tables}
    updates = {name: new.updates - old.updates for name, (old, new) in tables.items()}
    return Leg(
        shape=shape,
        records=records,
        records_per_second=records / folded.wall_seconds,
        cpu_micros={stage: 1e6 * spent / records for stage, spent in cpu_seconds.items()},
        statement_micros={
            purpose: 1e6 * (seconds - before.statement_seconds.get(purpose, 0.0)) / records
            for purpose, seconds in after.statement_seconds.items()
        },
        worker_resident_mebibytes=folded.resident_mebibytes,
        worker_peak_mebibytes=folded.peak_mebibytes,
        wal_bytes_a_record=(after.wal_bytes - before.wal_bytes) / records,
        full_page_images_a_record=(after.full_page_images - before.full_page_images) / records,
        checkpoints=after.checkpoints - before.checkpoints,
        table_bytes_a_record={
            name: (new.total_bytes - old.total_bytes) / records
            for name, (old, new) in tables.items()
        },
        hot_update_shares={
            name: (new.hot_updates - old.hot_updates) / updates[name]
            for name, (old, new) in tables.items()
            if updates[name] > 0
        },
        vacuums={name: new.vacuums - old.vacuums for name, (old, new) in tables.items()},
        total_bytes_after=after.total_bytes,
        index_share_after=after.index_bytes / after.total_bytes,
    )


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How the last leg of a shape compares with its first, as ratios.

    What the worker does for a record does not depend on the state: where its CPU has grown, the
    machine has become slower. `postgres_to_worker` leaves that out: PostgreSQL's CPU as a multiple
    of the worker's.
    """

    shape: Shape
    cost: float
    postgres_to_worker: float
    rate: float
    worker_memory: float
    wal: float

    @property
    def is_level(self) -> bool:
        """Whether a record costs at most a fifth more at the end than at the beginning."""
        return self.cost <= LAST_TO_FIRST_LIMIT


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All figures of one run."""

    command: str
    machine: Mapping[str, str]
    settings: Mapping[str, str]
    people: People
    first_work: Leg
    legs: Sequence[Leg]
    published: int
    rebuilt: Rebuilt
    rebuild_cpu_micros: Mapping[str, float]

    def of_shape(self, shape: Shape) -> list[Leg]:
        """Return the legs of a shape, in order."""
        return [leg for leg in self.legs if leg.shape == shape]

    def growth(self) -> list[Growth]:
        """Return how each shape fared from its first leg to its last."""
        return [_growth(shape, self.of_shape(shape)) for shape in SHAPES]

    def live_per_second(self) -> float:
        """Return records a second over all legs together: the live rate of this run."""
        seconds = sum(leg.records / leg.records_per_second for leg in self.legs)
        return sum(leg.records for leg in self.legs) / seconds

    def rebuilt_per_second(self) -> float:
        """Return records a second from the ledger's first page to its last."""
        return self.rebuilt.records / self.rebuilt.wall_seconds

    def rebuild_factor(self) -> float:
        """Return how many times as fast the rebuild was as live work, shape for shape.

        Live work is taken in the mixture of shapes that was rebuilt: all of the first work was
        quizzes, then legs of each shape.
        """
        left, seconds = self.rebuilt.records, 0.0
        for leg in (self.first_work, *self.legs):
            taken = min(left, leg.records)
            shape = leg.shape or "quizzes"
            legs = self.of_shape(shape)
            a_record = sum(1 / one.records_per_second for one in legs) / len(legs)
            left, seconds = left - taken, seconds + taken * a_record
        return seconds / self.rebuilt.wall_seconds

    def rebuild_cpu_factor(self) -> float:
        """Return how many times the CPU of a rebuilt record a live one takes, shape for shape.

        Rates move with what else the machine does; CPU does less so.
        """
        left, spent = self.rebuilt.records, 0.0
        for leg in (self.first_work, *self.legs):
            taken = min(left, leg.records)
            legs = self.of_shape(leg.shape or "quizzes")
            a_record = sum(one.cost_micros + one.projected_micros for one in legs) / len(legs)
            left, spent = left - taken, spent + taken * a_record
        rebuilt = self.rebuild_cpu_micros[REBUILD] + self.rebuild_cpu_micros[FOR + REBUILD]
        return spent / self.rebuilt.records / rebuilt

    def year(self) -> list[str]:
        """Return what a year comes to, each number with the sum that it is."""
        records = YEAR_LEARNERS * YEAR_ITEMS
        lines = [
            f"records: {YEAR_LEARNERS:,} learners × {YEAR_ITEMS:,} items = {records / 1e6:.1f} M"
        ]
        for shape in SHAPES:
            lines += _year_of(shape, self.of_shape(shape)[-1], records)
        a_second = self.rebuilt_per_second()
        lines.append(
            f"rebuild of the year: {records / 1e6:.1f} M ÷ {a_second:,.0f} a second ="
            f" {records / a_second / SECONDS_AN_HOUR:.1f} h"
        )
        return lines


def _growth(shape: Shape, legs: Sequence[Leg]) -> Growth:
    first, last = legs[0], legs[-1]
    return Growth(
        shape=shape,
        cost=last.cost_micros / first.cost_micros,
        postgres_to_worker=last.postgres_to_worker / first.postgres_to_worker,
        rate=last.records_per_second / first.records_per_second,
        worker_memory=last.worker_resident_mebibytes / first.worker_resident_mebibytes,
        wal=last.wal_bytes_a_record / first.wal_bytes_a_record,
    )


def _year_of(shape: Shape, leg: Leg, records: int) -> list[str]:
    """Return a year of one shape, by its last leg."""
    a_record, a_second = leg.bytes_a_record, leg.records_per_second
    projected = leg.projected_micros
    return [
        f"all as {shape}: {records / 1e6:.1f} M × {a_record:,.0f} bytes of tables and indexes ="
        f" {records * a_record / GIGABYTE:,.0f} GB;"
        f" × {leg.wal_bytes_a_record:,.0f} bytes of WAL ="
        f" {records * leg.wal_bytes_a_record / GIGABYTE:,.0f} GB written",
        f"all as {shape}: ÷ {a_second:,.0f} a second ="
        f" {records / a_second / SECONDS_AN_HOUR:,.1f} h of wall time;"
        f" × ({leg.cost_micros:.0f} + {projected:.0f}) µs of CPU to fold and project ="
        f" {records * (leg.cost_micros + projected) / 1e6 / SECONDS_AN_HOUR:,.1f} core hours",
    ]
