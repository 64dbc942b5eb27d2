"""The waits between attempts: doubling, bounded, and never nothing."""

from hypothesis import given
from hypothesis import strategies as st

from services.common.backoff import RetryPolicy, backoff_seconds


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_between_attempts_is_bounded_and_never_nothing(
    attempt: int, fraction: float
) -> None:
    """However many attempts: between half of the first wait and the limit."""
    wait_seconds = backoff_seconds(attempt, fraction, first_seconds=0.1, limit_seconds=3)
    assert 0.05 <= wait_seconds <= 3


def test_waits_double() -> None:
    """With the same randomness each wait is twice the one before, up to the limit."""
    waits = [backoff_seconds(n, 0, first_seconds=1, limit_seconds=5) for n in range(5)]
    assert waits == [0.5, 1, 2, 2.5, 2.5]


def test_chance_shortens_a_wait_to_no_less_than_half() -> None:
    """Workers that failed together come back apart."""
    policy = RetryPolicy(first_wait_seconds=1.0, longest_wait_seconds=8.0)
    assert [policy.wait_seconds(3, chance) for chance in (0.0, 0.5, 1.0)] == [2.0, 3.0, 4.0]
