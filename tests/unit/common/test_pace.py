"""Whoever asks too fast waits, and nobody else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.rpc.errors import RefusedError
from services.common.web.pace import RETRY_AFTER, Pace


class Hands:
    """A clock whose hands are moved by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.seconds


def test_a_full_bucket_is_spent_and_fills_again() -> None:
    """Three at once, then one a second half; after a long rest three again, and not more."""
    hands = Hands()
    pace = Pace(per_second=2, burst=3, monotonic=hands)
    assert [pace.wait_seconds("a") for _ in range(4)] == [0, 0, 0, 0.5]
    hands.seconds = 0.5
    assert [pace.wait_seconds("a") for _ in range(2)] == [0, 0.5]
    hands.seconds = 1_000
    assert [pace.wait_seconds("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_each_has_a_bucket_of_its_own() -> None:
    """One who asks too fast holds nobody else up."""
    pace = Pace(per_second=1, burst=1, monotonic=Hands())
    assert [pace.wait_seconds(who) for who in ("a", "a", "b")] == [0, 1, 0]


def test_who_waits_as_told_is_let_through() -> None:
    """The seconds that the refusal names are enough."""
    hands = Hands()
    pace = Pace(per_second=0.1, burst=1, monotonic=hands)
    pace.admit("a", what="this client")
    with pytest.raises(RefusedError, match="this client asks more than") as refused:
        pace.admit("a", what="this client")
    assert refused.value.refusal.reason == "TOO_MANY_REQUESTS"
    hands.seconds = float(refused.value.refusal.metadata[RETRY_AFTER])
    pace.admit("a", what="this client")


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(-1, 5)), max_size=60))
def test_no_more_is_let_through_than_the_burst_and_what_came_back(
    asked: list[tuple[int, float]],
) -> None:
    """Also where the clock goes back."""
    hands = Hands()
    pace = Pace(per_second=1, burst=5, monotonic=hands)
    forward_seconds = 0.0
    admitted = 0
    for _, step in asked:
        hands.seconds += step
        forward_seconds += max(step, 0)
        admitted += pace.wait_seconds("a") == 0
    assert admitted <= 5 + forward_seconds + 1e-6


def test_only_so_many_are_remembered() -> None:
    """Who came longest ago is forgotten first, and begins anew."""
    pace = Pace(per_second=1, burst=1, monotonic=Hands(), remembered=2)
    assert [pace.wait_seconds(who) for who in ("a", "b", "a", "c", "a", "b")] == [0, 0, 1, 0, 1, 0]
