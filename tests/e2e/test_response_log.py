"""A whole log of real responses: taken in once, taken in again, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.folded import FoldedSums
from deploy.demo.from_log import import_arguments
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from tests.support.cluster import Cluster
from tests.support.district import District

LOG = Path(__file__).parents[3] / "shared/data/learner-logs/assistments-2009/responses.csv.gz"
ROWS = 274_590
ALIGNMENTS = 325_637
LEARNERS = 4_151
COMPETENCIES = 110
# A day that lies behind every clock that this runs on.
END_DATE = date(2025, 6, 13)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not LOG.exists(),
        reason="the log of real responses is not beside the project (../shared/data)",
    ),
]


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    """Give an empty district on real servers, with the services that take in and fold."""
    with Cluster(
        tmp_path, cache_directory=DEFAULT_CACHE_DIRECTORY, services=("evidence", "mastery")
    ) as cluster:
        yield District(cluster)


def import_log(district: District) -> dict[str, Any]:
    """Import the whole log and wait until it is folded; return the report."""
    report: dict[str, Any] = json.loads(district.command(*import_arguments(LOG, end_date=END_DATE)))
    district.wait()
    return report


def test_a_whole_log_counts_once_however_often_it_comes_and_leaves_nothing_when_withdrawn(
    district: District,
) -> None:
    """Every row is folded once; the same file again changes no byte; withdrawn, none is left."""
    empty = district.state()
    first = import_log(district)
    assert (first["rows"], first["outcomes"]["accepted"]) == (ROWS, ROWS)
    registered = (first["learners_registered"], first["competencies_registered"])
    assert registered == (LEARNERS, COMPETENCIES)
    full = district.state()
    assert (full.evidence_count, full.alignment_count) == (ROWS, ALIGNMENTS)
    assert full.state_hash != empty.state_hash
    assert district.sums() == FoldedSums(learners=ROWS, masteries=ALIGNMENTS)
    in_ledger = district.ledger_event_ids()
    assert len(set(in_ledger)) == ROWS
    assert set(district.topic_event_ids()) == set(in_ledger)

    second = import_log(district)
    assert (second["rows"], second["outcomes"]["repeated"]) == (ROWS, ROWS)
    assert district.state().state_hash == full.state_hash
    assert len(district.ledger_event_ids()) == ROWS

    withdrawn = district.command("retract-import", first["import_id"])
    assert withdrawn.startswith(f"{ROWS:,} observations")
    district.wait()
    assert district.sums() == FoldedSums(learners=0, masteries=0)
    assert district.state().state_hash == empty.state_hash
