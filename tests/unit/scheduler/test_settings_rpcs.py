"""Settings over the RPCs: kept whole or refused with the place, the reason and what to do."""

import pytest
from trellis.scheduler.v1 import calendar_pb2, week_pb2
from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.scheduler.domain.errors import (
    BatchTooLargeError,
    InUseError,
    InvalidRequestError,
    InvalidSettingError,
    NotFoundError,
    PolicyMissingError,
    RequestIdReusedError,
)
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import (
    absences_of,
    offers_of,
    pins_of,
    policy_of,
    rooms_of,
    set_up,
)
from tests.support.schools import a_pin, a_problem


@pytest.fixture
async def api():
    """Give an API whose school is set up, with one pin."""
    found = Api(a_problem(pins=(a_pin(),)))
    await set_up(found.as_("principal"), found.problem)
    return found


def changed(message, **changes):
    """Return a copy of a message with other fields."""
    copy = type(message)()
    copy.CopyFrom(message)
    for name, value in changes.items():
        if isinstance(value, list):
            copy.ClearField(name)
            getattr(copy, name).extend(value)
        else:
            setattr(copy, name, value)
    return copy


async def refusal(awaitable):
    """Return field and reason of a refused setting."""
    with pytest.raises(InvalidSettingError) as caught:
        await awaitable
    assert caught.value.metadata["hint"]
    return caught.value.field, caught.value.reason


async def test_what_was_sent_is_listed_with_its_version(api):
    """Every kind of setting comes back as it was sent, with version 1."""
    office, parent = api.as_("office"), api.parent
    rooms = (await office.ListRooms(messages.ListRoomsRequest(parent=parent))).rooms
    offers = (await office.ListOffers(messages.ListOffersRequest(parent=parent))).offers
    pins = (await office.ListPins(messages.ListPinsRequest(parent=parent))).pins
    policy = (await office.GetPolicy(messages.GetPolicyRequest(name=f"{parent}/policy"))).policy
    assert list(rooms) == [changed(rooms_of(api.problem)[0], version=1)]
    assert list(offers) == [changed(offers_of(api.problem)[0], version=1)]
    assert list(pins) == [changed(pins_of(api.problem)[0], version=1)]
    assert (policy.version, policy.small_group_cap, policy.floor_level_milli) == (1, 5, 3000)


async def test_the_same_content_keeps_its_version_and_new_content_gets_the_next(api):
    """A version tells that something changed, not that somebody sent."""
    office, (room,) = api.as_("office"), rooms_of(api.problem)
    versions = []
    for capacity in (30, 30, 12):
        request = messages.BatchUpsertRoomsRequest(
            parent=api.parent, rooms=[changed(room, capacity=capacity)]
        )
        versions.append((await office.BatchUpsertRooms(request)).rooms[0].version)
    assert versions == [1, 1, 2]


async def test_a_repeat_with_its_request_id_gets_the_first_answer(api):
    """Whatever happened since, the repeat is answered as the first sending was."""
    office, (room,) = api.as_("office"), rooms_of(api.problem)
    first = messages.BatchUpsertRoomsRequest(
        parent=api.parent, rooms=[changed(room, capacity=9)], request_id="q"
    )
    answer = await office.BatchUpsertRooms(first)
    await office.BatchUpsertRooms(
        messages.BatchUpsertRoomsRequest(parent=api.parent, rooms=[changed(room, capacity=10)])
    )
    assert await office.BatchUpsertRooms(first) == answer
    other = messages.BatchUpsertRoomsRequest(parent=api.parent, rooms=[room], request_id="q")
    with pytest.raises(RequestIdReusedError):
        await office.BatchUpsertRooms(other)


@pytest.mark.parametrize(
    "title", ["Tier 2 math", "6th grade club", "ESOL lab", "6.RP.A.1", "BLUE group"]
)
async def test_a_title_that_labels_is_refused_when_it_is_typed(api, title):
    """Nobody reads it in a hall first: built-in words, grades, codes, the school's own words."""
    office = api.as_("office")
    policy = changed(policy_of(api.problem), banned_words=["Blue group"])
    await office.UpdatePolicy(messages.UpdatePolicyRequest(policy=policy))
    offer = changed(offers_of(api.problem)[0], title=title)
    request = messages.BatchUpsertOffersRequest(parent=api.parent, offers=[offer])
    assert await refusal(office.BatchUpsertOffers(request)) == ("offers[0].title", "TITLE_BANNED")


