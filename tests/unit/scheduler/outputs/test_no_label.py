"""Nothing that labels a learner comes out where it may be read by others (H11), in any output.

The tests walk over the registry and over the routes of the app, so that what is added later is
walked over too; an output without an audience fails.
"""

import re
from html.parser import HTMLParser

import pytest

from services.scheduler.domain.access import Action
from services.scheduler.domain.feed import FeedKind
from services.scheduler.domain.titles import BANNED_WORDS
from services.scheduler.entrypoints.outputs.audience import MAY_SEE, Audience, Private
from services.scheduler.entrypoints.outputs.making import FILES, KINDS
from services.scheduler.entrypoints.outputs.registry import (
    FEED_ROUTE,
    OTHER_ROUTES,
    OUTPUTS,
)
from services.scheduler.entrypoints.pages.addresses import PREFIX
from tests.support.canaries import BANNED, CANARIES
from tests.support.feeds import feed_path
from tests.support.outputs import app_of, texts_of

WEEK = "/schools/north/weeks/2026-11-23"
SUBJECTS = {"learner": "canaryid1", "adult": "ben", "room": "r2"}
WITHOUT_LABELS = (Audience.HALL, Audience.LEARNER, Audience.CALENDAR)
PLAIN_STAFF = ("print/locator.pdf", "print/substitute.pdf")
"""Sheets of staff that are carried about, and so are as plain as those of a hall."""
LEVEL = re.compile(r"(?<![\d:.–/])[1-4]\.\d(?![\d.])")
NUMBERED = re.compile(
    r"(?<!\w)(?:gr\.?|lvl\.?|level|grade|tier) ?\d|(?<!\w)\d(?:st|nd|rd|th) grade", re.I
)


def addresses_of(output):
    """Return every way to ask for an output that gives something else."""
    ways = [] if output.is_one else [""]
    if output.subject:
        ways += [f"?{output.subject}={SUBJECTS[output.subject]}"]
    if output.subject == "learner":
        ways += [f"?learner=canaryid{number}" for number in (4, 5)]
    if output.template == "family":
        ways += ["?language=es", "?learner=canaryid1&language=es"]
    return [f"{WEEK}/{output.path}{way}" for way in ways]


class Texts(HTMLParser):
    """Collects what a reader of a page sees."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_data(self, data):
        """Take a text."""
        self.found.append(data)


def read_aloud(answer):
    """Return what people read of an answer: no markup, no protocol, no version of a format."""
    kind = answer.headers["content-type"]
    if kind.startswith("text/html"):
        texts = Texts()
        texts.feed(answer.text)
        return " ".join(texts.found)
    if kind.startswith("text/calendar"):
        text = answer.text.replace("\r\n ", "")
        people_read = ("SUMMARY", "LOCATION", "DESCRIPTION", "NAME", "X-WR-CALNAME")
        return "\n".join(line for line in text.splitlines() if line.startswith(people_read))
    return texts_of(answer).split("<?xpacket")[0]


async def everything(api, browse):
    """Yield the audience, the address and the answer of every output there is."""
    for output in OUTPUTS:
        for address in addresses_of(output):
            yield output.audience, address, await browse(address)
    for kind, one in (
        (FeedKind.LEARNER, "canaryid1"),
        (FeedKind.ADULT, "ben"),
        (FeedKind.ROOM, "r2"),
        (FeedKind.SCHOOL, ""),
    ):
        path = await feed_path(api, kind, one)
        yield OTHER_ROUTES[FEED_ROUTE], path, await browse(path, None)


def test_every_route_of_the_app_has_a_declared_audience(api):
    """An output that is added without saying who reads it fails here."""
    declared = {f"{PREFIX}/{one.path}" for one in OUTPUTS} | set(OTHER_ROUTES)
    assert {route.path for route in app_of(api).routes} == declared


def test_every_output_is_made_by_something_and_asks_for_a_right():
    """No output is declared that nothing makes; a kind of file is made by its table alone."""
    kinds = {one.path for one in OUTPUTS if one.group and not one.template}
    assert kinds == set(FILES) | set(KINDS)
    assert all(isinstance(one.action, Action) for one in OUTPUTS)
    assert set(MAY_SEE) == set(Audience)


async def test_each_private_thing_comes_out_only_where_its_audience_may_see_it(api, browse):
    """The canary: text, names of files, addresses, headers and metadata of every output."""
    seen_by = {private: set() for private in Private}
    async for audience, address, answer in everything(api, browse):
        assert answer.status_code == 200, (address, answer.text)
        # The address of a person's own sheet names whose it is: the caller has said it.
        text = texts_of(answer)
        for private, words in CANARIES.items():
            found = [word for word in words if word in text]
            assert not found or private in MAY_SEE[audience], (address, private, found)
            if found:
                seen_by[private].add(audience)
    for private in set(Private) - {Private.PAIR}:
        assert seen_by[private], f"the canary of {private} flew nowhere, so nothing was tested"
    assert not seen_by[Private.PAIR]


async def test_every_word_of_a_canary_comes_out_somewhere(api, browse):
    """What the test above looks for is in the week: codes, levels, tiers, services, reasons."""
    text = "".join([texts_of(answer) async for _, _, answer in everything(api, browse)])
    flown = {word for words in CANARIES.values() for word in words if word in text}
    assert {word for words in CANARIES.values() for word in words} - flown == {"canarypair"}


async def test_no_output_for_halls_learners_families_and_calendars_labels_anybody(api, browse):
    """No word for level, tier, grade, service, language, disability or rank; no level, no code."""
    async for audience, address, answer in everything(api, browse):
        plain = audience in WITHOUT_LABELS or any(one in address for one in PLAIN_STAFF)
        if not plain:
            continue
        text = read_aloud(answer)
        words = set(BANNED_WORDS) | {BANNED}
        if "language=es" in address:
            words.discard("el")  # "the" in Spanish
        found = [one for one in words if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.I)]
        assert not found, (address, found)
        assert not LEVEL.search(text), (address, LEVEL.search(text))
        assert not NUMBERED.search(text), (address, NUMBERED.search(text))
        assert "CNRY" not in texts_of(answer), address


async def test_no_file_is_named_after_anybody(api, browse):
    """A name or an id in a downloads folder tells who was printed."""
    async for _, address, answer in everything(api, browse):
        name = answer.headers.get("content-disposition", "")
        assert not any(one in name for one in ("anary", "ben", "r2")), (address, name)


@pytest.mark.parametrize("audience", WITHOUT_LABELS)
def test_who_is_outside_may_see_nothing_that_labels(audience):
    """The table itself: no audience outside of staff and its programs has a label in it."""
    labels = {Private.LABEL, Private.TIER, Private.SERVICE, Private.PAIR, Private.STAFF_REASON}
    assert not MAY_SEE[audience] & labels
