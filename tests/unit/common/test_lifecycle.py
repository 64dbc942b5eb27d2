"""A process starts, stops in order within its grace, and ends with a code that says how."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.common.config import ConfigurationError
from services.common.process import Lifecycle, Stop

Main = Callable[[Lifecycle], Awaitable[None]]


async def live(main: Main, *, grace_seconds: float = 5, drain_seconds: float = 0) -> int:
    """Run a process' life without a process."""
    return await Lifecycle().live(
        main, shutdown_grace_seconds=grace_seconds, main_drain_seconds=drain_seconds
    )


async def for_ever() -> None:
    """Serve until cancelled."""
    await asyncio.Event().wait()


async def test_a_command_with_nothing_supervised_ends_with_main() -> None:
    """A migration or an import is done when its main is."""

    async def main(lifecycle: Lifecycle) -> None:
        pass

    assert await live(main) == 0


async def test_what_was_added_last_is_closed_first() -> None:
    """A server stops before the database that it uses is closed."""
    closed: list[str] = []

    async def main(lifecycle: Lifecycle) -> None:
        def closer(name: str) -> Callable[[], Awaitable[None]]:
            async def close() -> None:
                closed.append(name)

            return close

        async def serve() -> None:
            try:
                await for_ever()
            finally:
                closed.append("relay")

        lifecycle.add_closer("database", closer("database"))
        lifecycle.supervise("relay", serve())
        lifecycle.add_closer("server", closer("server"))
        await asyncio.sleep(0)
        lifecycle.request_stop()

    assert await live(main) == 0
    assert closed == ["server", "relay", "database"]


async def test_a_task_may_finish_its_work_before_it_is_cancelled() -> None:
    """Work in flight that watches `stopping` ends by itself within its drain."""
    done: list[str] = []

    async def main(lifecycle: Lifecycle) -> None:
        async def work() -> None:
            await lifecycle.stopping.wait()
            await asyncio.sleep(0.02)
            done.append("finished")

        lifecycle.supervise("work", work(), drain_seconds=5)
        lifecycle.request_stop()

    assert await live(main) == 0
    assert done == ["finished"]


async def test_a_failing_task_stops_the_process_with_code_1() -> None:
    """Nothing runs on beside the ruins of something else."""
    closed: list[str] = []

    async def main(lifecycle: Lifecycle) -> None:
        async def fail() -> None:
            raise RuntimeError("unforeseen")

        async def close() -> None:
            closed.append("closed")

        lifecycle.add_closer("database", close)
        lifecycle.supervise("relay", fail())
        await for_ever()

    assert await live(main) == 1
    assert closed == ["closed"]


async def test_a_task_that_ends_by_itself_stops_the_process() -> None:
    """A relay that returned would otherwise be missing without a word."""

    async def main(lifecycle: Lifecycle) -> None:
        async def end() -> None:
            return

        lifecycle.supervise("relay", end())
        await for_ever()

    assert await live(main) == 1


async def test_a_task_that_may_end_does_not_stop_the_process() -> None:
    """Some work beside the others is once done."""
    reached = asyncio.Event()

    async def main(lifecycle: Lifecycle) -> None:
        async def warm_up() -> None:
            reached.set()

        lifecycle.supervise("warm-up", warm_up(), may_end=True)
        await reached.wait()
        await asyncio.sleep(0)
        assert not lifecycle.stopping.is_set()
        lifecycle.request_stop()
        await for_ever()

    assert await live(main) == 0


async def test_a_stop_on_purpose_has_code_70() -> None:
    """A supervisor tells "start me again" from a crash."""

    async def main(lifecycle: Lifecycle) -> None:
        async def consume() -> None:
            raise Stop("offsets have a gap")

        lifecycle.supervise("consume", consume())

    assert await live(main) == 70


async def test_a_configuration_that_cannot_work_has_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Starting again cannot help, and the message says what to change."""

    async def main(lifecycle: Lifecycle) -> None:
        raise ConfigurationError("set EXAMPLE_CREDENTIALS_FILE")

    assert await live(main) == 2
    assert "set EXAMPLE_CREDENTIALS_FILE" in capsys.readouterr().err


async def test_a_main_that_fails_while_starting_closes_what_it_had_opened() -> None:
    """Half a start leaves nothing open."""
    closed: list[str] = []

    async def main(lifecycle: Lifecycle) -> None:
        async def close() -> None:
            closed.append("database")

        lifecycle.add_closer("database", close)
        raise RuntimeError("the port is taken")

    assert await live(main) == 1
    assert closed == ["database"]


async def test_a_closer_that_hangs_is_left_behind_and_the_others_are_closed() -> None:
    """The grace is a bound for all together; the code says that it was spent."""
    closed: list[str] = []

    async def main(lifecycle: Lifecycle) -> None:
        async def close() -> None:
            closed.append("database")

        lifecycle.add_closer("database", close)
        lifecycle.add_closer("server", for_ever)
        lifecycle.request_stop()

    assert await live(main, grace_seconds=0.01) == 124
    assert closed == ["database"]


async def test_a_closer_that_fails_does_not_keep_the_others_from_closing() -> None:
    """Its failure is logged and is the process' code."""
    closed: list[str] = []

    async def main(lifecycle: Lifecycle) -> None:
        async def close() -> None:
            closed.append("database")

        async def fail() -> None:
            raise RuntimeError("cannot close")

        lifecycle.add_closer("database", close)
        lifecycle.add_closer("server", fail)
        lifecycle.request_stop()

    assert await live(main) == 1
    assert closed == ["database"]


async def test_a_start_that_waits_is_broken_off() -> None:
    """SIGTERM while a database is awaited does not wait for the database."""
    broken_off: list[bool] = []

    async def main(lifecycle: Lifecycle) -> None:
        lifecycle.request_stop()
        try:
            await for_ever()
        except asyncio.CancelledError:
            broken_off.append(True)
            raise

    assert await live(main) == 0
    assert broken_off == [True]
