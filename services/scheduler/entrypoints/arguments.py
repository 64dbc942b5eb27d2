"""What commands are told by name: a school and a week, checked before anything is asked for."""

from datetime import datetime

import click

from services.scheduler.adapters.wire.names import SCHOOL
from services.scheduler.adapters.wire.settings import Parent


def school_in(name: str | None) -> Parent:
    """Return the district and the id of a school's name; what is none ends the command with 2."""
    if name is None or not SCHOOL.matches(name):
        raise click.UsageError(f"say the school's name first: {SCHOOL.pattern}")
    district, school_id = SCHOOL.parse(name)
    return district, school_id


def require_monday(monday: datetime) -> None:
    """End the command with 2 for a day that begins no week."""
    if monday.isoweekday() != 1:
        raise click.BadParameter(f"{monday:%Y-%m-%d} is a {monday:%A}", param_hint="MONDAY")
