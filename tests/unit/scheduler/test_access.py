"""Who may do what: by role, and by what is a person's own."""

import pytest

from services.scheduler.domain.access import (
    ALLOWED,
    Action,
    Actor,
    Reach,
    Resource,
    Role,
    allow,
)


def an_actor(*roles, adult_id="a1", own=("l1",)):
    """Return somebody of these roles whose own learner is l1."""
    return Actor(
        name="districts/d/adults/a1",
        roles=frozenset(roles),
        adult_id=adult_id,
        own_learner_ids=frozenset(own),
    )


OWN, OTHER = Resource(learner_id="l1"), Resource(learner_id="l2")


def test_a_teacher_acts_on_their_own_classes_alone():
    """What a teacher may do for a learner of theirs, they may not for another."""
    teacher = an_actor(Role.TEACHER)
    for action in (Action.NOMINATE, Action.REQUEST_LEARNER, Action.CONFIRM_RANKING):
        assert allow(teacher, action, OWN)
        assert not allow(teacher, action, OTHER)


def test_whoever_leads_a_session_acts_on_who_sits_in_it():
    """A learner of nobody's class is taken attendance of by who leads the session."""
    teacher = an_actor(Role.TEACHER)
    assert allow(teacher, Action.TAKE_ATTENDANCE, Resource(learner_id="l2", adult_id="a1"))
    assert not allow(teacher, Action.TAKE_ATTENDANCE, Resource(learner_id="l2", adult_id="a2"))


def test_a_counselor_who_leads_a_session_does_what_its_leader_does():
    """They may lead or stand in: attendance, own absence, seats of theirs, declining; no more."""
    counselor = an_actor(Role.COUNSELOR)
    led, other = Resource(learner_id="l2", adult_id="a1"), Resource(learner_id="l2", adult_id="a2")
    for action in (
        Action.TAKE_ATTENDANCE,
        Action.REPORT_ABSENCE,
        Action.ACCEPT_SEAT,
        Action.DECLINE_SESSION,
    ):
        assert allow(counselor, action, led)
        assert not allow(counselor, action, other)


def test_a_family_and_a_learner_reach_nobody_else():
    """Neither may do anything for another learner, nor anything of the whole school."""
    for role in (Role.FAMILY, Role.LEARNER):
        one = an_actor(role, adult_id="")
        assert allow(one, Action.READ_OWN_WEEK, OWN)
        for action in Action:
            assert not allow(one, action, OTHER)
            assert not allow(one, action)


def test_who_has_no_role_may_do_nothing():
    """A person whom the school does not know is refused everything, their own included."""
    for action in Action:
        assert not allow(an_actor(), action, OWN)


@pytest.mark.parametrize("action", [Action.SIGN_OFF, Action.CONFIRM_RANKING, Action.ACCEPT_SEAT])
def test_no_system_stands_for_a_person(action):
    """What a named person must stand for is in no system's reach."""
    assert action not in ALLOWED[Role.SYSTEM]


def test_the_coach_the_principal_and_the_office_reach_the_school():
    """What they may do for a learner at all, they may for every learner."""
    for role in (Role.COACH, Role.PRINCIPAL, Role.OFFICE):
        assert allow(an_actor(role), Action.READ_OWN_WEEK, OTHER)
    assert allow(an_actor(Role.PRINCIPAL), Action.SIGN_OFF)


def test_nothing_named_is_nobodys_own():
    """An own-reach never opens the whole school, even to who has no adult id."""
    for role, actions in ALLOWED.items():
        for action, reach in actions.items():
            if reach is Reach.OWN:
                assert not allow(an_actor(role, adult_id="", own=()), action)


def test_every_action_is_somebodys():
    """No action is in the list that nobody could ever do."""
    assert {action for each in ALLOWED.values() for action in each} == set(Action)
