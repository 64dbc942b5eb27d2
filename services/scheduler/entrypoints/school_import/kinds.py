"""The kinds of files that a school is imported from; the one registry.

To add a kind: its columns, a function that makes the message of a row, and a `FileKind` in the
module of what it is about; and in `KINDS`, after the kinds that it rests on. Its BatchUpsert RPC
takes `allow_partial` and `validate_only` and answers `refused` (see entrypoints/grpc/rows.py).
"""

from typing import Final

from services.scheduler.entrypoints.school_import import agreements, calendar, offering, people

KINDS: Final = (
    calendar.BELL_SCHEDULES,
    calendar.CALENDAR_DAYS,
    people.STAFF,
    offering.ROOMS,
    offering.OFFERS,
    offering.ESSENTIALS,
    people.LEARNER_SETTINGS,
    agreements.REQUIRED_SERVICES,
    agreements.KEEP_RULES,
    agreements.ABSENCES,
    agreements.PINS,
    agreements.LOCKED_SESSIONS,
)
"""In the order in which they are sent: what others rest on first."""
