"""Migrations are applied once, in order, by one runner, and schema.sql is their sum."""

import asyncio
from pathlib import Path

import asyncpg
import click
import pytest
from click.testing import CliRunner

from services.common.postgres import migrate as module
from services.common.postgres.command import migrate_command
from services.common.postgres.migrate import MigrationError, check, dump_schema, migrate
from services.common.postgres.pool import Database
from tests.support.servers import DatabaseFactory, ServiceDatabase, run_coroutine

FIRST = "CREATE TABLE first (id bigint PRIMARY KEY);\nGRANT SELECT ON first TO evidence_api;\n"
SECOND = "CREATE TABLE second (id bigint PRIMARY KEY);\n"
THIRD = "ALTER TABLE first ADD COLUMN name text;\n"


@pytest.fixture
def database(postgres_database: DatabaseFactory) -> ServiceDatabase:
    """Make a database with nothing in it."""
    return postgres_database("evidence", "SELECT 1")


def folder(tmp_path: Path, **files: str) -> Path:
    """Write migrations; the names go without their leading letter and their ending."""
    made = tmp_path / "migrations"
    made.mkdir(exist_ok=True)
    for name, sql in files.items():
        (made / f"{name.removeprefix('m')}.sql").write_text(sql)
    return made


def three(tmp_path: Path) -> Path:
    """Write two phases."""
    return folder(
        tmp_path,
        m0001_pre_create_first=FIRST,
        m0002_pre_create_second=SECOND,
        m0003_post_name_first=THIRD,
    )


async def test_what_is_missing_is_applied_in_order_and_once(
    database: ServiceDatabase, tmp_path: Path
) -> None:
    """A second run does nothing."""
    dsn, migrations = database.dsn("owner"), three(tmp_path)
    assert await check(dsn, migrations) == [
        "0001_pre_create_first",
        "0002_pre_create_second",
        "0003_post_name_first",
    ]
    assert len(await migrate(dsn, migrations)) == 3
    assert await migrate(dsn, migrations) == []
    assert await check(dsn, migrations) == []


async def test_five_runs_at_once_apply_each_file_once(
    database: ServiceDatabase, tmp_path: Path
) -> None:
    """Every pod of a deployment may start a migration at the same moment."""
    dsn, migrations = database.dsn("owner"), three(tmp_path)
    runs = await asyncio.gather(*(migrate(dsn, migrations) for _ in range(5)))
    assert sorted(len(applied) for applied in runs) == [0, 0, 0, 0, 3]


async def test_phases_are_applied_apart(database: ServiceDatabase, tmp_path: Path) -> None:
    """One before the release is deployed, one after it."""
    dsn, migrations = database.dsn("owner"), three(tmp_path)
    assert await migrate(dsn, migrations, phase="pre") == [
        "0001_pre_create_first",
        "0002_pre_create_second",
    ]
    assert await check(dsn, migrations, phase="pre") == []
    assert await migrate(dsn, migrations, phase="post") == ["0003_post_name_first"]


async def test_a_new_release_is_not_begun_before_the_last_one_is_finished(
    database: ServiceDatabase, tmp_path: Path
) -> None:
    """A pre file after a post file that was never applied rests on what is not there."""
    migrations = three(tmp_path)
    folder(tmp_path, m0004_pre_index_first="CREATE INDEX ON first (name);")
    with pytest.raises(MigrationError) as refused:
        await migrate(database.dsn("owner"), migrations, phase="pre")
    assert refused.value.reason == "PHASE_UNFINISHED"
    assert len(await check(database.dsn("owner"), migrations)) == 4


async def test_an_applied_file_that_has_changed_is_refused(
    database: ServiceDatabase, tmp_path: Path
) -> None:
    """History is not rewritten: two databases would differ under one number."""
    dsn, migrations = database.dsn("owner"), three(tmp_path)
    await migrate(dsn, migrations)
    folder(tmp_path, m0002_pre_create_second=SECOND + "-- harmless\n")
    for attempt in (migrate, check):
        with pytest.raises(MigrationError, match="0002_pre_create_second") as refused:
            await attempt(dsn, migrations)
        assert refused.value.reason == "FILE_CHANGED"


