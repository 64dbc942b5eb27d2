"""Calls of an Ed-Fi API: with a token, again after faults that pass, and within bounds.

Nothing but GET, and POST for the token. Only the two configured addresses are ever called, over
https (plain http to this machine alone), and a redirect is not followed. No error repeats what a
server wrote, which may hold a person's data, or a secret.
"""

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote

import httpx

from services.common.backoff import RetryPolicy
from services.common.clock import Clock, SystemClock
from services.evidence.domain.source_object import Json

MAX_BODY_BYTES: Final = 128 * 1024**2
"""Of one answer, unpacked: a page of 500 sittings with 100 items each has some 30 MB."""

MAX_TOKEN_LENGTH: Final = 8_192
TOKEN_MARGIN_SECONDS: Final = 60.0
"""A token is renewed so long before it ends: a page can take that long to come."""

DEFAULT_TOKEN_SECONDS: Final = 300.0
"""How long a token is used whose answer does not say how long it lasts."""

MAX_TOKEN_SECONDS: Final = 86_400
"""A token is used for a day at most, whatever its answer says."""

MAX_RETRY_AFTER_SECONDS: Final = 300.0
"""Who asks for more patience than this is come back to with the next pull."""

TIMEOUT_SECONDS: Final = 120.0
"""Of one read. Deep pages of a large collection take an API many seconds."""