async def test_a_room_may_have_a_number_but_no_label(api):
    """Room 504 and L2 are rooms; the resource room is a label."""
    office, (room,) = api.as_("office"), rooms_of(api.problem)
    for name in ("Room 504", "L2", "B.12"):
        await office.BatchUpsertRooms(
            messages.BatchUpsertRoomsRequest(
                parent=api.parent, rooms=[changed(room, display_name=name)]
            )
        )
    request = messages.BatchUpsertRoomsRequest(
        parent=api.parent, rooms=[changed(room, display_name="Resource Room")]
    )
    assert await refusal(office.BatchUpsertRooms(request)) == (
        "rooms[0].display_name",
        "LABEL_BANNED",
    )


ROOM_FAULTS = [
    ({"capacity": 0}, "rooms[0].capacity", "OUT_OF_RANGE"),
    ({"display_name": " "}, "rooms[0].display_name", "FIELD_MISSING"),
    ({"display_name": "x" * 61}, "rooms[0].display_name", "FIELD_TOO_LONG"),
    ({"display_name": "a\u202eb"}, "rooms[0].display_name", "FIELD_MALFORMED"),
    ({"name": "rooms/r1"}, "rooms[0].name", "FIELD_MALFORMED"),
    ({"name": ""}, "rooms[0].name", "FIELD_MISSING"),
    ({"name": "districts/cedar/schools/north/rooms/r1"}, "rooms[0].name", "OTHER_DISTRICT"),
    ({"name": "districts/maple/schools/south/rooms/r1"}, "rooms[0].name", "OTHER_SCHOOL"),
]


@pytest.mark.parametrize(("changes", "field", "reason"), ROOM_FAULTS)
async def test_a_room_that_cannot_be_is_refused(api, changes, field, reason):
    """The refusal names the field and the reason, and nothing of the batch is kept."""
    (room,) = rooms_of(api.problem)
    good = changed(room, name=f"{api.parent}/rooms/new")
    request = messages.BatchUpsertRoomsRequest(
        parent=api.parent, rooms=[changed(room, **changes), good]
    )
    assert await refusal(api.as_("office").BatchUpsertRooms(request)) == (field, reason)
    listed = await api.as_("office").ListRooms(messages.ListRoomsRequest(parent=api.parent))
    assert [one.name for one in listed.rooms] == [room.name]


OFFER_FAULTS = [
    ({"kind": 0}, "offers[0].kind", "FIELD_MISSING"),
    ({"kind": week_pb2.SESSION_KIND_SMALL_GROUP}, "offers[0].subject", "FIELD_MISSING"),
    ({"subject": "math"}, "offers[0].subject", "TARGET_NOT_ALLOWED"),
    ({"room": "districts/maple/schools/north/rooms/none"}, "offers[0].room", "UNKNOWN_ROOM"),
    ({"slot_ids": ["mon-9"]}, "offers[0].slot_ids", "UNKNOWN_SLOT"),
    ({"slot_ids": ["mon-1", "mon-1"]}, "offers[0].slot_ids", "DUPLICATE"),
    ({"adult": "ada"}, "offers[0].adult", "FIELD_MALFORMED"),
    ({"cap": -1}, "offers[0].cap", "OUT_OF_RANGE"),
]


@pytest.mark.parametrize(("changes", "field", "reason"), OFFER_FAULTS)
async def test_an_offer_that_cannot_be_is_refused(api, changes, field, reason):
    """An offer rests on a known room and known slots, and has a target only if its kind has."""
    offer = changed(offers_of(api.problem)[0], **changes)
    request = messages.BatchUpsertOffersRequest(parent=api.parent, offers=[offer])
    assert await refusal(api.as_("office").BatchUpsertOffers(request)) == (field, reason)


