"""Who asks over HTTP where only programs do: a bearer token with every request, and no cookie."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.common.rpc.credentials import Credential, UnauthenticatedError, acting_as
from services.common.web.pace import Pace

BEARER: Final = "bearer "

FindCredential: TypeAlias = "Callable[[str | None], Credential | None]"
"""The credential of a token; of None where a process lets everybody in."""


@dataclass(frozen=True, kw_only=True)
class Paces:
    """How fast each credential, and all of a district together, may ask."""

    credential: Pace
    district: Pace

    def admit(self, credential: Credential) -> None:
        """Raise `RefusedError` for who asks too fast."""
        # Its own first: whom that turns away takes nothing from the others of the district.
        self.credential.admit((credential.district, credential.name), what="this credential")
        if credential.district is not None:
            self.district.admit(credential.district, what="this district")


class BearerAuthenticated:
    """Middleware: lets through who has a known token, acting as its credential."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        find: FindCredential,
        public_paths: Iterable[str] = (),
        paces: Paces | None = None,
    ) -> None:
        """Let everybody see `public_paths`. paces: how fast one may ask; None: as one likes."""
        self._app = app
        self._find = find
        self._paces = paces
        self._public = frozenset(public_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; raises for whoever answers for exceptions.

        `UnauthenticatedError` without a known token, `RefusedError` for who asks too fast.
        """
        if scope["type"] != "http" or scope["path"] in self._public:
            await self._app(scope, receive, send)
            return
        header = Request(scope).headers.get("authorization", "")
        token = header[len(BEARER) :].strip() if header[: len(BEARER)].lower() == BEARER else None
        credential = self._find(token)
        if credential is None:
            said = "nobody knows this token, or it has ended" if token else "there is no token"
            raise UnauthenticatedError(f'{said}: send a known one as "Authorization: Bearer ..."')
        if self._paces is not None:
            self._paces.admit(credential)
        with acting_as(credential):
            await self._app(scope, receive, send)
