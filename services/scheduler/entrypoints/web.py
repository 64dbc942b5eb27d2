"""The HTTP app: pages, everything printed and pulled of a week, and the addresses of calendars."""

from starlette.applications import Starlette

from services.common.clock import Clock
from services.common.web.app import build_app
from services.common.web.auth import SignIn
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.outputs.feeds import PUBLIC_PATH, FeedPages
from services.scheduler.entrypoints.outputs.paper import Printer
from services.scheduler.entrypoints.outputs.routes import Outputs, Sources
from services.scheduler.entrypoints.pages.problems import problem_page
from services.scheduler.entrypoints.pages.routes import Pages
from services.scheduler.ports.store import FeedAddresses


def web_app(
    sources: Sources,
    *,
    addresses: FeedAddresses,
    printer: Printer,
    clock: Clock,
    sign_in: SignIn,
    paper: str = "",
) -> Starlette:
    """Return the app; `paper`: of prints for which nobody asks for another; empty: the school's."""
    store, names = sources.store, sources.names
    pages = Pages(store=store, names=names, actors=sources.actors)
    outputs = Outputs(sources, printer, paper=paper)
    feeds = FeedPages(store=store, addresses=addresses, names=names, clock=clock)
    return build_app(
        [*pages.routes(), *outputs.routes(), *feeds.routes()],
        error_table=ERRORS,
        sign_in=sign_in,
        public_paths=("/static/", "/favicon.ico", PUBLIC_PATH),
        render=problem_page,
    )
