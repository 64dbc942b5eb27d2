"""Any method from a shell: words become messages, and contracts tell of themselves."""

import re

import pytest
from click.testing import CliRunner
from trellis.scheduler.v1 import cycle_service_pb2, day_service_pb2, request_service_pb2
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler

from services.common.rpc.calling import telling
from services.common.rpc.calling.contracts import Contracts
from services.common.rpc.calling.words import WordsError, document_from, fill
from services.evidence.__main__ import main as evidence
from services.evidence.entrypoints.scopes import SCOPES as EVIDENCE_SCOPES
from services.mastery.__main__ import main as mastery
from services.mastery.entrypoints.scopes import SCOPES as MASTERY_SCOPES
from services.scheduler.__main__ import main
from services.scheduler.entrypoints.calling import SERVICES
from services.scheduler.entrypoints.scopes import SCOPES

WEEK = "districts/d/schools/s/weeks/2026-11-30"


def said(message, *words):
    """Return the message that words say."""
    fill(message, document_from(words, message.DESCRIPTOR))
    return message


def test_words_say_every_kind_of_field():
    """Text, numbers, truth, times, values of enumerations; lists, and messages in messages."""
    assert said(
        request_service_pb2.CreateBookingRequest(), f"parent={WEEK}", "kind=KIND_COACHING"
    ) == request_service_pb2.CreateBookingRequest(parent=WEEK, kind="KIND_COACHING")
    absence = said(
        day_service_pb2.ReportAbsenceRequest(),
        "slot_ids=mon-1",
        "slot_ids=mon-2",
        "date=2026-11-30",
    )
    assert list(absence.slot_ids) == ["mon-1", "mon-2"]
    assert said(scheduler.GetWeekRequest(), "revision=-1").revision == -1
    cycle = said(cycle_service_pb2.UpdateSchoolCycleRequest(), "cycle.name=c", "cycle.running=true")
    assert (cycle.cycle.name, cycle.cycle.running) == ("c", True)
    ranking = said(
        request_service_pb2.SubmitRankingRequest(),
        'choices=[{"offer": "a"}, {"offer": "b"}]',
        'choices={"offer": "c"}',
    )
    assert [one.offer for one in ranking.choices] == ["a", "b", "c"]
    extended = said(
        request_service_pb2.ExtendChoiceWindowRequest(), "close_time=2026-11-19T12:00:00-05:00"
    )
    assert extended.close_time.ToJsonString() == "2026-11-19T17:00:00Z"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("parent", "'parent' is not FIELD=VALUE. There are: parent, kind,"),
        ("week=x", "There is no field 'week'. There are: parent, kind,"),
        ("kind=COACHING", "kind has no value 'COACHING'. There are: KIND_UNSPECIFIED, KIND_RE"),
        ("parent.name=x", "'parent' has no fields that a dot could name"),
    ],
)
def test_a_word_that_says_nothing_is_told_with_what_there_is(word, told):
    """Nobody has to open a contract to mend a word."""
    with pytest.raises(WordsError, match=re.escape(told)):
        said(request_service_pb2.CreateBookingRequest(), word)


@pytest.mark.parametrize(
    ("message", "word", "told"),
    [
        (cycle_service_pb2.UpdateSchoolCycleRequest(), "cycle.running=yes", "true or false"),
        (request_service_pb2.SubmitRankingRequest(), "choices=[{offer: a}]", "at character 3"),
        (
            request_service_pb2.SubmitRankingRequest(),
            'choices=[{"of": "a"}]',
            'no field named "of"',
        ),
        (scheduler.GetWeekRequest(), "revision=newest", "revision"),
    ],
)
def test_a_value_that_does_not_fit_is_told_by_its_field(message, word, told):
    """In a line of its own, without what only a program reads."""
    with pytest.raises(WordsError, match=re.escape(told)) as raised:
        said(message, word)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("command", "scopes"),
    [(main, SCOPES), (evidence, EVIDENCE_SCOPES), (mastery, MASTERY_SCOPES)],
)
def test_every_method_of_a_service_but_streams_can_be_called(command, scopes):
    """A method that is added to a service is there for a shell, too."""
    listed = CliRunner().invoke(command, ["call"]).output
    named = {line.split()[0] for line in listed.splitlines() if line.startswith("  ")}
    assert {name for name in scopes if not name.startswith("Stream")} <= named


def test_methods_and_fields_are_told_in_the_words_of_the_contract():
    """With the scope, the values of enumerations, and what comes back."""
    contracts = Contracts(SERVICES)
    told = "\n".join(telling.fields(contracts, contracts.methods["CreateBooking"], SCOPES))
    assert "RequestService.CreateBooking\nAsks for a re-assessment" in told
    assert "the scope 'schedule.write'" in told
    assert "  parent: text. districts/{district}/schools/{school}/weeks/{monday}\n" in told
    assert "    KIND_COACHING: A group of four or five with an adult.\n" in told
    assert "\nAnswered:\n  booking: Booking." in told
    assert max(len(line) for line in told.splitlines()) <= telling.WIDTH


def test_every_field_that_is_sent_or_answered_can_be_told():
    """Messages that hold themselves, or others' messages, end."""
    contracts = Contracts(SERVICES)
    for method in contracts.methods.values():
        assert list(telling.fields(contracts, method, SCOPES))


def test_a_method_that_is_none_is_told_with_those_that_are_meant():
    """A service's name before the method may stand, and must be its own."""
    assert "Is it ListOffers or" in CliRunner().invoke(main, ["call", "ListOfers"]).output
    contracts = Contracts(SERVICES)
    assert contracts.find("DayService.CloseDay") is contracts.find("CloseDay")
    assert contracts.find("CycleService.CloseDay") is None
