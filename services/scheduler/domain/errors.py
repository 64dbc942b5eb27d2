"""Everything that goes wrong in this service by its own rules.

SchedulerError
├── InvalidRequestError      a field of a request can never be right
├── InvalidSettingError      a setting cannot be kept, so nothing of its batch was
├── BatchTooLargeError       more than 500 in one call
├── NotFoundError            the district has no such thing
├── InUseError               something else rests on what is to be removed
├── RequestIdReusedError     the request id was used before, for other content
├── PolicyMissingError       the school has no policy yet
├── TooManyRunsError         the school has as many open runs as it may have
├── TooManyFeedsError        somebody has as many calendar addresses as they may have
├── RunEndedError            a run that has ended cannot be cancelled
├── DraftMissingError        the week has no draft
├── DraftChangedError        the draft is not the one that the person saw
├── SignOffMissingError      nobody has signed the draft off
├── PersonRefusedError       the credential names no adult of the district
├── NotAllowedError          the caller's role in the school does not reach so far
├── WindowClosedError        a ranking came before or after the time for choosing
├── WindowInvalidError       a time for choosing cannot be so
├── TooManyAsksError         somebody asks for more than one may ask for
├── RequestsEndedError       the week has begun, so requests are settled
├── ServiceRequestError      a service is asked for by who owns services alone
├── AnsweredAlreadyError     it has an answer, which stands
├── RankingChangedError      other choices stand than those that were read
├── BookingRefusedError      the session cannot take the booking
├── WeekBrokenError          the week breaks a hard rule
├── WeekLockedError          the week has begun
├── ReviewClosedError        nobody decides in the review of the week any more, or not yet
├── SessionDeclinedError     its adult has declined to lead the session
├── MoveRefusedError         a person's move breaks a hard rule
├── DecidedByOtherError      another person has decided of the seat, and that stands
├── WeekChangedError         the week was replaced while it was being listed
├── DamagedWeekError         a stored week is not what was stored
├── PolicyChangedError       a school's policy is not the one that the caller saw
├── RevisionChangedError     a published week is not the one that the person saw
├── DayClosedError           the attendance of a day stands as it is
├── TooEarlyError            what is noted of a session that has not begun
├── UpstreamError            another service does not give what is needed
└── PlanError                a plan run does not give a week
    ├── WeekWithoutSlotsError  no slot is held in the week
    ├── ProblemError         the snapshot contradicts itself
    ├── ChangeError          a change names what the published week has not
    ├── PlanCancelledError   somebody asked the run to stop
    └── AssignmentError      the seat assigner gave no usable answer
A week that breaks a rule is no error of its run: it is a week with a list of breaches, and only
publishing it is refused. `reason` is for programs, `metadata` holds the values of the message.
"""

from collections.abc import Mapping, Sequence

from services.scheduler.domain.week import Breach

BREACHES_TOLD = 8
MAX_NAMED = 5


class SchedulerError(Exception):
    """What goes wrong here; `reason` is part of the contract."""

    reason = "SCHEDULER_ERROR"

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.metadata: Mapping[str, str] = metadata


class InvalidRequestError(SchedulerError):
    """A field of the request can never be right; `hint` says what to send instead."""

    reason = "INVALID_REQUEST"

    def __init__(self, *, field: str, message: str, hint: str = "") -> None:
        super().__init__(f"{field}: {message}", field=field, hint=hint)


class InvalidSettingError(SchedulerError):
    """A setting cannot be kept; nothing of its batch was."""

    def __init__(self, *, field: str, reason: str, message: str, hint: str) -> None:
        super().__init__(f"{field}: {message} {hint}", field=field, hint=hint)
        self.reason = reason
        self.field = field
        self.what = message
        self.hint = hint


class BatchTooLargeError(SchedulerError):
    """A batch holds more than one call may carry."""

    reason = "BATCH_TOO_LARGE"

    def __init__(self, *, count: int, limit: int) -> None:
        super().__init__(
            f"the batch holds {count}; at most {limit} are allowed",
            count=str(count),
            limit=str(limit),
        )


