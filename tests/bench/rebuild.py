"""Part 7: the state made anew from the ledger that the parts before have filled.

Mastery's own command with the ledger over gRPC from the evidence service: all that was sent from
end to end, of both shapes, is folded again beside the live state and compared with it. The services
run, but nothing is sent meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

import uvloop

from deploy.local.databases import service_dsn
from deploy.local.ports import LOOPBACK
from services.common.process import calm_collector
from services.mastery.config import MasterySettings
from services.mastery.entrypoints.rebuild import rebuild
from services.mastery.handlers.rebuild import RebuildOptions
from tests.bench.servers import Bench


@dataclass(frozen=True, kw_only=True)
class RebuildFigures:
    """From the ledger's first page until all of it is folded; comparing comes after that."""

    records: int
    seconds: float
    per_second: float
    is_equal: bool


def measure_rebuild(bench: Bench) -> RebuildFigures:
    """Rebuild from all of the ledger, compare, and leave the live state as it is."""
    cluster = bench.cluster
    settings = MasterySettings(
        postgres_dsn=service_dsn(cluster.postgres.dsn(), "mastery", "worker"),
        kafka_bootstrap_servers=bench.bootstrap,
        evidence_target=f"{LOOPBACK}:{cluster.ports['evidence-api-grpc']}",
        service_token_file=cluster.tokens.file("rebuild"),
    )
    options = RebuildOptions(swap=False)
    # As the command does.
    calm_collector()
    report = uvloop.run(rebuild(settings, options, lambda _: None))
    return RebuildFigures(
        records=report.ledger_count,
        seconds=report.ledger_seconds,
        per_second=report.ledger_count / report.ledger_seconds,
        is_equal=report.is_equal,
    )
