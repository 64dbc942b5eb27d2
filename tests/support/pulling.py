"""Pulls in tests: peers on a real port of this machine, and pulls from them at a time of choice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from trellis.evidence.v1 import source_service_pb2 as messages
from trellis.evidence.v1 import source_service_pb2_grpc

from services.common.web.server import WebServer
from services.evidence.entrypoints.importing.documents import DocumentReport
from services.evidence.entrypoints.importing.target import Target
from services.evidence.entrypoints.pulling.configuration import AnyPeer, load_configuration
from services.evidence.entrypoints.pulling.process import Puller
from services.evidence.entrypoints.pulling.runs import PeerPull, Run
from tests.support.clock import FixedClock
from tests.support.evidence import OWN_TOKEN

if TYPE_CHECKING:
    import grpc.aio
    from starlette.types import ASGIApp

    from services.common.clock import Clock
    from tests.support.evidence import RunningApi

SECRET = "secret"


@asynccontextmanager
async def on_a_port(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an app on a free port of this machine; give its address."""
    server = WebServer(app, "127.0.0.1:0", name="peer")
    port = await server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.stop(grace_seconds=0.1)


def a_peer(kind: str, address: str, **changes: Any) -> dict[str, Any]:
    """Return a peer as a configuration has it."""
    peer: dict[str, Any] = {
        "source": "sis",
        "kind": kind,
        "address": address,
        "token_address": f"{address}/oauth/token",
        "client_id": "puller",
        "secret_file": "secret",
        "time_zone": "America/New_York",
        "timetable": {"every": "15m"},
    }
    return peer | changes


def write_configuration(
    directory: Path, *peers: Mapping[str, Any], secret: str = SECRET, **more: Any
) -> Path:
    """Write a configuration with its secret; return its path."""
    (directory / "secret").write_text(f"{secret}\n", encoding="utf-8")
    path = directory / "pull.yaml"
    path.write_text(yaml.safe_dump({"peers": list(peers), **more}), encoding="utf-8")
    return path


def configured(directory: Path, peer: Mapping[str, Any], *, secret: str = SECRET) -> AnyPeer:
    """Return one peer as it is read from a file."""
    (one,) = load_configuration(write_configuration(directory, peer, secret=secret)).peers
    return one


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What a pull came to."""

    run: Run
    report: DocumentReport

    @property
    def counts(self) -> dict[str, int]:
        """Return how many documents came to which outcome."""
        outcomes = ("changed", "unchanged", "waiting", "refused")
        return {one: self.report.total(one) for one in outcomes if self.report.total(one)}


class Pulls:
    """Pulls from one peer into a running api."""

    def __init__(
        self, channel: grpc.aio.Channel, api: RunningApi, settings: AnyPeer, clock: FixedClock
    ) -> None:
        self.stub = source_service_pb2_grpc.SourceServiceStub(channel)
        self._clock = clock
        target = Target(address=api.address, token=OWN_TOKEN.token, tls=None, patience_seconds=10.0)
        self.puller = Puller(
            settings=settings,
            channel=channel,
            target=target,
            clock=clock,
            make_pull=self._make_pull,
        )
        self.pull_class: type[PeerPull] = PeerPull

    def _make_pull(self, settings: AnyPeer, clock: Clock) -> PeerPull:
        return self.pull_class(settings=settings, clock=clock)

    async def pull(self, *, everything: bool = False) -> Pulled:
        """Pull once."""
        report = self.puller.new_report()
        run = await self.puller.pull(report, everything=everything)
        return Pulled(run=run, report=report)

    async def cursor(self, name: str = "sis") -> messages.PullCursor:
        """Return how far pulls have come."""
        request = messages.GetPullCursorRequest(source="sis", name=name)
        return (await self.stub.GetPullCursor(request)).cursor
