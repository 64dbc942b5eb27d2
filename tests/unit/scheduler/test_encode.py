"""The hash of a stored week outlives the release that stored it."""

import json
from dataclasses import MISSING, field, fields, is_dataclass, make_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from services.scheduler.adapters.documents import from_json, pack, to_json
from services.scheduler.adapters.loaded import LoadedWeeks, StoredContent
from services.scheduler.domain.check import check
from services.scheduler.domain.encode import canonical, week_hash
from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Week

STORED = json.loads((Path(__file__).parent / "stored" / "first.json").read_text("utf-8"))
"""A snapshot and its week as an older release stored them: whatever was empty is not even there.

The file stays as it is. A release under which it has another hash, or a breach, would keep the
schools from publishing the drafts that they had before the upgrade.
"""
STORED_HASH = "95d1ad6cbcf434524d55b1d4aea1615b1f0616bea637f7e8b7c16c0e90b35368"

DEFAULTS = json.loads((Path(__file__).parent / "stored" / "defaults.json").read_text("utf-8"))
"""Every default that was ever left out of a hash; lines are added here, never changed."""


def a_class(**more):
    """Return a class of one field and more; `more` are defaults by name."""
    added = [(name, type(value), field(default=value)) for name, value in more.items()]
    return make_dataclass("Any", [("title", str), *added], frozen=True, kw_only=True)


def classes(kind):
    """Return a dataclass and every one that it holds, at any depth."""
    found = {kind}
    for hint in get_type_hints(kind).values():
        for one in (hint, *get_args(hint)):
            if is_dataclass(one) and one not in found:
                found |= classes(one)
    return found


def plain(value):
    """Return a default as it is written in `DEFAULTS`."""
    return value.value if isinstance(value, Enum) else value


def test_a_week_of_an_older_shape_has_the_hash_that_it_was_stored_with():
    """Read by this release, it is the week that its people saw."""
    week = from_json(Week, json.dumps(STORED["week"]))
    assert week.week_hash == week_hash(week) == STORED_HASH


async def test_a_draft_of_an_older_shape_is_fit_to_publish():
    """It loads, and the check finds nothing in it."""
    problem = from_json(Problem, json.dumps(STORED["problem"]))
    week = from_json(Week, json.dumps(STORED["week"]))

    async def read():
        return StoredContent(problem=pack(problem), week=pack(week))

    content = await LoadedWeeks().content(("maple", "run-1", STORED_HASH), read)
    assert check(content.problem, content.week) == []


def test_what_a_newer_release_adds_is_passed_over_until_it_says_something():
    """A field this release does not know: the week still reads, with the hash of what it knows."""
    newer = STORED["week"] | {"mood": "calm"}
    assert week_hash(from_json(Week, json.dumps(newer))) == STORED_HASH


def test_a_new_field_that_holds_its_default_changes_no_hash():
    """Text, number, tuple, nothing: the older value and the newer one have the same bytes."""
    older = a_class()(title="Workshop")
    newer = a_class(note="", minutes=40, codes=("a",), place=None)
    assert canonical(newer(title="Workshop")) == canonical(older)
    read = from_json(a_class(note="none"), to_json(older))
    assert canonical(read) == canonical(older)


@pytest.mark.parametrize("change", [{"note": "x"}, {"minutes": 0}, {"codes": ()}, {"place": 1}])
def test_a_new_field_that_says_something_changes_the_hash(change):
    """Empty counts too, where it is not the default."""
    newer = a_class(note="", minutes=40, codes=("a",), place=None)
    values = [newer(title="Workshop"), newer(title="Workshop", **change)]
    assert len({canonical(value) for value in values}) == len(values)


def test_two_fields_cannot_be_taken_for_each_other():
    """The same text in one field or the other is another value."""
    kind = a_class(note="", place="")
    one, other = kind(title="a", note="b"), kind(title="a", place="b")
    assert canonical(one) != canonical(other)


def test_the_order_of_the_fields_counts_for_nothing():
    """A field may stand where it reads best."""
    one, other = a_class(note="", place=""), a_class(place="", note="")
    values = {"title": "a", "note": "b", "place": "c"}
    assert canonical(one(**values)) == canonical(other(**values))


def test_every_change_of_a_week_still_changes_its_hash():
    """One seat's sentence, one session's cap."""
    week = from_json(Week, json.dumps(STORED["week"]))
    seats = (replace(week.seats[0], learner_sentence="Hello."), *week.seats[1:])
    sessions = (replace(week.sessions[0], cap=4), *week.sessions[1:])
    changed = [week, replace(week, seats=seats), replace(week, sessions=sessions)]
    assert len({week_hash(each) for each in changed}) == len(changed)


def test_no_default_of_what_is_stored_has_changed():
    """Left out of a hash, a default that changes would give two values one hash."""
    found = {
        f"{kind.__name__}.{one.name}": plain(one.default)
        for kind in classes(Problem) | classes(Week)
        for one in fields(kind)
        if one.default is not MISSING
    }
    assert json.loads(json.dumps(found)) == DEFAULTS
