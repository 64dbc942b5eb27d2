"""The mapping of a file: which columns, constants and rules make a record of a row.

A YAML file, checked as a whole before anything is sent; every problem is told at once. What a
mapping may say is listed in docs/data-dictionary.md and shown in services/evidence/mappings.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from services.common.ids import ID_PATTERN

MAX_MAPPING_BYTES: Final = 256 * 1024
MAX_SCHOOLS: Final = 500

_COLUMN = re.compile(r"\{([^{}]*)\}")


class MappingError(Exception):
    """The mapping cannot be used; the message names every field at fault."""


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be an IANA name such as America/New_York")
    return name


Identifier = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
Template = Annotated[str, Field(min_length=1, max_length=500)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SchoolPart(_Part):
    """A school that learners are put into."""

    id: Identifier
    display_name: Annotated[str, Field(min_length=1, max_length=200)]
    time_zone: TimeZone


class LearnerPart(_Part):
    """Who did the work, and at which school: a template of its id, or a rule over those listed."""

    source_id: Template
    school: Template | None = None
    school_by_modulo: Template | None = None
    """A template that gives a whole number: the school at that number modulo how many there are."""
    grade: str = ""

    @model_validator(mode="after")
    def _one_rule(self) -> "LearnerPart":
        if (self.school is None) == (self.school_by_modulo is None):
            raise ValueError("state either school or school_by_modulo")
        return self


class FrameworkPart(_Part):
    """The framework into which new competencies go."""

    id: Identifier
    display_name: Annotated[str, Field(min_length=1, max_length=200)]


class CompetenciesPart(_Part):
    """What the work speaks of: a column that holds one or several values; {value} is each."""

    column: str
    separator: str | None = None
    id: Template = "{value}"
    label: Template = "{value}"
    subject: Annotated[str, Field(min_length=1, max_length=64)]
    framework: FrameworkPart


class SequencePart(_Part):
    """A stated rule for a log that has an order and no times.

    With start_date, the row with number n (from 1) of a learner lies on day (n - 1) // per_day
    after it, at first_clock plus step_seconds for each row before it on that day. With end_date, a
    learner's last row is the last of the per_day rows of that day, and the others are counted back
    from it: only the learner's first day may have fewer, and then begins later. Days are those of
    Monday to Friday with weekdays_only; a start on a weekend is the Monday after it, an end the
    Friday before.
    """

    column: str
    start_date: date | None = None
    end_date: date | None = None
    per_day: Annotated[int, Field(ge=1, le=10_000)]
    weekdays_only: bool = True
    first_clock: time = time(9)
    step_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    time_zone: TimeZone

    @model_validator(mode="after")
    def _one_anchor(self) -> "SequencePart":
        if (self.start_date is None) == (self.end_date is None):
            raise ValueError("state either start_date or end_date")
        return self


class ClockPart(_Part):
    """A column with a time: iso, unix_seconds, unix_milliseconds, or a format of strptime.

    time_zone: of times that name none.
    """

    column: str
    format: Template = "iso"
    time_zone: TimeZone


class PointsPart(_Part):
    """Points earned out of points possible; possible: a column's name or a number."""

    earned: str
    possible: str | float


class ScorePart(_Part):
    """Exactly one of: points, a column with 0 or 1, a column with a rubric level (1.0 to 4.0)."""

    points: PointsPart | None = None
    correct: str | None = None
    level: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "ScorePart":
        if sum(one is not None for one in (self.points, self.correct, self.level)) != 1:
            raise ValueError("state exactly one of points, correct, level")
        return self


class Mapping(_Part):
    """How a row becomes a record. Templates are texts with columns in braces: "{learner}-{seq}"."""

    source: Identifier
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    event_id: Template
    entity_id: Template | None = None
    version: Annotated[int, Field(ge=0)] | Template = 0
    schools: Annotated[Sequence[SchoolPart], Field(max_length=MAX_SCHOOLS)] = ()
    learner: LearnerPart
    competencies: CompetenciesPart
    sequence: SequencePart | None = None
    time: ClockPart | None = None
    score: ScorePart | None = None
    purpose: Literal["formative", "summative", "external_summative", "practice"] | None = None
    kind: (
        Literal[
            "quiz",
            "test",
            "performance_task",
            "portfolio",
            "conference",
            "observation",
            "homework",
            "game",
            "self_report",
        ]
        | None
    ) = None
    dok: Annotated[int, Field(ge=0, le=4)] = 0
    timed: bool | None = None
    item: Template | None = None
    assessment: Template | None = None
    assessment_items_on_competency: Annotated[int, Field(ge=0)] = 0
    artefact: Template | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Mapping":
        if (self.sequence is None) == (self.time is None):
            raise ValueError("state either sequence or time")
        if self.learner.school_by_modulo is not None and not self.schools:
            raise ValueError("school_by_modulo needs schools")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of what the file says about times."""
        part = self.sequence or self.time
        assert part is not None
        return ZoneInfo(part.time_zone)


Reader = Callable[[Sequence[str]], str]
"""Makes a text of a row's cells."""


class Columns:
    """The head of a file: turns templates and column names into readers of rows."""

    def __init__(self, head: Sequence[str]) -> None:
        """Take the names of the columns, in their order."""
        self.count = len(head)
        self._places = {name: place for place, name in enumerate(head)}
        self.unknown: list[str] = []
        """Columns that the mapping names and the file does not have."""

    def column(self, name: str) -> int:
        """Return the place of a column; an unknown one is noted."""
        if name not in self._places:
            self.unknown.append(name)
        return self._places.get(name, 0)

    def reader(self, template: str | None) -> Reader:
        """Return what fills a template in from a row."""
        if template is None:
            return lambda _cells: ""
        parts = _COLUMN.split(template)
        literals, places = parts[::2], [self.column(name) for name in parts[1::2]]
        if len(places) == 1 and not any(literals):
            place = places[0]
            return lambda cells: cells[place]

        def read(cells: Sequence[str]) -> str:
            made = [literals[0]]
            for place, literal in zip(places, literals[1:], strict=True):
                made += (cells[place], literal)
            return "".join(made)

        return read


def load_mapping(
    path: Path, *, start_date: date | None = None, end_date: date | None = None
) -> Mapping:
    """Read a mapping; at most one date, which takes the stated one's place. Raises MappingError."""
    try:
        if path.stat().st_size > MAX_MAPPING_BYTES:
            raise MappingError(f"{path} has more than {MAX_MAPPING_BYTES} bytes")
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path} cannot be read: {error}") from error
    if start_date is not None or end_date is not None:
        _move(document, start_date, end_date)
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        problems = [
            f"  {'.'.join(str(part) for part in one['loc']) or 'the mapping'}: {one['msg']}"
            for one in error.errors()
        ]
        raise MappingError(f"{path} cannot be used:\n" + "\n".join(problems)) from error


def _move(document: Any, start_date: date | None, end_date: date | None) -> None:  # noqa: ANN401
    """Let a sequence begin or end on another day than the mapping states."""
    if start_date is not None and end_date is not None:
        raise MappingError("--start-date and --end-date exclude each other")
    if not isinstance(document, dict) or not isinstance(document.get("sequence"), dict):
        option = "--start-date" if end_date is None else "--end-date"
        raise MappingError(f"{option} is for a mapping with a sequence")
    document["sequence"] |= {"start_date": start_date, "end_date": end_date}
