"""The audit: the same in memory and in PostgreSQL."""

from datetime import date, timedelta

import pytest

from services.scheduler.domain.audit import AuditEntry, AuditFilter, AuditPlace
from tests.support.schedules import DISTRICT, NOW, SCHOOL

MONDAY = date(2026, 11, 23)


def an_entry(number=1, **changes):
    """Return an act of a teacher."""
    values = {
        "school_id": SCHOOL,
        "time": NOW + timedelta(minutes=number),
        "actor": f"districts/{DISTRICT}/adults/a1",
        "action": "nominate",
        "subject": f"districts/{DISTRICT}/learners/l{number}",
        "detail": f"learner l{number} on competency c1",
        "reason": "lost the thread in unit 4",
        "private_to": "",
    }
    return AuditEntry(**{**values, **changes})


async def keep(stores, *entries):
    """Write entries in one transaction."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        for one in entries:
            await view.audit.append(one)


async def every_page(stores, wanted, *, limit):
    """Return the entries that a filter asks for, page by page."""
    seen, before = [], None
    async with stores.store.snapshot(DISTRICT) as view:
        while page := await view.audit.page(SCHOOL, wanted, before=before, limit=limit):
            assert len(page) <= limit
            seen += [entry for _, entry in page]
            number, last = page[-1]
            before = AuditPlace(time=last.time, number=number)
    return seen


async def test_an_entry_comes_back_as_it_was_written(stores):
    """With all that it may hold, and for another school with nothing."""
    entry = an_entry(private_to=f"districts/{DISTRICT}/adults/a1", monday=MONDAY)
    await keep(stores, entry, an_entry(2, school_id="elsewhere"))
    assert await every_page(stores, AuditFilter(), limit=9) == [entry]


async def test_entries_come_back_newest_first_and_page_by_page(stores):
    """By time, and those of one instant by when they were written; each once."""
    early, late, twin = an_entry(1), an_entry(9), an_entry(9, detail="written last")
    await keep(stores, late, early, an_entry(5), twin)
    for limit in (1, 2, 3, 9):
        found = await every_page(stores, AuditFilter(), limit=limit)
        assert found == [twin, late, an_entry(5), early]


FILTERS = {
    "the week": (AuditFilter(monday=MONDAY), {2, 4}),
    "a week of nothing": (AuditFilter(monday=MONDAY - timedelta(weeks=1)), set()),
    "one kind": (AuditFilter(actions=frozenset({"publish"})), {3}),
    "several kinds": (AuditFilter(actions=frozenset({"publish", "sign_off"})), {3, 4}),
    "who": (AuditFilter(actor="systems/sis-sync"), {5}),
    "about whom": (AuditFilter(subject=f"districts/{DISTRICT}/learners/l1"), {1}),
    "no part of a name": (AuditFilter(subject=f"districts/{DISTRICT}/learners/l"), set()),
    "from a time on, itself included": (AuditFilter(from_time=NOW + timedelta(minutes=4)), {4, 5}),
    "until before a time": (AuditFilter(until_time=NOW + timedelta(minutes=4)), {1, 2, 3}),
    "all at once": (
        AuditFilter(
            monday=MONDAY,
            actions=frozenset({"nominate", "sign_off"}),
            actor=f"districts/{DISTRICT}/adults/a1",
            subject=f"districts/{DISTRICT}/learners/l4",
            from_time=NOW,
            until_time=NOW + timedelta(minutes=5),
        ),
        {4},
    ),
}


@pytest.mark.parametrize("wanted", FILTERS)
async def test_only_what_is_asked_for_is_found(stores, wanted):
    """Each filter by itself, and all of them together; also where they are read in pages."""
    entries = {
        1: an_entry(1),
        2: an_entry(2, monday=MONDAY),
        3: an_entry(3, action="publish", monday=MONDAY + timedelta(weeks=1)),
        4: an_entry(4, action="sign_off", monday=MONDAY),
        5: an_entry(5, actor="systems/sis-sync"),
    }
    await keep(stores, *entries.values())
    asked, numbers = FILTERS[wanted]
    expected = [entries[number] for number in sorted(numbers, reverse=True)]
    assert await every_page(stores, asked, limit=1) == expected
    assert await every_page(stores, asked, limit=9) == expected


async def test_another_district_sees_nothing(stores):
    """The audit of a school is no other district's, even of a school of the same id."""
    await keep(stores, an_entry())
    async with stores.store.snapshot("elsewhere") as view:
        assert not await view.audit.page(SCHOOL, limit=9)
