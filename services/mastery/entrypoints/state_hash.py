"""The command `state-hash`: one line a district."""

from __future__ import annotations

from services.common.postgres.pool import Database
from services.mastery.adapters.postgres.state_reader import PostgresStates
from services.mastery.config import MasterySettings
from services.mastery.handlers.readings import HashedState, hash_state

COMMAND_SECONDS = 6 * 3_600.0


async def state_hashes(settings: MasterySettings, district: str | None) -> list[str]:
    """Return a line for each district (or for one): name, hash, counts, position.

    To see every district, the address must be the worker's role.
    """
    database = await Database.connect(
        settings.postgres_dsn,
        pool_size=1,
        application_name="trellis-mastery-state-hash",
        command_timeout_seconds=COMMAND_SECONDS,
    )
    try:
        states = PostgresStates(database, unbounded=True)
        districts = [district] if district else await states.districts()
        return [_line(name, await hash_state(name, states=states)) for name in districts]
    finally:
        await database.close()


def _line(district: str, hashed: HashedState) -> str:
    standing = hashed.standing
    return (
        f"{district} {hashed.state_hash} evidence={standing.evidence_count}"
        f" alignments={standing.alignment_count} position={standing.ledger_position}"
    )
