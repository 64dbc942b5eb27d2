"""A school's calendar as a document: YAML or JSON of the contract's own field names.

Bell schedules stand in it by their ids alone, and reasons for no school as in the CSV of calendar
days. What a document leaves out has its default; what its values may be, the service says.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from google.protobuf import json_format
from trellis.scheduler.v1 import calendar_pb2

from services.scheduler.adapters.contract_document import NOT_SAID, Form, read_document
from services.scheduler.adapters.wire.calendar import calendar_to
from services.scheduler.adapters.wire.names import BELL_SCHEDULE, CALENDAR
from services.scheduler.adapters.wire.settings import Parent
from services.scheduler.domain.calendar.year import CalendarSetting

_CALENDAR: Final[Any] = calendar_pb2.Calendar.DESCRIPTOR
_REASONS: Final[Any] = calendar_pb2.NoSchool.DESCRIPTOR
ANY: Final = date(2000, 1, 1)
"""Of a calendar of which its defaults alone are read."""
FORM: Final = Form(kind=_CALENDAR, what="calendar", page="docs/cycle/calendar.md", joint="_")


def read_calendar(text: str, parent: Parent, *, is_json: bool) -> calendar_pb2.Calendar:
    """Return the calendar that a text says. Raises DocumentError."""
    document = read_document(text, FORM, is_json=is_json)
    numbers = FORM.numbers(_REASONS)
    if "uses_cycle_day" in document:
        document["uses_cycle_day"] = [numbers[one] for one in document["uses_cycle_day"]]
    for rule in _rules(document):
        if rule.get("bell_schedule"):
            rule["bell_schedule"] = _whole(parent, rule["bell_schedule"])
    message = json_format.ParseDict(document, calendar_pb2.Calendar())
    message.name = CALENDAR.format(*parent)
    return message


def calendar_document(calendar: calendar_pb2.Calendar) -> dict[str, Any]:
    """Return the document of a calendar: what is not the default."""
    found = _plain(calendar)
    default = _plain(calendar_to("d", CalendarSetting(school_id="s", first_day=ANY, last_day=ANY)))
    usual = default.pop("week_clock")
    clock = {name: due for name, due in found.get("week_clock", {}).items() if due != usual[name]}
    found["week_clock"] = clock
    found = {name: held for name, held in found.items() if held and held != default.get(name)}
    words = FORM.words(_REASONS)
    if "uses_cycle_day" in found:
        found["uses_cycle_day"] = [words[one] for one in calendar.uses_cycle_day]
    for rule in _rules(found):
        rule["bell_schedule"] = rule["bell_schedule"].rpartition("/")[2]
    return {name: held for name, held in found.items() if name not in NOT_SAID}


def _plain(calendar: calendar_pb2.Calendar) -> dict[str, Any]:
    found: dict[str, Any] = json_format.MessageToDict(calendar, preserving_proto_field_name=True)
    return found


def _rules(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every rule of bells, those of terms among them."""
    yield from document.get("bells", ())
    for term in document.get("terms", ()):
        yield from term.get("bells", ())


def _whole(parent: Parent, bell_schedule: str) -> str:
    """Return the name of a bell schedule of this school; a name that is whole already stays."""
    return bell_schedule if "/" in bell_schedule else BELL_SCHEDULE.format(*parent, bell_schedule)
