"""Whatever order documents come in, and however they are batched, the same follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory, ServiceDatabase, run_coroutine
from tests.support.sis import (
    COMPETENCIES,
    Sent,
    Sis,
    a_class,
    a_sis,
    course,
    enrollment,
    line_item,
    org,
    ref,
    result,
    session,
    user,
)

FIRST, SECOND, THIRD = COMPETENCIES[:3]
TIMES = [f"2026-08-{day:02}T08:00:00.000Z" for day in range(1, 29)]


def dated(document: Sent, day: int) -> Sent:
    """Return a document that its source changed on a day of August."""
    collection, content = document
    return collection, {**content, "dateLastModified": TIMES[day]}


SCALE: Sent = (
    "scoreScales",
    {
        "sourcedId": "n1",
        "title": "Letters",
        "type": "letter",
        "class": ref("c1"),
        "scoreScaleValue": [
            {"itemValueLHS": "A", "itemValueRHS": "4"},
            {"itemValueLHS": "B", "itemValueRHS": "3"},
        ],
    },
)

PACKAGE: Sequence[Sent] = [
    dated(org("s1"), 1),
    dated(org("s2", name="Before"), 1),
    dated(org("s2", name="After"), 2),
    dated(org("d1", type="district"), 1),
    dated(session(), 1),
    dated(course(), 1),
    dated(course("k1", courseCode="M7"), 3),
    dated(a_class(), 1),
    dated(user("u1"), 1),
    dated(user("u2", ("student", "s1")), 1),
    dated(user("u2", ("student", "s2"), ("aide", "s1")), 4),
    dated(user("t1", ("teacher", "s1"), ("aide", "s2")), 1),
    dated(user("t1", ("teacher", "s1")), 2),
    dated(user("o1", ("districtAdministrator", "d1")), 1),
    dated(enrollment("e1", "u1"), 1),
    dated(enrollment("e2", "t1", role="teacher"), 1),
    dated(enrollment("e2", "t1", role="teacher", status="tobedeleted"), 2),
    dated(line_item("l1", FIRST, resultValueMax=10), 1),
    dated(line_item("l1", FIRST, SECOND, resultValueMax=20), 2),
    dated(line_item("l2", THIRD, scoreScale=ref("n1")), 1),
    dated(SCALE, 1),
    dated(result("r1", "u1", score=3), 1),
    dated(result("r1", "u1", score=8), 2),
    dated(result("r2", "u2", objectives={FIRST: 4, SECOND: 1}), 1),
    dated(result("r2", "u2", objectives={SECOND: 2, THIRD: 3}), 2),
    dated(result("r3", "u2", status="tobedeleted"), 3),
    dated(result("r3", "u2"), 1),
    dated(result("r4", "u1", "l2", textScore="B", score=None), 1),
    dated(result("r5", "u9"), 1),
]


async def what_follows(
    database: ServiceDatabase, district: str, batches: Sequence[Sequence[Sent]]
) -> Mapping[str, Any]:
    """Return roster, evidence and quarantine once all is here and the resolver has been by."""
    async with a_sis(database, district=district) as sis:
        for batch in batches:
            await sis.send(*batch)
        await sis.work()
        return await _seen(sis)


async def _seen(sis: Sis) -> Mapping[str, Any]:
    roster = await sis.roster()
    return {
        "roster": {
            kind: {key: replace(one, version=0) for key, one in entities.items()}
            for kind, entities in roster.items()
        },
        "evidence": await sis.sums(),
        "waiting": sorted(
            (one.refused.subject, one.refused.refusal.reason.name)
            for one in await sis.quarantined()
        ),
    }


def test_order_and_batching_make_no_difference(postgres_database: DatabaseFactory) -> None:
    """Of 29 documents, some of them versions of one object, in any order and any batches."""
    database = postgres_database("evidence", SCHEMA)
    districts = (f"district-{number}" for number in count())
    in_order = [[one] for one in PACKAGE]
    expected = run_coroutine(what_follows(database, next(districts), in_order))
    assert expected["waiting"] == [("results/r5", "UNKNOWN_LEARNER")]
    assert len(expected["evidence"]) == 5

    @settings(
        max_examples=25,
        deadline=None,
        # Each example is a district on a server: looking for a smaller one would take minutes.
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        order=st.permutations(range(len(PACKAGE))),
        cuts=st.sets(st.integers(1, len(PACKAGE) - 1)),
    )
    def holds(order: Sequence[int], cuts: set[int]) -> None:
        ends = [*sorted(cuts), len(order)]
        documents = [PACKAGE[number] for number in order]
        batches = [documents[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
        found = run_coroutine(what_follows(database, next(districts), batches))
        assert found == expected

    holds()
