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
    "TakeAttendance": WRITE,
    "ListAttendance": READ,
    "ListMissingAttendance": READ,
    "CloseDay": WRITE,
    "RecordQuickChecks": WRITE,
    "ListQuickChecks": READ,
    "ListServiceDelivery": READ,
    "ListMakeUps": READ,
    "ListNoShows": READ,
    "ListDrifting": READ,
    "LocateLearner": READ,
    "ReportWanderer": WRITE,
    "ListWanderers": READ,
    "ReportAbsence": WRITE,
    "ListUnstaffed": READ,
    "ResolveUnstaffed": PUBLISH,
    "AdmitLearner": PUBLISH,
    "ReleaseLearner": PUBLISH,
    "MovePublishedSeat": PUBLISH,
    "ChangePublishedService": PUBLISH,
}
"""By the bare name of the method."""
