"""What the processes of this service can be told: MASTERY_* variables, read once."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.rpc.upstream import UpstreamSettings


class MasterySettings(UpstreamSettings):
    """The settings; `services.common.config.Settings` has those that every service has.

    A rebuild alone calls another service: evidence, with a token of the scope "ledger.read" that is
    bound to no district.
    """

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
    flip_retention_days: Annotated[int, Field(ge=30, le=36_500)] = 1_100
    """How long the projector keeps why a published status changed: three school years."""
    evidence_target: Annotated[str, Field(min_length=1)] = "127.0.0.1:9001"
    """Of a rebuild: gRPC address of the evidence service, which has the ledger."""
