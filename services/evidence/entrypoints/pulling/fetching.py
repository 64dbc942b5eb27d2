"""Getting JSON from another system's service: bounded in size, time and patience.

No redirect is followed, since it would take the credential to an address that nobody configured; no
plain HTTP beyond this machine; no body beyond the bound, whatever its headers say. What may pass by
itself (429, 5xx, a broken connection) is tried again after a wait.
"""

import asyncio
import ipaddress
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx

from services.common.backoff import RetryPolicy

MAX_BODY_BYTES: Final = 64 * 1024 * 1024
ANSWER_SECONDS: Final = 300.0
"""For one whole answer, whose parts the client waits for one by one."""

MAX_RETRY_AFTER_SECONDS: Final = 120.0
"""A service that wants a longer pause is asked again with the next pull."""

PATIENCE: Final = RetryPolicy(attempts=5, first_wait_seconds=1.0, longest_wait_seconds=30.0)

_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501


class PullError(Exception):
    """Another system's service could not be read; the message says what and what to do."""

    reason = "PULL_FAILED"


class RefusedByPeerError(PullError):
    """The service answered with a status that does not pass by itself."""

    def __init__(self, *, path: str, status: int) -> None:
        super().__init__(f"{path} was answered with status {status}")
        self.status = status


class PeerUnavailableError(PullError):
    """The service did not answer, however often it was asked: nothing else will be answered now."""


class AnswerTooLargeError(PullError):
    """The service's answer is larger than anything it should send."""

    def __init__(self, *, path: str, limit_bytes: int) -> None:
        super().__init__(f"the answer to {path} has more than {limit_bytes} bytes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered: the body is empty where it has not changed (304)."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False

    @property
    def etag(self) -> str:
        """What to ask with the next time; empty where the service gives none."""
        return self.headers.get("etag", "")


async def _no_authorisation() -> str:
    return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """Another system's service.

    base_url: with the path up to the version. authorisation: gives the value of the header, empty
    for none; asked before each request, since tokens run out. sleep and chance (0 to 1) are
    arguments so that tests need not wait or guess.
    """

    base_url: str
    client: httpx.AsyncClient
    authorisation: Callable[[], Awaitable[str]] = _no_authorisation
    patience: RetryPolicy = PATIENCE
    max_body_bytes: int = MAX_BODY_BYTES
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        """Refuse an address that would carry a credential in the open. Raises PullError."""
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        if parts.scheme == "https" and host:
            return
        if parts.scheme == "http" and _is_this_machine(host):
            return
        raise PullError("the address must begin with https://, or be of this machine itself")

    async def get(
        self, path: str, parameters: Mapping[str, str] | None = None, *, etag: str = ""
    ) -> Answer:
        """Return the answer to a GET below the base address.

        Raises PullError; PeerUnavailableError once the patience is spent.
        """
        failures = 0
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._get(path, parameters or {}, etag)
            except (_PassingError, httpx.TransportError, TimeoutError) as error:
                failures += 1
                if failures >= self.patience.attempts:
                    raise PeerUnavailableError(
                        f"{path} was not answered in {failures} attempts; the last:"
                        f" {error or type(error).__name__}"
                    ) from error
                wait_seconds = self.patience.wait_seconds(failures, self.chance())
                if isinstance(error, _PassingError):
                    wait_seconds = max(wait_seconds, error.wait_seconds)
            await self.sleep(wait_seconds)

    async def _get(self, path: str, parameters: Mapping[str, str], etag: str) -> Answer:
        headers = {"Accept": "application/json"}
        authorisation = await self.authorisation()
        if authorisation:
            headers["Authorization"] = authorisation
        if etag:
            headers["If-None-Match"] = etag
        url = f"{self.base_url.rstrip('/')}/{path}"
        async with self.client.stream(
            "GET", url, params=dict(parameters), headers=headers, follow_redirects=False
        ) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return Answer(body=b"", headers=response.headers, unchanged=True)
            _check_status(path, response)
            return Answer(body=await self._body(path, response), headers=response.headers)

    async def _body(self, path: str, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self.max_body_bytes:
                raise AnswerTooLargeError(path=path, limit_bytes=self.max_body_bytes)
        return bytes(body)


class _PassingError(Exception):
    """The service cannot answer now. wait_seconds: as long as it asks for, bounded."""

    def __init__(self, status: int, wait_seconds: float) -> None:
        super().__init__(f"status {status}")
        self.wait_seconds = wait_seconds


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_status(path: str, response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if response.is_redirect:
        raise PullError(
            f"{path} was answered with a redirect, which is not followed; configure the address"
            " that it leads to"
        )
    if status == _TOO_MANY or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED):
        raise _PassingError(status, _retry_after_seconds(response))
    raise RefusedByPeerError(path=path, status=status)


def _retry_after_seconds(response: httpx.Response) -> float:
    # The header may hold a date as well; then the wait is ours to choose.
    text = response.headers.get("retry-after", "")
    return min(float(text), MAX_RETRY_AFTER_SECONDS) if text.isascii() and text.isdigit() else 0.0
