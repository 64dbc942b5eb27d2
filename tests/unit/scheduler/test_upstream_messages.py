"""What the scheduler makes of the roster's messages."""

from __future__ import annotations

import pytest
from trellis.roster.v1 import roster_pb2

from services.scheduler.adapters.upstream import learner_from

NAME = "districts/maple-county/learners/"


@pytest.mark.parametrize(
    ("state", "merged_into", "enrolled"),
    [
        (roster_pb2.Learner.STATE_ENROLLED, "", True),
        (roster_pb2.Learner.STATE_WITHDRAWN, "", False),
        (roster_pb2.Learner.STATE_ENROLLED, f"{NAME}other", False),
    ],
)
def test_only_who_is_enrolled_and_nobody_else_has_a_place(
    state: roster_pb2.Learner.State, merged_into: str, enrolled: bool
) -> None:
    """Two records of one person, once merged, are one learner in a week."""
    message = roster_pb2.Learner(name=f"{NAME}ana", state=state, merged_into=merged_into)
    found = learner_from(message)
    assert (found.learner_id, found.enrolled) == ("ana", enrolled)
