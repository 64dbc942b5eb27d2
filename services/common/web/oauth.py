"""The token endpoint of OAuth 2 client credentials (RFC 6749, section 4.4): `POST /oauth/token`.

A client proves itself with Basic authentication, or with `client_id` and `client_secret` in the
form, never with both. It may ask for some of its scopes; without any it gets all of them. Errors
are those of RFC 6749, section 5.2. Nothing of a request is logged but the id of a client that is
known. A client that asks again and again, and an address from which wrong secrets come, is told to
wait (429): a token lasts an hour, and a program that works asks for one in that time.
"""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.common.logs import get_logger
from services.common.rpc.credentials import EVERYTHING, Credential, Credentials
from services.common.web.access_tokens import AccessTokens, granted
from services.common.web.pace import Pace

TOKEN_PATH: Final = "/oauth/token"  # noqa: S105
FORM_BYTES: Final = 16 * 1024
MAXIMUM_FIELDS: Final = 20
FORM_TYPE: Final = "application/x-www-form-urlencoded"
BASIC: Final = "basic "

TOKENS_PER_SECOND: Final = 1.0
TOKENS_AT_ONCE: Final = 60.0
"""Of one client: a program that starts in many copies asks once for each of them."""

SLOW_DOWN: Final = "slow_down"
"""The code of RFC 8628 for who asks too often; RFC 6749 has none of its own."""

log = get_logger()


class OAuthError(Exception):
    """Why there is no token: a code of RFC 6749 and a sentence for the client's author."""

    def __init__(self, code: str, description: str, *, wait_seconds: float = 0.0) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.wait_seconds = wait_seconds


def _token_pace() -> Pace:
    return Pace(per_second=TOKENS_PER_SECOND, burst=TOKENS_AT_ONCE)


@dataclass(frozen=True, kw_only=True)
class TokenEndpoint:
    """The endpoint: who the clients are, what makes the tokens, and how often one may ask.

    pace: of each client that is known. wrong_pace: of each address from which wrong proofs come; a
    client behind the same address is not held up by them, since its proof is right.
    """

    credentials: Credentials
    tokens: AccessTokens
    pace: Pace = field(default_factory=_token_pace)
    wrong_pace: Pace = field(default_factory=_token_pace)

    def routes(self) -> list[Route]:
        """Return its one route; it stands before the sign-in."""
        return [Route(TOKEN_PATH, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._grant(request)
        except OAuthError as error:
            return _refusal(error, request)

    async def _grant(self, request: Request) -> Response:
        form = await _read_form(request)
        client_id, secret = _client_proof(request.headers.get("authorization", ""), form)
        client = self._find(client_id, secret, request)
        _keep_pace(self.pace, client.name)
        if "grant_type" not in form:
            raise OAuthError("invalid_request", "grant_type is missing: send client_credentials")
        if form["grant_type"] != "client_credentials":
            raise OAuthError("unsupported_grant_type", "grant_type must be client_credentials")
        if not self.tokens.issues:
            raise OAuthError(
                "unauthorized_client",
                "this service has no key to sign tokens with; tell its operator",
            )
        scopes = _scopes(client, form.get("scope", ""))
        log.info("access_token_issued", client=client.name)
        return JSONResponse(
            {
                "access_token": self.tokens.issue(client, scopes),
                "token_type": "Bearer",
                "expires_in": self.tokens.lifetime_seconds,
                "scope": " ".join(sorted(scopes)),
            },
            headers=_UNKEPT,
        )

    def _find(self, client_id: str, secret: str, request: Request) -> Credential:
        client = self.credentials.client(client_id, secret)
        if client is None:
            # RFC 6749 quotes id and secret in the header as in a form; many clients do not.
            client = self.credentials.client(unquote_plus(client_id), unquote_plus(secret))
        if client is None:
            _keep_pace(self.wrong_pace, request.client.host if request.client else "")
            log.warning("access_token_refused")
            raise OAuthError("invalid_client", "nobody knows this client_id with this secret")
        return client


# Neither a browser nor a proxy may keep a token (RFC 6749, section 5.1).
_UNKEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _keep_pace(pace: Pace, who: str) -> None:
    wait_seconds = pace.wait_seconds(who)
    if wait_seconds:
        raise OAuthError(
            SLOW_DOWN,
            "tokens are asked for too often: use each until it ends, and wait before asking again",
            wait_seconds=wait_seconds,
        )


def _client_proof(header: str, form: Mapping[str, str]) -> tuple[str, str]:
    in_form = "client_secret" in form
    if not header:
        if not in_form or "client_id" not in form:
            raise OAuthError("invalid_client", "send client_id and secret by Basic authentication")
        return form["client_id"], form["client_secret"]
    if in_form:
        raise OAuthError(
            "invalid_request", "send the secret in the header or the form, not in both"
        )
    client_id, secret = _basic(header)
    if form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request", "header and form name different clients")
    return client_id, secret


def _basic(header: str) -> tuple[str, str]:
    if header[: len(BASIC)].lower() != BASIC:
        raise OAuthError("invalid_client", "only Basic authentication is known here")
    try:
        decoded = base64.b64decode(header[len(BASIC) :].strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise OAuthError("invalid_client", "the Basic header is not base64 of UTF-8") from None
    client_id, separator, secret = decoded.partition(":")
    if not separator:
        raise OAuthError("invalid_client", "the Basic header holds no colon")
    return client_id, secret


def _scopes(client: Credential, asked: str) -> frozenset[str]:
    wanted = frozenset(asked.split()) or client.scopes
    if not wanted:
        raise OAuthError("invalid_scope", "the client has no scope")
    if granted(client, wanted) != wanted:
        missing = sorted(wanted - client.scopes - {EVERYTHING})
        raise OAuthError(
            "invalid_scope", f"the client lacks {len(missing)} of the scopes asked for"
        )
    return wanted


async def _read_form(request: Request) -> Mapping[str, str]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM_TYPE:
        raise OAuthError("invalid_request", f"the body must be {FORM_TYPE}")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES:
            raise OAuthError("invalid_request", f"the form has more than {FORM_BYTES} bytes")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAXIMUM_FIELDS
        )
    except ValueError:
        raise OAuthError("invalid_request", "the form cannot be read") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError("invalid_request", "a parameter stands twice")
    return form


def _refusal(error: OAuthError, request: Request) -> Response:
    headers = dict(_UNKEPT)
    unknown = error.code == "invalid_client"
    if unknown and request.headers.get("authorization"):
        headers["WWW-Authenticate"] = 'Basic realm="trellis", charset="UTF-8"'
    status = HTTPStatus.UNAUTHORIZED if unknown else HTTPStatus.BAD_REQUEST
    if error.code == SLOW_DOWN:
        status = HTTPStatus.TOO_MANY_REQUESTS
        headers["Retry-After"] = str(math.ceil(error.wait_seconds))
    return JSONResponse(
        {"error": error.code, "error_description": error.description},
        status,
        headers=headers,
    )
