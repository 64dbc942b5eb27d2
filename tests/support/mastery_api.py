"""Mastery's API as its process builds it, on a database of a test; and a fold into that."""

from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest

from services.common.rpc.client import reason_of
from services.common.rpc.credentials import Credential, Credentials
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.bootstrap import api_on
from services.mastery.entrypoints.api import rpc_server
from services.mastery.handlers.fold import apply_evidence
from tests.support.mastery_events import chunk_of


def a_credential(district, *scopes, name=None):
    """Return a credential of a district."""
    return Credential(
        name=name or f"test-{district}",
        district=district,
        sources=frozenset(),
        scopes=frozenset(scopes),
        person=None,
    )


@asynccontextmanager
async def serving(database, credentials, *, clock):
    """Serve a database, connected as the API's role, to credentials by token; give the address."""
    server = rpc_server(api_on(database, Credentials.of(credentials), clock), "127.0.0.1:0")
    try:
        yield f"127.0.0.1:{await server.start()}"
    finally:
        await server.stop(grace_seconds=0)


async def fold_into(worker, *events):
    """Fold events into the live state, as a worker does."""
    async with worker.transaction(None) as connection:
        await use_live_state(connection)
        columns = decode_chunks([chunk_of(events)]).columns
        await apply_evidence(PostgresFoldStore(connection, partition=0), columns)


@asynccontextmanager
async def refused(reason, code):
    """Expect a refusal with this reason and code; give what was caught, to be looked at."""
    found = []
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        yield found
    assert (reason_of(caught.value), caught.value.code()) == (reason, code)
    found.append(caught.value)
