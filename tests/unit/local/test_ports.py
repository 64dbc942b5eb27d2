"""Ports of servers that are still to be started."""

import pytest

from deploy.local import ports


def test_a_port_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not listen yet keeps what it was given: the dice fall on it again."""
    (first,) = ports.free_ports(1)
    throws = iter([first - ports.LOWEST_PORT, first + 1 - ports.LOWEST_PORT])
    monkeypatch.setattr(ports.secrets, "randbelow", lambda _: next(throws, 0))
    assert ports.free_ports(1) == [first + 1]
