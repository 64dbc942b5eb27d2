"""An app with `/v1/evidence` for tests, over any intake, and a quarantine that remembers."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
from starlette.applications import Starlette

from services.common.rpc.credentials import Credential, Credentials
from services.common.web.app import build_app
from services.common.web.auth import SignIn
from services.evidence.entrypoints.errors import ERRORS
from services.evidence.entrypoints.http.evidence import PUBLIC_PATHS, evidence_routes
from services.evidence.handlers.intake import Intake
from services.evidence.ports.quarantine_sink import UnreadableDocument
from tests.support.evidence import OWN_TOKEN, TOKENS

ONE_SOURCE = "one-source-token"


class RememberingQuarantine:
    """Remembers what is kept; the port `QuarantineSink`."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, UnreadableDocument]] = []

    async def keep(self, district: str, documents: Sequence[UnreadableDocument]) -> None:
        """Remember."""
        self.kept += [(district, one) for one in documents]


def evidence_app(intake: Intake, quarantine: RememberingQuarantine) -> Starlette:
    """Return the app, with the tokens of tests and one that speaks for a single source."""
    tokens = {
        one.token: _credential(one.token, one.sources, one.scopes, one.district) for one in TOKENS
    }
    tokens[ONE_SOURCE] = _credential(ONE_SOURCE, ("lms",), ("*",), OWN_TOKEN.district)
    return build_app(
        evidence_routes(intake=intake, quarantine=quarantine),
        error_table=ERRORS,
        sign_in=SignIn(Credentials.of(tokens), secure_cookie=True),
        public_paths=PUBLIC_PATHS,
    )


def caller(app: Starlette, token: str | None = OWN_TOKEN.token) -> httpx.AsyncClient:
    """Return a client of the app."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://evidence", headers=headers)


def _credential(
    name: str, sources: Sequence[str], scopes: Sequence[str], district: str | None
) -> Credential:
    return Credential(
        name=name, district=district, sources=frozenset(sources), scopes=frozenset(scopes)
    )
