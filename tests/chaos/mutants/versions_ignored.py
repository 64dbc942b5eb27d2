"""python -m tests.chaos.mutants.versions_ignored worker: whatever comes last stands."""

from __future__ import annotations

import runpy

from services.mastery.domain import fold


def last_one_stands(
    columns: fold.EvidenceColumns, _: fold._Standing | None, record: int
) -> fold._Standing:
    """Let the fact stand whatever its version: one that comes again undoes its correction."""
    return fold._Standing(
        version=columns.version[record], content_hash=columns.content_hash[record], record=record
    )


if __name__ == "__main__":
    fold._higher = last_one_stands
    runpy.run_module("services.mastery", run_name="__main__", alter_sys=True)
