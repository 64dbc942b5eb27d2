"""What the process `pull` is told: a YAML file with the systems that are pulled from, and when.

Checked as a whole before anything is asked for; every problem is told at once. Secrets are named by
their files and never stand in this one. docs/pulling.md has what it may say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.mapping_parts import Identifier, TimeZone
from services.evidence.entrypoints.importing.problems import problem
from services.evidence.entrypoints.pulling.edfi import ALL_RESOURCES
from services.evidence.entrypoints.pulling.fetching import PullError, check_address
from services.evidence.entrypoints.pulling.oneroster import collections_of
from services.evidence.entrypoints.pulling.timetable import (
    MAX_EVERY,
    WEEKDAYS,
    SchoolHours,
    Timetable,
)

MAX_FILE_BYTES: Final = 256 * 1024
MAX_PEERS: Final = 50
MAX_SECRET_BYTES: Final = 4_096

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_DURATION: Final = re.compile(r"([0-9]{1,4})([mhd])")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_SECRET_NAMES: Final = frozenset({"secret", "client_secret", "password", "token"})


class ConfigurationFileError(Exception):
    """The file cannot be used; the message names every field at fault."""


def _duration(value: object) -> object:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError('must be a number with m, h or d, as in "15m"')
    return int(found[1]) * _UNITS[found[2]]


def _time_of_day(value: object) -> object:
    # Without quotes YAML makes the number 750 of 12:30.
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('must be a time of day in quotes, as in "02:30"')
    return time(int(found[1]), int(found[2]))


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _address(value: str) -> str:
    try:
        check_address(value)
    except PullError as error:
        raise ValueError(str(error)) from None
    return value.rstrip("/")


Duration = Annotated[timedelta, BeforeValidator(_duration)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Address = Annotated[str, Field(max_length=500), AfterValidator(_address)]
OneRosterCollection = Literal[
    "orgs",
    "academicSessions",
    "courses",
    "users",
    "classes",
    "enrollments",
    "categories",
    "scoreScales",
    "lineItems",
    "results",
    "assessmentLineItems",
    "assessmentResults",
]


class Part(BaseModel):
    """What each part of the file has in common: an unknown field is a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TimetablePart(Part):
    """When a peer is pulled from: either at or every, on these days of the week."""

    at: Annotated[Sequence[TimeOfDay], BeforeValidator(_listed), Field(max_length=48)] = ()
    every: Duration | None = None
    weekdays: Annotated[Sequence[Weekday], Field(min_length=1)] = WEEKDAYS

    @model_validator(mode="after")
    def _either(self) -> "TimetablePart":
        if bool(self.at) == (self.every is not None):
            raise ValueError("state either at or every")
        if self.every is not None and self.every > MAX_EVERY:
            raise ValueError("every is at most 1d; give the weekdays for longer")
        return self


class PeerPart(Part):
    """What every peer says."""

    source: Identifier
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,64}$")] = ""
    """Tells peers apart, in cursors and metrics; without it, the source does."""
    address: Address
    token_address: Address | None = None
    client_id: Annotated[str, Field(max_length=500)] = ""
    secret_file: Path | None = None
    scopes: Annotated[Sequence[str], Field(max_length=50)] = ()
    ca_file: Path | None = None
    time_zone: TimeZone
    learners_org: Annotated[str, Field(max_length=255)] | None = None
    """The source's id of the school of learners of whom nothing says which is theirs; absent: as
    it is."""
    timetable: TimetablePart
    whole_on: Weekday | Literal["never"] = "saturday"
    """On which day everything is pulled, so that what is gone shows."""

    @model_validator(mode="before")
    @classmethod
    def _no_secret(cls, values: Any) -> Any:  # noqa: ANN401
        if isinstance(values, dict) and _SECRET_NAMES & {str(name) for name in values}:
            raise ValueError("a secret never stands in this file; name its file in secret_file")
        return values

    @model_validator(mode="after")
    def _whole_client(self) -> "PeerPart":
        if bool(self.client_id) != (self.secret_file is not None):
            raise ValueError("client_id and secret_file go together")
        return self

    @property
    def called(self) -> str:
        """Return what tells this peer from others."""
        return self.name or self.source

    @property
    def whole_weekday(self) -> int | None:
        """Return the weekday on which everything is pulled, 0 for Monday; None for never."""
        return None if self.whole_on == "never" else WEEKDAYS.index(self.whole_on)

    def times(self) -> Timetable:
        """Return when a pull is due."""
        return Timetable(
            zone=ZoneInfo(self.time_zone),
            weekdays=[WEEKDAYS.index(one) for one in self.timetable.weekdays],
            at=self.timetable.at,
            every=self.timetable.every,
        )

    def token_url(self) -> str | None:
        """Return where tokens come from."""
        return self.token_address

    def secret(self) -> str:
        """Return the client's secret, read anew each time; raises PullError."""
        assert self.secret_file is not None
        try:
            text = self.secret_file.read_bytes()[:MAX_SECRET_BYTES].decode().strip()
        except (OSError, ValueError) as error:
            raise PullError(f"the secret file {self.secret_file} cannot be read") from error
        if not text:
            raise PullError(f"the secret file {self.secret_file} is empty")
        return text


