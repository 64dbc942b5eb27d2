"""The twelve acceptance examples of the product, with their numbers: `test_1_…` to `test_12_…`.

More of each, and what needs servers of its own:

1. slots that meet: `unit/scheduler/test_solve.py`, `contract/scheduler/test_asking.py`
2. two subjects pull a learner: `contract/scheduler/test_changes.py`, after publishing
3. scores of 4, 4, 4, 1: `unit/mastery/test_rules.py`, `unit/mastery/test_decide.py`
4. one observation of 1: `unit/mastery/test_decide.py`, `unit/scheduler/test_solve.py`
5. a late correction: `integration/mastery` and `integration/evidence`, in processes
6. a fifth for a legal group: `unit/scheduler/test_request_seats.py`, `unit/scheduler/day`
7. a coach is absent at 7:30: `contract/scheduler/test_changes.py`
8. a keep-apart pair: `unit/scheduler/test_school_rpcs.py`
9. 2.9, 3.05, 2.95: `unit/scheduler/history/test_groups.py`
10. ten permutations: `replays`, with faults; `e2e/test_grand_bend.py`, a whole district
11. no label: `unit/scheduler/outputs/test_no_label.py`, every output there is
12. sign-up was down: `unit/scheduler/asking/test_windows.py`
"""

import random
import re
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import request_pb2, school_pb2, week_pb2
from trellis.scheduler.v1 import request_service_pb2 as asking
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler
from trellis.scheduler.v1 import school_service_pb2 as school

from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.adapters.postgres.asking.windows import PostgresUptimes
from services.scheduler.domain.asking.windows import DRAINED_AFTER, Uptime
from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.day.edits import SeatTo
from services.scheduler.domain.encode import canonical
from services.scheduler.domain.errors import InvalidSettingError, WeekBrokenError
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import SeatRule
from services.scheduler.handlers.day.absences import Resolution, report_absence, resolve_unstaffed
from services.scheduler.handlers.day.changes import ChangeWeek
from services.scheduler.handlers.day.learners import move_published_seat
from tests.support.asking import a_group
from tests.support.asking_api import (
    CLOSE,
    DISTRICT,
    OPEN,
    PARENT,
    SUNDAY,
    AskingApi,
    a_school,
    an_enrichment,
    chosen,
    learner,
)
from tests.support.choosing_clock import ChoosingClock
from tests.support.days import (
    AT_HALF_PAST_SEVEN,
    a_school_day,
    an_act,
    lived_week,
)
from tests.support.handmade import a_week, held, seated
from tests.support.mastered import Mastered, a_work, works
from tests.support.outputs import app_of, browsing, texts_of
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import set_up
from tests.support.school_data import CANARY, SchoolApi
from tests.support.schools import (
    MONDAY,
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)
from tests.support.weekly import Weekly, a_helping_school
from tests.support.weeks import planned, seat_of, session_of, who_is_in

TUTORING = "hb1416"
LABELS = re.compile(r"(?<!\w)(?:tier|level|grade) ?\d|(?<![\d:.–/])[1-4]\.\d(?![\d.])|NF\.3", re.I)
"""What no hall print and no calendar may say, of the school that is labelled below."""


def test_1_a_learner_seated_in_slots_that_meet_is_a_clash():
    """Slots 9:00-9:40 and 9:30-10:00: the check finds two seats, and a plan gives one.

    With slots that only touch both seats are lawful.
    """

    def found(second_begins):
        slots = (a_slot("mon-1", "09:00", "09:40"), a_slot("mon-2", second_begins, "10:00"))
        problem = a_problem(
            slots=slots,
            adults=(an_adult("ada"), an_adult("bob")),
            rooms=(a_room("r1"), a_room("r2")),
            offers=(an_offer(), an_offer("o2", "bob", room_id="r2")),
        )
        first, second = held(problem, "o1", "mon-1"), held(problem, "o2", "mon-2")
        week = a_week(problem, (first, second), (seated("lea", first), seated("lea", second)))
        places = [one.session_id is not None for one in planned(problem).seats]
        return [one.rule for one in check(problem, week)], sum(places)

    assert found("09:30") == (["H1"], 1)
    assert found("09:40") == ([], 2)


