"""The mapping of a file: which columns, constants and rules make a record of a row.

A YAML file, checked as a whole before anything is sent; every problem is told at once. What a
mapping may say is listed in docs/data-dictionary.md and shown in services/evidence/mappings.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, ValidationError, model_validator

from services.evidence.entrypoints.importing.mapping_parts import (
    LEARNER,
    MAX_SCHOOLS,
    ClockPart,
    CompetenciesPart,
    CompetencyReferencesPart,
    HeadPart,
    Identifier,
    KindWord,
    LearnerPart,
    LearnerReferencePart,
    OwnName,
    Part,
    PurposeWord,
    SchoolPart,
    ScorePart,
    SequencePart,
    SkipPart,
    SnapshotPart,
    Template,
    UnpivotPart,
)
from services.evidence.entrypoints.importing.problems import problem

MAX_MAPPING_BYTES: Final = 256 * 1024


class MappingError(Exception):
    """The mapping cannot be used; the message names every field at fault."""


class Mapping(Part):
    """How a row becomes a record. Templates are texts with columns in braces: "{learner}-{seq}"."""

    about: Annotated[str, Field(max_length=200)] = ""
    """What the file is, in one line."""
    source: Identifier

    # How the file is laid out.
    encoding: Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | Literal["auto"] = ","
    head: HeadPart | None = None
    columns: Dict[str, str | Sequence[str]] = Field(default_factory=dict)
    """Own names for columns, each with the headings under which it may come; "name?" may lack."""
    column_rows: Dict[OwnName, str] = Field(default_factory=dict)
    """Rows below the head that say something of each column, by their first cell."""
    unpivot: UnpivotPart | None = None
    skip: Annotated[Sequence[SkipPart], Field(max_length=50)] = ()

    # Which observation it is.
    event_id: Template | None = None
    entity_id: Template | None = None
    hash_ids: bool = False
    """Whether both are hashed: they would else hold e-mails, or be too long."""
    version: Annotated[int, Field(ge=0)] | Template = 0
    snapshot: SnapshotPart | None = None

    # Whose it is, what of, when, and how well.
    schools: Annotated[Sequence[SchoolPart], Field(max_length=MAX_SCHOOLS)] = ()
    learner: LearnerPart | None = None
    learner_references: Annotated[Sequence[LearnerReferencePart], Field(max_length=5)] = ()
    """Ways to call the learner; the first that a row has counts."""
    competencies: CompetenciesPart | None = None
    competency_references: CompetencyReferencesPart | None = None
    sequence: SequencePart | None = None
    time: ClockPart | None = None
    score: ScorePart | None = None
    purpose: PurposeWord | None = None
    kind: KindWord | None = None
    dok: Annotated[int, Field(ge=0, le=4)] = 0
    timed: bool | None = None
    item: Template | None = None
    assessment: Template | None = None
    assessment_items_on_competency: Annotated[int, Field(ge=0)] = 0
    artefact: Template | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Mapping":
        problems = [*self._problems(), *self._problems_of_ids()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        """Give what does not go together in saying whose it is, what of, and when."""
        if (self.sequence is None) == (self.time is None):
            yield "state either sequence or time"
        if (self.learner is None) != bool(self.learner_references):
            yield "state either learner or learner_references"
        if self.learner is not None and self.learner.school_by_modulo and not self.schools:
            yield "school_by_modulo needs schools"
        if self.competencies is not None and self.competency_references is not None:
            yield "state either competencies or competency_references"
        if self.competencies is None and self.competency_references is None and self.item is None:
            yield "state competencies, competency_references, or an item to align by"
        if self.column_rows and self.unpivot is None:
            yield "column_rows need unpivot"

    def _problems_of_ids(self) -> Iterator[str]:
        if self.snapshot is None:
            if self.event_id is None:
                yield "state event_id"
        elif self.event_id is not None or self.version != 0 or self.entity_id is None:
            yield "a snapshot has an entity_id, and neither event_id nor version"

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of what the file says about times."""
        part = self.sequence or self.time
        assert part is not None
        return ZoneInfo(part.time_zone)

    @property
    def made_competencies(self) -> CompetenciesPart:
        """Return how competencies are made; raises MappingError where the import makes none."""
        if self.competencies is None:
            raise MappingError("competencies: the mapping makes none")
        return self.competencies

    @property
    def learner_template(self) -> str:
        """Return a template of what tells learners apart."""
        if self.learner is not None:
            return self.learner.source_id
        return f"{{{LEARNER}}}"


def load_mapping(
    path: Path,
    *,
    start_date: date | None = None,
    end_date: date | None = None,
    changes: Sequence[str] = (),
) -> Mapping:
    """Read a mapping; raises MappingError.

    At most one date, which takes the stated one's place. changes: "FIELD=VALUE" with a path with
    dots and a value of YAML, which take the place of what the file says.
    """
    document = read_document(path)
    for change in changes:
        _change(document, change)
    if start_date is not None or end_date is not None:
        _move(document, start_date, end_date)
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        problems = [f"  {problem(one, 'the mapping')}" for one in error.errors()]
        raise MappingError(f"{path} cannot be used:\n" + "\n".join(problems)) from error


def read_document(path: Path) -> Any:  # noqa: ANN401
    """Return what a YAML file holds; raises MappingError."""
    try:
        if path.stat().st_size > MAX_MAPPING_BYTES:
            raise MappingError(f"{path} has more than {MAX_MAPPING_BYTES} bytes")
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path} cannot be read: {error}") from error


def _change(document: Any, change: str) -> None:  # noqa: ANN401
    """Put a value into the document: --set time.time_zone=America/Chicago."""
    path, found, text = change.partition("=")
    *parents, last = path.strip().split(".")
    at = document
    try:
        value = _value(text)
        for name in parents:
            at = at[int(name)] if isinstance(at, list) else at.setdefault(name, {})
        at[int(last) if isinstance(at, list) else last] = value
    except (yaml.YAMLError, AttributeError, IndexError, TypeError, ValueError):
        found = ""
    if not found:
        raise MappingError(f"--set {change}: give FIELD=VALUE, as in time.time_zone=Europe/Berlin")


def _value(text: str) -> Any:  # noqa: ANN401
    """Return what YAML makes of a value; a template in braces is a text, and no object of it."""
    is_template = text.startswith("{") and ":" not in text
    return text if is_template else yaml.safe_load(text)


def _move(document: Any, start_date: date | None, end_date: date | None) -> None:  # noqa: ANN401
    """Let a sequence begin or end on another day than the mapping states."""
    if start_date is not None and end_date is not None:
        raise MappingError("--start-date and --end-date exclude each other")
    if not isinstance(document, dict) or not isinstance(document.get("sequence"), dict):
        option = "--start-date" if end_date is None else "--end-date"
        raise MappingError(f"{option} is for a mapping with a sequence")
    document["sequence"] |= {"start_date": start_date, "end_date": end_date}