class NotFoundError(SchedulerError):
    """The district has nothing of this name."""

    reason = "NOT_FOUND"

    def __init__(self, *, kind: str, name: str) -> None:
        super().__init__(f"the district has no {kind} {name}", kind=kind, name=name)


class InUseError(SchedulerError):
    """Something else rests on what is to be removed; remove or change that first."""

    reason = "IN_USE"

    def __init__(self, *, kind: str, name: str, user: str) -> None:
        super().__init__(f"{user} uses the {kind} {name}; change that first", kind=kind, user=user)


class RequestIdReusedError(SchedulerError):
    """The request id was used before, for other content."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self, *, request_id: str) -> None:
        super().__init__(
            f"request id {request_id} was used before for other content", request_id=request_id
        )


class PolicyMissingError(SchedulerError):
    """The school has no policy yet, so nothing is known of its slots."""

    reason = "POLICY_MISSING"

    def __init__(self, *, school_id: str) -> None:
        super().__init__(
            f"school {school_id} has no policy yet: send it with UpdatePolicy first",
            school=school_id,
        )


class TooManyRunsError(SchedulerError):
    """The school has as many open runs as it may have; wait for one to end, or cancel one."""

    reason = "TOO_MANY_RUNS"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"the school has {limit} open plan runs: wait for one to end, or cancel one",
            limit=str(limit),
        )


class TooManyFeedsError(SchedulerError):
    """The subject has as many open feeds as it may have; revoke one that nobody reads."""

    reason = "TOO_MANY_FEEDS"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"there are {limit} open calendar addresses for this already: revoke one first",
            limit=str(limit),
        )


class RunEndedError(SchedulerError):
    """A run that has ended cannot be cancelled."""

    reason = "RUN_ENDED"

    def __init__(self, *, run_id: str, state: str) -> None:
        super().__init__(f"plan run {run_id} has ended: {state}", state=state)


class DraftMissingError(SchedulerError):
    """The week has no draft: there is nothing to sign off or to publish."""

    reason = "DRAFT_MISSING"

    def __init__(self, *, monday: str) -> None:
        super().__init__(f"the week of {monday} has no draft: create a plan run first")


class DraftChangedError(SchedulerError):
    """The draft is not the one that the person saw."""

    reason = "DRAFT_CHANGED"

    def __init__(self, *, asked: str, standing: str) -> None:
        super().__init__(
            f"the draft is {standing[:16]}…, not {asked[:16]}…: look at it and ask again",
            week_hash=standing,
        )


class SignOffMissingError(SchedulerError):
    """Nobody has signed the draft off."""

    reason = "SIGN_OFF_MISSING"

    def __init__(self, *, week_hash: str) -> None:
        super().__init__(
            "nobody has signed this draft off: a named person does so with SignOffWeek",
            week_hash=week_hash,
        )


class PersonRefusedError(SchedulerError):
    """The person of the credential is not named as an adult of the district."""

    reason = "PERSON_REFUSED"

    def __init__(self) -> None:
        super().__init__("the person of the token is not named as an adult of this district")


class NotAllowedError(SchedulerError):
    """The caller's role in the school does not reach so far; somebody else there may do it."""

    reason = "NOT_ALLOWED"

    def __init__(self, *, action: str) -> None:
        super().__init__(
            f"your role in this school does not allow this ({action.replace('_', ' ')})",
            action=action,
        )


class WindowClosedError(SchedulerError):
    """A ranking came before or after the time for choosing; nobody has forgotten anything."""

    reason = "WINDOW_CLOSED"


class WindowInvalidError(SchedulerError):
    """A time for choosing cannot be so."""

    reason = "WINDOW_INVALID"


