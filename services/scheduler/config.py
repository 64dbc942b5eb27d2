"""What the processes of this service can be told: SCHEDULER_* variables, read once."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.config import is_loopback
from services.common.rpc.upstream import UpstreamSettings


class SchedulerSettings(UpstreamSettings):
    """The settings; `services.common.config.Settings` has those that every service has.

    Its calls to evidence and mastery carry a token that may act for any district.
    """

    model_config = SettingsConfigDict(env_prefix="SCHEDULER_")

    evidence_target: Annotated[str, Field(min_length=1)] = "127.0.0.1:9001"
    """gRPC address of the evidence service: rosters, names and competencies come from there."""
    mastery_target: Annotated[str, Field(min_length=1)] = "127.0.0.1:9002"
    """gRPC address of the mastery service: needs come from there."""
    names_kept_seconds: Annotated[float, Field(ge=0, le=600)] = 30.0
    """How long names from the roster are kept in memory for pages."""
    people_kept_seconds: Annotated[float, Field(ge=0, le=600)] = 30.0
    """How long who is in a school and its classes is kept in memory, to say who may act."""
    kept_schools: Annotated[int, Field(ge=1, le=10_000)] = 64
    """Of how many schools people, needs and short lists are kept in memory; more are read again."""
    pages_secure_cookie: bool | None = None
    """Whether browsers may send the sign-in over TLS only; not set: unless on loopback."""
    paper: Literal["us-letter", "a4"] | None = None
    """What prints are made for where nobody asks for another; not set: what each school says."""
    font_directory: Path | None = None
    """A folder with fonts for letters that Trellis' own fonts do not have, as Chinese ones."""
    lease_seconds: Annotated[float, Field(ge=1, le=600)] = 30.0
    """A planner that was not heard of for so long has lost its run to another."""
    planner_idle_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5
    """How long a planner waits before it asks again for a run."""
    clock_idle_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
    """How long a clock waits before it looks again for steps that are due."""
    clock_offset_file: Path | None = None
    """A file with the seconds by which the time of clocks is moved. For development alone."""

    def secure_cookie(self) -> bool:
        """Whether the sign-in goes over TLS only."""
        if self.pages_secure_cookie is not None:
            return self.pages_secure_cookie
        return not is_loopback(self.http_listen)
