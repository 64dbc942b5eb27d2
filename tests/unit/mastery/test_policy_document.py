"""A policy document is a policy or a refusal that says what to do, whatever somebody sends."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.adapters.documents import DOCUMENT_BYTES, from_json, from_yaml, to_json
from services.mastery.domain.errors import PolicyDocumentError
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    Decision,
    Gate,
    Policy,
    RuleChoice,
    Share,
)
from services.mastery.domain.policy_document import (
    COMPETENCIES_MAXIMUM,
    FIELDS,
    changed_fields,
    read_document,
    write_document,
)
from services.mastery.domain.rules import RULES
from tests.support import mastery_reference as reference
from tests.support.mastery_facts import LENIENT_POLICY, a_history, facts_of, rubric_days

PAGE = Path(__file__).parents[3] / "docs/mastery.md"

RULE_CHOICES = st.sampled_from(sorted(RULES)).flatmap(
    lambda key: st.builds(
        RuleChoice,
        name=st.just(key[0]),
        version=st.just(key[1]),
        parameter=st.integers(RULES[key].parameter_minimum, RULES[key].parameter_maximum),
    )
)
CURRENT_RULES = RULE_CHOICES.filter(lambda one: not RULES[one.name, one.version].credit_only)
GATES = st.builds(
    Gate, share=st.sampled_from(list(Share)), at_least_micro=st.integers(0, 1_000_000)
)
COUNTS = st.integers(0, 100)
LEVELS = st.integers(1_000, 4_000)
IDS = st.from_regex(r"\A[A-Za-z0-9._-]{1,64}\Z")
POLICIES = st.builds(
    Policy,
    credit_rule=RULE_CHOICES,
    current_rule=CURRENT_RULES,
    minimum_evidence=COUNTS,
    minimum_items=st.integers(0, 32),
    minimum_days=COUNTS,
    exemplary_gate=GATES,
    exemplary_level_milli=LEVELS,
    exemplary_evidence=COUNTS,
    exemplary_deep=COUNTS,
    proficient_gate=GATES,
    proficient_level_milli=LEVELS,
    approaching_gate=GATES,
    reteach_below_half_micro=st.integers(0, 1_000_000),
    reteach_evidence=st.integers(1, 100),
    reassess_gate=GATES,
    reassess_wait_us=st.integers(0, 2_400).map(lambda hours: hours * 3_600_000_000),
    refresh_gate=GATES,
    fluency_competencies=st.none() | st.frozensets(IDS, max_size=5),
    learner_wide=st.booleans(),
    intercept=st.floats(-5, 5),
    slope=st.floats(0.01, 3),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "version", "parameter", "share", "at_least"])
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def problems_of(document):
    """Return {field: sentence} of what is wrong with a document."""
    with pytest.raises(PolicyDocumentError) as caught:
        read_document(document)
    return {one.field: str(one) for one in caught.value.problems}


@given(POLICIES)
def test_every_policy_comes_back_from_its_document(policy):
    """Through JSON as text and back: no field is lost or rounded."""
    assert read_document(write_document(policy)) == policy
    assert read_document(from_json(to_json(write_document(policy)))) == policy


def read_or_refused(read):
    """Return the policy that is read, or the refusal; anything else is raised."""
    try:
        return read()
    except PolicyDocumentError as error:
        return error


def assert_can_be_told(error):
    """Check that a refusal has sentences, and that each can be sent."""
    told = (str(error), *map(str, error.problems), *error.metadata.values())
    assert error.problems
    assert all(text.encode("utf-8") for text in told)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=12), ANYTHING) | ANYTHING)
@settings(max_examples=300)
def test_no_document_raises_anything_but_the_refusal(document):
    """What is read is a policy that comes back; what is not has sentences that can be sent."""
    found = read_or_refused(lambda: read_document(document))
    if isinstance(found, Policy):
        assert read_document(write_document(found)) == found
    else:
        assert_can_be_told(found)


@given(st.text(max_size=200) | ANYTHING.map(repr))
def test_no_text_raises_anything_but_the_refusal(text):
    """JSON and YAML alike, whatever it is that somebody calls so."""
    for read in (from_json, from_yaml):
        found = read_or_refused(lambda read=read: read_document(read(text)))
        if not isinstance(found, Policy):
            assert_can_be_told(found)


@given(st.integers(0, 10_000), POLICIES)
@settings(max_examples=150)
def test_with_every_policy_that_can_be_kept_a_mastery_can_be_read(seed, policy):
    """No choice of a district makes a reading fail; without evidence nothing is said."""
    revisions, as_of_us = a_history(seed)
    live = [one for one in reference.winners(revisions) if one["learner"] == "learner-1"]
    learner, competency = facts_of(live, "competency-1")
    mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=policy, policy_version=3)
    assert mastery.policy_version == 3
    assert mastery.explanation
    if not competency.evidence_count:
        assert mastery.decision == Decision.INSUFFICIENT
        assert not mastery.needs_reteach


def test_what_is_absent_has_its_default():
    """An empty document is the default policy, and one field changes one field."""
    assert read_document({}) == DEFAULT_POLICY
    assert read_document({"minimum_days": 2}) == replace(DEFAULT_POLICY, minimum_days=2)
    lenient = {"proficient_gate": {"share": 0.7, "at_least": 0.8}}
    assert read_document(lenient) == LENIENT_POLICY


def test_everything_that_is_wrong_is_told_at_once_with_what_to_do():
    """The field, why, and the nearest name that there is."""
    found = problems_of(
        {
            "proficient_gat": {"share": 0.7, "at_least": 0.8},
            "current_rule": {"name": "decaying_averag", "parameter": 65},
            "credit_rule": {"nam": "highest"},
            "minimum_days": "two",
            "slope": 0,
        }
    )
    assert found == {
        "proficient_gat": 'proficient_gat is not known. Did you mean "proficient_gate"?',
        "current_rule.name": 'current_rule.name is "decaying_averag", which is no rule.'
        ' Did you mean "decaying_average"?',
        "credit_rule.nam": 'credit_rule.nam is not known. Did you mean "name"?',
        "credit_rule.name": found["credit_rule.name"],
        "minimum_days": 'minimum_days is "two", not a whole number. Send 0 to 100.',
        "slope": "slope is 0, out of its bounds. Send 0.01 to 3.",
    }
    assert "is missing. There are: " in found["credit_rule.name"]


WRONG = {
    "minimum_evidence": [-1, 101, 1.0, True, None, "3", 10**30],
    "minimum_items": [-1, 33],
    "minimum_days": [-1, 101],
    "exemplary_evidence": [-1, 101],
    "exemplary_deep": [-1, 101],
    "exemplary_level_milli": [999, 4_001, 3.5],
    "proficient_level_milli": [999, 4_001],
    "reteach_below_half": [-0.1, 1.1, 0.1234567, float("nan")],
    "reteach_evidence": [0, 101],
    "reassess_wait_hours": [-1, 2_401, 0.5],
    "learner_wide": [0, 1, "yes", None],
    "intercept": [-5.1, 5.1, float("inf"), float("nan"), "0", True, 10**400],
    "slope": [0, 0.009, 3.1, -1, float("nan")],
    "fluency_competencies": ["c1", {}, [""], ["a b"], ["x" * 65], [7], ["c"] * 501],
    "proficient_gate": [
        {"share": 0.8},
        {"at_least": 0.7},
        {"share": 0.6, "at_least": 0.7},
        {"share": 0.8, "at_least": 1.5},
        {"share": 0.8, "at_least": 0.7, "above": 1},
        0.8,
    ],
    "current_rule": [
        "highest",
        {},
        {"name": "highest", "parameter": 1},
        {"name": "highest", "version": 99},
        {"name": "decaying_average"},
        {"name": "decaying_average", "parameter": 100},
        {"name": ["highest"]},
        {"name": "highest"},
        {"name": "n_mastery", "parameter": 3},
    ],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG.items() for value in values]
)
def test_a_value_outside_of_its_bounds_is_refused_under_its_field(field, value):
    """Nothing is cut to fit, and nothing of another kind is taken for a number."""
    found = problems_of({field: value})
    assert all(name.startswith(field) for name in found)


def test_a_rule_for_credit_alone_is_refused_for_the_current_level():
    """Whoever forgets must be able to get help; the same rule is taken for credit."""
    rule = {"name": "n_mastery", "parameter": 3}
    assert read_document({"credit_rule": rule}).credit_rule.parameter == 3
    found = problems_of({"current_rule": rule})["current_rule.name"]
    assert "whoever forgets would get no help. Choose it for credit_rule" in found
    assert "decaying_average" in found


def test_the_bounds_themselves_are_taken():
    """The least and the most that the page names."""
    edges = {
        "minimum_items": 32,
        "slope": 3,
        "intercept": -5,
        "reteach_below_half": 1,
        "proficient_gate": {"share": 0.5, "at_least": 0},
        "fluency_competencies": [f"c{k}" for k in range(COMPETENCIES_MAXIMUM)],
    }
    policy = read_document(edges)
    assert (policy.minimum_items, policy.slope, policy.intercept) == (32, 3.0, -5.0)
    assert len(to_json(write_document(policy))) < DOCUMENT_BYTES


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (from_json, '{"slope": 1, "slope": 2}', "'slope' comes twice"),
        (from_yaml, "slope: 1\nslope: 2\n", "'slope' comes twice"),
        (from_json, "{", "cannot be read as JSON"),
        (from_yaml, "a: [", "cannot be read as YAML"),
        (from_yaml, "a: &x [1]\nb: *x\n", "an alias"),
        (from_yaml, "!!python/object/apply:os.getcwd []", "cannot be read as YAML"),
        (from_json, "[" * 60_000, "nests too deeply"),
        (from_yaml, "[" * 60_000, "nests too deeply"),
        (from_json, " " * (DOCUMENT_BYTES + 1), "at most 65536"),
        (from_json, "9" * 5_000, "cannot be read as JSON"),
    ],
)
def test_a_text_that_nobody_can_be_sure_of_is_refused(read, text, why):
    """A name twice, an alias, too much of anything."""
    with pytest.raises(PolicyDocumentError, match=re.escape(why)):
        read(text)


def test_yaml_and_json_say_the_same():
    """Which of the two a person writes does not matter."""
    document = write_document(LENIENT_POLICY)
    assert from_yaml(to_json(document, indent=2)) == from_json(to_json(document)) == document


def test_what_differs_is_told_field_by_field():
    """In the words of documents, before and after."""
    changed = replace(LENIENT_POLICY, minimum_days=2)
    assert changed_fields(DEFAULT_POLICY, changed) == [
        ("minimum_days", 1, 2),
        (
            "proficient_gate",
            {"share": 0.8, "at_least": 0.7},
            {"share": 0.7, "at_least": 0.8},
        ),
    ]


def test_a_policy_decides_otherwise_from_the_same_evidence():
    """What the default calls approaching, a lenient district calls proficient."""
    learner, competency = facts_of(rubric_days(3, 4, 4, 4), "competency-1")
    as_of_us = learner.window[0].occur_time_us
    document = {"proficient_gate": {"share": 0.5, "at_least": 0.5}}
    decisions = [
        read_mastery(learner, competency, as_of_us=as_of_us, policy=policy).decision
        for policy in (DEFAULT_POLICY, read_document(document))
    ]
    assert decisions == [Decision.APPROACHING, Decision.PROFICIENT]


def test_the_page_names_every_field():
    """The table of docs/mastery.md has the fields that a document may have, and no others."""
    table = PAGE.read_text("utf-8").partition("| field | what it sets |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)} == set(FIELDS)


def test_the_example_of_the_page_can_be_put():
    """What somebody copies from it is taken."""
    section = PAGE.read_text("utf-8").partition("\n## How a district chooses\n")[2]
    example = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    policy = read_document(from_yaml(example[1]))
    assert policy.current_rule.parameter == 75
    assert json.loads(to_json(write_document(policy)))["minimum_days"] == 2
