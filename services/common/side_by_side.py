"""Work side by side, of which the first error is the one that comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def side_by_side(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it; where one fails, end the others and raise its error as it is.

    A TaskGroup would raise a group, which nobody who looks for an error by its class finds.
    """
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
