"""Which columns of a file say who answered what, when, and was it right: a small YAML file.

Ours are in services/mastery/mappings; docs/mastery.md lists what a mapping may say. A *template* is
a text with columns in braces: "{Problem Name} / {Step Name}".
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from services.mastery.evaluation.log import OccasionBy

SHIPPED: Final = Path(__file__).parents[1] / "mappings"
MAXIMUM_BYTES: Final = 64 * 1024


class MappingError(Exception):
    """The mapping cannot be used; the message says what, where and what to do."""


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be an IANA name such as America/New_York")
    return name


Column = Annotated[str, Field(min_length=1, max_length=200)]
Template = Annotated[str, Field(min_length=1, max_length=500)]


class Part(BaseModel):
    """What each part of a mapping has in common: an unknown field is a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CompetenciesPart(Part):
    """The competencies of a response: one column, several joined by `separator`.

    `missing`: what a row without any is; a bad row, or one that is left out and counted.
    """

    column: Column
    separator: Annotated[str, Field(min_length=1, max_length=10)] = ";"
    missing: Literal["bad", "left_out"] = "bad"


class CorrectPart(Part):
    """Whether a response was right: the cells that say so, and those that say it was not."""

    column: Column
    right: Sequence[str] = ("1",)
    wrong: Sequence[str] = ("0",)


class TimePart(Part):
    """When a response was given: a column, read by a format of Python's `strptime`."""

    column: Column
    format: Annotated[str, Field(min_length=1, max_length=50)]
    time_zone: Annotated[str, AfterValidator(_time_zone)]


class MadeUpTimePart(Part):
    """Times for a log without any: every learner begins at `start`, 00:00 UTC, and goes on evenly.

    Reports say that they are made up.
    """

    start: date
    step_seconds: Annotated[int, Field(ge=1, le=86_400)]


class Mapping(Part):
    """How a row becomes a response.

    `order` is a column of whole numbers that orders a learner's responses of the same time; without
    it, their order in the file does. `occasion` is what rules read as one.
    """

    about: Annotated[str, Field(max_length=200)] = ""
    encoding: Literal["utf-8", "utf-16", "windows-1252"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quoted: bool = True
    learner: Template
    item: Template
    order: Column | None = None
    competencies: CompetenciesPart
    correct: CorrectPart
    time: TimePart | None = None
    made_up_time: MadeUpTimePart | None = None
    occasion: OccasionBy = OccasionBy.RESPONSE

    @model_validator(mode="after")
    def _one_time(self) -> "Mapping":
        if (self.time is None) == (self.made_up_time is None):
            raise ValueError("state either time or made_up_time")
        return self


def shipped_names() -> list[str]:
    """Return the names of the mappings that come with Trellis."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def find_mapping(name: str) -> Mapping:
    """Return the mapping of a shipped name, or of a YAML file. Raises MappingError."""
    path = SHIPPED / f"{name}.yaml" if name in shipped_names() else Path(name)
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise MappingError(f"{path} has more than {MAXIMUM_BYTES} bytes: is it the log?")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(content)
    except OSError as error:
        known = ", ".join(shipped_names())
        raise MappingError(
            f"there is no mapping {name} ({error.strerror}): give a YAML file, or one of: {known}"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} is not a YAML file: {error}") from error
    except ValidationError as error:
        problems = "; ".join(map(_problem, error.errors()))
        raise MappingError(f"{path}: {problems}. The mappings in {SHIPPED} are examples") from error


def _problem(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"])
    return f"{place or 'the mapping'}: {error['msg']}"
