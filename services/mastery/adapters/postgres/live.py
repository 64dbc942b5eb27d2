"""Which of the two states a transaction reads or folds into."""

from __future__ import annotations

from typing import Final

from services.common.postgres.pool import Connection

SCHEMAS: Final = ("state_a", "state_b")

# `enable_*`: keys are always looked up by index. Statistics of a state that is filling up lag
# behind, and a plan made on an empty table would read all of a full one. A plan is made once: with
# thousands of keys in arrays, planning anew costs more than it finds.
_BY_INDEX: Final = """
       set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)
"""
_SETTINGS: Final = f"{_BY_INDEX}, set_config('plan_cache_mode', 'force_generic_plan', true)"
_USE_LIVE: Final = f"""
SELECT set_config('search_path', schema_name || ', public', true), {_SETTINGS}
FROM public.live_state
"""  # noqa: S608  (constants)
_USE: Final = f"SELECT set_config('search_path', $1 || ', public', true), {_SETTINGS}"
_SEE: Final = "SELECT set_config('search_path', $1 || ', public', true)"
_LOOK_UP: Final = f"SELECT {_BY_INDEX}"


async def use_live_state(connection: Connection) -> None:
    """Make the live state the one that this transaction sees.

    A worker calls it after it has locked its offset row: a swap holds that lock.
    """
    await connection.execute(_USE_LIVE)


async def use_state(connection: Connection, schema: str) -> None:
    """Make the state in a schema the one that this transaction sees."""
    await connection.execute(_USE, _known(schema))


async def see_state(connection: Connection, schema: str) -> None:
    """Do the same for a transaction that reads or writes most of it, not by keys."""
    await connection.execute(_SEE, _known(schema))


def _known(schema: str) -> str:
    if schema not in SCHEMAS:
        raise ValueError(f"no state is called {schema!r}")
    return schema


async def look_up_by_index(connection: Connection) -> None:
    """Let this transaction look keys up by index, however few rows the planner believes in.

    For one that reads neither of the two states, or names its schema.
    """
    await connection.execute(_LOOK_UP)


async def live_schema(connection: Connection) -> str:
    """Return the name of the live schema."""
    return str(await connection.fetchval("SELECT schema_name FROM public.live_state"))


def spare_schema(live: str) -> str:
    """Return the name of the schema that is not live."""
    return SCHEMAS[1 - SCHEMAS.index(live)]
