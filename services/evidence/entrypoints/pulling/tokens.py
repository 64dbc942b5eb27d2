"""Tokens of the OAuth 2 client credentials grant, from where a peer gives them out.

A token is used until shortly before its end, and once more asked for where it was refused earlier.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.pulling.fetching import (
    Exchange,
    PullError,
    Response,
    check_address,
    check_status,
    decoded,
)

TOKEN_MARGIN_SECONDS: Final = 60.0
"""A token is renewed so long before it ends: a page can take that long to come."""

DEFAULT_TOKEN_SECONDS: Final = 300.0
"""How long a token is used whose answer does not say how long it lasts."""

MAX_TOKEN_SECONDS: Final = 86_400
"""A token is used for a day at most, whatever its answer says."""

MAX_TOKEN_LENGTH: Final = 8_192


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """As whom tokens are asked for, and where. scopes: none asks for all that the client has."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse an address that would show the secret to others. Raises PullError."""
        check_address(self.token_url)


class ClientCredentials:
    """Gets tokens for a client; an `Authorisation`."""

    def __init__(self, client: Client, exchange: Exchange) -> None:
        """Take as whom to ask, and with what."""
        self._client = client
        self._exchange = exchange
        self._token = ""
        self._end = datetime.min.replace(tzinfo=UTC)

    async def header(self) -> str:
        """Return the value of the header. Raises PullError where there is no token to be had."""
        if not self._token or self._exchange.clock.now() >= self._end:
            await self._fetch()
        return f"Bearer {self._token}"

    def forget(self) -> bool:
        """Take it that the token is refused; the next one is asked for."""
        self._token = ""
        return True

    async def _fetch(self) -> None:
        response = await self._ask()
        if response.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED):
            raise PullError(_refusal(self._client.token_url, response))
        check_status(self._client.token_url, response.status)
        body = decoded(self._client.token_url, response.body)
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not _is_token(token):
            raise PullError(
                f"the answer to {self._client.token_url} has no access token; is this the right"
                " address?"
            )
        self._token = token
        lasts = body.get("expires_in") if isinstance(body, dict) else None
        self._end = self._exchange.clock.now() + _usable(lasts)

    async def _ask(self) -> Response:
        client = self._client
        # Both are encoded before they are joined: RFC 6749, section 2.3.1.
        pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
        form = {"grant_type": "client_credentials"}
        if client.scopes:
            form["scope"] = " ".join(client.scopes)
        request = self._exchange.client.build_request(
            "POST",
            client.token_url,
            headers={"authorization": f"Basic {basic}", "accept": "application/json"},
            data=form,
        )
        return await self._exchange.call(client.token_url, request)


def _refusal(url: str, response: Response) -> str:
    """Return why there is no token. Of the answer only the codes of RFC 6749 are repeated."""
    try:
        body = decoded(url, response.body)
    except PullError:
        body = None
    code = body.get("error") if isinstance(body, dict) else None
    if code == "invalid_scope":
        return f"{url}: invalid_scope; set `scopes` to those that the host gave to this client"
    return f"{url}: the service does not know this client id or its secret"


def _is_token(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and len(text) <= MAX_TOKEN_LENGTH


def _usable(lasts: Json) -> timedelta:
    """Return how long a token is used: its life without the margin, at least half of it."""
    seconds = DEFAULT_TOKEN_SECONDS
    if isinstance(lasts, str) and lasts.isascii() and lasts.isdigit() and len(lasts) < 10:
        lasts = int(lasts)
    if isinstance(lasts, int | Decimal) and not isinstance(lasts, bool):
        seconds = float(min(max(lasts, 0), MAX_TOKEN_SECONDS))
    return timedelta(seconds=max(seconds - TOKEN_MARGIN_SECONDS, seconds / 2))