@pytest.fixture
async def win(stores):
    """Give a school in which learners rank and adults ask, over each kind of store."""
    problem = a_school(
        offers=(a_group("eve"), a_group("max"), an_enrichment("robots"), an_enrichment("chess"))
    )
    return await AskingApi(problem, store=stores.store).set_up()


async def test_2_english_wins_and_math_is_back_when_english_cancels_on_sunday(win):
    """English owns the day: math sees why and until when, the learner sees both, and is back."""
    math, english = (await win.ask("max")).request, (await win.ask("eve")).request
    found = await win.requests()
    assert found[english.name].state == request_pb2.LearnerRequest.STATE_SEATED
    assert found[math.name].state == request_pb2.LearnerRequest.STATE_NEXT
    assert "higher request, English, until 9:40" in found[math.name].sentence
    own = await win.requests("lea", learner=learner("lea"))
    told = [own[one.name].learner_sentence for one in (english, math)]
    assert [sentence[:9] for sentence in told] == ["Adult eve", "Adult max"]
    win.at(SUNDAY)
    await win.cancel("eve", english.name)
    found = await win.requests()
    assert found[math.name].state == request_pb2.LearnerRequest.STATE_SEATED


async def test_2_without_a_seat_left_in_math_the_learner_is_not_back(stores):
    """A principal has filled the group of one meanwhile: math waits, and reads why."""
    problem = a_school(offers=(a_group("eve"), a_group("max", cap=1)))
    win = await AskingApi(problem, store=stores.store).set_up()
    english, math = (await win.ask("eve")).request, (await win.ask("max")).request
    await win.ask("pat", of="leo", offer_id="o-max")
    win.at(SUNDAY)
    await win.cancel("eve", english.name)
    waiting = (await win.requests())[math.name]
    assert waiting.state == request_pb2.LearnerRequest.STATE_NEXT
    assert "no seat is left" in waiting.sentence


async def test_3_scores_of_4_4_4_1_keep_the_credit_and_allow_a_help_seat():
    """Credit stays 4, current need is 2.05 at decay 65; the plan seats lea in the help group."""
    mastered = await Mastered().fold(works(4, 4, 4, 1))
    reading = await mastered.reading()
    assert (reading.credit_level_milli, reading.current_level_milli) == (4_000, 2_050)
    (need,) = await mastered.needs("lea")
    week = planned(a_helping_school("kim", "lea", needs=(a_need("kim"), need)))
    assert seat_of(week, "lea").rule is SeatRule.NEED
    without = planned(a_helping_school("kim", "lea", needs=(a_need("kim"),)))
    assert seat_of(without, "lea").rule is not SeatRule.NEED


async def test_4_one_observation_of_1_is_insufficient_and_gives_a_check_session():
    """Both lea and kim have one record at level 1: a check, and no help seat though ada is free."""
    records = [*works(1), *works(1, learner="kim")]
    mastered = await Mastered().fold(records)
    reading = await mastered.reading()
    assert (reading.decision.name, reading.credit_level_milli) == ("INSUFFICIENT", None)
    week = planned(a_helping_school("kim", "lea", needs=await mastered.needs("kim", "lea")))
    assert {seat.rule for seat in week.seats} == {SeatRule.CHECK}
    mastered = await Mastered().fold([*works(1, 1, 1), *works(1, 1, 1, learner="kim")])
    week = planned(a_helping_school("kim", "lea", needs=await mastered.needs("kim", "lea")))
    assert {seat.rule for seat in week.seats} == {SeatRule.NEED}


