"""The command `rebuild`: builds its objects, runs it, and says what it found."""

from __future__ import annotations

from collections.abc import Callable

from services.common.kafka.inspection import inspect_topic
from services.common.postgres.pool import Database
from services.common.rpc.client import connect
from services.mastery.adapters.ledger import GrpcLedger
from services.mastery.adapters.postgres.shadow import PostgresShadowState
from services.mastery.adapters.topic import KafkaEvidenceTopic
from services.mastery.config import MasterySettings
from services.mastery.handlers.rebuild import PAGES_AT_ONCE, Rebuild, RebuildOptions, RebuildReport

CONNECTIONS = PAGES_AT_ONCE + 4
"""The pages, the lock of rebuilds, the locks of offsets, a snapshot, and one to spare."""
COMMAND_SECONDS = 6 * 3_600.0
"""A statement over whole tables may take hours; the waits for locks have bounds of their own."""


async def rebuild(
    settings: MasterySettings, options: RebuildOptions, say: Callable[[str], None]
) -> RebuildReport:
    """Rebuild the state from the ledger; raises what the handler and the adapters raise."""
    topic = await inspect_topic(settings.kafka_bootstrap_servers, settings.evidence_topic)
    channel = connect(
        settings.evidence_target, settings.service_token(), tls=settings.upstream_tls()
    )
    database = await Database.connect(
        settings.postgres_dsn,
        pool_size=CONNECTIONS,
        application_name="trellis-mastery-rebuild",
        command_timeout_seconds=COMMAND_SECONDS,
    )
    shadow = PostgresShadowState(
        database,
        consumer_group=settings.consumer_group,
        topic=topic,
        old_readers_seconds=options.old_readers_seconds,
    )
    try:
        return await Rebuild(
            ledger=GrpcLedger(channel),
            topic=KafkaEvidenceTopic(settings.kafka_bootstrap_servers, settings.evidence_topic),
            shadow=shadow,
            options=options,
            say=say,
        ).run()
    finally:
        await shadow.close()
        await database.close()
        await channel.close()


def lines_of(report: RebuildReport) -> list[str]:
    """Return the report for people."""
    lines = [
        f"folded {report.ledger_count} entries of the ledger in {report.ledger_seconds:.0f} s,"
        f" and {report.topic_count} of the topic"
    ]
    if report.refused_count:
        lines.append(f"{report.refused_count} entries of the ledger cannot be folded, such as:")
        lines += [f"  {reason}" for reason in report.refused]
    if report.pruned_count:
        lines.append(f"pruned {report.pruned_count} pieces that seals have closed")
    if report.live_lag:
        lines.append(
            f"the live state was {report.live_lag} records behind: they show as differences"
        )
    for table in report.comparisons:
        verdict = "equal" if table.is_equal else "DIFFERENT"
        lines.append(
            f"{table.table}: {verdict}; live {table.live_count}, rebuilt {table.rebuilt_count},"
            f" only live {table.only_live_count}, only rebuilt {table.only_rebuilt_count},"
            f" differing {table.differing_count}"
        )
        lines += [f"  {key}" for key in table.examples]
    if report.swapped:
        lines.append(f"swapped; {report.changed_keys} masteries are marked as changed")
    return lines
