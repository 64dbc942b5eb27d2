"""Nothing that labels a learner (H11), and nothing of others, comes out of what they may call.

The tests walk over every method that the table of actions opens to a learner or a family, so a
method that is opened to them without a case fails here.
"""

import re

import pytest

from services.scheduler.domain.access import ALLOWED, Role
from services.scheduler.domain.errors import (
    NotAllowedError,
    NotFoundError,
    SchedulerError,
)
from services.scheduler.domain.titles import BANNED_WORDS
from services.scheduler.entrypoints.actions import ACTIONS
from tests.support.canaries import BANNED
from tests.support.canary_calls import CASES, LEARNERS, SERVICE_OFFER, CanaryCalls, words_in

OUTSIDE = (Role.LEARNER, Role.FAMILY)
OPEN = {
    name
    for name, actions in ACTIONS.items()
    if any(action in ALLOWED[role] for action in actions for role in OUTSIDE)
}
NOBODYS = {"GetChoiceWindow"}
"""What is the same for everybody and names no learner."""
SECRETS = (
    *("Canaryname", "canaryreason", "canarytier", "canaryservice", "canaryexempt", "canarypair"),
    *("canarywinner", "canaryloser", "CNRY", BANNED, "LEVEL_", "SERVICE"),
)
LEVEL = re.compile(r"(?<![\d:.])[1-4]\.\d(?![\d.])")
READERS = [(one, who) for one in LEARNERS for who in (one, f"family {one}")]


@pytest.fixture
async def calls():
    """Give the school, in which everybody has asked for something."""
    return await CanaryCalls().set_up()


async def answered(calls, who, name, request):
    """Return what somebody reads of an answer or a refusal, text by text."""
    try:
        answer = await getattr(calls.as_(who), name)(request)
    except SchedulerError as error:
        return [str(error)]
    return list(words_in(answer))


def test_every_method_that_is_open_to_learners_or_families_has_a_case():
    """A method that is opened to them, or closed, is told here, or this fails."""
    assert set(CASES) == OPEN


@pytest.mark.parametrize(("learner_id", "who"), READERS)
async def test_no_answer_says_what_is_private_or_of_another(calls, learner_id, who):
    """Levels, tiers, codes, services, reasons, pairs, other learners: in no text of any answer."""
    others = [one for one in LEARNERS if one != learner_id]
    said = 0
    for name, made in CASES.items():
        for request in made(calls.asked[learner_id]):
            texts = await answered(calls, who, name, request)
            said += len(texts)
            for text in texts:
                found = [one for one in (*SECRETS, *others) if one.lower() in text.lower()]
                # A refusal may name what the caller sent, and no more.
                sent = " ".join(words_in(request)).lower()
                found = [one for one in found if one.lower() not in sent]
                assert not found, (name, text, found)
                assert not text.endswith(f"/offers/{SERVICE_OFFER}"), (name, text)
                assert not LEVEL.search(text), (name, text)
    assert said > 60, "hardly anything was answered, so nothing was tested"


@pytest.mark.parametrize(("learner_id", "who"), READERS)
async def test_no_words_that_learners_read_label_them(calls, learner_id, who):
    """No word for level, tier, grade, service, language, disability or rank."""
    words = set(BANNED_WORDS) | {BANNED}
    for name, made in CASES.items():
        # The first is answered; what a program sent wrongly is told in the words of the contract.
        texts = await answered(calls, who, name, made(calls.asked[learner_id])[0])
        for text in texts:
            if text.startswith(("districts/", "/feeds/")):
                continue
            found = [
                one for one in words if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.I)
            ]
            assert not found, (name, text, found)


@pytest.mark.parametrize("name", sorted(OPEN - NOBODYS))
async def test_nobody_outside_reads_or_changes_what_is_anothers(calls, name):
    """The same calls for another learner are refused, and the refusal says nothing of them."""
    other = calls.asked["canaryid2"]
    for who in ("canaryid1", "family canaryid1"):
        request = CASES[name](other)[0]
        with pytest.raises((NotAllowedError, NotFoundError)) as refused:
            await getattr(calls.as_(who), name)(request)
        text = str(refused.value)
        assert not [one for one in SECRETS if one in text], text
        assert "canaryid2" not in text or "canaryid2" in " ".join(words_in(request))


async def test_what_is_private_is_there_for_staff_who_ask_the_same(calls):
    """The canary flies: reasons, levels of requests, services, other learners are in the school."""
    texts = []
    for name in ("ListRequests", "ListNominations", "ListBookings", "ListProposals", "ListFeeds"):
        for one in LEARNERS:
            texts += await answered(calls, "principal", name, CASES[name](calls.asked[one])[0])
    for word in ("canaryreason", "LEVEL_SERVICE", "LEVEL_ADMINISTRATOR", *LEARNERS):
        assert any(word in text for text in texts), word
    every = CASES["ListNominations"](calls.asked["canaryid1"])[1]
    whole = await calls.as_("principal").ListNominations(every)
    assert len(whole.nominations) == len(LEARNERS)


async def test_a_learners_week_says_where_why_and_until_when(calls):
    """Every place once, with room, adult and one sentence; who asked is named, who lost is not."""
    answer = await calls.as_("canaryid1").GetLearnerWeek(
        CASES["GetLearnerWeek"](calls.asked["canaryid1"])[0]
    )
    week = answer.learner_week
    assert [one.slot_id for one in week.places] == ["mon-1", "mon-2"]
    assert (week.revision, week.monday) == (1, "2026-11-23")
    asked = week.places[1]
    assert asked.learner_sentence == "Ms. Duval ben asked for you."
    assert asked.asked_by.endswith("/adults/ben")
    assert (asked.room_display_name, asked.adult_display_name) == ("Room r2", "Ms. Duval ben")
    # 9:00 in New York, when the week begins.
    assert week.change_end_time.ToJsonString() == "2026-11-23T14:00:00Z"


async def test_a_service_reads_as_a_request_does(calls):
    """Who is owed a service and whom an adult asked for read the same sentence."""
    answer = await calls.as_("family canaryid4").GetLearnerWeek(
        CASES["GetLearnerWeek"](calls.asked["canaryid4"])[0]
    )
    place = answer.learner_week.places[1]
    assert (place.title, place.learner_sentence) == ("Meeting", "Ms. Duval cy asked for you.")