async def test_5_a_late_correction_changes_the_state_and_the_next_run_but_no_published_seat(stores):
    """A work of three weeks ago was a 4 and no 1: lea's published seat stays, the next is another.

    What is published is the same to the byte, and so is its hash.
    """
    others = tuple(map(a_need, ("kim", "max")))
    mastered = await Mastered().fold(works(4, 4, 4, 1, newest_days=21))
    weekly = await Weekly(stores, a_helping_school("kim", "lea", "max")).set_up()
    before = await weekly.publish(needs=(*others, *await mastered.needs("lea")))
    assert seat_of(before.content.week, "lea").rule is SeatRule.NEED
    state = await mastered.hash()
    await mastered.fold([a_work(4, number=3, days=21, version=2)])
    assert await mastered.hash() != state
    assert (await mastered.reading()).current_level_milli == 4_000
    corrected = await mastered.needs("lea")
    assert [one for one in corrected if one.level_milli and one.level_milli < 3_000] == []
    after = await weekly.publish(1, needs=(*others, *corrected))
    assert await weekly.published() == before
    assert [one for one in weekly.read.needs if one.learner_id == "lea"] == list(corrected)
    assert seat_of(after.content.week, "lea").rule is not SeatRule.NEED
    assert seat_of(after.content.week, "kim").rule is SeatRule.NEED


NAMES = ("ana", "ben", "cat", "dov", "eli")


def a_tutoring_school(consenting=(), **changes):
    """Return a school whose one group is tutoring under the law; five need it."""
    fields = {
        "offers": (
            an_offer("group", "ada", SessionKind.SMALL_GROUP, legal=TUTORING),
            an_offer("open", "bob", room_id="r2"),
        ),
        "learners": tuple(
            a_learner(one, consents=(TUTORING,) if one in consenting else ()) for one in NAMES
        ),
        "needs": tuple(map(a_need, NAMES)),
    }
    return a_helping_school(**(fields | changes))


def test_6_a_fifth_of_a_legal_group_of_four_needs_the_consent_of_all_five():
    """A plan seats four without them; all five with five consents; four with any four of them.

    Five seats without a consent are a breach, whoever wrote them down.
    """

    def in_the_group(*consenting):
        week = planned(a_tutoring_school(consenting))
        return [seat.rule for seat in week.seats].count(SeatRule.NEED)

    def broken(*consenting):
        problem = a_tutoring_school(consenting)
        group = held(problem, "group", competency_id="fractions", cap=5)
        seats = [seated(one, group) for one in NAMES]
        return "H3" in [one.rule for one in check(problem, a_week(problem, (group,), seats))]

    assert in_the_group() == 4
    assert in_the_group(*NAMES) == 5
    assert not broken(*NAMES)
    for missing in NAMES:
        four = [one for one in NAMES if one != missing]
        assert in_the_group(*four) == 4
        assert broken(*four)


async def test_6_nobody_moves_a_fifth_into_a_legal_group_without_consents(stores):
    """A reason exceeds the cap of a session, and never that of the law: nothing is published."""
    lived = await lived_week(stores, a_tutoring_school(), now=AT_HALF_PAST_SEVEN)
    week = lived.content.week
    group = next(one for one in week.sessions if one.offer_id == "group")
    (fifth,) = [one for one in NAMES if seat_of(week, one).session_id != group.session_id]
    wish = ChangeWeek(act=an_act(), monday=MONDAY, revision=1, reason="the family asked for it")
    to = SeatTo(learner_id=fifth, slot_id="mon-1", session_id=group.session_id)
    with pytest.raises(WeekBrokenError, match="consent"):
        await move_published_seat(wish, to, changing=lived.changing)
    assert (await lived.newest()).revision.number == 1


