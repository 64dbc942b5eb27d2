"""Which version is in force when, and that it is read from its document once."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mastery.domain.errors import PolicyTooEarlyError, UnreadablePolicyError
from services.mastery.domain.model import DEFAULT_POLICY
from services.mastery.domain.policies import (
    DEFAULT_IN_FORCE,
    PolicyVersion,
    check_effective,
    in_force,
)
from services.mastery.domain.policy_document import write_document
from services.mastery.handlers.policies import PolicyCache


def a_version(number, effective_us, **fields):
    """Return a version that takes effect at a time."""
    return PolicyVersion(
        version=number,
        effective_us=effective_us,
        document=write_document(DEFAULT_POLICY) | fields,
        note="",
        actor="test",
        create_us=0,
    )


@given(st.lists(st.integers(0, 20), max_size=8), st.lists(st.integers(0, 20), min_size=2))
def test_the_version_in_force_never_falls_as_time_goes_on(effective, times):
    """Whatever the versions: readers of the topic rest on it."""
    versions = [a_version(place + 1, at_us) for place, at_us in enumerate(effective)]
    found = [in_force(versions, at_us=at_us) for at_us in sorted(times)]
    numbers = [one.version if one else 0 for one in found]
    assert numbers == sorted(numbers)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=8))
def test_what_was_in_force_earlier_stays_as_it_was_told(puts):
    """A version that is allowed changes nothing before its own time."""
    versions, now_us = [], 0
    for effective_us, step in puts:
        now_us += step
        standing = in_force(versions, at_us=now_us)
        told = [in_force(versions, at_us=at_us) for at_us in range(21)]
        try:
            check_effective(effective_us, standing)
        except PolicyTooEarlyError:
            assert standing.effective_us > effective_us
            continue
        versions.append(a_version(len(versions) + 1, effective_us))
        for at_us in range(21):
            after = in_force(versions, at_us=at_us)
            assert after == (told[at_us] if at_us < effective_us else versions[-1])
        # Before the one in force now took effect, nothing can change any more.
        assert standing is None or effective_us >= standing.effective_us


def test_a_version_that_waits_gives_way_to_a_newer_one_before_it():
    """Who has set next August can still correct today."""
    versions = [a_version(1, 10), a_version(2, 100), a_version(3, 50)]
    found = [in_force(versions, at_us=at_us).version for at_us in (10, 49, 50, 99, 100, 1_000)]
    assert found == [1, 1, 3, 3, 3, 3]
    assert in_force(versions, at_us=9) is None


def test_a_version_before_the_one_in_force_is_refused_with_what_to_do():
    """The message has the time from which it may be."""
    since_us = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp()) * 1_000_000
    standing = a_version(4, since_us)
    check_effective(since_us, standing)
    with pytest.raises(PolicyTooEarlyError, match=r"version 4, .* since 2026-11-02T00:00:00Z"):
        check_effective(since_us - 1, standing)


class Reader:
    """Answers as a snapshot does, and counts the documents that were asked for."""

    def __init__(self, versions):
        self.versions, self.documents_read = versions, 0

    async def policy_version(self, district, *, at_us):
        """Return the version in force."""
        found = in_force(self.versions, at_us=at_us)
        return found.version if found else 0

    async def policy_document(self, district, version):
        """Return a document."""
        self.documents_read += 1
        return self.versions[version - 1].document


async def test_a_version_is_read_from_its_document_once():
    """However often it is asked for; the default policy needs no document at all."""
    reader, cache = Reader([a_version(1, 10, minimum_days=2)]), PolicyCache()
    assert await cache.in_force(reader, "henry", at_us=9) == DEFAULT_IN_FORCE
    for _ in range(3):
        found = await cache.in_force(reader, "henry", at_us=10)
        assert (found.version, found.policy.minimum_days) == (1, 2)
    assert reader.documents_read == 1
    await cache.in_force(reader, "forsyth", at_us=10)
    assert reader.documents_read == 2


async def test_the_cache_is_bounded_and_keeps_what_is_asked_for():
    """What has not been asked for the longest gives way."""
    reader, cache = Reader([a_version(1, 0)]), PolicyCache(size=2)
    for district in ("a", "b", "a", "c", "a"):
        await cache.in_force(reader, district, at_us=0)
    assert reader.documents_read == 3
    await cache.in_force(reader, "b", at_us=0)
    assert reader.documents_read == 4


async def test_a_stored_version_of_another_release_says_what_to_do():
    """It is not read as something else; it names the district and the version."""
    reader = Reader([a_version(1, 0, halo=1)])
    with pytest.raises(UnreadablePolicyError, match=r"version 1 of the policy of henry .*halo"):
        await PolicyCache().in_force(reader, "henry", at_us=0)
