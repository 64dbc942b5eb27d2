"""Who may do what: one question, `allow(actor, action, resource)`, answered by one table.

A role reaches the whole school, or what is a person's own: a teacher's classes and the learners
whose named adult they are, a learner's own week, a family's child, a session that an adult leads.
A credential of a system, without a person, acts as `SYSTEM`; what a person must stand for is in no
system's reach. Every action belongs to one school; the district was settled by the credential.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from services.scheduler.domain.errors import NotAllowedError


class Role(Enum):
    """What somebody is in a school; a person may be several of these."""

    TEACHER = "teacher"
    COACH = "coach"
    SPECIALIST = "specialist"
    """An interventionist, special educator or other who delivers services."""
    COUNSELOR = "counselor"
    PRINCIPAL = "principal"
    """Who leads the school, or its support team."""
    OFFICE = "office"
    LEARNER = "learner"
    FAMILY = "family"
    SYSTEM = "system"

    @property
    def is_staff(self) -> bool:
        """Whether an adult of the school has it."""
        return self not in (Role.LEARNER, Role.FAMILY, Role.SYSTEM)


class Action(Enum):
    """What can be done, by the part of the week that it belongs to."""

    READ_SCHOOL = "read_school"
    """The school's own data: bells, rooms, adults, offers."""
    CHANGE_SCHOOL = "change_school"
    CHANGE_STAFF = "change_staff"
    """Say what an adult is in the school: whoever may give roles could give themselves any."""
    SET_KEEP_RULE = "set_keep_rule"
    """Say that two learners are kept apart or together; only who set it reads the reason."""
    READ_LEARNER = "read_learner"
    """What the school has set for a learner: services, consents, named adult."""
    CHANGE_LEARNER = "change_learner"
    RANK = "rank"
    """Choose, for a learner, from their short list."""
    CONFIRM_RANKING = "confirm_ranking"
    EXTEND_WINDOW = "extend_window"
    """Give learners more time to rank, as after an outage."""
    REQUEST_LEARNER = "request_learner"
    """Ask for a learner in a slot (H6)."""
    NOMINATE = "nominate"
    """Say, with a reason, that a learner needs help (H10)."""
    SET_SERVICE_PIN = "set_service_pin"
    PROPOSE_SESSION = "propose_session"
    SPONSOR_SESSION = "sponsor_session"
    READ_WEEK = "read_week"
    """A week with its reasons, as staff reads it."""
    READ_OWN_WEEK = "read_own_week"
    """One learner's own week, as learner and family read it."""
    PLAN_WEEK = "plan_week"
    ACCEPT_SEAT = "accept_seat"
    MOVE_SEAT = "move_seat"
    DECLINE_SESSION = "decline_session"
    """Of a session: not lead it. `adult_id` of the resource is who leads it."""
    SIGN_OFF = "sign_off"
    PUBLISH = "publish"
    REPORT_ABSENCE = "report_absence"
    CHANGE_PUBLISHED = "change_published"
    """The listed changes after publishing (H7)."""
    TAKE_ATTENDANCE = "take_attendance"
    READ_ATTENDANCE = "read_attendance"
    LOCATE = "locate"
    """Where a learner is now."""
    READ_DRIFTING = "read_drifting"
    """Which learners drift away; for staff alone."""
    PRINT = "print"
    """The lists and slips of a whole school."""
    MAKE_FEED = "make_feed"
    """Make the address of a calendar: one's own, one's child's, or for who asks the office."""
    REVOKE_FEED = "revoke_feed"
    """List the addresses of calendars, and cut one off."""
    READ_REVIEW = "read_review"
    """How fairly help was shared over weeks, and who is stuck; for who leads the school."""
    READ_AUDIT = "read_audit"
    """Who did what and why; for who leads the school, and for the district's IT as a system."""


