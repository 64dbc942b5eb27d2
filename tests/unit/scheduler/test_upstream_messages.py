"""What the scheduler makes of the messages of other services."""

from __future__ import annotations

import pytest
from trellis.mastery.v1 import mastery_pb2, mastery_service_pb2
from trellis.roster.v1 import roster_pb2

from services.scheduler.adapters.upstream import learner_from, needs_from

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


@pytest.mark.parametrize("level_milli", [None, 1_000, 2_999])
def test_a_level_that_is_absent_is_none_and_not_the_lowest(level_milli: int | None) -> None:
    """A need without a level is no level of 0; the version of its policy changes no snapshot."""
    found = [
        one
        for policy_version in (0, 7)
        for one in needs_from(
            mastery_service_pb2.LearnerNeeds(
                learner=f"{NAME}ana",
                needs=[
                    mastery_pb2.Need(
                        competency="districts/maple-county/competencies/adding",
                        decision=mastery_pb2.DECISION_NOT_YET,
                        current_level_milli=level_milli,
                        policy_version=policy_version,
                    )
                ],
            )
        )
    ]
    assert [one.level_milli for one in found] == [level_milli] * 2
    assert found[0] == found[1]
