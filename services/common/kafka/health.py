"""The health of a worker, told from what it has done: the same for every consume loop."""

from services.common.kafka.progress import Progress
from services.common.web.server import Health


class NotReadyError(Exception):
    """The worker is not ready, or not alive; the message says why."""


def worker_health(progress: Progress) -> Health:
    """Ready while nothing is waited for; alive while what waits is being applied."""
    health = Health()

    async def ready() -> None:
        _raise(progress.not_ready())

    async def live() -> None:
        _raise(progress.stalled())

    health.add_check("consumer", ready)
    health.add_progress_check("consumer", live)
    return health


def _raise(reason: str | None) -> None:
    if reason is not None:
        raise NotReadyError(reason)
