"""A store that dies at its nth call: what is left is what a process leaves that is killed there."""

import contextlib
import inspect


class Died(BaseException):
    """The process is gone."""


class DyingStore:
    """A `Store` that dies before its call number `dies_at`, or after a commit of that number."""

    def __init__(self, store, dies_at: int) -> None:
        self._store = store
        self._left = dies_at

    @contextlib.asynccontextmanager
    async def change(self, district, school_id):
        """Open a transaction that may be the last."""
        self._count()
        async with self._store.change(district, school_id) as view:
            yield _Dying(view, self._count)
            self._count()
        self._count()

    @contextlib.asynccontextmanager
    async def snapshot(self, district):
        """Open a view that may be the last."""
        async with self._store.snapshot(district) as view:
            yield _Dying(view, self._count)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Died


class _Dying:
    """A view, or a part of one, whose calls are counted."""

    def __init__(self, inner, count) -> None:
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
        return _Dying(found, self._count)
