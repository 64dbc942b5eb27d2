"""The app over a store in memory, and what a reader finds in what it gives."""

import contextlib
import io
import zipfile

import httpx
import pypdf

from services.common.rpc.credentials import Credentials
from services.common.web.auth import SignIn
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.memory.attendance import MemoryAttendance
from services.scheduler.domain.access import Actor, Role
from services.scheduler.entrypoints.outputs.paper import Printer
from services.scheduler.entrypoints.outputs.routes import Sources
from services.scheduler.entrypoints.web import web_app
from tests.support.scheduler_api import CREDENTIALS
from tests.support.scheduler_world import DISTRICT, OTHER

PRINCIPAL = f"districts/{DISTRICT}/adults/principal"
STRANGER = f"districts/{OTHER}/adults/stranger"
ACTORS = MemoryActors(
    {
        PRINCIPAL: Actor(name=PRINCIPAL, roles=frozenset({Role.PRINCIPAL}), adult_id="principal"),
        STRANGER: Actor(name=STRANGER, roles=frozenset({Role.PRINCIPAL}), adult_id="stranger"),
    }
)
PRINTER = Printer()
NO_MARKS = MemoryAttendance()


def app_of(api, *, actors=ACTORS, attendance=NO_MARKS, credentials=CREDENTIALS, paper=""):
    """Return the app of an API's store."""
    return web_app(
        Sources(
            store=api.store,
            names=api.book,
            actors=actors,
            attendance=attendance,
        ),
        addresses=api.store,
        printer=PRINTER,
        clock=api.clock,
        sign_in=SignIn(Credentials.of(credentials), secure_cookie=False),
        paper=paper,
    )


@contextlib.asynccontextmanager
async def browsing(app):
    """Give a function that asks for a path as a token's holder."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://weeks"
    ) as client:

        async def get(path, token="principal", **headers):
            headers = {"accept": "text/html", **headers}
            if token is not None:
                headers["authorization"] = f"Bearer {token}"
            return await client.get(path, headers=headers)

        yield get


def pdf_text(content):
    """Return the text of a PDF with its metadata, spaces and line ends as one space."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    said = [page.extract_text() for page in reader.pages]
    said += [str(value) for value in (reader.metadata or {}).values()]
    if reader.xmp_metadata:
        said.append(reader.xmp_metadata.stream.get_data().decode())
    return " ".join(" ".join(said).split())


def texts_of(answer):
    """Return everything that a reader of an answer may come to see, its headers among it."""
    kind = answer.headers.get("content-type", "")
    said = [f"{name}: {value}" for name, value in answer.headers.items() if name != "etag"]
    if kind.startswith("application/pdf"):
        said.append(pdf_text(answer.content))
    elif kind.startswith("application/zip"):
        package = zipfile.ZipFile(io.BytesIO(answer.content))
        said += [f"{name}\n{package.read(name).decode()}" for name in package.namelist()]
    elif kind.startswith("text/calendar"):
        # Long lines are folded: a word may stand on two.
        said.append(answer.text.replace("\r\n ", ""))
    else:
        said.append(answer.text)
    return "\n".join(said)
