"""Who asks over HTTP where only programs do: a bearer token with every request, and no cookie."""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.common.rpc.credentials import Credential, UnauthenticatedError, acting_as

BEARER: Final = "bearer "

FindCredential: TypeAlias = "Callable[[str | None], Credential | None]"
"""The credential of a token; of None where a process lets everybody in."""


class BearerAuthenticated:
    """Middleware: lets through who has a known token, acting as its credential."""

    def __init__(
        self, app: ASGIApp, *, find: FindCredential, public_paths: Iterable[str] = ()
    ) -> None:
        """Let everybody see `public_paths`."""
        self._app = app
        self._find = find
        self._public = frozenset(public_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; raises `UnauthenticatedError` for whoever answers for exceptions."""
        if scope["type"] != "http" or scope["path"] in self._public:
            await self._app(scope, receive, send)
            return
        header = Request(scope).headers.get("authorization", "")
        token = header[len(BEARER) :].strip() if header[: len(BEARER)].lower() == BEARER else None
        credential = self._find(token)
        if credential is None:
            said = "nobody knows this token, or it has ended" if token else "there is no token"
            raise UnauthenticatedError(f'{said}: send a known one as "Authorization: Bearer ..."')
        with acting_as(credential):
            await self._app(scope, receive, send)
