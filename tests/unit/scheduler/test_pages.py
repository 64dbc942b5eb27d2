"""The pages over HTTP, without a socket: who sees what, which revision, and when a copy holds."""

import json

import pytest

from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.names import RecentNames
from services.scheduler.domain.access import Role
from services.scheduler.domain.errors import UpstreamError
from services.scheduler.entrypoints.pages import addresses
from services.scheduler.entrypoints.pages.routes import PRINTED
from tests.support.outputs import app_of, browsing
from tests.support.people import an_actor
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import PRINCIPAL
from tests.support.schools import a_learner, a_need, a_pin, a_problem, an_offer

WEEK = "/schools/north/weeks/2026-11-23"
FILES = ("week.csv", "week.json")


@pytest.fixture
def api():
    """Give an API for a school with a need that nobody can meet and an exemption."""
    return Api(
        a_problem(
            learners=(a_learner(), a_learner("max")),
            needs=(a_need(),),
            pins=(a_pin(learner_id="max", exemption="off-campus"),),
        )
    )


@pytest.fixture
async def browse(api):
    """Give a function that asks for a page as a token's holder."""
    async with browsing(app_of(api, actors=api.actors)) as get:
        yield get


async def test_every_page_and_file_of_a_published_week_opens(api, browse):
    """Each address answers with the revision that is shown."""
    await api.publish_draft()
    for path in PRINTED:
        answer = await browse(f"{WEEK}/{path}")
        assert answer.status_code == 200, path
        assert "Revision 1, published Friday, November 20, 10:00 AM" in answer.text
    for path in FILES:
        assert (await browse(f"{WEEK}/{path}")).status_code == 200


async def test_the_start_page_lists_schools_and_weeks(api, browse):
    """A person finds every week from the first page, each with its state."""
    await api.draft()
    page = (await browse("/")).text
    assert "North Middle School" in page
    assert f'href="{WEEK}/staff"' in page
    assert "Draft, not published" in page
    assert (await browse(WEEK)).headers["location"] == f"{WEEK}/staff"


async def test_a_principal_reads_how_near_the_week_is_to_the_best(api, browse):
    """In this school it is the best: nobody can meet the need."""
    await api.draft()
    page = (await browse(f"{WEEK}/staff")).text
    assert "This week is the best possible for these needs, adults and rooms." in page


async def test_a_draft_says_that_it_is_one(api, browse):
    """The state is on every page: a draft in the hall could otherwise pass for the week."""
    week_hash = await api.draft()
    assert "Draft, not published" in (await browse(f"{WEEK}/hall")).text
    await api.sign(week_hash)
    assert "Signed off, not published" in (await browse(f"{WEEK}/hall")).text


async def test_revision_and_draft_are_chosen_by_the_query(api, browse):
    """Without a query the newest revision; with one, that revision or the draft, in links too."""
    await api.publish_draft()
    second = await api.draft(seed=8)
    assert "Revision 1" in (await browse(f"{WEEK}/staff")).text
    draft = (await browse(f"{WEEK}/staff?revision=draft")).text
    assert "Draft, not published" in draft
    assert f"{WEEK}/staff/slots?revision=draft" in draft
    answer = await browse(f"{WEEK}/week.json?revision=draft")
    assert answer.json()["week_hash"] == second
    assert (await browse(f"{WEEK}/week.json?revision=1")).json()["published"] is True


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{WEEK}/staff?revision=9", 404),
        (f"{WEEK}/staff?revision=0", 400),
        (f"{WEEK}/staff?revision=%C2%B2", 400),
        (f"{WEEK}/staff?revision={'9' * 30}", 400),
        ("/schools/north/weeks/2026-11-24/staff", 400),
        ("/schools/north/weeks/2026-11-30/staff", 404),
        ("/schools/south/weeks/2026-11-23/staff", 404),
        ("/schools/a%20b/weeks/2026-11-23/staff", 404),
        (f"{WEEK}/nothing", 404),
    ],
)
async def test_what_is_not_there_is_said(api, browse, path, status):
    """A wrong address gives its status, to people and to programs, and never a fault."""
    await api.publish_draft()
    assert (await browse(path)).status_code == status
    answer = await browse(path, accept="application/json")
    assert answer.status_code == status
    assert answer.json()["reason"]