async def test_a_file_that_fails_leaves_nothing_of_itself(
    database: ServiceDatabase, tmp_path: Path
) -> None:
    """Each file is one transaction; what came before it stays."""
    migrations = folder(
        tmp_path,
        m0001_pre_create_first=FIRST,
        m0002_pre_create_wrong="CREATE TABLE half (id bigint); SELECT 1 / 0;",
    )
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(database.dsn("owner"), migrations)
    assert await check(database.dsn("owner"), migrations) == ["0002_pre_create_wrong"]
    assert "half" not in await dump_schema(database.dsn("owner"))


async def test_old_code_runs_on_a_newer_schema(database: ServiceDatabase, tmp_path: Path) -> None:
    """A migration that this code does not know is no problem: a roll-back has to work."""
    dsn, migrations = database.dsn("owner"), three(tmp_path)
    await migrate(dsn, migrations)
    (migrations / "0003_post_name_first.sql").unlink()
    assert await check(dsn, migrations) == []
    assert await migrate(dsn, migrations) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("m4_pre_create_x", "FILE_NAME"),
        ("m0004_before_create_x", "FILE_NAME"),
        ("m0004_pre_create", "FILE_NAME"),
        ("m0001_pre_create_other", "NUMBER_TWICE"),
    ],
)
async def test_a_file_with_a_wrong_name_is_refused_before_anything_is_applied(
    database: ServiceDatabase, tmp_path: Path, name: str, reason: str
) -> None:
    """Order is by number, so a number must be one file's."""
    migrations = folder(tmp_path, m0001_pre_create_first=FIRST, **{name: "SELECT 1"})
    with pytest.raises(MigrationError) as refused:
        await migrate(database.dsn("owner"), migrations)
    assert refused.value.reason == reason