async def test_7_a_coach_is_absent_at_half_past_seven(stores):
    """The group is unstaffed: hal may take it, or ivy's group some of it, or the commons all.

    While nothing is done nobody is in the week's place of theirs; then nobody sits without adult.
    """
    grouped = ("kim", "lea", "max")
    second = an_offer("group2", "ivy", SessionKind.SMALL_GROUP, room_id="r4")
    problem = a_school_day(
        adults=(*a_school_day().adults, an_adult("hal"), an_adult("ivy")),
        rooms=tuple(map(a_room, ("r1", "r2", "r3", "r4"))),
        offers=(*a_school_day().offers, second),
        learners=tuple(map(a_learner, (*grouped, "ned", "new", "ora", "pia", "sam"))),
        needs=tuple(map(a_need, (*grouped, "ora", "pia"))),
        pins=tuple(
            a_pin(f"p-{one}", one, offer_id=offer_id, competency_id="fractions")
            for offer_id, some in (("group", grouped), ("group2", ("ora", "pia")))
            for one in some
        ),
    )
    lived = await lived_week(stores, problem, now=AT_HALF_PAST_SEVEN)
    day = await report_absence(an_act(), "ada", MONDAY, (), changing=lived.changing)
    (session,) = day.sessions
    assert session.learner_ids == grouped
    assert session.substitutes == ("cyd", "hal")
    assert [(one.session.offer_id, one.seats) for one in session.merges] == [("group2", 3)]
    assert [(one.session.offer_id, one.seats) for one in session.releases] == [("open", 3)]
    wish = ChangeWeek(act=an_act(), monday=MONDAY, revision=1, reason="called in ill")
    hal = Resolution(session_id=session.session.session_id, substitute="hal")
    await resolve_unstaffed(wish, [hal], changing=lived.changing)
    content = (await lived.newest()).content
    assert session_of(content.week, seat_of(content.week, "kim")).adult_id == "hal"
    assert "ada" not in {one.adult_id for one in content.week.sessions}
    assert check(content.problem, content.week) == []


async def test_8_of_a_keep_apart_pair_one_is_seated_and_the_other_is_unmet():
    """One fractions session: the other's reason names no rule, no pair; its owner alone reads why.

    Without the rule both sit there.
    """

    async def planned_with(*rules):
        problem = a_helping_school("kim", "lea", "max", needs=map(a_need, ("kim", "lea", "max")))
        api = SchoolApi(problem)
        await set_up(api.api.as_("principal"), problem)
        request = school.BatchUpsertKeepRulesRequest(parent=PARENT, keep_rules=rules)
        await api.as_("counselor").BatchUpsertKeepRules(request)
        await api.api.draft()
        return api, planned(normalised(api.api.solver.problems[-1]))

    rule = school_pb2.KeepRule(
        name=f"{PARENT}/keepRules/k1",
        kind=school_pb2.KeepRule.KIND_APART,
        learner=learner("kim"),
        other_learner=learner("lea"),
        reason=CANARY,
    )
    api, week = await planned_with(rule)
    (group,) = [one for one in week.sessions if one.kind is SessionKind.SMALL_GROUP]
    seated_pair = {"kim", "lea"} & set(who_is_in(week, group))
    (unmet,) = week.unmet
    assert {unmet.learner_id} == {"kim", "lea"} - seated_pair
    assert unmet.rule == "H8"
    assert "placed by rule" in unmet.sentence
    assert not seated_pair & set(re.findall(r"\w+", unmet.sentence))
    assert CANARY not in canonical(week).decode()
    listed = school.ListKeepRulesRequest(parent=PARENT)
    reasons = {
        who: [one.reason for one in (await api.as_(who).ListKeepRules(listed)).keep_rules]
        for who in ("counselor", "other_counselor", "principal", "teacher", "office")
    }
    assert reasons.pop("counselor") == [CANARY]
    assert set(map(tuple, reasons.values())) == {("",)}
    _, together = await planned_with()
    assert together.unmet == ()


