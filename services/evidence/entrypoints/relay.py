"""The `relay` process: the ledger, and the facts of roster and frameworks, to Kafka.

It connects as the worker's role, which sees every district. Of several relay processes one
publishes each source; the others stand by.
"""

from services.common.kafka.relay import run_relay
from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle
from services.common.web.server import Health, WebServer, health_app
from services.evidence.bootstrap import build_relays
from services.evidence.config import EvidenceSettings


async def relay(settings: EvidenceSettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    relays = await build_relays(settings, lifecycle)
    health = Health()
    for one in relays:
        health.add_check(one.source.name, one.ready)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    for one in relays:
        run_relay(lifecycle, one)
    lifecycle.supervise("event_loop_lag", watch_event_loop())