RETRIES: Final = RetryPolicy(attempts=8, first_wait_seconds=0.5, longest_wait_seconds=60.0)

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes after which the same call can go well."""

Sleep = Callable[[float], Awaitable[None]]


class PullError(Exception):
    """A pull cannot go on. What was handed over before is good; the next pull takes it up again."""


class MissingError(PullError):
    """The API does not have what was asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EdFiAccess:
    """Where an API is and how one gets in.

    address: what everything of it begins with, as in "https://api.example.org/v7.1/api".
    token_address: where it gives tokens, if that is not address/oauth/token. data_path,
    changes_path: between the address and the resources; some hosts have a year or a tenant in them.
    """

    address: str
    client_id: str
    client_secret: str = field(repr=False)
    token_address: str = ""
    data_path: str = "data/v3/ed-fi"
    changes_path: str = "changeQueries/v1"

    def __post_init__(self) -> None:
        """Refuse addresses that would show the secret to others; raises PullError."""
        for address in (self.address, self.token_url):
            _check_address(address)

    @property
    def token_url(self) -> str:
        """Where tokens come from."""
        return self.token_address or f"{self.address.rstrip('/')}/oauth/token"

    def url(self, *path: str) -> str:
        """Return an address below the API's."""
        return "/".join((self.address.rstrip("/"), *path))


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A decoded answer. total: how many there are in all; None where it was not asked for."""

    body: Json
    total: int | None = None


class EdFiApi:
    """An API that documents are read from; use as an asynchronous context."""

    def __init__(
        self,
        access: EdFiAccess,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        retries: RetryPolicy = RETRIES,
    ) -> None:
        """Take where it is; the others have a use in tests alone."""
        self._access = access
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._chance = chance
        self._retries = retries
        self._token = ""
        self._token_end = datetime.min.replace(tzinfo=UTC)
        self._client = httpx.AsyncClient(
            transport=transport, timeout=TIMEOUT_SECONDS, follow_redirects=False
        )

    async def __aenter__(self) -> "EdFiApi":
        """Open the connection."""
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        await self._client.__aexit__(kind, error, trace)

    async def resources(self, *path: str, parameters: Mapping[str, str | int]) -> Answer:
        """Return a page of a resource, or of a list below it; raises PullError."""
        return await self._get(self._access.url(self._access.data_path, *path), parameters)

    async def change_versions(self) -> Mapping[str, Json]:
        """Return the oldest and the newest version of changes; raises PullError."""
        url = self._access.url(self._access.changes_path, "availableChangeVersions")
        body = (await self._get(url, {})).body
        if not isinstance(body, Mapping):
            raise PullError(f"{url}: the answer is no object. Is this an API of Ed-Fi?")
        return body

    async def _get(self, url: str, parameters: Mapping[str, str | int]) -> Answer:
        """Ask until there is an answer; a token that is refused is renewed once."""
        renewed = False
        while True:
            token = await self._valid_token()
            headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
            response = await self._call("GET", url, headers, params=dict(parameters))
            if response.status != HTTPStatus.UNAUTHORIZED or renewed:
                break
            renewed, self._token = True, ""
        _check_status(url, response.status)
        return Answer(body=_decoded(url, response.content), total=response.total)

    async def _valid_token(self) -> str:
        if not self._token or self._clock.now() >= self._token_end:
            await self._fetch_token()
        return self._token

    async def _fetch_token(self) -> None:
        access, url = self._access, self._access.token_url
        # Both are encoded before they are joined: RFC 6749, section 2.3.1.
        pair = f"{quote(access.client_id, safe='')}:{quote(access.client_secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
        response = await self._call(
            "POST",
            url,
            {"authorization": f"Basic {basic}", "accept": "application/json"},
            data={"grant_type": "client_credentials"},
        )
        if response.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
            raise PullError(f"{url}: the API does not know this client id or its secret.")
        _check_status(url, response.status)
        body = _decoded(url, response.content)
        token = body.get("access_token") if isinstance(body, Mapping) else None
        if not isinstance(token, str) or not token.isascii() or len(token) > MAX_TOKEN_LENGTH:
            raise PullError(f"{url}: the answer has no access token. Is this the right address?")
        self._token = token
        lasts = body.get("expires_in") if isinstance(body, Mapping) else None
        self._token_end = self._clock.now() + _usable(lasts)

    async def _call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        **sent: Any,  # noqa: ANN401
    ) -> "_Response":
        """Call until the answer is no fault that passes, or the attempts are used up."""
        failures = 0
        while True:
            said = ""
            try:
                response = await self._call_once(method, url, headers, **sent)
            except httpx.RequestError as error:
                response, said = None, type(error).__name__
            if response is not None and response.status not in _PASSING:
                return response
            failures += 1
            if failures >= self._retries.attempts:
                fault = said or f"status {response.status if response else ''}"
                raise PullError(f"{url}: {fault}, {failures} times. Try again later.")
            wait_seconds = self._retries.wait_seconds(failures, self._chance())
            asked_seconds = self._asked_seconds(url, response)
            await self._sleep(max(wait_seconds, asked_seconds))

    async def _call_once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        **sent: Any,  # noqa: ANN401
    ) -> "_Response":
        async with self._client.stream(method, url, headers=headers, **sent) as response:
            content = bytearray()
            async for piece in response.aiter_bytes():
                content.extend(piece)
                if len(content) > MAX_BODY_BYTES:
                    raise PullError(f"{url}: the answer has more than {MAX_BODY_BYTES:,} bytes.")
            return _Response(
                status=response.status_code,
                content=bytes(content),
                total=_whole(response.headers.get("total-count", "")),
                retry_after=response.headers.get("retry-after", ""),
            )

    def _asked_seconds(self, url: str, response: "_Response | None") -> float:
        """Return how long the server asks to wait; raises PullError where that is too long."""
        if response is None or not response.retry_after:
            return 0.0
        seconds = _retry_after_seconds(response.retry_after, self._clock.now())
        if seconds > MAX_RETRY_AFTER_SECONDS:
            raise PullError(f"{url}: the API asks to come back in {seconds:.0f} s.")
        return seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class _Response:
    status: int
    content: bytes
    total: int | None
    retry_after: str


def documents_of(url: str, body: Json) -> Sequence[Mapping[str, Json]]:
    """Return the documents of a page; raises PullError for what is none."""
    if isinstance(body, str) or not isinstance(body, Sequence):
        raise PullError(f"{url}: the answer is no list. Is this an API of Ed-Fi?")
    documents = [one for one in body if isinstance(one, Mapping)]
    if len(documents) < len(body):
        raise PullError(f"{url}: the answer is no list of objects.")
    return documents


def _check_address(address: str) -> None:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise PullError(f"{address!r} is no address.") from None
    if url.userinfo:
        raise PullError("The address has a user or password in it; give them as client and secret.")
    if url.scheme == "https" and url.host:
        return
    if url.scheme == "http" and url.host in _LOOPBACK:
        return
    raise PullError(f"{address!r} is no https address; a secret never travels in clear text.")


def _check_status(url: str, status: int) -> None:
    if status == HTTPStatus.OK:
        return
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise PullError(f"{url}: the API redirects elsewhere, which is not followed.")
    if status == HTTPStatus.NOT_FOUND:
        raise MissingError(f"{url}: the API does not have this.")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise PullError(f"{url}: the client may not read this; ask the host, or leave it out.")
    raise PullError(f"{url}: status {status}.")


def _decoded(url: str, content: bytes) -> Json:
    try:
        decoded: Json = json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise PullError(f"{url}: the answer is no JSON. Is this an API of Ed-Fi?") from None
    return decoded


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _usable(lasts: Json) -> timedelta:
    """Return how long a token is used: its life without the margin, at least half of it."""
    seconds = DEFAULT_TOKEN_SECONDS
    if isinstance(lasts, int | Decimal) and not isinstance(lasts, bool):
        seconds = float(min(max(lasts, 0), MAX_TOKEN_SECONDS))
    return timedelta(seconds=max(seconds - TOKEN_MARGIN_SECONDS, seconds / 2))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _retry_after_seconds(value: str, now: datetime) -> float:
    """Return the seconds of a Retry-After, which is a number or a date; 0 where it is neither."""
    seconds = _whole(value.strip())
    if seconds is not None:
        return float(seconds)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