class TooManyAsksError(SchedulerError):
    """Somebody asks for more than one may ask for; take something back first."""

    reason = "TOO_MANY_ASKS"

    def __init__(self, *, what: str, limit: int) -> None:
        super().__init__(
            f"there are {limit} {what} already, which is the most: take one back first",
            limit=str(limit),
        )


class RequestsEndedError(SchedulerError):
    """The week has begun; who is where changes by the day's own means now."""

    reason = "REQUESTS_ENDED"

    def __init__(self, *, ended: str) -> None:
        super().__init__(
            f"requests for this week ended on {ended}: the office moves a learner from then on",
            ended=ended,
        )


class ServiceRequestError(SchedulerError):
    """A service is asked for, and taken back, by who owns services alone."""

    reason = "SERVICE_REQUEST_REFUSED"

    def __init__(self) -> None:
        super().__init__("a service is asked for and taken back by who owns services: ask them")


class AnsweredAlreadyError(SchedulerError):
    """What is to be answered or taken back has an answer, which stands."""

    reason = "ANSWERED_ALREADY"

    def __init__(self, *, what: str, state: str) -> None:
        super().__init__(f"the {what} is {state} already, and stays so", state=state)


class RankingChangedError(SchedulerError):
    """Other choices of learners stand by now than those that were read; read them and answer."""

    reason = "RANKING_CHANGED"

    def __init__(self, *, learner_ids: Sequence[str]) -> None:
        named = ", ".join(learner_ids[:MAX_NAMED])
        more = len(learner_ids) - MAX_NAMED
        super().__init__(
            f"other choices stand by now than those that were read, of learner {named}"
            f"{f' and {more} more' if more > 0 else ''}: read them again, and answer those",
            learners=named,
        )


class BookingRefusedError(SchedulerError):
    """The session that was named cannot take the booking."""

    reason = "BOOKING_REFUSED"


class WeekBrokenError(SchedulerError):
    """The week breaks a hard rule and cannot be published."""

    reason = "WEEK_BREAKS_RULES"

    def __init__(self, breaches: Sequence[Breach]) -> None:
        told = {
            f"breach_{place}": f"{one.rule} {one.message}"
            for place, one in enumerate(breaches[:BREACHES_TOLD], start=1)
        }
        super().__init__(
            f"the week breaks hard rules ({len(breaches)}) and cannot be published:"
            f" {breaches[0].message}",
            count=str(len(breaches)),
            **told,
        )
        self.breaches = tuple(breaches)


class WeekLockedError(SchedulerError):
    """The published week has begun: only listed changes are left."""

    reason = "WEEK_LOCKED"

    def __init__(self, *, monday: str) -> None:
        super().__init__(
            f"the week of {monday} has begun: what changes in it now is an absence, a new or"
            " withdrawn learner, a service, or a move of the day"
        )


class ReviewClosedError(SchedulerError):
    """Seats of the week are not accepted or moved now."""

    reason = "REVIEW_CLOSED"

    def __init__(self, *, why: str) -> None:
        super().__init__(f"seats are not accepted or moved now: {why}")


class SessionDeclinedError(SchedulerError):
    """Its adult has declined to lead the session; choose another, or have it added again."""

    reason = "SESSION_DECLINED"

    def __init__(self, *, slot_id: str, offer_id: str) -> None:
        super().__init__(
            f"the session of offer {offer_id} in slot {slot_id} was declined: choose another",
            slot=slot_id,
            offer=offer_id,
        )


class MoveRefusedError(SchedulerError):
    """A person's move breaks a hard rule that no reason excuses."""

    reason = "MOVE_BREAKS_RULES"

    def __init__(self, breaches: Sequence[Breach]) -> None:
        told = {
            f"breach_{place}": f"{one.rule} {one.message}"
            for place, one in enumerate(breaches[:BREACHES_TOLD], start=1)
        }
        super().__init__(f"the move breaks rule {breaches[0].rule}: {breaches[0].message}", **told)
        self.breaches = tuple(breaches)