PIN_FAULTS = [
    ({"date": "2026-11-24"}, "pins[0].date", "SLOT_NOT_ON_DATE"),
    ({"date": "Monday"}, "pins[0].date", "FIELD_MALFORMED"),
    ({"slot_id": "mon-9"}, "pins[0].slot_id", "UNKNOWN_SLOT"),
    ({"offer": "districts/maple/schools/north/offers/none"}, "pins[0].offer", "UNKNOWN_OFFER"),
    ({"exemption": ""}, "pins[0].target", "FIELD_MISSING"),
    ({"exemption": "off campus!"}, "pins[0].exemption", "FIELD_MALFORMED"),
]


@pytest.mark.parametrize(("changes", "field", "reason"), PIN_FAULTS)
async def test_a_pin_that_cannot_be_is_refused(api, changes, field, reason):
    """A pin names a slot of its date, and exactly one of a known offer and an exemption."""
    pin = changed(pins_of(api.problem)[0], **changes)
    request = messages.BatchUpsertPinsRequest(parent=api.parent, pins=[pin])
    assert await refusal(api.as_("office").BatchUpsertPins(request)) == (field, reason)


def slot_of(**changes):
    """Return a slot of a policy."""
    fields = {
        "slot_id": "mon-1",
        "iso_weekday": 1,
        "start_clock": "09:00",
        "end_clock": "09:40",
    }
    return week_pb2.SlotTemplate(**(fields | changes))


POLICY_FAULTS = [
    ({"time_zone": "Mars/Olympus"}, "policy.time_zone", "UNKNOWN_TIME_ZONE"),
    ({"school_display_name": ""}, "policy.school_display_name", "FIELD_MISSING"),
    ({"slots": []}, "policy.slots", "OUT_OF_RANGE"),
    ({"slots": [slot_of(), slot_of()]}, "policy.slots", "DUPLICATE"),
    ({"slots": [slot_of(iso_weekday=8)]}, "policy.slots[0].iso_weekday", "OUT_OF_RANGE"),
    ({"slots": [slot_of(start_clock="9:00")]}, "policy.slots[0].start_clock", "FIELD_MALFORMED"),
    ({"slots": [slot_of(end_clock="08:00")]}, "policy.slots[0].end_clock", "CLOCKS_REVERSED"),
    ({"slots": [slot_of(label="Tier time")]}, "policy.slots[0].label", "LABEL_BANNED"),
    ({"slots": [slot_of(subject="m" * 65)]}, "policy.slots[0].subject", "FIELD_TOO_LONG"),
    (
        {"slots": [slot_of(scope=calendar_pb2.PeriodScope(tags=["a", "a"]))]},
        "policy.slots[0].scope.tags",
        "DUPLICATE",
    ),
    ({"small_group_cap": -1}, "policy.small_group_cap", "OUT_OF_RANGE"),
]


@pytest.mark.parametrize(("changes", "field", "reason"), POLICY_FAULTS)
async def test_a_policy_that_cannot_be_is_refused(api, changes, field, reason):
    """A policy has a real clock, slots that fit a week, and numbers within their bounds."""
    request = messages.UpdatePolicyRequest(policy=changed(policy_of(api.problem), **changes))
    assert await refusal(api.as_("office").UpdatePolicy(request)) == (field, reason)


async def test_a_batch_has_at_most_500_and_each_once(api):
    """A batch that is too large or holds a name twice is refused as a whole."""
    (room,) = rooms_of(api.problem)
    office = api.as_("office")
    twice = messages.BatchUpsertRoomsRequest(parent=api.parent, rooms=[room, room])
    assert await refusal(office.BatchUpsertRooms(twice)) == ("rooms[1].name", "DUPLICATE")
    many = [changed(room, name=f"{api.parent}/rooms/r{place}") for place in range(501)]
    with pytest.raises(BatchTooLargeError):
        await office.BatchUpsertRooms(
            messages.BatchUpsertRoomsRequest(parent=api.parent, rooms=many)
        )


