"""A store that dies at its nth call: what is left is what a process leaves that is killed there.

Where it talks to a queue too, both count with one `Countdown`. Who has died stays dead: whatever
is called then dies as well, so nothing is written by a task that outlived the others.
"""

import contextlib
import inspect


class Died(BaseException):
    """The process is gone."""


class Countdown:
    """Counts calls, and is over at call number `dies_at`; each call counts twice, also its end."""

    def __init__(self, dies_at: int) -> None:
        self._left = dies_at

    @property
    def is_over(self) -> bool:
        """Whether somebody has died by it."""
        return self._left < 0

    def __call__(self) -> None:
        """Count one; raises Died where it was the last, and ever after."""
        self._left -= 1
        if self._left < 0:
            raise Died


class DyingStore:
    """A `Store` that dies before its call number `dies_at`, or after a commit of that number."""

    def __init__(self, store, dies_at: int | Countdown) -> None:
        self._store = store
        self._count = dies_at if isinstance(dies_at, Countdown) else Countdown(dies_at)

    @contextlib.asynccontextmanager
    async def change(self, district, school_id):
        """Open a transaction that may be the last."""
        self._count()
        async with self._store.change(district, school_id) as view:
            yield Dying(view, self._count)
            self._count()
        self._count()

    @contextlib.asynccontextmanager
    async def snapshot(self, district):
        """Open a view that may be the last."""
        async with self._store.snapshot(district) as view:
            yield Dying(view, self._count)


class Dying:
    """A view, a queue, or a part of one, whose calls are counted."""

    def __init__(self, inner, count: Countdown) -> None:
        self._inner = inner
        self._count = count

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if inspect.iscoroutinefunction(found):

            async def call(*arguments, **named):
                self._count()
                answer = await found(*arguments, **named)
                self._count()
                return answer

            return call
        return Dying(found, self._count)