async def test_nobody_sees_a_page_without_signing_in(api, browse):
    """A person is led to the sign-in and back, a program gets 401; the style is for all."""
    await api.publish_draft()
    for path in [*PRINTED, *FILES]:
        answer = await browse(f"{WEEK}/{path}", None)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in?next=")
        answer = await browse(f"{WEEK}/{path}", None, accept="*/*")
        assert answer.status_code == 401
    assert (await browse("/", None)).status_code == 303
    assert (await browse("/static/week.css", None)).status_code == 200


async def test_another_district_sees_nothing(api, browse):
    """With a token of another district the week does not exist, in no form."""
    await api.publish_draft()
    for path in [*PRINTED, *FILES]:
        answer = await browse(f"{WEEK}/{path}", "stranger")
        assert answer.status_code == 404, path
        assert "Abara" not in answer.text
    assert "North Middle School" not in (await browse("/", "stranger")).text


async def test_names_are_for_who_may_read_the_roster(api, browse):
    """Without the scope for names the pages are closed; the files hold no names and are open."""
    await api.publish_draft()
    for path in PRINTED:
        answer = await browse(f"{WEEK}/{path}", "reader")
        assert answer.status_code == 403, path
        assert "Abara" not in answer.text
    for path in FILES:
        answer = await browse(f"{WEEK}/{path}", "reader")
        assert answer.status_code == 200
        assert "Abara" not in answer.text


