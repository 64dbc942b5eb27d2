"""Who asks over HTTP: a bearer token for programs, a sign-in page and a cookie for people.

    sign_in = SignIn(credentials, secure_cookie=True)
    app = build_app([*pages, *sign_in.routes()], error_table=ERRORS, sign_in=sign_in)   # app.py

A person pastes the token; it is kept in a cookie that no script can read and no other site can
send (HttpOnly, SameSite=Strict). Behind `Authenticated`, `current_credential()` and `require`
(rpc/credentials.py) work in every handler. Who is not signed in gets the sign-in page, a program
gets 401. A request that changes something and carries the cookie must come from our own pages.
"""

from collections.abc import Iterable
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.common.logs import get_logger
from services.common.rpc.credentials import (
    AccessError,
    Credential,
    Credentials,
    UnauthenticatedError,
    acting_as,
)
from services.common.web.problem import wants_page

SIGN_IN_PATH: Final = "/sign-in"
SIGN_OUT_PATH: Final = "/sign-out"
STYLE_PATH: Final = "/sign-in.css"

COOKIE_SECONDS: Final = 12 * 60 * 60
"""A working day: a browser left open over night is signed out."""

FORM_BYTES: Final = 16 * 1024
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
BEARER: Final = "bearer "
SAME_SITE: Final = frozenset({"same-origin", "none"})

log = get_logger()


class ForeignFormError(AccessError):
    """The form was sent by a page of another site."""

    reason = "FOREIGN_FORM"


class SignIn:
    """The sign-in page, and who is signed in."""

    def __init__(
        self, credentials: Credentials, *, secure_cookie: bool, title: str = "Trellis"
    ) -> None:
        """Sign in with these credentials; `secure_cookie` False is for plain HTTP on loopback."""
        self._credentials = credentials
        self._secure = secure_cookie
        self._title = title
        # With this prefix a browser takes the cookie from this host alone, and over TLS alone.
        self.cookie_name = "__Host-trellis" if secure_cookie else "trellis"

    def routes(self) -> list[Route]:
        """Return the pages that are there for everybody."""
        return [
            Route(SIGN_IN_PATH, self._show, methods=["GET"]),
            Route(SIGN_IN_PATH, self._sign_in, methods=["POST"]),
            Route(SIGN_OUT_PATH, self._sign_out, methods=["POST"]),
            Route(STYLE_PATH, _style, methods=["GET"]),
        ]

    def credential(self, request: Request) -> Credential | None:
        """Return who asks, by the header or else by the cookie; None where nobody is known.

        Raises `ForeignFormError`.
        """
        header = request.headers.get("authorization", "")
        if header[: len(BEARER)].lower() == BEARER:
            return self._credentials.find(header[len(BEARER) :])
        if request.method not in SAFE_METHODS:
            refuse_foreign_form(request)
        return self._credentials.find(request.cookies.get(self.cookie_name))

    async def _show(self, request: Request) -> Response:
        return self._page(local_path(request.query_params.get("next")))

    async def _sign_in(self, request: Request) -> Response:
        refuse_foreign_form(request)
        form = await read_form(request)
        token, target = form.get("token", "").strip(), local_path(form.get("next"))
        credential = self._credentials.find(token)
        if credential is None:
            log.warning("sign_in_refused")
            return self._page(target, problem="Nobody knows this token. Paste all of it.")
        log.info("signed_in", credential=credential.name)
        response = RedirectResponse(target, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            self.cookie_name,
            token,
            max_age=COOKIE_SECONDS,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )
        return response

    async def _sign_out(self, request: Request) -> Response:
        refuse_foreign_form(request)
        response = RedirectResponse(SIGN_IN_PATH, HTTPStatus.SEE_OTHER)
        response.delete_cookie(
            self.cookie_name, path="/", secure=self._secure, httponly=True, samesite="strict"
        )
        return response

    def _page(self, target: str, *, problem: str | None = None) -> Response:
        status = HTTPStatus.OK if problem is None else HTTPStatus.UNAUTHORIZED
        said = "" if problem is None else f'<p id="problem" role="alert">{escape(problem)}</p>'
        described = "" if problem is None else ' aria-describedby="problem" aria-invalid="true"'
        return HTMLResponse(
            _PAGE.format(
                title=escape(self._title), said=said, described=described, target=escape(target)
            ),
            status,
        )


class Authenticated:
    """Middleware: lets through who is signed in, acting as their credential."""

    def __init__(self, app: ASGIApp, *, sign_in: SignIn, public_paths: Iterable[str] = ()) -> None:
        """Let everybody see `public_paths` (they end with "/" for all below) and the sign-in."""
        self._app = app
        self._sign_in = sign_in
        self._public = (SIGN_IN_PATH, SIGN_OUT_PATH, STYLE_PATH, *public_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or self._is_public(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        credential = self._sign_in.credential(request)
        if credential is None:
            await _to_sign_in(request)(scope, receive, send)
            return
        with acting_as(credential):
            await self._app(scope, receive, send)

    def _is_public(self, path: str) -> bool:
        return any(
            path == public or (public.endswith("/") and path.startswith(public))
            for public in self._public
        )


def _to_sign_in(request: Request) -> Response:
    if not wants_page(request):
        raise UnauthenticatedError('send a known token as "Authorization: Bearer ..."')
    target = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return RedirectResponse(
        f"{SIGN_IN_PATH}?next={quote(target + query, safe='')}", HTTPStatus.SEE_OTHER
    )


def refuse_foreign_form(request: Request) -> None:
    """Raise `ForeignFormError` where a browser says that another site's page sent this.

    Browsers send one of the two headers with every form; programs, whom no other site's page can
    make send a cookie, send neither.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        foreign = site not in SAME_SITE
    else:
        origin = request.headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign:
        raise ForeignFormError("this was sent by a page of another site")


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form (the last of each name), of at most 16 KiB."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a form has at most {FORM_BYTES} bytes"
            )
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    return {name: values[-1] for name, values in fields.items()}


def local_path(target: str | None) -> str:
    """Return where to go after signing in: a path of this site, or "/"."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    # Browsers drop tabs and line ends inside of an address, so "/\t/evil" would be "//evil".
    if not target.isprintable() or "\\" in target:
        return "/"
    return target


async def _style(_request: Request) -> Response:
    return Response(_STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · {title}</title>
<link rel="stylesheet" href="/sign-in.css">
</head>
<body>
<main>
<h1>{title}</h1>
<form method="post" action="/sign-in">
{said}
<label for="token">Your token</label>
<input id="token" name="token" type="password" required autocomplete="current-password"
 autofocus{described}>
<input type="hidden" name="next" value="{target}">
<button type="submit">Sign in</button>
<p>Who runs Trellis in your district gives out tokens. It is kept in this browser for twelve hours
or until you sign out.</p>
</form>
</main>
</body>
</html>
"""

_STYLE: Final = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; display: grid; min-height: 100vh;
  place-items: center; }
main { width: min(24rem, 90vw); }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
input, button { margin: .25rem 0 1rem; padding: .6rem; }
[role=alert] { border-left: .25rem solid #b3261e; padding-left: .6rem; }
"""
