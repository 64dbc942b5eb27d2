"""What every kind of file has in common: the school that is imported into, columns, the RPCs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc.aio
from google.protobuf.message import Message
from trellis.scheduler.v1 import (
    calendar_service_pb2_grpc,
    people_service_pb2_grpc,
    scheduler_service_pb2_grpc,
    school_service_pb2_grpc,
)

from services.common.ids import ResourceName, is_id
from services.scheduler.adapters.wire.names import ADULT, LEARNER
from services.scheduler.adapters.wire.settings import KINDS as KINDS_BY_MESSAGE
from services.scheduler.entrypoints.school_import.columns import CellError, Cells, Column, Who
from services.scheduler.entrypoints.school_import.roster import Roster

SCHOOL_STUB: Final = scheduler_service_pb2_grpc.SchedulerServiceStub
DATA_STUB: Final = school_service_pb2_grpc.SchoolServiceStub
PEOPLE_STUB: Final = people_service_pb2_grpc.PeopleServiceStub
CALENDAR_STUB: Final = calendar_service_pb2_grpc.CalendarServiceStub


@dataclass(frozen=True, kw_only=True)
class School:
    """The school that is imported into; makes names of the ids in cells.

    `roster`: who is who, where it was read; None: cells that name people hold ids of Trellis.
    """

    district: str
    school_id: str
    roster: Roster | None = None

    def learner(self, cells: Cells, column: str) -> str:
        """Return the name of the learner in a cell; empty where the cell is."""
        return self._person(Who.LEARNER, LEARNER, cells.text(column), column)

    def adult(self, cells: Cells, column: str) -> str:
        """Return the name of the adult in a cell; empty where the cell is."""
        return self._person(Who.ADULT, ADULT, cells.text(column), column)

    def adults(self, cells: Cells, column: str) -> list[str]:
        """Return the names of the adults in a cell that holds several."""
        return [self._person(Who.ADULT, ADULT, one, column) for one in cells.many(column)]

    def of_district(self, pattern: ResourceName, cells: Cells, column: str) -> str:
        """Return the name of something of the district; empty where the cell is."""
        return self._name(cells.text(column), pattern, column, self.district)

    def of_school(self, pattern: ResourceName, cells: Cells, column: str) -> str:
        """Return the name of something of the school; empty where the cell is."""
        return self._name(cells.text(column), pattern, column, self.district, self.school_id)

    def each_of_district(self, pattern: ResourceName, cells: Cells, column: str) -> list[str]:
        """Return the names of those in a cell that holds several."""
        return [self._name(one, pattern, column, self.district) for one in cells.many(column)]

    def each_of_school(self, pattern: ResourceName, cells: Cells, column: str) -> list[str]:
        """Return the names of things of the school in a cell that holds several."""
        owner = (self.district, self.school_id)
        return [self._name(one, pattern, column, *owner) for one in cells.many(column)]

    def setting_of(self, pattern: ResourceName, person: str) -> str:
        """Return the name of what the school has set for a person, from the person's name."""
        return pattern.format(self.district, self.school_id, person.rpartition("/")[2])

    def _person(self, who: Who, pattern: ResourceName, text: str, column: str) -> str:
        if not text or pattern.matches(text) or self.roster is None:
            return self._name(text, pattern, column, self.district)
        return pattern.format(self.district, self.roster.id_of(who, text, column))

    def _name(self, text: str, pattern: ResourceName, column: str, *owner: str) -> str:
        """Return a name from an id, or the name that the cell already holds."""
        if not text or pattern.matches(text):
            return text
        if not is_id(text):
            raise CellError(
                column,
                "is no id.",
                "Use 1 to 64 letters, digits, dots, underscores and hyphens, without spaces.",
            )
        return pattern.format(*owner, text)


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A kind of file. `name` is the file's name without its end; `key` the column of the id.

    `rows`: the field of the request, of the response and of a list's page with the messages.
    `rests_on`: by the reason of a refusal, the kind of file that may bring what is missing.
    `joins`: the field of a message to which every row with its id adds one, as periods to a bell
    schedule; empty: each row is a message of its own.
    """

    name: str
    columns: tuple[Column, ...]
    message_of: Callable[[School, Cells], Message]
    stub: Callable[[grpc.aio.Channel], Any]
    upsert: str
    listing: str
    requests: Any
    rows: str
    key: str = "id"
    rests_on: Mapping[str, str] = field(default_factory=dict)
    joins: str = ""

    def request(self, **fields: Any) -> Any:  # noqa: ANN401  (a message of this kind's)
        """Return a request of the RPC that keeps rows."""
        return getattr(self.requests, f"{self.upsert}Request")(**fields)

    def page_request(self, **fields: Any) -> Any:  # noqa: ANN401  (a message of this kind's)
        """Return a request of the RPC that lists what is kept."""
        return getattr(self.requests, f"{self.listing}Request")(**fields)

    def place_of(self, contract_field: str) -> tuple[str, int | None]:
        """Return the column that fills a field, and which row of a message that several make.

        A field is as in "rooms[3].layouts[0].capacity", "bell_schedules[0].periods[2].label".
        """
        _, _, below = contract_field.partition("].")
        joined, place = below.partition("].")[::2] if self.joins else ("", "")
        if joined.startswith(f"{self.joins}[") and place:
            return self._column_of(place), int(joined.rpartition("[")[2])
        return self._column_of(below), None

    def _column_of(self, below: str) -> str:
        first = below.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
        for one in self.columns:
            if first in (one.contract_field, *one.contract_field.split(" ")):
                return one.name
        return self.key if first in ("name", "") else first


SESSION_WORDS: Final = {
    kind.value: int(number)
    for number, kind in sorted(KINDS_BY_MESSAGE.items(), key=lambda one: int(one[0]))
}
"""How files call the kinds of sessions."""


def column(
    name: str,
    meaning: str,
    example: str = "",
    *,
    needed: bool = False,
    field: str = "",
    who: Who | None = None,
) -> Column:
    """Return a column."""
    return Column(name=name, meaning=meaning, example=example, needed=needed, field=field, who=who)


def id_column(example: str) -> Column:
    """Return the column of a row's id."""
    return column("id", "your own id for it; it names nobody", example, needed=True, field="name")


DATE: Final = column("date", "year-month-day", "2026-11-23", needed=True)
SLOT: Final = column("slot", "a slot of the school", "mon-1", needed=True, field="slot_id")
SLOTS: Final = "slots of the school; several with semicolons"
