"""The audit: the same in memory and in PostgreSQL."""

from datetime import timedelta

from services.scheduler.domain.audit import AuditEntry
from tests.support.schedules import DISTRICT, NOW, SCHOOL


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


async def test_entries_come_back_newest_first_and_page_by_page(stores):
    """Every entry is listed once, whatever the size of a page, and of one school alone."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        for number in range(1, 6):
            await view.audit.append(an_entry(number))
        await view.audit.append(an_entry(9, school_id="elsewhere"))
    seen, before = [], 0
    async with stores.store.snapshot(DISTRICT) as view:
        while page := await view.audit.page(SCHOOL, before=before, limit=2):
            seen += [entry for _, entry in page]
            before = page[-1][0]
    assert seen == [an_entry(number) for number in range(5, 0, -1)]


async def test_the_entries_of_one_subject_are_found(stores):
    """Who asks about one learner gets what was done about that learner."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        for number in (1, 2, 3):
            await view.audit.append(an_entry(number))
    async with stores.store.snapshot(DISTRICT) as view:
        page = await view.audit.page(SCHOOL, before=0, limit=9, subject=an_entry(2).subject)
    assert [entry for _, entry in page] == [an_entry(2)]


async def test_another_district_sees_nothing(stores):
    """The audit of a school is no other district's, even of a school of the same id."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.audit.append(an_entry())
    async with stores.store.snapshot("elsewhere") as view:
        assert not await view.audit.page(SCHOOL, before=0, limit=9)
