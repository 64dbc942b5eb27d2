"""Staff members and learner settings: the same in memory and in PostgreSQL."""

from dataclasses import replace

from services.scheduler.domain.access import Role
from tests.support.people import a_learner_setting, a_staff_member
from tests.support.schedules import DISTRICT, NOW, SCHOOL


async def test_what_a_school_sets_for_its_people_comes_back(stores):
    """Every field reads as it was written, the empty ones among them."""
    staff = [
        a_staff_member(version=1),
        a_staff_member("bo", version=3, roles=tuple(r for r in Role if r.is_staff), kinds=()),
    ]
    learners = [
        a_learner_setting(version=1),
        a_learner_setting(
            "max", version=2, far_behind=None, family_ids=(), tags=(), consents=(), opt_outs=()
        ),
    ]
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.staff_members.keep(staff, NOW)
        await view.learner_settings.keep(learners, NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        assert list(await view.staff_members.all(SCHOOL)) == staff
        assert list(await view.learner_settings.all(SCHOOL)) == learners


async def test_an_entry_is_replaced_and_removed(stores):
    """The newest content stands; after a removal the school knows nothing of the person."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.staff_members.keep([a_staff_member(version=1)], NOW)
        await view.staff_members.keep([a_staff_member(version=2, load=0)], NOW)
        await view.learner_settings.keep([a_learner_setting(version=1)], NOW)
        assert await view.learner_settings.remove(SCHOOL, "lea")
    async with stores.store.snapshot(DISTRICT) as view:
        standing = await view.staff_members.standing(SCHOOL, ["ada", "bo"])
        assert standing == {"ada": a_staff_member(version=2, load=0)}
        assert list(await view.learner_settings.all(SCHOOL)) == []


async def test_learners_are_found_by_named_adult_and_by_family(stores):
    """In the order of ids, of this school and district alone."""
    kept = [
        a_learner_setting("max", version=1),
        a_learner_setting("lea", version=1, family_ids=("f2",)),
        a_learner_setting("zoe", version=1, named_adult_id="bo", family_ids=("f3",)),
    ]
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.learner_settings.keep(kept, NOW)
        elsewhere = [replace(one, school_id="south", id=f"{one.id}-south") for one in kept]
        await view.learner_settings.keep(elsewhere, NOW)
    async with stores.store.change("cedar", SCHOOL) as view:
        await view.learner_settings.keep([a_learner_setting("foreign", version=1)], NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        book = view.learner_settings
        assert list(await book.named_by(SCHOOL, "ada")) == ["lea", "max"]
        assert list(await book.named_by(SCHOOL, "nobody")) == []
        assert list(await book.of_family(SCHOOL, "f2")) == ["lea", "max"]
        assert list(await book.of_family(SCHOOL, "f1")) == ["max"]
        assert list(await book.of_family(SCHOOL, "f")) == []


async def test_another_district_sees_nothing_of_our_people(stores):
    """Entries are read with their district, or not at all."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.staff_members.keep([a_staff_member(version=1)], NOW)
        await view.learner_settings.keep([a_learner_setting(version=1)], NOW)
    async with stores.store.snapshot("cedar") as view:
        assert list(await view.staff_members.all(SCHOOL)) == []
        assert list(await view.learner_settings.all(SCHOOL)) == []
        assert list(await view.learner_settings.named_by(SCHOOL, "ada")) == []
