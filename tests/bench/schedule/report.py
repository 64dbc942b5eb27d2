"""What the benchmark of the weekly problem has found: tables on the screen, figures in a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from tests.bench.machine import machine_facts
from tests.bench.schedule.tables.part import Figures, Goal, Part, table_of


def goals_of(parts: Sequence[Part], figures: Mapping[str, Sequence[Figures]]) -> list[Goal]:
    """Return the goals that these figures decide."""
    return [
        goal for part in parts if part.name in figures for goal in part.goals(figures[part.name])
    ]


def write(
    path: Path, command: str, figures: Mapping[str, Sequence[Figures]], goals: Sequence[Goal]
) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "command": command,
        "machine": machine_facts(),
        "parts": figures,
        "goals": [asdict(goal) for goal in goals],
    }
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    new.replace(path)


def show_goals(console: Console, goals: Sequence[Goal]) -> None:
    """Print which goals are met."""
    if not goals:
        return
    table = table_of("Goals", ("goal", "measured", ""), left=3)
    for goal in goals:
        table.add_row(goal.goal, goal.measured, "met" if goal.met else "[red]not met[/red]")
    console.print(table)
