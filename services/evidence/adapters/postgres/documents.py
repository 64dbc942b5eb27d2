"""One transaction over objects, roster, frameworks, ledger and quarantine, in PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.evidence.adapters.postgres.aliases import PostgresAliases
from services.evidence.adapters.postgres.alignments import PostgresAlignments
from services.evidence.adapters.postgres.entities import PostgresStore, open_change
from services.evidence.adapters.postgres.framework import PostgresFrameworksView
from services.evidence.adapters.postgres.ledger import PostgresLedgerTransaction
from services.evidence.adapters.postgres.merges import PostgresMerges
from services.evidence.adapters.postgres.objects import PostgresObjects
from services.evidence.adapters.postgres.pull_cursors import PostgresPullCursors
from services.evidence.adapters.postgres.resolutions import PostgresResolutions
from services.evidence.adapters.postgres.roster import PostgresRosterView
from services.evidence.adapters.postgres.sections import ENROLMENT, SECTION, TERM
from services.evidence.adapters.postgres.sources import PostgresSources
from services.evidence.adapters.postgres.syncs import PostgresSyncs
from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.ports.directory import Directory

_NEWS: Final = """
WITH wanted AS (
  SELECT * FROM unnest($2::text[], $3::text[]) AS wanted (competency_id, counted_id)
), gone AS (
  DELETE FROM competency_successor AS kept
   WHERE kept.district = $1
     AND NOT EXISTS (SELECT FROM wanted WHERE wanted.competency_id = kept.competency_id
                                          AND wanted.counted_id = kept.counted_id)
  RETURNING kept.competency_id
)
SELECT competency_id FROM gone
UNION
SELECT wanted.competency_id FROM wanted
 WHERE NOT EXISTS (SELECT FROM competency_successor AS kept
                    WHERE kept.district = $1 AND kept.competency_id = wanted.competency_id
                      AND kept.counted_id = wanted.counted_id)
"""

_ADD: Final = """
INSERT INTO competency_successor (district, competency_id, counted_id, change_time)
SELECT $1, added.competency_id, added.counted_id, now()
  FROM unnest($2::text[], $3::text[]) AS added (competency_id, counted_id)
ON CONFLICT (district, competency_id) DO NOTHING
"""


class PostgresSuccessors:
    """For which competency the evidence of another one counts; the port `SuccessorStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def replace(self, successors: Mapping[str, str]) -> Collection[str]:
        """Keep these, by competency id, and no others; return the ids for which that is news."""
        columns = (self._district, list(successors), list(successors.values()))
        rows = await self._connection.fetch(_NEWS, *columns)
        if rows:
            await self._connection.execute(_ADD, *columns)
        return {row["competency_id"] for row in rows}


class PostgresDocumentsChange:
    """One transaction of one district; the port `DocumentsChange`."""

    def __init__(self, connection: Connection, district: str, directory: Directory) -> None:
        self.objects = PostgresObjects(connection, district)
        self.aliases = PostgresAliases(connection, district)
        self.sources = PostgresSources(connection, district)
        self.alignments = PostgresAlignments(connection, district)
        self.terms = PostgresStore(connection, district, TERM)
        self.sections = PostgresStore(connection, district, SECTION)
        self.enrolments = PostgresStore(connection, district, ENROLMENT)
        self.roster = PostgresRosterView(connection, district)
        self.frameworks = PostgresFrameworksView(connection, district)
        self.successors = PostgresSuccessors(connection, district)
        self.syncs = PostgresSyncs(connection, district)
        self.pull_cursors = PostgresPullCursors(connection, district)
        self.merges = PostgresMerges(connection, district)
        self.resolutions = PostgresResolutions(connection, district)
        self.ledger = PostgresLedgerTransaction(connection, district, directory)


class PostgresDocuments:
    """Opens such transactions; the port `DocumentStore`."""

    def __init__(self, database: Database, *, directory: Callable[[Connection], Directory]) -> None:
        """Take the API role's database, and how to look up on a transaction's connection."""
        self._database = database
        self._directory = directory

    @contextlib.asynccontextmanager
    async def change(self, district: str) -> AsyncIterator[PostgresDocumentsChange]:
        """Open a transaction under the district's lock."""
        try:
            async with open_change(self._database, district) as connection:
                directory = self._directory(connection)
                yield PostgresDocumentsChange(connection, district, directory)
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
            raise ConcurrentChangeError from error
