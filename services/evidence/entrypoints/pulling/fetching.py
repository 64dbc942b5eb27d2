"""Getting JSON from another system's service: bounded in size, time and patience.

No redirect is followed, since it would take the credential to an address that nobody configured; no
plain HTTP beyond this machine; no body beyond the bound, whatever its headers say. What may pass by
itself (429, 5xx, a broken connection) is tried again after a wait. No error repeats what a server
wrote, which may hold a person's data, or a secret.
"""

import asyncio
import ipaddress
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final, Protocol

import httpx

from services.common.backoff import RetryPolicy
from services.common.clock import Clock, SystemClock
from services.evidence.adapters.exact_json import decode_json
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json

MAX_BODY_BYTES: Final = 128 * 1024 * 1024
"""Of one answer, unpacked: a page of 500 sittings with 100 items each has some 30 MB."""

ANSWER_SECONDS: Final = 300.0
"""For one whole answer, whose parts the client waits for one by one."""

READ_SECONDS: Final = 120.0
"""For one part of an answer. Deep pages of a large collection take a service many seconds."""

MAX_RETRY_AFTER_SECONDS: Final = 300.0
"""A service that wants a longer pause is asked again with the next pull."""

PATIENCE: Final = RetryPolicy(attempts=8, first_wait_seconds=0.5, longest_wait_seconds=60.0)

MAX_ETAG_LENGTH: Final = 1_024
"""A longer one would fill a cursor; without one, the service answers in full."""

_ENCODING: Final = "gzip"
"""How answers may be packed. Only once: what is packed twice can unpack to a million times as much
before anybody can count it."""

_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes after which the same call can go well."""

Sleep = Callable[[float], Awaitable[None]]


class PullError(Exception):
    """Another system's service could not be read; the message says what and what to do.

    What was handed over before is good; the next pull takes it up again.
    """


class RefusedByPeerError(PullError):
    """The service answered with a status that does not pass by itself."""

    def __init__(self, *, path: str, status: int) -> None:
        super().__init__(f"{path} was answered with status {status}{_ADVICE.get(status, '')}")
        self.status = status


class MissingAtPeerError(RefusedByPeerError):
    """The service does not have what was asked for."""


class PeerUnavailableError(PullError):
    """The service did not answer, however often it was asked: nothing else will be answered now."""


class AnswerTooLargeError(PullError):
    """The service's answer is larger than anything it should send."""

    def __init__(self, *, path: str, limit_bytes: int) -> None:
        super().__init__(f"the answer to {path} has more than {limit_bytes} bytes")


