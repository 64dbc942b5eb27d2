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
    "GetChoiceWindow": READ,
    "ExtendChoiceWindow": WRITE,
    "GetShortList": READ,
    "SubmitRanking": WRITE,
    "GetRanking": READ,
    "ListRankings": READ,
    "BatchConfirmRankings": WRITE,
    "AnswerRanking": WRITE,
    "CreateRequest": WRITE,
    "CancelRequest": WRITE,
    "ListRequests": READ,
    "ListRequestOutcomes": READ,
    "CreateNomination": WRITE,
    "WithdrawNomination": WRITE,
    "ListNominations": READ,
    "ReportNeed": WRITE,
    "AnswerReportedNeed": WRITE,
    "ListReportedNeeds": READ,
    "CreateBooking": WRITE,
    "AnswerBooking": WRITE,
    "CancelBooking": WRITE,
    "ListBookings": READ,
    "ProposeSession": WRITE,
    "SponsorProposal": WRITE,
    "DeclineProposal": WRITE,
    "ListProposals": READ,
}
"""By the bare name of the method."""
