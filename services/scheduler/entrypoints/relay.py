"""The `relay` process: published weeks to Kafka, as the worker's role.

Of several relay processes one publishes; the others stand by.
"""

from services.common.kafka.relay import run_relay
from services.common.metrics import watch_event_loop
from services.common.process import Lifecycle
from services.common.web.server import Health, WebServer, health_app
from services.scheduler.bootstrap import build_relay
from services.scheduler.config import SchedulerSettings


async def relay(settings: SchedulerSettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    one = await build_relay(settings, lifecycle)
    health = Health()
    health.add_check(one.source.name, one.ready)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    run_relay(lifecycle, one)
    lifecycle.supervise("event_loop_lag", watch_event_loop())
