"""Runs a function in a process of its own, which gives its memory back and may be killed."""

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

KIBIBYTES_OF_MEBIBYTE = 1024


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is run: a function of a module that returns figures as plain values."""

    name: str
    function: Callable[..., dict[str, Any]]
    arguments: tuple = ()
    limit_seconds: float = 900.0
    environment: Mapping[str, str] = field(default_factory=dict)


def run_alone(job: Job) -> dict[str, Any]:
    """Return the figures of a job with its name, or under `failure` why there are none."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, job.function, job.arguments))
    kept = {name: os.environ.get(name) for name in job.environment}
    os.environ.update(job.environment)
    process.start()
    theirs.close()
    _put_back(kept)
    try:
        if not ours.poll(job.limit_seconds):
            return {"name": job.name, "failure": f"no end after {job.limit_seconds:g} s"}
        return ours.recv() | {"name": job.name}
    except EOFError:
        process.join()
        return {"name": job.name, "failure": f"its process ended with {process.exitcode}"}
    finally:
        process.kill()
        process.join()


def peak_mebibytes() -> int:
    """Return the most memory that this process has had at a time."""
    # Not getrusage: what it says counts in the process that started this one.
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) // KIBIBYTES_OF_MEBIBYTE
    return 0


def _run(connection: Connection, function: Callable, arguments: tuple) -> None:
    begin = time.perf_counter()
    try:
        figures = function(*arguments)
    except Exception as error:
        traceback.print_exc()
        connection.send({"failure": f"{type(error).__name__}: {error}"})
        return
    whole = {"seconds": time.perf_counter() - begin, "peak_mebibytes": peak_mebibytes()}
    connection.send(whole | figures)


def _put_back(kept: Mapping[str, str | None]) -> None:
    for name, value in kept.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
