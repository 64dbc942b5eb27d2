"""The audit as it is read: who may, what is shown of whom, by which filters, page by page."""

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from services.common.rpc.credentials import ScopeMissingError
from services.scheduler.adapters.wire.page_tokens import to_token
from services.scheduler.domain.access import Role
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.errors import InvalidRequestError, NotAllowedError, NotFoundError
from tests.support.audit_api import PERSONS, AuditApi, person
from tests.support.schedules import DISTRICT, NOW, SCHOOL

MONDAY = date(2026, 11, 23)
LEA = f"districts/{DISTRICT}/learners/lea"


def an_entry(number=1, **changes):
    """Return a move of lea by the coach, some minutes after the first."""
    fields = {
        "school_id": SCHOOL,
        "time": NOW + timedelta(minutes=number),
        "actor": person("coach"),
        "action": "move_seat",
        "subject": LEA,
        "detail": f"moved slot mon-1 to the session of offer o{number}",
        "reason": "lost the thread in unit 4",
        "monday": MONDAY,
    }
    return AuditEntry(**(fields | changes))


@pytest.fixture
async def api():
    """Give an audit of three entries."""
    found = AuditApi()
    await found.keep(an_entry(1), an_entry(2), an_entry(3, action="sign_off", monday=None))
    return found


async def test_an_entry_comes_over_the_wire_with_all_that_it_holds():
    """Who, when, what, about whom, why, and of which week."""
    api = AuditApi()
    await api.keep(an_entry())
    (entry,) = (await api.page()).entries
    assert (entry.actor, entry.action, entry.subject) == (person("coach"), "move_seat", LEA)
    assert entry.act_time.ToDatetime(tzinfo=UTC) == an_entry().time
    assert (entry.detail, entry.reason) == (an_entry().detail, an_entry().reason)
    assert (entry.monday, entry.reason_withheld, entry.number) == ("2026-11-23", False, 1)


@pytest.mark.parametrize("who", [*PERSONS, "nobody"])
async def test_of_persons_the_principal_alone_reads_it(api, who):
    """No other role of staff, no learner, no family, and nobody who is nobody there."""
    if PERSONS.get(who) is Role.PRINCIPAL:
        assert len((await api.page(who)).entries) == 3
        return
    with pytest.raises(NotAllowedError):
        await api.page(who)


async def test_the_districts_it_reads_it_without_reasons(api):
    """A token without a person is nobody's, and people's words may tell of health or home."""
    entries = (await api.page("it")).entries
    assert [one.detail for one in entries] == [an_entry(n).detail for n in (3, 2, 1)]
    assert [(one.reason, one.reason_withheld) for one in entries] == [("", True)] * 3


async def test_a_program_that_pulls_weeks_does_not_read_it(api):
    """The scope of weeks is not that of the audit."""
    with pytest.raises(ScopeMissingError):
        await api.page("program")


async def test_another_district_finds_nothing(api):
    """A name of another district is a name of nothing; its own school of that id is empty."""
    with pytest.raises(NotFoundError):
        await api.page("stranger")
    own = await api.page("stranger", parent=f"districts/cedar/schools/{SCHOOL}")
    assert not own.entries


async def test_a_reason_that_is_for_one_person_is_read_by_them_alone():
    """Why two learners are kept apart is no principal's to read, unless it is their own rule."""
    api = AuditApi()
    theirs = an_entry(1, action="set_keep_rule", private_to=person("counselor"))
    own = replace(theirs, private_to=person("principal"))
    none = replace(theirs, reason="")
    await api.keep(theirs, own, none)
    entries = (await api.page()).entries
    assert [(one.reason, one.reason_withheld) for one in entries] == [
        ("", False),
        (own.reason, False),
        ("", True),
    ]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [3, 2, 1]),
        ({"monday": "2026-11-23"}, [2, 1]),
        ({"actions": ["sign_off"]}, [3]),
        ({"actions": ["sign_off", "move_seat"]}, [3, 2, 1]),
        ({"actor": person("coach")}, [3, 2, 1]),
        ({"actor": person("teacher")}, []),
        ({"subject": LEA}, [3, 2, 1]),
        ({"subject": f"{LEA}h"}, []),
        ({"from_time": NOW + timedelta(minutes=2)}, [3, 2]),
        ({"until_time": NOW + timedelta(minutes=2)}, [1]),
        ({"monday": "2026-11-23", "from_time": NOW + timedelta(minutes=2)}, [2]),
    ],
)
async def test_filters_are_read_from_the_request(api, filters, expected):
    """Each is what its comment says, and together all of them hold."""
    entries = (await api.page(**filters)).entries
    assert [one.number for one in entries] == expected


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"monday": "2026-11-24"}, "monday"),
        ({"actions": ["move_seats"]}, "actions"),
        ({"from_time": NOW, "until_time": NOW}, "until_time"),
        ({"actor": "a\0b"}, "actor"),
        ({"subject": "learners/\n"}, "subject"),
        ({"subject": "x" * 513}, "subject"),
        ({"page_size": 501}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"page_token": "!"}, "page_token"),
        ({"page_token": to_token("1")}, "page_token"),
        ({"page_token": to_token("9" * 18, "1")}, "page_token"),
        ({"parent": "districts/maple"}, "parent"),
    ],
)
async def test_what_can_never_be_right_is_refused_by_its_field(api, fields, field):
    """With what to send instead, where there is something to say."""
    with pytest.raises(InvalidRequestError) as caught:
        await api.page(**fields)
    assert caught.value.metadata["field"] == field


async def test_an_unknown_kind_is_answered_with_those_that_there_are(api):
    """So that nobody has to look them up."""
    with pytest.raises(InvalidRequestError) as caught:
        await api.page(actions=["moved"])
    assert "move_seat" in caught.value.metadata["hint"]


async def test_pages_hold_everything_once_also_while_more_is_written(api):
    """What is written meanwhile is newer than the first page, and comes on no later one."""
    await api.keep(*(replace(an_entry(3), detail=f"at once {n}") for n in range(4)))
    found, token = [], ""
    for round_ in range(20):
        page = await api.page(page_size=2, page_token=token)
        assert len(page.entries) <= 2
        found += [one.number for one in page.entries]
        token = page.next_page_token
        if not token:
            break
        await api.keep(an_entry(60 + round_))
    assert found == [7, 6, 5, 4, 3, 2, 1]
