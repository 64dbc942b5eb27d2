"""Why a plan run does not give a week.

ScheduleError
├── ProblemInvalid      the snapshot contradicts itself
├── PlanCancelled       somebody asked the run to stop
└── AssignmentFailed    the seat assigner gave no usable answer
A week that breaks a rule is no error: it is a week with a list of breaches.
"""


class ScheduleError(Exception):
    """The base of what a plan run can raise; `reason` is for programs."""

    reason = "SCHEDULE_ERROR"


class ProblemInvalid(ScheduleError):
    """The snapshot names one thing twice with different facts, or has an impossible number."""

    reason = "PROBLEM_INVALID"


class PlanCancelled(ScheduleError):
    """The run was asked to stop and stopped; nothing came out of it."""

    reason = "PLAN_CANCELLED"


class AssignmentFailed(ScheduleError):
    """The seat assigner gave no assignment, or one that breaks what was asked."""

    reason = "ASSIGNMENT_FAILED"