class Reach(Enum):
    """How far a role goes with an action."""

    SCHOOL = auto()
    OWN = auto()


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts in a school. `name`: what an audit keeps, a resource name and never a person's name.

    `own_learner_ids`: of a teacher the learners of their classes and those whose named adult they
    are, of a learner themselves, of a family their children.
    """

    name: str
    roles: frozenset[Role]
    adult_id: str = ""
    """The adult that the person is in the roster; empty: none."""
    learner_id: str = ""
    """The learner that the person is; empty: none."""
    own_learner_ids: frozenset[str] = frozenset()

    @property
    def is_staff(self) -> bool:
        """Whether the person is an adult of the school."""
        return any(role.is_staff for role in self.roles)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What is acted upon, as far as it decides who may: a learner, and who leads them there."""

    learner_id: str = ""
    adult_id: str = ""


SYSTEM = Actor(name="system", roles=frozenset({Role.SYSTEM}))
"""Who acts with a credential that names no person."""

WHOLE_SCHOOL = Resource()
"""No single learner and nobody's session: only who reaches the school may act on it."""

_S, _O = Reach.SCHOOL, Reach.OWN

_STAFF_READS: Mapping[Action, Reach] = {
    Action.READ_SCHOOL: _S,
    Action.READ_WEEK: _S,
    Action.READ_OWN_WEEK: _S,
    Action.LOCATE: _S,
    Action.MAKE_FEED: _O,
    Action.REVOKE_FEED: _O,
}

ALLOWED: Mapping[Role, Mapping[Action, Reach]] = {
    Role.TEACHER: {
        **_STAFF_READS,
        Action.READ_LEARNER: _O,
        Action.RANK: _O,
        Action.CONFIRM_RANKING: _O,
        Action.REQUEST_LEARNER: _O,
        Action.NOMINATE: _O,
        Action.SPONSOR_SESSION: _O,
        Action.ACCEPT_SEAT: _O,
        Action.MOVE_SEAT: _O,
        Action.DECLINE_SESSION: _O,
        Action.REPORT_ABSENCE: _O,
        Action.TAKE_ATTENDANCE: _O,
        Action.READ_ATTENDANCE: _O,
        Action.READ_DRIFTING: _O,
    },
    Role.COACH: {
        **_STAFF_READS,
        Action.READ_LEARNER: _S,
        Action.RANK: _S,
        Action.CONFIRM_RANKING: _S,
        Action.REQUEST_LEARNER: _S,
        Action.NOMINATE: _S,
        Action.SPONSOR_SESSION: _O,
        Action.ACCEPT_SEAT: _S,
        Action.MOVE_SEAT: _S,
        Action.DECLINE_SESSION: _O,
        Action.REPORT_ABSENCE: _O,
        Action.TAKE_ATTENDANCE: _S,
        Action.READ_ATTENDANCE: _S,
        Action.READ_DRIFTING: _S,
        Action.PRINT: _S,
    },
    Role.SPECIALIST: {
        **_STAFF_READS,
        Action.READ_LEARNER: _S,
        Action.CHANGE_LEARNER: _S,
        Action.SET_SERVICE_PIN: _S,
        Action.REQUEST_LEARNER: _S,
        Action.NOMINATE: _S,
        Action.CONFIRM_RANKING: _O,
        Action.SPONSOR_SESSION: _O,
        Action.ACCEPT_SEAT: _O,
        Action.MOVE_SEAT: _O,
        Action.DECLINE_SESSION: _O,
        Action.REPORT_ABSENCE: _O,
        Action.TAKE_ATTENDANCE: _O,
        Action.READ_ATTENDANCE: _S,
    },
    Role.COUNSELOR: {
        **_STAFF_READS,
        Action.READ_LEARNER: _S,
        Action.SET_KEEP_RULE: _S,
        Action.CONFIRM_RANKING: _S,
        Action.REQUEST_LEARNER: _S,
        Action.NOMINATE: _S,
        # A counselor may lead sessions, and stand in for who is away.
        Action.ACCEPT_SEAT: _O,
        Action.DECLINE_SESSION: _O,
        Action.REPORT_ABSENCE: _O,
        Action.TAKE_ATTENDANCE: _O,
        Action.READ_ATTENDANCE: _S,
        Action.READ_DRIFTING: _S,
    },
    Role.PRINCIPAL: {
        **dict.fromkeys(Action, _S),
        # A feed is one's own; whoever leads the school may cut off any.
        Action.MAKE_FEED: _O,
    },
    Role.OFFICE: {
        **_STAFF_READS,
        Action.CHANGE_SCHOOL: _S,
        Action.READ_LEARNER: _S,
        Action.CHANGE_LEARNER: _S,
        Action.RANK: _S,
        Action.EXTEND_WINDOW: _S,
        Action.REPORT_ABSENCE: _S,
        Action.CHANGE_PUBLISHED: _S,
        Action.TAKE_ATTENDANCE: _S,
        Action.READ_ATTENDANCE: _S,
        Action.PRINT: _S,
        # For families without a sign-in, for rooms, and for the school's own site.
        Action.MAKE_FEED: _S,
        Action.REVOKE_FEED: _S,
    },
    Role.LEARNER: {
        Action.RANK: _O,
        Action.PROPOSE_SESSION: _O,
        Action.READ_OWN_WEEK: _O,
        Action.MAKE_FEED: _O,
        Action.REVOKE_FEED: _O,
    },
    Role.FAMILY: {
        Action.RANK: _O,
        Action.READ_OWN_WEEK: _O,
        Action.MAKE_FEED: _O,
        Action.REVOKE_FEED: _O,
    },
    Role.SYSTEM: {
        Action.READ_SCHOOL: _S,
        Action.CHANGE_SCHOOL: _S,
        Action.CHANGE_STAFF: _S,
        Action.READ_LEARNER: _S,
        Action.CHANGE_LEARNER: _S,
        Action.SET_KEEP_RULE: _S,
        Action.SET_SERVICE_PIN: _S,
        Action.RANK: _S,
        Action.READ_WEEK: _S,
        Action.PLAN_WEEK: _S,
        Action.REPORT_ABSENCE: _S,
        Action.READ_ATTENDANCE: _S,
        Action.PRINT: _S,
        Action.READ_REVIEW: _S,
        Action.READ_AUDIT: _S,
        Action.REVOKE_FEED: _S,
    },
}
"""What each role may do, and how far; what is not in here is not allowed."""