async def test_9_at_2_9_then_3_05_then_2_95_lea_leaves_the_group_once(stores):
    """Three published weeks: in the group, out of it, and not back, with two pieces since entry.

    Kim and max stay in it. Who stands at 2.95 without having left is helped; and so is lea at 2.65.
    """
    weekly = await Weekly(stores, a_helping_school("kim", "lea", "max", "new")).set_up()

    async def rules(weeks, milli, *more):
        later, pieces = timedelta(weeks=weeks), 4 + 2 * weeks
        fields = {"evidence_count": pieces, "newest_day": weekly.problem.as_of_day + later}
        needs = [a_need(one, **fields) for one in ("kim", "max")]
        needs += [a_need("lea", level_milli=milli, **fields)]
        needs += [a_need(one, level_milli=milli, **fields) for one in more]
        content = (await weekly.publish(weeks, needs=needs)).content
        held_for = {one.learner_id for one in content.week.seats if one.rule is SeatRule.NEED}
        assert held_for >= {"kim", "max"}
        return held_for - {"kim", "max"}

    assert await rules(0, 2_900) == {"lea"}
    assert await rules(1, 3_050) == set()
    assert await rules(2, 2_950, "new") == {"new"}
    assert await rules(3, 2_650) == {"lea"}


async def test_10_ten_permutations_of_1_000_records_give_one_state_and_one_week():
    """With duplicates, in chunks of any size: one state hash, and of the needs one week hash.

    One record fewer is another state.
    """
    rng = random.Random(10)
    people = [f"l{number:02}" for number in range(25)]
    ideas = ("fractions", "ratios")
    records = [
        a_work(
            rng.choice((1, 1, 2, 3, 4)),
            learner=learner_id,
            competency=idea,
            number=number,
            days=rng.randrange(1, 25),
        )
        for learner_id in people
        for idea in ideas
        for number in range(20)
    ]
    assert len(records) == 1_000
    states, weeks = set(), set()
    for _ in range(10):
        coming = records + rng.choices(records, k=300)
        rng.shuffle(coming)
        mastered = await Mastered().fold(coming, size=rng.choice((7, 60, 1_000)))
        states.add(await mastered.hash())
        learners, needs = rng.sample(people, len(people)), await mastered.needs(*people)
        problem = a_helping_school(
            *learners,
            competencies=tuple(map(a_competency, ideas)),
            needs=tuple(rng.sample(needs, len(needs))),
        )
        week = planned(problem)
        weeks.add((week.week_hash, canonical(week)))
        assert week.summary.needs_met > 1
    assert (len(states), len(weeks)) == (1, 1)
    assert await (await Mastered().fold(records[1:])).hash() not in states


@pytest.fixture
async def labelled():
    """Give the app of a school whose framework and titles would label, with a published week."""
    api = Api(
        a_helping_school(
            "kim",
            "lea",
            competencies=(a_competency(code="4.NF.3", label="Grade 4 fractions"),),
            needs=(a_need("kim", level_milli=2_100), a_need("lea", level_milli=2_100)),
        )
    )
    await api.publish_draft()
    async with browsing(app_of(api)) as get:
        yield api, get


async def test_11_no_hall_print_and_no_calendar_says_a_tier_a_level_or_a_grade(labelled):
    """Doors, halls, slips and calendars of a group on "Grade 4 fractions", 4.NF.3, at level 2.1.

    The staff edition says it all, so there is something to be hidden.
    """
    _, get = labelled
    week = "/schools/north/weeks/2026-11-23"
    staff = await get(f"{week}/staff/adults")
    assert LABELS.search(texts_of(staff))
    for path in (
        *("hall", "hall/rooms", "print/doors.pdf", "print/hall.pdf", "print/slips.pdf"),
        *("calendars/learner.ics?learner=lea", "calendars/adult.ics?adult=ada"),
        *("calendars/room.ics?room=r1", "calendars/school.ics"),
    ):
        answer = await get(f"{week}/{path}")
        assert answer.status_code == 200, path
        body = answer.text if "pdf" not in path else texts_of(answer).split("<?xpacket")[0]
        assert not LABELS.findall(body), path


