"""A `resolver` that works for a moment, for tests of what follows by itself."""

from __future__ import annotations

from pathlib import Path

from services.common.process import Lifecycle
from services.evidence.bootstrap import build_resolver
from services.evidence.config import EvidenceSettings
from services.evidence.entrypoints.resolver import ResolverLoop
from tests.support.evidence import close_all
from tests.support.servers import ServiceDatabase

MOST_TURNS = 5


async def resolve(database: ServiceDatabase, directory: Path) -> None:
    """Let a resolver go round until nothing is due; directory: of the api's files."""
    lifecycle = Lifecycle()
    built = await build_resolver(
        EvidenceSettings(
            postgres_dsn=database.dsn("api"),
            worker_postgres_dsn=database.dsn("worker"),
            learner_keys_file=directory / "learner-keys.json",
        ),
        lifecycle,
    )
    try:
        loop = ResolverLoop(built)
        for _ in range(MOST_TURNS):
            if not await loop.turn():
                break
    finally:
        await close_all(lifecycle)
