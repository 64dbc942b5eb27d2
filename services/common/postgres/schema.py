"""The schema of a database as text, always the same for the same schema.

The text is SQL that makes the schema anew, in an order of its own: what a service's migrations add
up to stands beside them as schema.sql, and a test holds the two together. It is read from the
catalog, as the server brings no pg_dump of a version that everybody has. Owners are left out, and
so is the migration runner's own table.

Covered: schemas, extensions, types, sequences, functions, tables with columns, defaults, storage
parameters, constraints, partitions, indexes, views, triggers, row-level security, policies,
comments and grants. What a service needs beyond that has to be added here first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection

HEADER: Final = """\
-- What the migrations in this folder add up to. Written by a command, compared by a test:
-- never edit it, never run it against a database that holds data.
SET check_function_bodies = off;
"""

CONNECT_SECONDS: Final = 5.0
COMMAND_SECONDS: Final = 30.0

# Of an extension, or of the system: not ours to write down.
_OURS: Final = """
    n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True, kw_only=True)
class _Section:
    """A kind of object: a query that returns one statement a row, in the order to be written."""

    title: str
    query: str


_SECTIONS: Final = (
    _Section(
        title="Schemas and extensions",
        query="""
        SELECT format('CREATE SCHEMA %I;', n.nspname)
          FROM pg_namespace n
         WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'public')
        UNION ALL
        SELECT format('CREATE EXTENSION %I;', extname) FROM pg_extension WHERE extname <> 'plpgsql'
        ORDER BY 1 DESC
        """,
    ),
    _Section(
        title="Types",
        query=f"""
        SELECT format('CREATE TYPE %s AS ENUM (%s);', o.oid::regtype,
                      (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                         FROM pg_enum e WHERE e.enumtypid = o.oid))
          FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace
         WHERE o.typtype = 'e' AND {_OURS}
        UNION ALL
        SELECT format('CREATE DOMAIN %s AS %s%s%s;', o.oid::regtype,
                      format_type(o.typbasetype, o.typtypmod),
                      CASE WHEN o.typnotnull THEN ' NOT NULL' ELSE '' END,
                      (SELECT coalesce(string_agg(' CONSTRAINT ' || quote_ident(c.conname) || ' '
                                                  || pg_get_constraintdef(c.oid), ''
                                                  ORDER BY c.conname), '')
                         FROM pg_constraint c WHERE c.contypid = o.oid AND c.contype = 'c'))
          FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace
         WHERE o.typtype = 'd' AND {_OURS}
        ORDER BY 1
        """,
    ),
    _Section(
        title="Sequences",
        query=f"""
        SELECT format('CREATE SEQUENCE %s AS %s START %s INCREMENT %s CACHE %s%s;', o.oid::regclass,
                      format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqcache,
                      CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
          FROM pg_class o
          JOIN pg_namespace n ON n.oid = o.relnamespace
          JOIN pg_sequence s ON s.seqrelid = o.oid
         WHERE {_OURS}
           AND NOT EXISTS (SELECT FROM pg_depend d
                            WHERE d.objid = o.oid AND d.classid = 'pg_class'::regclass
                              AND d.deptype = 'i')
         ORDER BY 1
        """,
    ),
    _Section(
        title="Functions",
        query=f"""
        SELECT pg_get_functiondef(o.oid) || ';'
          FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace
         WHERE o.prokind IN ('f', 'p') AND {_OURS}
         ORDER BY o.oid::regprocedure::text
        """,
    ),
    _Section(
        title="Tables",
        query=f"""
        SELECT CASE
          WHEN o.relispartition THEN
            format('CREATE TABLE %s PARTITION OF %s %s', o.oid::regclass,
                   (SELECT i.inhparent::regclass FROM pg_inherits i WHERE i.inhrelid = o.oid),
                   pg_get_expr(o.relpartbound, o.oid))
          ELSE
            format(E'CREATE %sTABLE %s (\\n%s\\n)',
                   CASE o.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, o.oid::regclass,
                   (SELECT string_agg(line, E',\\n' ORDER BY kind, place, line) FROM (
                     SELECT 1 AS kind, a.attnum::int AS place,
                            '  ' || quote_ident(a.attname) || ' '
                            || format_type(a.atttypid, a.atttypmod)
                            || CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
                                    THEN ' COLLATE ' || (SELECT quote_ident(l.collname)
                                           FROM pg_collation l WHERE l.oid = a.attcollation)
                                    ELSE '' END
                            || CASE a.attidentity
                                    WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY'
                                    WHEN 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' ELSE '' END
                            || CASE a.attgenerated
                                    WHEN 's' THEN ' GENERATED ALWAYS AS ('
                                                  || pg_get_expr(f.adbin, f.adrelid) || ') STORED'
                                    WHEN 'v' THEN ' GENERATED ALWAYS AS ('
                                                  || pg_get_expr(f.adbin, f.adrelid) || ') VIRTUAL'
                                    ELSE coalesce(' DEFAULT ' || pg_get_expr(f.adbin, f.adrelid), '')
                               END
                            || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END AS line
                       FROM pg_attribute a
                       JOIN pg_type t ON t.oid = a.atttypid
                       LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
                      WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
                     UNION ALL
                     SELECT 2, CASE c.contype WHEN 'p' THEN 1 WHEN 'u' THEN 2 ELSE 3 END,
                            '  CONSTRAINT ' || quote_ident(c.conname) || ' '
                            || pg_get_constraintdef(c.oid)
                       FROM pg_constraint c
                      WHERE c.conrelid = o.oid AND c.contype IN ('p', 'u', 'c', 'x')
                   ) lines))
            || coalesce(' PARTITION BY ' || pg_get_partkeydef(o.oid), '')
          END
          || coalesce(' WITH (' || array_to_string(o.reloptions, ', ') || ')', '') || ';'
          FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
         WHERE o.relkind IN ('r', 'p') AND o.oid::regclass::text <> 'schema_migration' AND {_OURS}
         ORDER BY o.relispartition, o.oid::regclass::text
        """,
    ),
    _Section(
        title="Foreign keys",
        query=f"""
        SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s;', c.conrelid::regclass, c.conname,
                      pg_get_constraintdef(c.oid))
          FROM pg_constraint c
          JOIN pg_class o ON o.oid = c.conrelid
          JOIN pg_namespace n ON n.oid = o.relnamespace
         WHERE c.contype = 'f' AND c.conparentid = 0 AND {_OURS}
         ORDER BY c.conrelid::regclass::text, c.conname
        """,
    ),
    _Section(
        title="Indexes",
        query=f"""
        SELECT pg_get_indexdef(o.oid) || ';'
          FROM pg_index i
          JOIN pg_class o ON o.oid = i.indexrelid
          JOIN pg_namespace n ON n.oid = o.relnamespace
         WHERE NOT o.relispartition AND i.indrelid::regclass::text <> 'schema_migration'
           AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid
                              AND c.contype IN ('p', 'u', 'x'))
           AND {_OURS}
         ORDER BY i.indrelid::regclass::text, o.relname
        """,
    ),
    _Section(
        title="Views",
        query=f"""
        SELECT format(E'CREATE %sVIEW %s%s AS\\n%s',
                      CASE o.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, o.oid::regclass,
                      coalesce(' WITH (' || array_to_string(o.reloptions, ', ') || ')', ''),
                      pg_get_viewdef(o.oid))
          FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
         WHERE o.relkind IN ('v', 'm') AND {_OURS}
         ORDER BY o.oid
        """,
    ),
    _Section(
        title="Triggers",
        query=f"""
        SELECT pg_get_triggerdef(g.oid) || ';'
          FROM pg_trigger g
          JOIN pg_class o ON o.oid = g.tgrelid
          JOIN pg_namespace n ON n.oid = o.relnamespace
         WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND {_OURS}
         ORDER BY g.tgrelid::regclass::text, g.tgname
        """,
    ),
    _Section(
        title="Row-level security",
        query=f"""
        SELECT format('ALTER TABLE %s %s ROW LEVEL SECURITY;', o.oid::regclass, wanted.what)
          FROM pg_class o
          JOIN pg_namespace n ON n.oid = o.relnamespace
         CROSS JOIN LATERAL (VALUES (1, 'ENABLE', o.relrowsecurity),
                                    (2, 'FORCE', o.relforcerowsecurity)) AS wanted (step, what, yes)
         WHERE wanted.yes AND {_OURS}
         ORDER BY o.oid::regclass::text, wanted.step
        """,
    ),
    _Section(
        title="Policies",
        query=f"""
        SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s;', p.polname,
                      p.polrelid::regclass,
                      CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                      CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
                                    WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                      (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE r::regrole::text END,
                                         ', ' ORDER BY r::regrole::text)
                         FROM unnest(p.polroles) AS r),
                      coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''),
                      coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))
          FROM pg_policy p
          JOIN pg_class o ON o.oid = p.polrelid
          JOIN pg_namespace n ON n.oid = o.relnamespace
         WHERE {_OURS}
         ORDER BY p.polrelid::regclass::text, p.polname
        """,
    ),
    _Section(
        title="Comments",
        query=f"""
        SELECT format('COMMENT ON %s %s IS %L;',
                      CASE WHEN d.objsubid > 0 THEN 'COLUMN' WHEN o.relkind = 'v' THEN 'VIEW'
                           WHEN o.relkind = 'i' THEN 'INDEX' ELSE 'TABLE' END,
                      o.oid::regclass || coalesce('.' || quote_ident(a.attname), ''), d.description)
          FROM pg_description d
          JOIN pg_class o ON o.oid = d.objoid AND d.classoid = 'pg_class'::regclass
          JOIN pg_namespace n ON n.oid = o.relnamespace
          LEFT JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = d.objsubid
                                  AND d.objsubid > 0
         WHERE {_OURS}
         ORDER BY o.oid::regclass::text, d.objsubid
        """,
    ),
    _Section(
        title="Grants",
        query=f"""
        WITH given (place, what, target, acl, owner) AS (
          SELECT 1, 'SCHEMA', quote_ident(n.nspname), n.nspacl, n.nspowner FROM pg_namespace n
           WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'public')
          UNION ALL
          SELECT 2, CASE o.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                 o.oid::regclass::text, o.relacl, o.relowner
            FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
           WHERE o.oid::regclass::text <> 'schema_migration' AND {_OURS}
          UNION ALL
          SELECT 4, CASE o.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                 o.oid::regprocedure::text, o.proacl, o.proowner
            FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE {_OURS}
        )
        SELECT statement FROM (
          SELECT 0 AS place, target, '' AS grantee,
                 format('REVOKE ALL ON %s %s FROM PUBLIC;', what, target) AS statement
            FROM given
           WHERE place = 4 AND acl IS NOT NULL
             AND NOT EXISTS (SELECT FROM aclexplode(acl) e WHERE e.grantee = 0)
          UNION ALL
          SELECT given.place, given.target, role.name,
                 format('GRANT %s ON %s %s TO %s;',
                        string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type),
                        given.what, given.target, role.name)
            FROM given
           CROSS JOIN LATERAL aclexplode(given.acl) AS e
           CROSS JOIN LATERAL (SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC'
                                           ELSE e.grantee::regrole::text END AS name) AS role
           WHERE e.grantee <> given.owner
           GROUP BY given.place, given.what, given.target, role.name
          UNION ALL
          SELECT 3, o.oid::regclass::text, role.name,
                 format('GRANT %s (%s) ON TABLE %s TO %s;', e.privilege_type,
                        string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname),
                        o.oid::regclass, role.name)
            FROM pg_attribute a
            JOIN pg_class o ON o.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = o.relnamespace
           CROSS JOIN LATERAL aclexplode(a.attacl) AS e
           CROSS JOIN LATERAL (SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC'
                                           ELSE e.grantee::regrole::text END AS name) AS role
           WHERE {_OURS} AND a.attnum > 0
           GROUP BY o.oid, role.name, e.privilege_type
        ) statements
        ORDER BY place, target, grantee, statement
        """,
    ),
)


async def dump_schema(dsn: str) -> str:
    """Return the schema of the database as text; ends with a newline."""
    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS
    )
    try:
        return await describe(connection)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


async def describe(connection: Connection) -> str:
    """Return the schema as text, over a connection that may read the catalog."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        # Names without a schema are in `public`, everything else is written with its schema.
        await connection.execute("SET LOCAL search_path = public")
        parts = [HEADER]
        for section in _SECTIONS:
            statements = [str(row[0]) for row in await connection.fetch(section.query)]
            if statements:
                parts.append(_written(section.title, statements))
    return "\n".join(parts)


def _written(title: str, statements: Sequence[str]) -> str:
    lines = [line.rstrip() for statement in statements for line in statement.splitlines()]
    return "\n".join([f"-- {title}.", "", *lines, ""])