async def test_a_copy_that_still_holds_is_not_sent_again(api, browse):
    """The same week, roster and policy: 304 and nothing more, for every page and file."""
    await api.publish_draft()
    for path in [*PRINTED, *FILES]:
        first = await browse(f"{WEEK}/{path}")
        etag = first.headers["etag"]
        assert etag.startswith('"')
        assert first.headers["cache-control"] == "private, no-cache"
        again = await browse(f"{WEEK}/{path}", **{"if-none-match": f'"x", {etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


async def test_pages_have_tags_of_their_own(api, browse):
    """No copy of one page passes for another."""
    await api.publish_draft()
    tags = [(await browse(f"{WEEK}/{path}")).headers["etag"] for path in [*PRINTED, *FILES]]
    assert len(set(tags)) == len(tags)


async def test_a_copy_is_old_once_week_roster_or_policy_has_changed(api, browse):
    """A new name, a new revision, a sign-off: each gives another tag."""
    week_hash = await api.draft()
    tags = [(await browse(f"{WEEK}/hall")).headers["etag"]]
    await api.sign(week_hash)
    tags.append((await browse(f"{WEEK}/hall")).headers["etag"])
    await api.publish(week_hash)
    tags.append((await browse(f"{WEEK}/hall")).headers["etag"])
    api.book.version = "v2"
    tags.append((await browse(f"{WEEK}/hall")).headers["etag"])
    await api.publish_draft(seed=8)
    tags.append((await browse(f"{WEEK}/hall")).headers["etag"])
    assert len(set(tags)) == 5


async def test_a_copy_is_old_once_another_release_makes_the_page(api, browse, monkeypatch):
    """A new column shows at once, though the week is the same."""
    await api.publish_draft()
    before = [(await browse(f"{WEEK}/{path}")).headers["etag"] for path in ("staff", "week.csv")]
    monkeypatch.setattr(addresses, "pages_digest", lambda: "another release")
    after = [(await browse(f"{WEEK}/{path}")).headers["etag"] for path in ("staff", "week.csv")]
    assert not set(before) & set(after)


async def test_without_the_roster_a_page_says_what_to_do(api, browse):
    """No page of ids in place of names: a clear answer, and the files go on."""
    await api.publish_draft()
    api.book.errors = [UpstreamError(service="evidence", cause="UNAVAILABLE")]
    page = await browse(f"{WEEK}/hall")
    assert page.status_code == 503
    assert page.headers["retry-after"]
    assert "Try again in a minute" in page.text
    api.book.errors = [UpstreamError(service="evidence", cause="UNAVAILABLE")]
    told = await browse(f"{WEEK}/hall", accept="application/json")
    assert told.json()["reason"] == "UPSTREAM_UNAVAILABLE"
    assert (await browse(f"{WEEK}/week.csv")).status_code == 200


async def test_every_answer_has_the_headers_of_a_strict_site(api, browse):
    """Nothing may be framed, sniffed or run from elsewhere, refusals included."""
    await api.publish_draft()
    for path in ("/", f"{WEEK}/hall", f"{WEEK}/nothing", f"{WEEK}/week.json"):
        answer = await browse(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_files_carry_ids_and_no_names(api, browse):
    """What can be kept holds nobody's name; JSON says whether it may be acted upon."""
    await api.publish_draft()
    document = json.loads((await browse(f"{WEEK}/week.json")).text)
    assert {one["learner_id"] for one in document["seats"]} == {"lea", "max"}
    assert document["published"] is True
    answer = await browse(f"{WEEK}/week.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "lea" in answer.text
    for text in (answer.text, json.dumps(document)):
        assert "Abara" not in text
        assert "Duval" not in text


async def test_names_are_asked_for_once_in_a_while(api):
    """Within the time they are kept the roster is asked once; then again; districts apart."""
    asked = []
    now = 0.0

    class Source:
        async def names(self, district, school_id):
            asked.append((district, school_id))
            return await api.book.names(district, school_id)

    recent = RecentNames(Source(), kept_seconds=30, kept_schools=2, monotonic=lambda: now)
    await recent.names("maple", "north")
    await recent.names("maple", "north")
    assert asked == [("maple", "north")]
    now = 31.0
    await recent.names("maple", "north")
    await recent.names("cedar", "north")
    assert asked[1:] == [("maple", "north"), ("cedar", "north")]
    await recent.names("maple", "south")
    await recent.names("maple", "north")
    assert asked[-1] == ("maple", "north")


def as_person(api, *roles):
    """Let the person of the principal's token have these roles in the school."""
    actor = an_actor(*roles, own=("lea",), adult_id="principal")
    vars(api.actors).update(vars(MemoryActors({PRINCIPAL: actor})))


@pytest.mark.parametrize("role", [one for one in Role if one.is_staff])
async def test_every_adult_of_the_school_reads_its_weeks(api, browse, role):
    """Staff pages, hall pages and files open for each role of staff."""
    await api.publish_draft()
    as_person(api, role)
    for path in (*PRINTED, *FILES):
        assert (await browse(f"{WEEK}/{path}")).status_code == 200, path
    assert "North Middle School" in (await browse("/")).text


@pytest.mark.parametrize("roles", [(), (Role.LEARNER,), (Role.FAMILY,)])
async def test_who_is_no_staff_of_the_school_reads_no_page_of_it(api, browse, roles):
    """Learners and families, and adults of elsewhere: no page, no file, no link to one.

    A copy from before is none to them either.
    """
    await api.publish_draft()
    etag = (await browse(f"{WEEK}/staff")).headers["etag"]
    as_person(api, *roles)
    for path in (*PRINTED, *FILES):
        answer = await browse(f"{WEEK}/{path}", **{"if-none-match": etag})
        assert answer.status_code == 403, path
        assert "Abara" not in answer.text
    answer = await browse(f"{WEEK}/staff", accept="application/json")
    assert answer.json()["reason"] == "NOT_ALLOWED"
    page = await browse("/")
    assert page.status_code == 200
    assert "/staff" not in page.text
    assert "/hall" not in page.text
    assert ("North Middle School" in page.text) is bool(roles), "who has something of their own"


async def test_the_overview_says_what_exceeds_a_cap_before_anybody_signs():
    """Two are pinned into a place for one, with reasons; where nothing does, nothing is said."""
    learners = (a_learner(), a_learner("max"))
    pins = (a_pin(), a_pin("p2", "max"))
    for cap, seen in ((1, True), (2, False)):
        api = Api(a_problem(learners=learners, pins=pins, offers=(an_offer(cap=cap),)))
        await api.draft()
        async with browsing(app_of(api, actors=api.actors)) as get:
            page = (await get(f"{WEEK}/staff")).text
        assert ("holds 2 learners, its cap is 1" in page) is seen
        assert ("Where adults have decided" in page) is seen
        assert "No hard rule is broken" in page
