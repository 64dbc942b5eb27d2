"""Marks the masteries of districts whose policy in force has changed, in steps.

Nothing is folded again: the same facts are read with other rules. A mark is as any other, so what
publishes knows nothing of policies that have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.ports.publishing import DuePolicy, PolicyPublications

DISTRICTS_A_STEP: Final = 8
"""Districts that are marked side by side: a small one need not wait for a large one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyStep:
    """How many keys a step has marked, and which districts it has come through with."""

    marked: int
    completed: Sequence[DuePolicy]


async def mark_for_policies(
    *, at_us: int, publications: PolicyPublications, limit: int
) -> PolicyStep:
    """Mark the next keys, about `limit` in all, under the policies in force at a time.

    What a step has marked is kept with how far it is, so a crash goes on with the next one.
    """
    due = await publications.due(at_us=at_us, limit=DISTRICTS_A_STEP)
    marked, completed = 0, []
    for one in due:
        step = await publications.mark(one, limit=max(1, limit // len(due)))
        marked += step.marked
        if step.complete:
            completed.append(one)
    return PolicyStep(marked=marked, completed=completed)
