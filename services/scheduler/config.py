"""What the processes of this service can be told: SCHEDULER_* variables, read once."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.config import ConfigurationError, Settings, is_loopback
from services.common.rpc.tls import Tls

TOKEN_BYTES = 4096


class SchedulerSettings(Settings):
    """The settings; `services.common.config.Settings` has those that every service has."""

    model_config = SettingsConfigDict(env_prefix="SCHEDULER_")

    evidence_target: Annotated[str, Field(min_length=1)] = "127.0.0.1:9001"
    """gRPC address of the evidence service: rosters, names and competencies come from there."""
    mastery_target: Annotated[str, Field(min_length=1)] = "127.0.0.1:9002"
    """gRPC address of the mastery service: needs come from there."""
    service_token_file: Path | None = None
    """File with the token for those calls; its credential may act for any district."""
    upstream_tls_ca_file: Path | None = None
    """PEM of who signs those services' certificates; without it, calls are not encrypted."""
    upstream_tls_certificate_file: Path | None = None
    """PEM certificate chain of this service, where those services ask for one."""
    upstream_tls_key_file: Path | None = None
    """PEM key of that certificate."""
    names_kept_seconds: Annotated[float, Field(ge=0, le=600)] = 30.0
    """How long names from the roster are kept in memory for pages."""
    pages_secure_cookie: bool | None = None
    """Whether browsers may send the sign-in over TLS only; not set: unless on loopback."""
    lease_seconds: Annotated[float, Field(ge=1, le=600)] = 30.0
    """A planner that was not heard of for so long has lost its run to another."""
    planner_idle_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5
    """How long a planner waits before it asks again for a run."""

    def service_token(self) -> str | None:
        """Return the token for calls to other services; raises ConfigurationError."""
        path = self.service_token_file
        if path is None:
            return None
        try:
            token = path.read_bytes()[:TOKEN_BYTES].decode().strip()
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"the token file {path} cannot be read: {error}") from error
        if not token:
            raise ConfigurationError(f"the token file {path} is empty")
        return token

    def upstream_tls(self) -> Tls | None:
        """Return the TLS of calls to other services, or None."""
        if self.upstream_tls_ca_file is None:
            return None
        return Tls(
            ca_file=self.upstream_tls_ca_file,
            certificate_file=self.upstream_tls_certificate_file,
            key_file=self.upstream_tls_key_file,
        )

    def secure_cookie(self) -> bool:
        """Whether the sign-in goes over TLS only."""
        if self.pages_secure_cookie is not None:
            return self.pages_secure_cookie
        return not is_loopback(self.http_listen)
