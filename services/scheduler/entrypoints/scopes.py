"""Which scope each method of this service needs; a method that is not in here cannot be added."""

from typing import Final

READ: Final = "schedule.read"
WRITE: Final = "schedule.write"
PUBLISH: Final = "schedule.publish"
NAMES: Final = "roster.read"
"""Beside READ, for pages: they show names."""

SCOPES: Final = {
    "GetPolicy": READ,
    "UpdatePolicy": WRITE,
    "BatchUpsertRooms": WRITE,
    "ListRooms": READ,
    "DeleteRoom": WRITE,
    "BatchUpsertOffers": WRITE,
    "ListOffers": READ,
    "DeleteOffer": WRITE,
    "BatchUpsertAbsences": WRITE,
    "ListAbsences": READ,
    "DeleteAbsence": WRITE,
    "BatchUpsertPins": WRITE,
    "ListPins": READ,
    "DeletePin": WRITE,
    "CreatePlanRun": WRITE,
    "GetPlanRun": READ,
    "ListPlanRuns": READ,
    "CancelPlanRun": WRITE,
    "GetWeek": READ,
    "ListWeeks": READ,
    "ListSessions": READ,
    "ListSeats": READ,
    "ListUnmetNeeds": READ,
    "ExplainSeat": READ,
    "SignOffWeek": PUBLISH,
    "PublishWeek": PUBLISH,
    "GetSchoolCycle": READ,
    "UpdateSchoolCycle": PUBLISH,
    "GetCycle": READ,
    "AcceptSeats": WRITE,
    "UnacceptSeats": WRITE,
    "MoveSeat": WRITE,
    "DeclineSession": WRITE,
    "AddSession": WRITE,
    "ListReviewState": READ,
    "ListChanges": READ,
    "ListSessionChanges": READ,
    "ListTeacherChanges": READ,
}
"""By the bare name of the method."""