async def test_what_something_rests_on_is_not_removed(api):
    """A room with an offer stays, an offer with a pin stays; in the right order all of it goes."""
    office, parent = api.as_("office"), api.parent
    with pytest.raises(InUseError, match="offer o1"):
        await office.DeleteRoom(messages.DeleteRoomRequest(name=f"{parent}/rooms/r1"))
    with pytest.raises(InUseError, match="pin p1"):
        await office.DeleteOffer(messages.DeleteOfferRequest(name=f"{parent}/offers/o1"))
    await office.DeletePin(messages.DeletePinRequest(name=f"{parent}/pins/p1"))
    await office.DeleteOffer(messages.DeleteOfferRequest(name=f"{parent}/offers/o1"))
    await office.DeleteRoom(messages.DeleteRoomRequest(name=f"{parent}/rooms/r1"))
    listed = await office.ListRooms(messages.ListRoomsRequest(parent=parent))
    assert list(listed.rooms) == []


async def test_a_removal_may_be_sent_again_under_its_request_id(api):
    """The repeat is answered as the first; without an id, what is gone is not found."""
    office = api.as_("office")
    request = messages.DeletePinRequest(name=f"{api.parent}/pins/p1", request_id="q")
    await office.DeletePin(request)
    await office.DeletePin(request)
    with pytest.raises(NotFoundError):
        await office.DeletePin(messages.DeletePinRequest(name=f"{api.parent}/pins/p1"))


async def test_lists_go_on_where_the_page_before_ended(api):
    """Pages of two give every room once, in the order of names; a made-up token is refused."""
    office, (room,) = api.as_("office"), rooms_of(api.problem)
    rooms = [changed(room, name=f"{api.parent}/rooms/x{place}") for place in range(4)]
    await office.BatchUpsertRooms(messages.BatchUpsertRoomsRequest(parent=api.parent, rooms=rooms))
    found, token = [], ""
    for _ in range(9):
        request = messages.ListRoomsRequest(parent=api.parent, page_size=2, page_token=token)
        page = await office.ListRooms(request)
        found += [one.name.rsplit("/", 1)[1] for one in page.rooms]
        token = page.next_page_token
        if not token:
            break
    assert found == ["r1", "x0", "x1", "x2", "x3"]
    for wrong in ({"page_token": "%%%"}, {"page_size": 501}, {"page_size": -1}):
        with pytest.raises(InvalidRequestError):
            await office.ListRooms(messages.ListRoomsRequest(parent=api.parent, **wrong))


async def test_another_district_finds_nothing(api):
    """A name of another district is a name of nothing, for reading and for writing."""
    stranger = api.as_("stranger")
    with pytest.raises(NotFoundError):
        await stranger.ListRooms(messages.ListRoomsRequest(parent=api.parent))
    with pytest.raises(NotFoundError):
        await stranger.GetPolicy(messages.GetPolicyRequest(name=f"{api.parent}/policy"))
    with pytest.raises(NotFoundError):
        await stranger.BatchUpsertRooms(
            messages.BatchUpsertRoomsRequest(parent=api.parent, rooms=rooms_of(api.problem))
        )


async def test_a_pin_needs_the_policy_that_has_its_slot():
    """Before there is a policy nobody can say when a slot is."""
    api = Api(a_problem(pins=(a_pin(exemption="off-campus"),)))
    request = messages.BatchUpsertPinsRequest(parent=api.parent, pins=pins_of(api.problem))
    with pytest.raises(PolicyMissingError):
        await api.as_("office").BatchUpsertPins(request)


async def test_absences_are_kept_replaced_and_removed(api):
    """The life of an absence: sent, sent again with other slots, removed."""
    office = api.as_("office")
    absence = week_pb2.Absence(
        name=f"{api.parent}/absences/away",
        adult="districts/maple/adults/ada",
        date="2026-11-23",
    )
    assert absences_of(api.problem) == []
    for slots in ([], ["mon-1"]):
        request = messages.BatchUpsertAbsencesRequest(
            parent=api.parent, absences=[changed(absence, slot_ids=slots)]
        )
        await office.BatchUpsertAbsences(request)
    listed = await office.ListAbsences(messages.ListAbsencesRequest(parent=api.parent))
    assert [(one.version, list(one.slot_ids)) for one in listed.absences] == [(2, ["mon-1"])]
    await office.DeleteAbsence(messages.DeleteAbsenceRequest(name=absence.name))
    listed = await office.ListAbsences(messages.ListAbsencesRequest(parent=api.parent))
    assert list(listed.absences) == []