async def test_a_migration_that_waits_for_a_lock_gives_up_and_tries_again(
    database: ServiceDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever queues behind a waiting migration would wait as well."""
    monkeypatch.setattr(module, "LOCK_TIMEOUT", "50ms")
    dsn, migrations = database.dsn("owner"), folder(tmp_path, m0001_pre_create_first=FIRST)
    await migrate(dsn, migrations)
    folder(tmp_path, m0002_pre_name_first=THIRD)
    reader = await Database.connect(dsn, pool_size=1, application_name="reader")
    async with reader.transaction(None) as connection:
        await connection.fetch("SELECT * FROM first")
        migration = asyncio.create_task(migrate(dsn, migrations))
        await asyncio.sleep(0.2)
        assert not migration.done()
    assert await migration == ["0002_pre_name_first"]
    await reader.close()


async def test_an_index_can_be_built_beside_the_traffic(
    database: ServiceDatabase, tmp_path: Path
) -> None:
    """A marked file runs outside of a transaction, and is recorded."""
    migrations = folder(
        tmp_path,
        m0001_pre_create_first=FIRST,
        m0002_pre_index_first=(
            "-- migrate: no-transaction\n"
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS first_again ON first (id);\n"
        ),
    )
    assert len(await migrate(database.dsn("owner"), migrations)) == 2
    assert "first_again" in await dump_schema(database.dsn("owner"))


async def test_every_role_may_ask_whether_the_schema_fits(
    database: ServiceDatabase, tmp_path: Path
) -> None:
    """A service checks at its start, as the role that it runs as."""
    migrations = three(tmp_path)
    assert len(await check(database.dsn("api"), migrations)) == 3
    await migrate(database.dsn("owner"), migrations)
    assert await check(database.dsn("api"), migrations) == []
    assert await check(database.dsn("worker"), migrations) == []


EVERYTHING = """
CREATE SCHEMA extra;
CREATE TYPE level AS ENUM ('novice', 'emerging', 'it''s proficient');
CREATE DOMAIN share AS numeric(4, 3) NOT NULL CONSTRAINT in_range CHECK (VALUE BETWEEN 0 AND 1);
CREATE SEQUENCE position CACHE 10;
CREATE TABLE school (
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C" NOT NULL,
  name text NOT NULL DEFAULT 'it''s a school',
  rooms integer CHECK (rooms > 0),
  twice integer GENERATED ALWAYS AS (rooms * 2) STORED,
  levels level[] NOT NULL DEFAULT '{}',
  part share,
  PRIMARY KEY (district, school_id)
) WITH (fillfactor = 70);
CREATE TABLE extra.learner (
  learner_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  district text COLLATE "C" NOT NULL,
  school_id text COLLATE "C",
  period tstzrange,
  UNIQUE NULLS NOT DISTINCT (district, school_id),
  FOREIGN KEY (district, school_id) REFERENCES school ON DELETE CASCADE
);
CREATE TABLE fact (month date NOT NULL, position bigint NOT NULL, PRIMARY KEY (month, position))
  PARTITION BY RANGE (month);
CREATE TABLE fact_2026_01 PARTITION OF fact FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE INDEX fact_position ON fact (position DESC) WHERE position > 0;
CREATE INDEX learner_lower ON extra.learner (lower(school_id)) INCLUDE (district);
CREATE UNLOGGED TABLE scratch (id integer);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION touch() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION touch() TO evidence_worker;
CREATE TRIGGER school_touch BEFORE UPDATE ON school FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW school_name WITH (security_invoker = true) AS SELECT district, name FROM school;
ALTER TABLE school ENABLE ROW LEVEL SECURITY;
ALTER TABLE school FORCE ROW LEVEL SECURITY;
CREATE POLICY school_api ON school TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY school_all ON school AS RESTRICTIVE FOR SELECT USING (true);
COMMENT ON TABLE school IS 'Where it''s taught.';
COMMENT ON COLUMN school.name IS 'For people.';
GRANT USAGE ON SCHEMA extra TO evidence_api;
GRANT SELECT, INSERT ON school TO evidence_api;
GRANT UPDATE (name, rooms) ON school TO evidence_worker;
GRANT USAGE ON SEQUENCE position TO evidence_api;
GRANT SELECT ON school_name TO PUBLIC;
"""


async def test_the_text_of_a_schema_makes_the_same_schema_again(
    postgres_database: DatabaseFactory,
) -> None:
    """So nothing that it should cover is missing from it."""
    first = await dump_schema(postgres_database("evidence", EVERYTHING).dsn("owner"))
    again = await dump_schema(postgres_database("evidence", first).dsn("owner"))
    assert again == first
    for part in (
        "PARTITION BY RANGE (month)",
        "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "ALTER TABLE school FORCE ROW LEVEL SECURITY;",
        "GRANT INSERT, SELECT ON TABLE school TO evidence_api;",
        "GRANT UPDATE (name, rooms) ON TABLE school TO evidence_worker;",
        "REVOKE ALL ON FUNCTION touch() FROM PUBLIC;",
        "CREATE UNLOGGED TABLE scratch",
        "GENERATED ALWAYS AS IDENTITY",
        "WITH (fillfactor=70)",
        'CREATE SEQUENCE "position"',
        "AS RESTRICTIVE FOR SELECT TO PUBLIC",
    ):
        assert part in first


async def test_a_difference_of_one_grant_shows(postgres_database: DatabaseFactory) -> None:
    """A test that compares two texts would notice the smallest widening of rights."""
    plain = await dump_schema(postgres_database("evidence", FIRST).dsn("owner"))
    wider = await dump_schema(
        postgres_database("evidence", FIRST + "GRANT DELETE ON first TO evidence_api;").dsn("owner")
    )
    assert plain != wider


def test_the_command_applies_checks_and_prints(database: ServiceDatabase, tmp_path: Path) -> None:
    """Exit code 1 while something is missing, 0 after it was applied."""
    migrations = three(tmp_path)
    command: click.Command = migrate_command(lambda: database.dsn("owner"), migrations)
    runner = CliRunner()
    before = runner.invoke(command, ["--check"])
    assert (before.exit_code, "0001_pre_create_first" in before.output) == (1, True)
    applied = runner.invoke(command, [])
    assert (applied.exit_code, applied.stdout.count("applied 000")) == (0, 3)
    assert runner.invoke(command, ["--check"]).output == "up to date\n"
    printed = runner.invoke(command, ["--dump-schema"]).stdout
    assert printed == run_coroutine(dump_schema(database.dsn("owner")))