def allow(actor: Actor, action: Action, resource: Resource = WHOLE_SCHOOL) -> bool:
    """Whether the actor may do this; every role of theirs is asked."""
    return any(_reaches(actor, role, action, resource) for role in actor.roles)


def may_at_all(actor: Actor, action: Action) -> bool:
    """Whether a role of the actor has the action, be it for their own alone."""
    return any(action in ALLOWED[role] for role in actor.roles)


def require_allowed(actor: Actor, action: Action, *resources: Resource) -> None:
    """Raise NotAllowedError where the actor may do this to none of the resources.

    Without a resource: where they may not do it to the whole school.
    """
    if not any(allow(actor, action, one) for one in resources or (WHOLE_SCHOOL,)):
        raise NotAllowedError(action=action.value)


def require_some(actor: Actor, *actions: Action) -> None:
    """Raise NotAllowedError where no role of the actor has any of the actions for anything.

    What is named is still to be asked for with `require_allowed`.
    """
    if not any(may_at_all(actor, one) for one in actions):
        raise NotAllowedError(action=actions[0].value)


def _reaches(actor: Actor, role: Role, action: Action, resource: Resource) -> bool:
    reach = ALLOWED[role].get(action)
    if reach is Reach.OWN:
        return _is_own(actor, resource)
    return reach is Reach.SCHOOL


def _is_own(actor: Actor, resource: Resource) -> bool:
    """Whether the learner is the actor's own, or they sit in a session that the actor leads.

    A session that somebody is to be moved into is no resource: it gives its adult no right.
    """
    leads = resource.adult_id != "" and resource.adult_id == actor.adult_id
    return leads or resource.learner_id in actor.own_learner_ids