class OneRosterPart(PeerPart):
    """A OneRoster service. address: what comes before /ims/oneroster."""

    kind: Literal["oneroster"]
    version: Literal["1.1", "1.2"] = "1.2"
    collections: Sequence[OneRosterCollection] = ()
    """None: all that the service has."""
    overlap: Duration = timedelta(hours=1)
    """So much of the time before the last pull is asked for again: clocks differ, and what is
    changed may be seen a while later."""

    @model_validator(mode="after")
    def _known(self) -> "OneRosterPart":
        if not self.client_id or self.token_address is None:
            raise ValueError("OneRoster needs client_id, secret_file and token_address")
        known = {one.value for one in collections_of(self.of_version)}
        unknown = sorted(set(self.collections) - known)
        if unknown:
            raise ValueError(f"OneRoster {self.version} has no {', '.join(unknown)}")
        return self

    @property
    def of_version(self) -> Version:
        """Return the version."""
        return Version.V1_1 if self.version == "1.1" else Version.V1_2

    def wanted(self) -> Sequence[Collection]:
        """Return what to pull; nothing for all."""
        return [Collection(one) for one in self.collections]


class EdFiPart(PeerPart):
    """An Ed-Fi API. address: as in https://api.example.org/v7.1/api."""

    kind: Literal["edfi"]
    resources: Sequence[str] = ALL_RESOURCES
    data_path: str = "data/v3/ed-fi"
    changes_path: str = "changeQueries/v1"

    @model_validator(mode="after")
    def _known(self) -> "EdFiPart":
        if not self.client_id:
            raise ValueError("Ed-Fi needs client_id and secret_file")
        unknown = sorted(set(self.resources) - set(ALL_RESOURCES))
        if unknown or not self.resources:
            raise ValueError(f"resources that are not read: {', '.join(unknown) or 'none named'}")
        return self

    def token_url(self) -> str:
        """Return where tokens come from."""
        return self.token_address or f"{self.address}/oauth/token"


class CasePart(PeerPart):
    """A publisher's CASE service. address: what comes before /ims/case."""

    kind: Literal["case"]
    version: Literal["1.0", "1.1"] = "1.1"
    frameworks: Annotated[Sequence[str], Field(max_length=500)] = ()
    """Identifiers of those that are wanted; none for all."""

    @model_validator(mode="after")
    def _known(self) -> "CasePart":
        if self.client_id and self.token_address is None:
            raise ValueError("a client needs token_address")
        return self


class SilencePart(Part):
    """When a source is silent: nothing was received of it for so long within school hours."""

    source: Identifier
    time_zone: TimeZone
    begin: TimeOfDay
    end: TimeOfDay
    weekdays: Annotated[Sequence[Weekday], Field(min_length=1)] = WEEKDAYS[:5]
    after: Duration

    @model_validator(mode="after")
    def _in_order(self) -> "SilencePart":
        if self.begin >= self.end:
            raise ValueError("begin must be before end")
        return self

    def hours(self) -> SchoolHours:
        """Return the school hours."""
        return SchoolHours(
            zone=ZoneInfo(self.time_zone),
            weekdays=[WEEKDAYS.index(one) for one in self.weekdays],
            begin=self.begin,
            end=self.end,
        )


AnyPeer = Annotated[OneRosterPart | EdFiPart | CasePart, Field(discriminator="kind")]


class PullConfiguration(Part):
    """The whole file."""

    peers: Annotated[Sequence[AnyPeer], Field(min_length=1, max_length=MAX_PEERS)]
    silence: Annotated[Sequence[SilencePart], Field(max_length=MAX_PEERS)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "PullConfiguration":
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        for name, times in Counter(one.called for one in self.peers).items():
            if times > 1:
                yield f"{times} peers are called {name}; give each a name of its own"
        for source in sorted({one.source for one in self.peers}):
            mine = [one for one in self.peers if one.source == source]
            if len({one.time_zone for one in mine}) > 1:
                yield f"peers of the source {source} must have one time_zone"
            if len({one.learners_org for one in mine} - {None}) > 1:
                yield f"peers of the source {source} must have one learners_org"


def load_configuration(path: Path) -> PullConfiguration:
    """Read the file; paths in it that are relative begin at its folder.

    Raises ConfigurationFileError.
    """
    document = _document(path)
    try:
        configuration = PullConfiguration.model_validate(document)
    except ValidationError as error:
        raise _unusable(path, [problem(one, "the file") for one in error.errors()]) from error
    peers = [_with_paths(one, path.parent) for one in configuration.peers]
    problems = []
    for one in peers:
        try:
            if one.secret_file is not None:
                one.secret()
        except PullError as unread:
            problems.append(f"{one.called}: {unread}")
    if problems:
        raise _unusable(path, problems)
    return configuration.model_copy(update={"peers": peers})


def _document(path: Path) -> Any:  # noqa: ANN401
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigurationFileError(f"{path} has more than {MAX_FILE_BYTES} bytes")
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFileError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        # The whole error shows the line, in which a secret may stand that does not belong there.
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark is not None else ""
        raise ConfigurationFileError(f"{path} is no YAML{place}") from None


def _unusable(path: Path, problems: Sequence[str]) -> ConfigurationFileError:
    lines = "\n".join(f"  {one}" for one in problems)
    return ConfigurationFileError(f"{path} cannot be used:\n{lines}")


def _with_paths(peer: Any, folder: Path) -> Any:  # noqa: ANN401
    changes = {
        name: folder / value
        for name in ("secret_file", "ca_file")
        if (value := getattr(peer, name)) is not None
    }
    return peer.model_copy(update=changes)
