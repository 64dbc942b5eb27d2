"""What the processes of this service can be told: MASTERY_* variables, read once."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.config import ConfigurationError, Settings
from services.common.rpc.tls import Tls

TOKEN_BYTES = 4096


class MasterySettings(Settings):
    """The settings; `services.common.config.Settings` has those that every service has."""

    model_config = SettingsConfigDict(env_prefix="MASTERY_")

    evidence_topic: Annotated[str, Field(min_length=1)] = "trellis.evidence.v1"
    """The topic that is folded."""
    mastery_topic: Annotated[str, Field(min_length=1)] = "trellis.mastery.v1"
    """The topic that changed masteries go to."""
    consumer_group: Annotated[str, Field(min_length=1)] = "trellis-mastery"
    """The group whose offsets in PostgreSQL say what is folded."""
    instance_id: Annotated[str, Field(min_length=1)] | None = None
    """Of a worker: its fixed name in the group (the pod's), so that a restart moves nothing."""
    chunk_records: Annotated[int, Field(ge=1, le=5_000)] = 1_000
    """At most this many records in one transaction."""
    session_timeout_seconds: Annotated[float, Field(ge=6, le=300)] = 10.0
    """Of a worker: so long after its last sign of life its partitions go to others."""
    projector_interval_seconds: Annotated[float, Field(ge=0.01, le=60)] = 0.5
    """How long the projector waits for more changes of the same keys before it publishes."""
    evidence_target: Annotated[str, Field(min_length=1)] = "127.0.0.1:9001"
    """Of a rebuild: gRPC address of the evidence service, which has the ledger."""
    service_token_file: Path | None = None
    """Of a rebuild: holds the token with the scope "ledger.read" and without a district."""
    upstream_tls_ca_file: Path | None = None
    """Of a rebuild: PEM of who signs that service's certificate; without it, no encryption."""
    upstream_tls_certificate_file: Path | None = None
    """Of a rebuild: PEM certificate chain of this service, where that one asks for one."""
    upstream_tls_key_file: Path | None = None
    """Of a rebuild: PEM key of that certificate."""

    def service_token(self) -> str | None:
        """Return the token for calls to the evidence service; raises ConfigurationError."""
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
        """Return the TLS of calls to the evidence service, or None; raises ConfigurationError."""
        own = (self.upstream_tls_certificate_file, self.upstream_tls_key_file)
        if self.upstream_tls_ca_file is None:
            if own != (None, None):
                # Never a token in clear text because half of it was forgotten.
                raise ConfigurationError("TLS to the evidence service needs its CA file")
            return None
        return Tls(ca_file=self.upstream_tls_ca_file, certificate_file=own[0], key_file=own[1])
