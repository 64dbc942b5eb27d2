"""Resource names of whom and what the audit is about, as the contracts have them."""

from datetime import date


def school_subject(district: str, school_id: str) -> str:
    """Return the name of a school."""
    return f"districts/{district}/schools/{school_id}"


def week_subject(district: str, school_id: str, monday: date) -> str:
    """Return the name of a school's week."""
    return f"{school_subject(district, school_id)}/weeks/{monday.isoformat()}"


def learner_subject(district: str, learner_id: str) -> str:
    """Return the name of a learner."""
    return f"districts/{district}/learners/{learner_id}"


def adult_subject(district: str, adult_id: str) -> str:
    """Return the name of an adult."""
    return f"districts/{district}/adults/{adult_id}"
