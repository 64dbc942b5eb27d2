"""Roll-ups of broad competencies as messages."""

from __future__ import annotations

from trellis.mastery.v1 import roll_up_pb2

from services.mastery.adapters.wire.mastery import (
    LEARNER,
    ROLL_UP,
    competency_name,
    decision_to,
    time_to,
)
from services.mastery.domain.model import Decision
from services.mastery.domain.roll_up import PartStanding
from services.mastery.handlers.roll_ups import KeyedRollUp


def roll_up_to(district: str, keyed: KeyedRollUp) -> roll_up_pb2.RollUp:
    """Return a roll-up as a message."""
    rolled_up = keyed.rolled_up
    # None leaves a field out.
    return roll_up_pb2.RollUp(
        name=ROLL_UP.format(district, keyed.learner, keyed.competency),
        learner=LEARNER.format(district, keyed.learner),
        competency=competency_name(district, keyed.competency),
        reached=rolled_up.reached,
        points=rolled_up.points,
        points_asked=rolled_up.points_asked,
        parts=[_part_to(district, part) for part in rolled_up.parts],
        explanation=rolled_up.explanation,
        as_of_time=time_to(keyed.as_of_us),
        policy_version=keyed.policy_version,
    )


def _part_to(district: str, part: PartStanding) -> roll_up_pb2.RollUpPart:
    return roll_up_pb2.RollUpPart(
        competency=competency_name(district, part.competency),
        met=part.met,
        required=part.required,
        points=part.points,
        decision=decision_to(Decision.UNSPECIFIED if part.decision is None else part.decision),
    )
