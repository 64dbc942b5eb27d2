"""Which actions each method asks for; a method that is not in here cannot be called.

Beside the scope of the credential (`scopes.py`), a role of the caller in the school must have the
action (`domain/access.py`). Where a method has several, which of them depends on what is sent, and
one is enough to come in at all.
"""

from typing import Final

from services.scheduler.domain.access import Action

ACTIONS: Final[dict[str, tuple[Action, ...]]] = {
    "GetPolicy": (Action.READ_SCHOOL,),
    "UpdatePolicy": (Action.CHANGE_SCHOOL,),
    "BatchUpsertRooms": (Action.CHANGE_SCHOOL,),
    "ListRooms": (Action.READ_SCHOOL,),
    "DeleteRoom": (Action.CHANGE_SCHOOL,),
    "BatchUpsertOffers": (Action.CHANGE_SCHOOL,),
    "ListOffers": (Action.READ_SCHOOL,),
    "DeleteOffer": (Action.CHANGE_SCHOOL,),
    # Of oneself by a teacher, of anybody by the office.
    "BatchUpsertAbsences": (Action.REPORT_ABSENCE,),
    "ListAbsences": (Action.READ_SCHOOL,),
    "DeleteAbsence": (Action.REPORT_ABSENCE,),
    # The second for a service's pin, which is nobody else's to set or to move (H5).
    "BatchUpsertPins": (Action.CHANGE_SCHOOL, Action.SET_SERVICE_PIN),
    # Of those learners alone whom the caller may read.
    "ListPins": (Action.READ_LEARNER,),
    "DeletePin": (Action.CHANGE_SCHOOL, Action.SET_SERVICE_PIN),
    "CreatePlanRun": (Action.PLAN_WEEK,),
    "GetPlanRun": (Action.READ_WEEK,),
    "ListPlanRuns": (Action.READ_WEEK,),
    "CancelPlanRun": (Action.PLAN_WEEK,),
    "GetWeek": (Action.READ_WEEK,),
    "ListWeeks": (Action.READ_WEEK,),
    "ListSessions": (Action.READ_WEEK,),
    "ListSeats": (Action.READ_WEEK,),
    "ListUnmetNeeds": (Action.READ_WEEK,),
    "ExplainSeat": (Action.READ_WEEK,),
    "SignOffWeek": (Action.SIGN_OFF,),
    "PublishWeek": (Action.PUBLISH,),
    "BatchUpsertStaffMembers": (Action.CHANGE_STAFF,),
    "ListStaffMembers": (Action.READ_SCHOOL,),
    "DeleteStaffMember": (Action.CHANGE_STAFF,),
    "BatchUpsertLearnerSettings": (Action.CHANGE_LEARNER,),
    # Of those learners alone whom the caller may read.
    "ListLearnerSettings": (Action.READ_LEARNER,),
    "DeleteLearnerSetting": (Action.CHANGE_LEARNER,),
    "GetCalendar": (Action.READ_SCHOOL,),
    "UpdateCalendar": (Action.CHANGE_SCHOOL,),
    "BatchUpsertBellSchedules": (Action.CHANGE_SCHOOL,),
    "ListBellSchedules": (Action.READ_SCHOOL,),
    "DeleteBellSchedule": (Action.CHANGE_SCHOOL,),
    "BatchUpsertCalendarDays": (Action.CHANGE_SCHOOL,),
    "ListCalendarDays": (Action.READ_SCHOOL,),
    "DeleteCalendarDay": (Action.CHANGE_SCHOOL,),
    "GetWeekTimes": (Action.READ_SCHOOL,),
    "BatchUpsertKeepRules": (Action.SET_KEEP_RULE,),
    "ListKeepRules": (Action.READ_SCHOOL,),
    "DeleteKeepRule": (Action.SET_KEEP_RULE,),
    "BatchUpsertRequiredServices": (Action.SET_SERVICE_PIN,),
    # Of those learners alone whom the caller may read.
    "ListRequiredServices": (Action.READ_SCHOOL,),
    "DeleteRequiredService": (Action.SET_SERVICE_PIN,),
    "BatchUpsertEssentials": (Action.CHANGE_SCHOOL,),
    "ListEssentials": (Action.READ_SCHOOL,),
    "DeleteEssential": (Action.CHANGE_SCHOOL,),
    "BatchUpsertLockedSessions": (Action.CHANGE_SCHOOL,),
    "ListLockedSessions": (Action.READ_SCHOOL,),
    "DeleteLockedSession": (Action.CHANGE_SCHOOL,),
    "CheckSchool": (Action.READ_SCHOOL,),
    # Of whose week it is, by oneself or by the office.
    "CreateFeed": (Action.MAKE_FEED,),
    "ListFeeds": (Action.REVOKE_FEED,),
    "RevokeFeed": (Action.REVOKE_FEED,),
    "GetSchoolCycle": (Action.READ_SCHOOL,),
    # Who starts the clock says who signs in advance what the school falls back to.
    "UpdateSchoolCycle": (Action.SIGN_OFF,),
    "GetCycle": (Action.READ_SCHOOL,),
    "AcceptSeats": (Action.ACCEPT_SEAT,),
    "UnacceptSeats": (Action.ACCEPT_SEAT,),
    "MoveSeat": (Action.MOVE_SEAT,),
    "DeclineSession": (Action.DECLINE_SESSION,),
    "AddSession": (Action.DECLINE_SESSION,),
    "ListReviewState": (Action.READ_WEEK,),
    "ListChanges": (Action.READ_WEEK,),
    "ListSessionChanges": (Action.READ_WEEK,),
    "ListTeacherChanges": (Action.READ_WEEK,),
    # Of oneself, of a child, of who is looked after.
    "GetChoiceWindow": (Action.RANK, Action.CONFIRM_RANKING),
    "ExtendChoiceWindow": (Action.EXTEND_WINDOW,),
    "GetShortList": (Action.RANK, Action.CONFIRM_RANKING),
    "SubmitRanking": (Action.RANK,),
    "GetRanking": (Action.RANK, Action.CONFIRM_RANKING),
    "ListRankings": (Action.CONFIRM_RANKING,),
    "BatchConfirmRankings": (Action.CONFIRM_RANKING,),
    "AnswerRanking": (Action.CONFIRM_RANKING,),
    # The second for a service, which moves everybody else.
    "CreateRequest": (Action.REQUEST_LEARNER, Action.SET_SERVICE_PIN),
    "CancelRequest": (Action.REQUEST_LEARNER, Action.SET_SERVICE_PIN),
    # All of a week for staff; of a learner for the learner and the family.
    "ListRequests": (Action.READ_WEEK, Action.READ_OWN_WEEK),
    "ListRequestOutcomes": (Action.READ_WEEK,),
    "CreateNomination": (Action.NOMINATE,),
    "WithdrawNomination": (Action.NOMINATE,),
    "ListNominations": (Action.NOMINATE, Action.READ_OWN_WEEK),
    "ReportNeed": (Action.RANK,),
    "AnswerReportedNeed": (Action.NOMINATE,),
    "ListReportedNeeds": (Action.NOMINATE, Action.READ_OWN_WEEK),
    "CreateBooking": (Action.RANK, Action.NOMINATE),
    "AnswerBooking": (Action.CONFIRM_RANKING,),
    "CancelBooking": (Action.RANK, Action.NOMINATE),
    "ListBookings": (Action.CONFIRM_RANKING, Action.READ_OWN_WEEK),
    "ProposeSession": (Action.PROPOSE_SESSION,),
    "SponsorProposal": (Action.SPONSOR_SESSION,),
    "DeclineProposal": (Action.SPONSOR_SESSION,),
    "ListProposals": (Action.SPONSOR_SESSION, Action.READ_OWN_WEEK),
    "GetCycleReview": (Action.READ_REVIEW,),
    "ListStuckLearners": (Action.READ_REVIEW,),
}
"""By the bare name of the method."""