@pytest.mark.parametrize("title", ["Tier 2 math", "tier", "Level 2 group", "Grade 4 fractions"])
async def test_11_a_title_that_labels_is_refused_as_it_is_typed(labelled, title):
    """With the word; and in a week of before the check finds it."""
    api, _ = labelled
    offer = week_pb2.Offer(
        name=f"{api.parent}/offers/open",
        adult=f"districts/{DISTRICT}/adults/bob",
        room=f"{api.parent}/rooms/r2",
        kind=week_pb2.SESSION_KIND_COMMONS,
        title=title,
    )
    request = scheduler.BatchUpsertOffersRequest(parent=api.parent, offers=[offer])
    with pytest.raises(InvalidSettingError, match=re.escape(title.split()[0])):
        await api.as_("principal").BatchUpsertOffers(request)
    problem = a_problem()
    session = held(problem, "o1", title=title)
    week = a_week(problem, (session,), (seated("lea", session),))
    assert [one.rule for one in check(problem, week)] == ["H11"]


@pytest.fixture
def uptimes(stores):
    """Give the uptimes beside each kind of store."""
    if isinstance(stores.store, MemoryStore):
        return stores.store.uptimes
    return PostgresUptimes(stores.store._database)


async def sources(win, monday=MONDAY):
    """Return where the choices of lea and leo come from, as their adult sees them."""
    request = asking.ListRankingsRequest(parent=f"{PARENT}/weeks/{monday}")
    listed = (await win.as_("max").ListRankings(request)).rankings
    return {one.learner.rsplit("/", 1)[1]: one.source for one in listed}


async def test_12_sign_up_was_down_in_the_last_hour_and_the_window_is_extended(
    stores, win, uptimes
):
    """Down from half past eleven: it closes half an hour later, and lea's ranking of then counts.

    Leo sent nothing: there are no choices of his, and nothing says that he forgot.
    """
    clock = await ChoosingClock(stores, win, uptimes).start()
    down = CLOSE - timedelta(minutes=30)
    await uptimes.beat(Uptime(owner="a", start_time=OPEN - timedelta(minutes=1), beat_time=down))
    await clock.at(OPEN)
    steps, told = await clock.at(CLOSE)
    assert (steps, told.close_time - CLOSE) == ([], timedelta(minutes=30))
    until = told.close_time + DRAINED_AFTER
    await uptimes.beat(Uptime(owner="b", start_time=CLOSE, beat_time=until))
    win.at(CLOSE + timedelta(minutes=20))
    await win.rank("lea", chosen("robots"))
    assert (await clock.at(until))[0] == [Step.CLOSE_RANKING]
    ranking = request_pb2.Ranking
    assert await sources(win) == {"lea": ranking.SOURCE_SENT, "leo": ranking.SOURCE_NONE}


async def test_12_where_it_cannot_be_extended_last_weeks_choices_stand(stores, win, uptimes):
    """Sign-up was down to the hour of the draft: it closes, and lea has what she ranked before."""
    await win.rank("lea", chosen("robots"))
    week = timedelta(weeks=1)
    later, draft = MONDAY + week, CLOSE + week + timedelta(hours=1)
    clock = await ChoosingClock(stores, win, uptimes).start(later)
    assert (await clock.at(OPEN + week))[0] == [Step.OPEN_RANKING]
    assert (await clock.at(CLOSE + week))[0] == []
    steps, _ = await clock.at(draft + DRAINED_AFTER)
    assert steps[0] is Step.CLOSE_RANKING
    request = asking.GetChoiceWindowRequest(name=f"{PARENT}/weeks/{later}/choiceWindow")
    note = (await win.as_("lea").GetChoiceWindow(request)).window.note
    assert "last week's choices stand" in note
    ranking = request_pb2.Ranking
    assert await sources(win, later) == {
        "lea": ranking.SOURCE_LAST_WEEK,
        "leo": ranking.SOURCE_NONE,
    }
