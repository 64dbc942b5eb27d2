"""Why a plan run does not give a week.

ScheduleError
├── ProblemError          the snapshot contradicts itself
├── PlanCancelledError    somebody asked the run to stop
└── AssignmentError       the seat assigner gave no usable answer
A week that breaks a rule is no error: it is a week with a list of breaches.
"""


class ScheduleError(Exception):
    """The base of what a plan run can raise; `reason` is for programs."""

    reason = "SCHEDULE_ERROR"


class ProblemError(ScheduleError):
    """The snapshot names one thing twice with different facts, or has an impossible number."""

    reason = "PROBLEM_INVALID"


class PlanCancelledError(ScheduleError):
    """The run was asked to stop and stopped; nothing came out of it."""

    reason = "PLAN_CANCELLED"


class AssignmentError(ScheduleError):
    """The seat assigner gave no assignment, or one that breaks what was asked."""

    reason = "ASSIGNMENT_FAILED"
