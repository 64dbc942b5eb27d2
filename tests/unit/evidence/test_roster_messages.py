"""Messages of roster and frameworks to entities and back, names, page tokens, learners' ids."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trellis.framework.v1 import framework_pb2
from trellis.roster.v1 import roster_pb2, roster_service_pb2

from services.common.config import ConfigurationError
from services.evidence.adapters.learner_keys import LearnerKeys
from services.evidence.adapters.wire.entities import request_key
from services.evidence.adapters.wire.framework import (
    competencies_from,
    competency_fact,
    competency_message,
    framework_message,
    frameworks_from,
)
from services.evidence.adapters.wire.page_tokens import page_after, page_token
from services.evidence.adapters.wire.roster import (
    LEARNER_NAME,
    adult_fact,
    adult_message,
    adults_from,
    learner_fact,
    learner_message,
    learners_from,
    school_fact,
    school_message,
    schools_from,
)
from services.evidence.domain.entities import EntityNotFoundError, MalformedRequestIdError
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.framework import Competency, Framework
from services.evidence.domain.roster import (
    Adult,
    FirstAlias,
    Learner,
    LearnerKeyMissingError,
    LearnerState,
    School,
)
from tests.support.rosters import (
    NOW,
    a_competency,
    a_school,
)

PINNED_LEARNER_ID = "d50c0841f5d7b1b16cfc0b3258a49b8d"

ids = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
dates = st.none() | st.dates()
schools = st.builds(School, id=ids, display_name=texts, time_zone=texts)
learners = st.builds(
    Learner,
    id=ids,
    first_alias=st.builds(FirstAlias, source=texts, source_id=texts),
    given_name=texts,
    family_name=texts,
    school_id=ids,
    grade=texts,
    state=st.sampled_from(LearnerState),
    enrol_date=dates,
    withdraw_date=dates,
)
adults = st.builds(
    Adult,
    id=ids,
    display_name=texts,
    school_id=ids,
    subjects=st.lists(texts, max_size=3).map(tuple),
    active=st.booleans(),
)
frameworks = st.builds(Framework, id=ids, display_name=texts)
competencies = st.builds(
    Competency,
    id=ids,
    framework_id=ids,
    code=texts,
    label=texts,
    subject=texts,
    grade=texts,
    essential=st.booleans(),
    prerequisites=st.lists(ids, max_size=3).map(tuple),
)


@given(schools, learners, adults, frameworks, competencies)
def test_an_entity_comes_back_from_its_message(
    school: School, learner: Learner, adult: Adult, framework: Framework, competency: Competency
) -> None:
    """No field is lost or changed between the domain and the wire, in either direction."""
    district = "henry"
    assert schools_from(district, [school_message(district, school)]) == (school,)
    assert learners_from(district, [learner_message(district, learner)]) == (learner,)
    assert adults_from(district, [adult_message(district, adult)]) == (adult,)
    assert frameworks_from(district, [framework_message(district, framework)]) == (framework,)
    found = competencies_from(district, [competency_message(district, competency)])
    assert found == (competency,)


@given(learners, adults)
def test_a_fact_has_no_field_for_a_person(learner: Learner, adult: Adult) -> None:
    """Two people who differ in nothing but who they are make the same fact."""
    other = Learner(**{**vars(learner), "given_name": "A", "family_name": "B"})
    other = Learner(**{**vars(other), "first_alias": FirstAlias(source="C", source_id="D")})
    assert learner_fact("henry", learner, NOW) == learner_fact("henry", other, NOW)
    namesake = Adult(**{**vars(adult), "display_name": "E"})
    assert adult_fact("henry", adult, NOW) == adult_fact("henry", namesake, NOW)


def test_a_fact_is_keyed_by_the_name_and_goes_to_the_topic_of_its_package() -> None:
    """A compacted topic keeps the newest fact of each name."""
    school = school_fact("henry", a_school(version=3), NOW)
    assert (school.topic, school.key) == ("trellis.roster.v1", b"districts/henry/schools/hcms")
    event = roster_pb2.RosterEvent.FromString(school.value or b"")
    assert (event.name, event.version) == ("districts/henry/schools/hcms", 3)
    assert event.change_time.ToDatetime().isoformat() == "2026-09-01T06:30:00"
    competency = competency_fact("henry", a_competency("a", "b", version=2), NOW)
    assert (competency.topic, competency.key) == (
        "trellis.framework.v1",
        b"districts/henry/competencies/a",
    )
    fact = framework_pb2.FrameworkEvent.FromString(competency.value or b"")
    assert fact.competency.prerequisites == ["districts/henry/competencies/b"]


def test_a_read_of_another_districts_name_finds_nothing() -> None:
    """Whether the name exists there is not told, and what is no name is an invalid request."""
    assert LEARNER_NAME.id_in("name", "henry", "districts/henry/learners/x") == "x"
    with pytest.raises(EntityNotFoundError):
        LEARNER_NAME.id_in("name", "henry", "districts/clayton/learners/x")
    for name in ("", "x", "districts/henry/adults/x", "districts/henry/learners/x/y"):
        with pytest.raises(InvalidRequestError):
            LEARNER_NAME.id_in("name", "henry", name)


def test_a_request_key_tells_content_and_method_apart() -> None:
    """The same method and content have the same digest; no id, or only creating: no key."""
    request = roster_service_pb2.BatchUpsertSchoolsRequest(
        schools=[school_message("henry", a_school())], request_id="r"
    )
    key = request_key("A", request)
    assert key == request_key("A", request)
    assert key != request_key("B", request)
    request.schools[0].display_name = "Other"
    assert key != request_key("A", request)
    request.create_only = True
    assert request_key("A", request) is None
    request.create_only = False
    request.request_id = ""
    assert request_key("A", request) is None
    request.request_id = "x" * 129
    with pytest.raises(MalformedRequestIdError):
        request_key("A", request)


@given(ids, st.just("") | ids)
def test_a_page_token_leads_back_to_its_place(after: str, only: str) -> None:
    """A token is read by the list and filter that gave it, and by no other."""
    token = page_token("learners", only, after)
    assert page_after("learners", only, token) == after
    with pytest.raises(InvalidRequestError):
        page_after("adults", only, token)
    with pytest.raises(InvalidRequestError):
        page_after("learners", only + "x", token)


@given(st.text(min_size=1, max_size=60))
def test_a_made_up_page_token_is_refused(token: str) -> None:
    """Whatever a client sends, it is refused as an invalid request and nothing else."""
    with pytest.raises(InvalidRequestError):
        page_after("learners", "", token)


def test_a_page_token_with_what_no_store_can_hold_is_refused() -> None:
    """A NUL, also where ids are those of sources: PostgreSQL would fail at it."""
    for any_text in (False, True):
        with pytest.raises(InvalidRequestError):
            page_after("syncs", "", page_token("syncs", "", "a\x00b"), any_text=any_text)
    assert page_after("syncs", "", page_token("syncs", "", "a/b c"), any_text=True) == "a/b c"


def test_the_first_page_has_no_token_and_the_last_gives_none() -> None:
    """Empty stands for the beginning, and for no more."""
    assert page_after("learners", "", "") == ""
    assert page_token("learners", "", "") == ""


def test_a_learners_id_is_half_of_a_keyed_hash_of_the_alias() -> None:
    """The first 32 hexadecimal digits of HMAC-SHA256 over source, U+001F and source id."""
    alias = FirstAlias(source="sis", source_id="4711")
    derived = LearnerKeys({"henry": b"k" * 32}).derive("henry", [alias])
    whole = hmac.new(b"k" * 32, b"sis\x1f4711", hashlib.sha256).hexdigest()
    assert derived == {alias: whole[:32]}
    # Once more as a literal, since stored ids rest on it.
    assert derived[alias] == PINNED_LEARNER_ID


def test_a_district_without_a_key_makes_no_ids() -> None:
    """Nothing is derived under a key that nobody gave, nor missed where nothing is asked."""
    keys = LearnerKeys({"henry": b"k" * 32})
    assert keys.derive("clayton", []) == {}
    with pytest.raises(LearnerKeyMissingError):
        keys.derive("clayton", [FirstAlias(source="sis", source_id="1")])


def test_keys_are_read_from_a_file(tmp_path: Path) -> None:
    """The file holds a key in hexadecimal digits for each district."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"henry": (b"k" * 32).hex()}))
    alias = FirstAlias(source="sis", source_id="4711")
    assert LearnerKeys.load(path).derive("henry", [alias])[alias] == PINNED_LEARNER_ID


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"henry": "00ff"}', '{"henry": 5}', '{"henry": "secretsecret"}', '{"a b": ""}'],
)
def test_a_file_of_keys_at_fault_is_refused_without_showing_it(
    tmp_path: Path, content: str
) -> None:
    """The problem is told and no part of a key."""
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as refusal:
        LearnerKeys.load(path)
    assert "secretsecret" not in str(refusal.value)
    assert "00ff" not in str(refusal.value)


def test_a_missing_file_of_keys_is_a_problem_of_configuration(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(ConfigurationError, match=r"keys\.json"):
        LearnerKeys.load(tmp_path / "keys.json")
