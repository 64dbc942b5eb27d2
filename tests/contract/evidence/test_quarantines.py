"""What a quarantine must do, claimed of PostgreSQL and of its twin in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.quarantine import (
    OPEN,
    RETRACTED_NOTE,
    SUPERSEDED_NOTE,
    WITHDRAWN_NOTE,
    QuarantinedRecord,
    QuarantineKind,
    QuarantineSelection,
    QuarantineState,
    RefusedRecord,
    Settlement,
    digest_of,
)
from services.evidence.ports.quarantine import Quarantine
from tests.support.evidence import DISTRICT, Kept, memory_kept, postgres_kept
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

REFUSED, WAITING = QuarantineState.REFUSED, QuarantineState.WAITING
REDRIVEN, DISCARDED = QuarantineState.REDRIVEN, QuarantineState.DISCARDED
NOW = 1_788_000_000_000_000
LATER = NOW + 60_000_000


@pytest.fixture(params=["memory", "postgres"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    """Give each of the ledgers in turn, empty."""
    if request.param == "memory":
        yield memory_kept()
        return
    create: DatabaseFactory = request.getfixturevalue("postgres_database")
    async with postgres_kept(create("evidence", SCHEMA)) as found:
        yield found


@pytest.fixture
async def quarantine(kept: Kept) -> AsyncIterator[Quarantine]:
    """Give the quarantine of one transaction."""
    async with kept.ledger.transaction(DISTRICT) as transaction:
        yield transaction.quarantine


def refused(number: int, awaits: str = "", **changes: Any) -> RefusedRecord:
    """Return a refused record; awaits: what it waits for."""
    one = RefusedRecord(
        source="lms",
        event_id=f"sending-{number}",
        import_id=None,
        line=0,
        refusal=Refusal(
            reason=RefusalReason.UNKNOWN_LEARNER if awaits else RefusalReason.MALFORMED,
            field="learner",
            message="What.",
            hint="Do.",
            awaits=awaits,
        ),
        record=b"record",
        record_length_bytes=6,
        digest=digest_of(None, f"sending-{number}", b"record"),
        receive_time_micros=NOW + number,
        position=number,
    )
    return replace(one, **changes)


async def found(
    quarantine: Quarantine, selection: QuarantineSelection | None = None
) -> list[QuarantinedRecord]:
    """Return what is selected, what is open where nothing is, newest first."""
    chosen = selection or QuarantineSelection()
    return list(await quarantine.page(chosen, before=None, limit=100))


def said(records: list[QuarantinedRecord]) -> list[tuple[str, QuarantineState, bool]]:
    """Return id, state and whether it is due, of each."""
    return [(one.refused.event_id, one.state, one.due) for one in records]


async def test_what_is_refused_twice_is_kept_once(quarantine: Quarantine) -> None:
    """In one batch as in two; what nothing is awaited for is refused, else it waits."""
    await quarantine.keep([refused(1), refused(1), refused(2, "x")])
    await quarantine.keep([refused(1), refused(2, "x")])
    records = await found(quarantine)
    assert said(records) == [("sending-2", WAITING, False), ("sending-1", REFUSED, False)]
    kept = records[1].refused
    assert replace(kept, refusal=refused(1).refusal) == refused(1)


async def test_what_has_come_sets_free_what_waits_for_it_alone(quarantine: Quarantine) -> None:
    """And once: what is due already is not counted again."""
    await quarantine.keep([refused(1, "x"), refused(2, "y"), refused(3, "x"), refused(4)])
    assert await quarantine.release(["x", "z"]) == 2
    assert await quarantine.release(["x"]) == 0
    assert await quarantine.release([]) == 0
    for number in (1, 3):
        (due,) = await quarantine.take_due(1)
        assert due.refused.event_id == f"sending-{number}"
    assert await quarantine.take_due(1) == []


async def test_a_look_settles_or_waits_for_something_else(quarantine: Quarantine) -> None:
    """What is taken up is open no more; what waits on waits for what is named now, and no more."""
    await quarantine.keep([refused(1, "x"), refused(2, "x")])
    await quarantine.release(["x"])
    first, second = await quarantine.take_due(10)
    again = replace(refused(2, "y").refusal, message="Something else.")
    await quarantine.settle(
        [
            Settlement(quarantine_id=first.quarantine_id, state=REDRIVEN, actor="dent"),
            Settlement(quarantine_id=second.quarantine_id, state=WAITING, refusal=again),
        ],
        LATER,
    )
    (waiting,) = await found(quarantine)
    assert waiting.refused.refusal.message == "Something else."
    assert (waiting.state_time_micros, waiting.due) == (LATER, False)
    assert await quarantine.release(["x"]) == 0
    assert await quarantine.release(["y"]) == 1
    (settled,) = await found(quarantine, QuarantineSelection(states=(REDRIVEN,)))
    assert (settled.actor, settled.refused.refusal.message) == ("dent", "What.")


async def test_what_is_set_free_while_it_is_looked_at_is_due_again(quarantine: Quarantine) -> None:
    """The look came too early by a little; what is settled for good is due no more."""
    await quarantine.keep([refused(1, "x"), refused(2, "x")])
    await quarantine.release(["x"])
    first, second = await quarantine.take_due(10)
    assert await quarantine.release(["x"]) == 2
    await quarantine.settle(
        [
            Settlement(quarantine_id=first.quarantine_id, state=WAITING),
            Settlement(quarantine_id=second.quarantine_id, state=REDRIVEN),
        ],
        LATER,
    )
    assert [one.refused.position for one in await quarantine.take_due(10)] == [1]


async def test_what_is_closed_and_refused_again_is_open_again(quarantine: Quarantine) -> None:
    """Discarded or taken up: its sender is told that it waits, so it does, in its old place."""
    await quarantine.keep([refused(1, "x"), refused(2)])
    await quarantine.settle(
        [
            Settlement(quarantine_id=one.quarantine_id, state=DISCARDED, actor="dent", note="no")
            for one in await found(quarantine)
        ],
        LATER,
    )
    assert await found(quarantine) == []
    await quarantine.keep([refused(1, "x", position=99), refused(2, position=98)])
    records = await found(quarantine)
    assert said(records) == [("sending-2", REFUSED, False), ("sending-1", WAITING, False)]
    assert [(one.actor, one.note, one.refused.position) for one in records] == [
        ("", "", 2),
        ("", "", 1),
    ]
    assert await quarantine.release(["x"]) == 1


async def test_what_follows_from_an_object_comes_again_with_it(quarantine: Quarantine) -> None:
    """Closed meanwhile, it is open again, in the place in which the object came again."""
    of_object = {"kind": QuarantineKind.OBJECT, "subject": "results/r-1"}
    await quarantine.keep([refused(1, "x", **of_object)])
    await quarantine.keep([refused(1, "x", position=9, **of_object)])
    assert [one.refused.position for one in await found(quarantine)] == [1]
    await quarantine.supersede(["results/r-1"], [], LATER)
    await quarantine.keep([refused(1, "x", position=9, **of_object)])
    assert [(one.refused.position, one.note) for one in await found(quarantine)] == [(9, "")]
    assert await quarantine.release(["x"]) == 1


async def test_what_comes_again_in_more_bytes_is_whole(quarantine: Quarantine) -> None:
    """Its event id has the place in it, which has more digits by then."""
    of_object = {"subject": "results/r-1"}
    await quarantine.keep([refused(1, "x", **of_object)])
    await quarantine.supersede(["results/r-1"], [], LATER)
    await quarantine.keep(
        [refused(1, "x", record=b"longer record", record_length_bytes=13, **of_object)]
    )
    (one,) = await found(quarantine)
    assert (one.refused.record, one.refused.whole) == (b"longer record", True)


async def test_whether_a_document_says_that_something_is_gone_is_kept(
    quarantine: Quarantine,
) -> None:
    """Its bytes do not say it, and it may be read again."""
    document = {"kind": QuarantineKind.DOCUMENT}
    await quarantine.keep([refused(1, deleted=True, **document), refused(2, **document)])
    assert [one.refused.deleted for one in await found(quarantine)] == [False, True]


async def test_what_was_refused_and_waits_now_waits(quarantine: Quarantine) -> None:
    """Sent again with another fault, the record says the fault that it has now."""
    await quarantine.keep([refused(1)])
    await quarantine.keep([refused(1, "x")])
    assert said(await found(quarantine)) == [("sending-1", WAITING, False)]
    assert await quarantine.release(["x"]) == 1


async def test_a_second_look_is_taken_once_at_records_alone(quarantine: Quarantine) -> None:
    """At what has waited since before a time; not at what was looked at, or is an object."""
    await quarantine.keep(
        [
            refused(1, "x"),
            refused(2, "x", kind=QuarantineKind.OBJECT, subject="results/r-1"),
            refused(3),
            refused(4, "x", receive_time_micros=LATER),
        ]
    )
    assert await quarantine.look_again(NOW + 1_000) == 1
    (one,) = await quarantine.take_due(10)
    assert one.refused.event_id == "sending-1"
    await quarantine.settle(
        [
            Settlement(
                quarantine_id=one.quarantine_id, state=WAITING, refusal=refused(1, "x").refusal
            )
        ],
        NOW + 500,
    )
    assert await quarantine.look_again(NOW + 1_000) == 0


async def test_what_is_derived_anew_takes_the_place_of_what_was(quarantine: Quarantine) -> None:
    """What is open of the same object is discarded, but for what follows still; others stay."""
    await quarantine.keep(
        [
            refused(1, subject="results/a/b"),
            refused(2, "x", subject="results/a/b"),
            refused(3, subject="results/a"),
            refused(4),
            refused(5, subject="results/a/b"),
        ]
    )
    await quarantine.release(["x"])
    await quarantine.supersede(["results/a/b", ""], [refused(5).digest], LATER)
    assert [one.refused.position for one in await found(quarantine)] == [5, 4, 3]
    gone = await found(quarantine, QuarantineSelection(states=(DISCARDED,)))
    assert {(one.note, one.due, one.state_time_micros) for one in gone} == {
        (SUPERSEDED_NOTE, False, LATER)
    }


async def test_records_are_selected_by_every_word(quarantine: Quarantine) -> None:
    """Import, source, reason and state; pages go down by number."""
    await quarantine.keep(
        [
            refused(1, import_id="july"),
            refused(2, "x", import_id="july"),
            refused(3, source="sis"),
            refused(4, record_length_bytes=100_000),
        ]
    )
    for selection, numbers in (
        (QuarantineSelection(import_id="july"), [2, 1]),
        (QuarantineSelection(source="sis"), [3]),
        (QuarantineSelection(reason=RefusalReason.MALFORMED), [4, 3, 1]),
        (QuarantineSelection(states=(WAITING,)), [2]),
        (QuarantineSelection(states=(DISCARDED,)), []),
    ):
        ids = [one.refused.event_id for one in await found(quarantine, selection)]
        assert ids == [f"sending-{number}" for number in numbers]
    first = await quarantine.page(QuarantineSelection(), before=None, limit=2)
    rest = await quarantine.page(QuarantineSelection(), before=first[-1].quarantine_id, limit=9)
    assert [one.refused.position for one in (*first, *rest)] == [4, 3, 2, 1]
    assert await quarantine.find([one.quarantine_id for one in first] + [10**9]) == first[::-1]


async def test_what_is_open_is_counted_by_source_reason_and_state(quarantine: Quarantine) -> None:
    """With the time of the oldest."""
    await quarantine.keep([refused(1), refused(2), refused(3, "x"), refused(4, source="sis")])
    counts = await quarantine.counts()
    assert [(one.source, one.reason, one.state, one.count) for one in counts] == [
        ("lms", RefusalReason.MALFORMED, REFUSED, 2),
        ("lms", RefusalReason.UNKNOWN_LEARNER, WAITING, 1),
        ("sis", RefusalReason.MALFORMED, REFUSED, 1),
    ]
    assert counts[0].oldest_receive_micros == NOW + 1


async def test_what_is_open_has_a_place_in_the_order_of_receipt(quarantine: Quarantine) -> None:
    """What is closed has none any more."""
    await quarantine.keep([refused(1, "x"), refused(2, "x")])
    digests = [refused(number).digest for number in (1, 2, 3)]
    assert await quarantine.reserved(digests) == {digests[0]: 1, digests[1]: 2}
    (_, first) = await found(quarantine)
    await quarantine.settle([Settlement(quarantine_id=first.quarantine_id, state=REDRIVEN)], LATER)
    assert await quarantine.reserved(digests) == {digests[1]: 2}


async def test_what_its_source_withdraws_is_discarded_once_for_all_its_versions(
    quarantine: Quarantine,
) -> None:
    """Both versions of it, of that source alone; a repeat says the same, and others stay open."""
    await quarantine.keep(
        [
            refused(1, "x", subject="checks/1"),
            refused(2, subject="checks/1"),
            refused(3, "x", subject="checks/1", source="sis"),
            refused(4, "x", subject="checks/2"),
            refused(5, "x"),
        ]
    )
    assert await quarantine.withdraw("lms", "checks/1", LATER)
    assert await quarantine.withdraw("lms", "checks/1", LATER)
    assert not await quarantine.withdraw("lms", "checks/3", LATER)
    left = [one.refused.event_id for one in await found(quarantine)]
    assert sorted(left) == ["sending-3", "sending-4", "sending-5"]
    assert await quarantine.release(["x"]) == 3
    gone = await found(quarantine, QuarantineSelection(states=(DISCARDED,)))
    assert [one.note for one in gone] == [WITHDRAWN_NOTE, WITHDRAWN_NOTE]


async def test_a_retracted_import_takes_its_open_records_along(quarantine: Quarantine) -> None:
    """Those of its sources; documents, which are kept as objects, and other imports stay."""
    await quarantine.keep(
        [
            refused(1, "x", import_id="july"),
            refused(2, import_id="july", source="sis"),
            refused(3, import_id="july", kind=QuarantineKind.DOCUMENT),
            refused(4, import_id="june"),
            refused(5),
        ]
    )
    assert await quarantine.discard_import("july", {"lms"}, LATER) == ["lms"]
    assert await quarantine.discard_import("july", {"lms"}, LATER) == []
    (one,) = await found(quarantine, QuarantineSelection(states=(DISCARDED,)))
    assert (one.refused.event_id, one.note) == ("sending-1", RETRACTED_NOTE)
    assert len(await found(quarantine, QuarantineSelection(states=OPEN))) == 4
