"""The parts of a mapping file, and what each may say. Lists in docs/data-dictionary.md.

A *template* is a text with columns in braces: "{learner}-{seq}". Names that begin with "@" are not
columns of the file: what `unpivot` and `column_rows` make of it, @export_date and @learner.
"""

import re
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from datetime import date, time
from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.common.ids import ID_PATTERN

MAX_SCHOOLS: Final = 500
EXPORT_DATE: Final = "@export_date"
"""When the file was exported: a date, or a date and a time, of ISO 8601."""
COLUMN: Final = "@column"
CELL: Final = "@cell"
LEARNER: Final = "@learner"
"""What tells a learner who is named by reference apart: the kind and the value of the reference."""

RESERVED: Final = (EXPORT_DATE, COLUMN, CELL, LEARNER)


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be an IANA name such as America/New_York")
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"must be a regular expression: {error}") from error
    return text


def _one_group(text: str) -> str:
    if re.compile(_pattern(text)).groups != 1:
        raise ValueError("must have exactly one group in parentheses")
    return text


def _own_name(name: str) -> str:
    if not name.startswith("@") or name in RESERVED:
        raise ValueError(f"must begin with @ and be none of {', '.join(RESERVED)}")
    return name


Identifier = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
Template = Annotated[str, Field(min_length=1, max_length=500)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Pattern = Annotated[str, Field(max_length=500), AfterValidator(_pattern)]
OneGroup = Annotated[str, Field(max_length=500), AfterValidator(_one_group)]
OwnName = Annotated[str, AfterValidator(_own_name)]
Words = Annotated[Sequence[str], Field(max_length=500)]


class Part(BaseModel):
    """What each part of a mapping has in common: an unknown field is a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SchoolPart(Part):
    """A school that learners are put into."""

    id: Identifier
    display_name: Annotated[str, Field(min_length=1, max_length=200)]
    time_zone: TimeZone


class LearnerPart(Part):
    """Who did the work, and at which school: a template of its id, or a rule over those listed.

    For learners whom the import may register; the others are named by `LearnerReferencePart`.
    """

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


class LearnerReferencePart(Part):
    """One way in which the file calls a learner whom the roster knows: the kind of id, and which.

    system: whose ids these are; without it the mapping's source. no_value: cells that mean that the
    learner has no such id, beside an empty one.
    """

    kind: Literal["sourced_id", "sis_number", "lms_uuid", "email", "xapi_account", "lti_user"]
    value: Template
    system: Identifier | None = None
    no_value: Words = ()


class FrameworkPart(Part):
    """The framework into which new competencies go."""

    id: Identifier
    display_name: Annotated[str, Field(min_length=1, max_length=200)]


class CompetenciesPart(Part):
    """What the work speaks of: a column that holds one or several values; {value} is each.

    For competencies that the import may register.
    """

    column: str
    separator: str | None = None
    id: Template = "{value}"
    label: Template = "{value}"
    subject: Annotated[str, Field(min_length=1, max_length=64)]
    framework: FrameworkPart


class CompetencyReferencesPart(Part):
    """What the work speaks of, by codes or identifiers of a framework that is there already.

    value: a template. pattern: its one group is the code within each value, where a title stands
    beside the code. framework: its id in Trellis, where several have the same codes.
    """

    value: Template
    separator: str | None = None
    pattern: OneGroup | None = None
    framework: Identifier | None = None


class SequencePart(Part):
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


class ClockPart(Part):
    """A column with a time: iso, unix_seconds, unix_milliseconds, or a format of strptime.

    format: one, or several that are tried in turn. otherwise: the column to read where this one is
    empty. clock: the time of day of what is a date alone. time_zone: of times that name none.
    """

    column: str
    format: Template | Annotated[Sequence[Template], Field(min_length=1, max_length=10)] = "iso"
    otherwise: str | None = None
    clock: time = time(0)
    time_zone: TimeZone


class PointsPart(Part):
    """Points earned out of points possible; possible: a column's name or a number."""

    earned: str
    possible: str | float


class ScoreWordsPart(Part):
    """Words that stand for a score, capitals aside: a rubric level, or points out of possible."""

    column: str
    levels: Dict[str, float] = Field(default_factory=dict)
    points: Dict[str, float] = Field(default_factory=dict)
    possible: float | None = None

    @model_validator(mode="after")
    def _one_table(self) -> "ScoreWordsPart":
        if bool(self.levels) == bool(self.points):
            raise ValueError("state either levels or points")
        if (self.possible is None) == bool(self.points):
            raise ValueError("possible goes with points, and only with them")
        return self


class ScorePart(Part):
    """Exactly one of five columns, or words, or both: what is no word is then read by the column.

    points; correct: 0 or 1; level: a rubric level of 1.0 to 4.0; percent: "85%" or "85"; fraction:
    "3/4".
    """

    points: PointsPart | None = None
    correct: str | None = None
    level: str | None = None
    percent: str | None = None
    fraction: str | None = None
    words: ScoreWordsPart | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "ScorePart":
        kinds = (self.points, self.correct, self.level, self.percent, self.fraction)
        stated = sum(one is not None for one in kinds)
        if stated > 1 or (stated == 0 and self.words is None):
            raise ValueError(
                "state exactly one of points, correct, level, percent, fraction, or words, or"
                " words with one of them"
            )
        return self


class SkipPart(Part):
    """Rows that mean nothing: by what a column holds (capitals aside), or by what it does not.

    because: why, in a few words, for the report.
    """

    column: str
    values: Words = ()
    other_than: Words = ()
    pattern: Pattern | None = None
    because: Annotated[str, Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _one_rule(self) -> "SkipPart":
        if sum((bool(self.values), bool(self.other_than), self.pattern is not None)) != 1:
            raise ValueError("state exactly one of values, other_than, pattern")
        return self


class HeadPart(Part):
    """Where the head stands in a file with other lines above it: the first row with these cells."""

    contains: Annotated[Sequence[str], Field(min_length=1, max_length=20)]


class UnpivotPart(Part):
    """A file with a column for each skill, task or week: each of its cells becomes a row.

    columns: a pattern that the heading of such a column fits; its one group, if it has one, is what
    {@column} says, else the whole heading. except_columns: headings that fit and are none. beside:
    names for the column that goes with each, as in {"@mastery": "{@column} mastery points"}.
    """

    columns: Pattern
    except_columns: Words = ()
    beside: Dict[OwnName, Template] = Field(default_factory=dict)


class SnapshotPart(Part):
    """An export that says anew how everything stands, whether it has changed or not.

    Only what differs from the previous export is sent, as of the date of the export: an unchanged
    level is no new evidence. file_date: a pattern whose one group is that date in the file's name,
    in file_date_format.
    """

    file_date: OneGroup | None = None
    file_date_format: Template = "%Y%m%d"


PurposeWord = Literal["formative", "summative", "external_summative", "practice"]
KindWord = Literal[
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