_ADVICE: Final = {
    401: ": the client may not read this; ask the host, or leave it out",
    403: ": the client may not read this; ask the host, or leave it out",
    404: ": the service does not have this; is the address right?",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered: the body is empty where it has not changed (304)."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False

    @property
    def etag(self) -> str:
        """What to ask with the next time; empty where the service gives none that can be kept."""
        etag = self.headers.get("etag", "")
        return etag if etag.isascii() and len(etag) <= MAX_ETAG_LENGTH else ""

    def total(self, *names: str) -> int | None:
        """Return how many there are of all pages, of the first header that says it."""
        counts = (whole_number(self.headers.get(name, "")) for name in names)
        return next((one for one in counts if one is not None), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What came back, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """Calls that are tried again after faults that pass.

    sleep and chance (0 to 1) are arguments so that tests need not wait or guess.
    """

    client: httpx.AsyncClient
    patience: RetryPolicy = PATIENCE
    max_body_bytes: int = MAX_BODY_BYTES
    clock: Clock = field(default_factory=SystemClock)
    sleep: Sleep = asyncio.sleep
    chance: Callable[[], float] = random.random

    async def call(self, path: str, request: httpx.Request) -> Response:
        """Return the response, of any status but those that pass. path: for messages.

        Raises PullError; PeerUnavailableError once the patience is spent, or where the service
        asks for more of it than there is.
        """
        failures = 0
        while True:
            said, asked_seconds = "", 0.0
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    response = await self._call(path, request)
            except (httpx.TransportError, TimeoutError) as error:
                said = type(error).__name__
            else:
                if response.status not in _PASSING:
                    return response
                said = f"status {response.status}"
                asked_seconds = self._asked_seconds(path, response)
            failures += 1
            if failures >= self.patience.attempts:
                raise PeerUnavailableError(
                    f"{path} was not answered in {failures} attempts; the last: {said}"
                )
            wait_seconds = self.patience.wait_seconds(failures, self.chance())
            await self.sleep(max(wait_seconds, asked_seconds))

    async def _call(self, path: str, request: httpx.Request) -> Response:
        response = await self.client.send(request, stream=True, follow_redirects=False)
        try:
            _check_encoding(path, response)
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self.max_body_bytes:
                    raise AnswerTooLargeError(path=path, limit_bytes=self.max_body_bytes)
        except httpx.DecodingError:
            raise PullError(f"the answer to {path} is not packed as it says") from None
        finally:
            await response.aclose()
        return Response(status=response.status_code, body=bytes(body), headers=response.headers)

    def _asked_seconds(self, path: str, response: Response) -> float:
        """Return how long the service asks to wait; raises where that is too long."""
        seconds = _retry_after_seconds(response.headers.get("retry-after", ""), self.clock.now())
        if seconds > MAX_RETRY_AFTER_SECONDS:
            raise PeerUnavailableError(f"{path}: the service asks to come back in {seconds:.0f} s")
        return seconds


class Authorisation(Protocol):
    """What lets a request in."""

    async def header(self) -> str:
        """Return the value of the header, empty for none; asked before each request."""
        ...

    def forget(self) -> bool:
        """Take it that the last value is refused; return whether a new one can be had."""
        ...


class Anonymous:
    """Nobody in particular; an `Authorisation`."""

    async def header(self) -> str:
        """Return nothing."""
        return ""

    def forget(self) -> bool:
        """Return that there is nothing new to be had."""
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """Another system's service. base_url: what every path begins with."""

    base_url: str
    exchange: Exchange
    authorisation: Authorisation = field(default_factory=Anonymous)

    def __post_init__(self) -> None:
        """Refuse an address that would carry a credential in the open. Raises PullError."""
        check_address(self.base_url)

    async def get(
        self, path: str, parameters: Mapping[str, str] | None = None, *, etag: str = ""
    ) -> Answer:
        """Return the answer to a GET below the base address; a refused token is renewed once.

        Raises PullError; RefusedByPeerError for a status that does not pass, PeerUnavailableError
        once the patience is spent.
        """
        response = await self._get(path, parameters or {}, etag)
        if response.status == HTTPStatus.UNAUTHORIZED and self.authorisation.forget():
            response = await self._get(path, parameters or {}, etag)
        if response.status == HTTPStatus.NOT_MODIFIED:
            return Answer(body=b"", headers=response.headers, unchanged=True)
        check_status(path, response.status)
        return Answer(body=response.body, headers=response.headers)

    async def _get(self, path: str, parameters: Mapping[str, str], etag: str) -> Response:
        headers = {"Accept": "application/json", "Accept-Encoding": _ENCODING}
        authorisation = await self.authorisation.header()
        if authorisation:
            headers["Authorization"] = authorisation
        if etag:
            headers["If-None-Match"] = etag
        request = self.exchange.client.build_request(
            "GET",
            f"{self.base_url.rstrip('/')}/{path}",
            params=dict(parameters),
            headers=headers,
        )
        return await self.exchange.call(path, request)


def open_client(
    transport: httpx.AsyncBaseTransport | None = None, *, ca_file: Path | None = None
) -> httpx.AsyncClient:
    """Return a client to be closed at the end; transport: for tests.

    ca_file: PEM of who signs the peer's certificate, where that is nobody whom everybody knows. No
    variable of the environment counts: a proxy or a password from there would be one that nobody
    configured here. Raises PullError.
    """
    try:
        verify = ssl.create_default_context(cafile=ca_file) if ca_file is not None else True
    except (OSError, ssl.SSLError) as error:
        raise PullError(f"{ca_file} is no file of certificates: {error}") from error
    return httpx.AsyncClient(
        transport=transport, timeout=READ_SECONDS, trust_env=False, verify=verify
    )


def check_address(address: str) -> None:
    """Refuse an address that would carry a credential in the open. Raises PullError."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise PullError("the address is none; it must begin with https://") from None
    if url.userinfo:
        raise PullError(
            "the address, which begins with https://, must have no user or password in it; give"
            " them as client id and secret"
        )
    if url.scheme == "https" and url.host:
        return
    if url.scheme == "http" and _is_this_machine(url.host):
        return
    raise PullError("the address must begin with https://, or be of this machine itself")


def check_status(path: str, status: int) -> None:
    """Pass a status that is an answer. Raises PullError."""
    if status == HTTPStatus.OK:
        return
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise PullError(
            f"{path} was answered with a redirect, which is not followed; configure the address"
            " that it leads to"
        )
    if status == HTTPStatus.NOT_FOUND:
        raise MissingAtPeerError(path=path, status=status)
    raise RefusedByPeerError(path=path, status=status)


def decoded(path: str, body: bytes) -> Json:
    """Return the value that an answer holds. Raises PullError."""
    try:
        return decode_json(body)
    except RefusedError as refused:
        # The refusal may show a name within the body, which may be a person's.
        raise PullError(f"the answer to {path} is no JSON; is this the right address?") from refused


def whole_number(text: str) -> int | None:
    """Return the number of a header; None where it is none."""
    stripped = text.strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(text) < 16 else None


def moment_of(text: str) -> datetime | None:
    """Return the time that a header says; None where it says none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _check_encoding(path: str, response: httpx.Response) -> None:
    """Refuse what is packed more than once. Raises PullError."""
    if "," in response.headers.get("content-encoding", ""):
        raise PullError(f"the answer to {path} is packed more than once")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after_seconds(value: str, now: datetime) -> float:
    """Return the seconds of a Retry-After, which is a number or a date; 0 where it is neither."""
    seconds = whole_number(value)
    if seconds is not None:
        return float(seconds)
    moment = moment_of(value)
    return 0.0 if moment is None else max((moment - now).total_seconds(), 0.0)
