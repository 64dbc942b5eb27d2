"""Repairs a published week after changes: few moves, nobody without a place."""

from services.scheduler.domain.changes import (
    AdultAway,
    Change,
    LateService,
    LearnerCame,
    LearnerLeft,
    RequestCancelled,
    RoomClosed,
    changed,
)
from services.scheduler.domain.differences import SessionChange
from services.scheduler.domain.repair.moves import Cause, Move
from services.scheduler.domain.repair.repair import Repaired, repair

__all__ = [
    "AdultAway",
    "Cause",
    "Change",
    "LateService",
    "LearnerCame",
    "LearnerLeft",
    "Move",
    "Repaired",
    "RequestCancelled",
    "RoomClosed",
    "SessionChange",
    "changed",
    "repair",
]