class DecidedByOtherError(SchedulerError):
    """Another person has accepted or moved the seat; they, a coach or a principal may change it."""

    reason = "DECIDED_BY_OTHER"

    def __init__(self, *, state: str, learner_id: str, slot_id: str, adult_id: str) -> None:
        who = f"adult {adult_id}" if adult_id else "somebody else"
        super().__init__(
            f"{who} has {state} the seat of learner {learner_id} in slot {slot_id}, and that"
            " stands: ask them to take it back, or a coach or principal to decide",
            learner=learner_id,
            slot=slot_id,
            adult=adult_id,
        )


class WeekChangedError(SchedulerError):
    """The draft was replaced while it was being listed; begin the list again."""

    reason = "WEEK_CHANGED"

    def __init__(self) -> None:
        super().__init__("the draft was replaced while it was being listed: begin again")


class DamagedWeekError(SchedulerError):
    """A stored week, or its snapshot, does not have the hash that it was stored with."""

    reason = "DAMAGED_WEEK"

    def __init__(self, *, week_hash: str, part: str) -> None:
        super().__init__(
            f"the {part} of the week with hash {week_hash} is not what was stored, or a newer"
            " release has stored it: read it with that release, or plan the week anew",
            week_hash=week_hash,
            part=part,
        )


class RevisionChangedError(SchedulerError):
    """Somebody else has changed the published week since the person looked at it."""

    reason = "REVISION_CHANGED"

    def __init__(self, *, asked: int, standing: int) -> None:
        super().__init__(
            f"the week stands at revision {standing}, not {asked}: somebody has changed it since;"
            " look at it and ask again",
            revision=str(standing),
        )


class PolicyChangedError(SchedulerError):
    """Somebody else has changed the school's policy since the caller looked at it."""

    reason = "POLICY_CHANGED"

    def __init__(self, *, asked: int, standing: int) -> None:
        super().__init__(
            f"the policy stands at version {standing}, not {asked}: somebody has changed it since;"
            " look at it and send it again",
            version=str(standing),
        )


class DayClosedError(SchedulerError):
    """The day is closed: its attendance and quick checks stand as they are."""

    reason = "DAY_CLOSED"

    def __init__(self, *, day: str) -> None:
        super().__init__(
            f"{day} is closed: its attendance and quick checks stand as they are", date=day
        )


class TooEarlyError(SchedulerError):
    """The session, or the day, has not begun."""

    reason = "TOO_EARLY"

    def __init__(self, *, what: str) -> None:
        super().__init__(f"{what} has not begun: note it when it has")


class UpstreamError(SchedulerError):
    """Another service does not give what is needed now; it may do so later."""

    reason = "UPSTREAM_UNAVAILABLE"

    def __init__(self, *, service: str, cause: str) -> None:
        super().__init__(
            f"the {service} service does not answer ({cause}); try again in a moment",
            service=service,
        )
        self.service = service


class PlanError(SchedulerError):
    """The base of what keeps a plan run from giving a week."""

    reason = "PLAN_ERROR"


class WeekWithoutSlotsError(PlanError):
    """No slot is held in the week, by the school's calendar."""

    reason = "WEEK_WITHOUT_SLOTS"

    def __init__(self, *, monday: str, notes: Sequence[str]) -> None:
        super().__init__(" ".join((f"the week of {monday} has no slot.", *notes)), monday=monday)


class ProblemError(PlanError):
    """The snapshot names one thing twice with different facts, or has an impossible number."""

    reason = "PROBLEM_INVALID"


class ChangeError(PlanError):
    """A change of a week, or a question about it, names what there is not or cannot be so."""

    reason = "CHANGE_INVALID"


class PlanCancelledError(PlanError):
    """The run was asked to stop and stopped; nothing came out of it."""

    reason = "PLAN_CANCELLED"


class AssignmentError(PlanError):
    """The seat assigner gave no assignment, or one that breaks what was asked."""

    reason = "ASSIGNMENT_FAILED"
