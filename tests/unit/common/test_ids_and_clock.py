"""Ids are the same everywhere, names are checked, and a clock is handed in."""

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.clock import SystemClock
from services.common.ids import (
    NAMESPACE_TRELLIS,
    ResourceName,
    derive_id,
    random_id,
    random_token,
)
from tests.support.clock import FixedClock

LEARNER = ResourceName("districts/{district}/learners/{learner}")
IDS = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)


def test_a_derived_id_never_changes() -> None:
    """Stored ids rest on namespace and separator: a change here breaks every database."""
    assert derive_id(NAMESPACE_TRELLIS, "henry", "sis") == UUID(
        "353ac370-25f3-58f3-8b2d-a7b2fe12c056"
    )


def test_parts_of_a_derived_id_cannot_run_together() -> None:
    """Two lists of parts never share an id."""
    assert derive_id(NAMESPACE_TRELLIS, "a", "bc") != derive_id(NAMESPACE_TRELLIS, "ab", "c")
    with pytest.raises(ValueError, match="U\\+001F"):
        derive_id(NAMESPACE_TRELLIS, "a\x1fb")


def test_random_ids_and_tokens_are_long_and_not_the_same() -> None:
    """128 bits for an id, 256 for a secret."""
    assert len(random_id()) == 32
    assert len(random_token()) == 43
    assert random_id() != random_id()


@given(IDS, IDS)
def test_parsing_a_name_undoes_formatting_it(district: str, learner: str) -> None:
    """Whatever ids a name is made of come out of it again."""
    name = LEARNER.format(district, learner)
    assert LEARNER.parse(name) == (district, learner)
    assert LEARNER.matches(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "districts/henry/learners/",
        "districts/henry/learners/a/b",
        "districts/henry/learners/a\n",
        "districts/henry/adults/a",
        "xdistricts/henry/learners/a",
        f"districts/henry/learners/{'a' * 65}",
        "districts/henry/learners/é",
    ],
)
def test_a_name_that_is_not_of_the_pattern_is_refused(name: str) -> None:
    """The message shows the pattern and the beginning of the name."""
    with pytest.raises(ValueError, match=re.escape("districts/{district}/learners/{learner}")):
        LEARNER.parse(name)
    assert not LEARNER.matches(name)


def test_a_refused_name_is_repeated_only_in_part() -> None:
    """A megabyte sent as a name does not come back as a megabyte in a message."""
    with pytest.raises(ValueError, match="is not a name") as refused:
        LEARNER.parse("x" * 1_000_000)
    assert len(str(refused.value)) < 300


def test_formatting_refuses_what_parsing_would() -> None:
    """A name that goes out can always be read again."""
    with pytest.raises(ValueError, match="learner of"):
        LEARNER.format("henry", "a/b")
    with pytest.raises(ValueError, match="takes 2 ids"):
        LEARNER.format("henry")


def test_the_system_clock_is_aware_and_in_utc() -> None:
    """No time without a zone gets into Trellis."""
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_fixed_clock_stands_until_it_is_told_to_go_on() -> None:
    """Time in tests is an argument; it may be stepped back as real clocks are."""
    clock = FixedClock(datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=-5))))
    assert clock.now() == datetime(2026, 3, 2, 14, tzinfo=UTC)
    clock.advance(timedelta(hours=-1))
    assert clock.now() == datetime(2026, 3, 2, 13, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 3, 2))  # noqa: DTZ001
