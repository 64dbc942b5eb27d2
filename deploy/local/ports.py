"""Chooses ports on loopback that nothing else uses, for servers that keep them over restarts."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOWEST_PORT = 15000
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
DEFAULT_LOWEST_EPHEMERAL_PORT = 32768
ATTEMPTS = 200
# Those of servers that do not listen yet are free for the kernel, and were promised all the same.
_given: set[int] = set()


def lowest_ephemeral_port() -> int:
    """Return the lowest port that the kernel gives to outgoing connections by itself."""
    if not EPHEMERAL_RANGE.exists():
        return DEFAULT_LOWEST_EPHEMERAL_PORT
    return int(EPHEMERAL_RANGE.read_text(encoding="ascii").split()[0])


def free_ports(count: int) -> list[int]:
    """Choose different free ports below the kernel's ephemeral range, none twice in a process.

    Not port 0, which gives an ephemeral one: while a server is down its clients dial its port
    thousands of times, and sooner or later the kernel gives one of them that very port as its own
    end. It is then connected to itself, and the server cannot come back.
    """
    ceiling = lowest_ephemeral_port()
    found: list[int] = []
    with ExitStack() as held:  # all are held until the last is found, so that they differ
        for _ in range(ATTEMPTS):
            if len(found) == count:
                break
            port = LOWEST_PORT + secrets.randbelow(max(ceiling - LOWEST_PORT, 1))
            if ceiling <= LOWEST_PORT + count:
                port = 0
            if port in _given:
                continue
            listener = held.enter_context(socket.socket())
            # As the servers do: a port whose last connections are in TIME_WAIT is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((LOOPBACK, port))
            except OSError:
                continue
            found.append(int(listener.getsockname()[1]))
    if len(found) < count:
        msg = f"no {count} free ports on {LOOPBACK} in {ATTEMPTS} attempts"
        raise OSError(msg)
    _given.update(found)
    return found


def is_listening(port: int) -> bool:
    """Whether anything accepts connections on this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def remembered_ports(path: Path, names: Sequence[str]) -> dict[str, int]:
    """Return the ports that this file holds by name; choose and write down those that are new."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    new = [name for name in names if name not in known]
    if new:
        known.update(zip(new, free_ports(len(new)), strict=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.new")
        temporary.write_text(json.dumps(known), encoding="utf-8")
        temporary.replace(path)
    return {name: int(known[name]) for name in names}
