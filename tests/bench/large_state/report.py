"""The figures as tables for people and as a file for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.large_state.figures import (
    LAST_TO_FIRST_LIMIT,
    REBUILD_FACTOR,
    Figures,
    Leg,
)
from tests.bench.large_state.looks import FOR, POSTGRES_REST, PROJECTOR, REBUILD, WORKER

SHOWN_MICROS = 0.05
"""Statements that take less a record are left out."""


def write(figures: Figures, path: Path) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        **asdict(figures),
        "growth": [{**asdict(one), "is_level": one.is_level} for one in figures.growth()],
        "live_per_second": figures.live_per_second(),
        "rebuilt_per_second": figures.rebuilt_per_second(),
        "rebuild_factor": figures.rebuild_factor(),
        "rebuild_cpu_factor": figures.rebuild_cpu_factor(),
        "year": figures.year(),
    }
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    new.replace(path)


def show(figures: Figures, console: Console) -> None:
    """Print everything."""
    legs = [figures.first_work, *figures.legs]
    console.print(_legs(legs))
    console.print(_statements(legs))
    console.print(_tables(legs))
    for line in _answers(figures):
        console.print(line, highlight=False)
    facts = figures.machine
    console.print(
        f"{facts['cores']} cores of {facts['cpu']}, {facts['memory']}, load before the run"
        f" {facts['load_before']}; Python {facts['python']}, PostgreSQL {facts['postgresql']}"
        f", asyncpg {facts['asyncpg']}",
        highlight=False,
    )
    chosen = ", ".join(f"{name} {value}" for name, value in figures.settings.items())
    console.print(f"PostgreSQL's settings: {chosen}", highlight=False)
    console.print(f"Command: {figures.command}", highlight=False)


def _table(title: str, legs: Sequence[Leg]) -> Table:
    table = Table(title=title)
    table.add_column("")
    for number, leg in enumerate(legs):
        table.add_column(f"{number}: {leg.shape}" if leg.shape else "first work", justify="right")
    return table


def _legs(legs: Sequence[Leg]) -> Table:
    table = _table("Leg by leg: µs of CPU and bytes are for a record", legs)
    rows: list[tuple[str, Callable[[Leg], str]]] = [
        ("records", lambda leg: f"{leg.records:,}"),
        ("records a second", lambda leg: f"{leg.records_per_second:,.0f}"),
        *(
            (f"µs: {stage}", lambda leg, stage=stage: f"{leg.cpu_micros.get(stage, 0.0):.1f}")
            for stage in (WORKER, FOR + WORKER, PROJECTOR, FOR + PROJECTOR, POSTGRES_REST)
        ),
        ("worker's memory, MiB", lambda leg: f"{leg.worker_resident_mebibytes:.0f}"),
        ("at most, MiB", lambda leg: f"{leg.worker_peak_mebibytes:.0f}"),
        ("bytes of WAL", lambda leg: f"{leg.wal_bytes_a_record:,.0f}"),
        ("full-page images", lambda leg: f"{leg.full_page_images_a_record:.2f}"),
        ("checkpoints", lambda leg: str(leg.checkpoints)),
        ("bytes of tables and indexes", lambda leg: f"{leg.bytes_a_record:,.0f}"),
        ("tables and indexes after, MB", lambda leg: f"{leg.total_bytes_after / 1e6:,.0f}"),
        ("of these, indexes", lambda leg: f"{leg.index_share_after:.0%}"),
    ]
    for name, cell in rows:
        table.add_row(name, *map(cell, legs))
    return table


def _statements(legs: Sequence[Leg]) -> Table:
    table = _table("Within PostgreSQL: µs of wall time a record, waits included", legs)
    purposes = sorted({purpose for leg in legs for purpose in leg.statement_micros})
    for purpose in purposes:
        micros = [leg.statement_micros.get(purpose, 0.0) for leg in legs]
        if max(micros) >= SHOWN_MICROS:
            table.add_row(purpose, *(f"{each:.1f}" for each in micros))
    return table


def _tables(legs: Sequence[Leg]) -> Table:
    table = _table("Tables: bytes a record; share of updates in place (HOT); autovacuums", legs)
    for name in sorted({name for leg in legs for name in leg.table_bytes_a_record}):
        table.add_row(name, *(_of_table(leg, name) for leg in legs))
    return table


def _of_table(leg: Leg, name: str) -> str:
    share = leg.hot_update_shares.get(name)
    hot = "–" if share is None else f"{share:.0%}"
    return f"{leg.table_bytes_a_record[name]:,.0f}; {hot}; {leg.vacuums[name]}"


def _answers(figures: Figures) -> list[str]:
    rebuilt, cpu = figures.rebuilt, figures.rebuild_cpu_micros
    factor = figures.rebuild_factor()
    equal = {None: "not compared", True: "equal row by row", False: "DIFFERENT"}[rebuilt.equal]
    return [
        f"State: {figures.people.states:,} masteries of {figures.people.learners:,} learners.",
        *(
            f"Last leg against the first, {one.shape}: CPU to fold a record × {one.cost:.2f}"
            f" (at most {LAST_TO_FIRST_LIMIT}: {'met' if one.is_level else 'not met'}),"
            f" PostgreSQL's against the worker's × {one.postgres_to_worker:.2f}, records a"
            f" second × {one.rate:.2f}, worker's memory × {one.worker_memory:.2f}, WAL ×"
            f" {one.wal:.2f}."
            for one in figures.growth()
        ),
        f"Projected meanwhile: {figures.published:,} masteries.",
        f"Rebuild: {rebuilt.records:,} records at {figures.rebuilt_per_second():,.0f} a second,"
        f" × {factor:.2f} live work of the same shapes (at least {REBUILD_FACTOR:.0f}:"
        f" {'met' if factor >= REBUILD_FACTOR else 'not met'}), a live record takes"
        f" × {figures.rebuild_cpu_factor():.2f} the CPU of a rebuilt one; µs of CPU a record"
        f" {cpu.get(REBUILD, 0.0):.1f}, PostgreSQL {cpu.get(FOR + REBUILD, 0.0):.1f}; most memory"
        f" {rebuilt.peak_mebibytes:.0f} MiB; {rebuilt.analyse_and_compare_seconds:.0f} s more to"
        f" analyse and compare; live and rebuilt: {equal}.",
        "A year, by the last leg of each shape:",
        *(f"  {line}" for line in figures.year()),
    ]
