"""What the processes of this service can be told: EVIDENCE_* variables, read once."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.common.config import Settings
from services.evidence.handlers.intake import IntakePolicy


class EvidenceSettings(Settings):
    """The settings; `services.common.config.Settings` has those that every service has."""

    model_config = SettingsConfigDict(env_prefix="EVIDENCE_")

    worker_postgres_dsn: Annotated[str | None, Field(min_length=1, repr=False)] = None
    """Address for the worker's role, which sees every district: for StreamLedger."""
    worker_postgres_pool_size: Annotated[int, Field(ge=1, le=20)] = 2
    """At most this many connections of the worker's role in an `api` process."""
    token_keys_file: Path | None = None
    """JSON {keys: [...]}: what OAuth tokens are signed with. A secret."""
    public_url: Annotated[str | None, Field(min_length=8)] = None
    """How other systems reach the HTTP port, as in https://trellis.example.org; for links."""
    http_requests_per_second: Annotated[int, Field(ge=1, le=10_000)] = 50
    """How often one credential may ask over HTTP, in the long run, of one process."""
    learner_keys_file: Path | None = None
    """JSON {district: hex key}: what learners' ids are made with. A secret."""
    intake_ahead_seconds: Annotated[int, Field(ge=0, le=86_400)] = 600
    """How far ahead of this clock the time of the work may be."""
    intake_back_days: Annotated[int, Field(ge=1, le=3_650)] = 400
    """How far back the work may lie for a live source."""
    scheduler_topic: Annotated[str, Field(min_length=1)] = "trellis.scheduler.v1"
    """The topic that quick checks come from."""
    quick_check_consumer_group: Annotated[str, Field(min_length=1)] = "trellis-quick-checks"
    """The group whose offsets in PostgreSQL say which of them are taken in."""
    instance_id: Annotated[str, Field(min_length=1)] | None = None
    """Of a `quick-checks` process: its fixed name in the group, so that a restart moves nothing."""
    chunk_records: Annotated[int, Field(ge=1, le=1_000)] = 200
    """At most this many records of the topic are taken in together."""
    import_earliest_date: date = date(1990, 1, 1)
    """How far back the work may lie in an import."""

    def intake_policy(self) -> IntakePolicy:
        """Return when the work may have been done."""
        return IntakePolicy(
            ahead_seconds=self.intake_ahead_seconds,
            back_days=self.intake_back_days,
            import_earliest=datetime.combine(self.import_earliest_date, time(), UTC),
        )
