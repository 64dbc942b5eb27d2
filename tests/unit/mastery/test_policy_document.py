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
    Policy,
)
from services.mastery.domain.policy_document import (
    COMPETENCIES_MAXIMUM,
    FIELDS,
    changed_fields,
    read_document,
    write_document,
)
from services.mastery.handlers.policies import written
from tests.support import mastery_reference as reference
from tests.support.mastery_facts import LENIENT_POLICY, a_history, facts_of, rubric_days
from tests.support.mastery_policies import POLICIES

PAGE = Path(__file__).parents[3] / "docs/mastery.md"

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("name", "version", "parameter", "share", "at_least", "from_level_milli"),
                    *("steps", "lowest", "highest", "decimals"),
                    *("all", "points", "parts", "required"),
                )
            )
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
    "level_names": [
        "beginning",
        None,
        {},
        [{"name": "all", "from_level_milli": 1_000}],
        [{"name": "a", "from_level_milli": 1_500}, {"name": "b", "from_level_milli": 3_000}],
        [{"name": "a", "from_level_milli": 1_000}, {"name": "b", "from_level_milli": 1_000}],
        [{"name": "a", "from_level_milli": 1_000}, {"name": "A", "from_level_milli": 3_000}],
        [{"name": "a", "from_level_milli": 1_000}, {"name": "b", "from_level_milli": 4_001}],
        [{"name": "a", "from_level_milli": 1_000}, {"name": "b"}],
        [{"name": "a", "from_level_milli": 1_000}, "b"],
        *(
            [{"name": "a", "from_level_milli": 1_000}, {"name": b, "from_level_milli": 3_000}]
            for b in ("", " ", "b ", "b\n", "x" * 41, 3, None)
        ),
        [{"name": f"n{k}", "from_level_milli": 1_000 + k} for k in range(14)],
    ],
    "display_scale": [
        "letters",
        None,
        [],
        {},
        {"lowest": 0},
        {"lowest": 0, "highest": 0},
        {"lowest": 4, "highest": 1},
        {"lowest": -1, "highest": 4},
        {"lowest": 0, "highest": 1_001},
        {"lowest": 0, "highest": 100, "decimals": 4},
        {"lowest": 0.5, "highest": 4},
        {"steps": []},
        {"steps": [{"name": "A", "from_level_milli": 1_000}], "lowest": 1, "highest": 4},
    ],
    "roll_ups": [
        "number",
        None,
        [],
        {"a b": {"all": ["c"]}},
        {3.1: {"all": ["c"]}},
        {"n": "all"},
        {"n": {}},
        {"n": {"all": []}},
        {"n": {"all": "c"}},
        {"n": {"all": ["c", "c"]}},
        {"n": {"all": ["n"]}},
        {"n": {"all": ["c d"]}},
        {"n": {"all": ["c"], "points": 1}},
        {"n": {"every": ["c"]}},
        {"n": {"points": 1}},
        {"n": {"parts": {"c": 1}}},
        {"n": {"points": 2, "parts": {"c": 1}}},
        {"n": {"points": 0, "parts": {"c": 1}}},
        {"n": {"points": 1, "parts": {"c": -1, "d": 3}}},
        {"n": {"points": 1, "parts": {"c": 1_001}}},
        {"n": {"points": 1, "parts": {"n": 1}}},
        {"n": {"points": 1, "parts": {}}},
        {"n": {"points": 1, "parts": ["c"]}},
        {"n": {"points": 1, "parts": {"c": 1}, "required": ["d"]}},
        {"n": {"points": 1, "parts": {"c": 1}, "required": ["c", "c"]}},
        {"n": {"all": ["m"]}, "m": {"all": ["n"]}},
        {"n": {"all": [f"c{k}" for k in range(101)]}},
        {f"n{k}": {"all": ["c"]} for k in range(201)},
        {f"n{k}": {"all": [f"c{j}" for j in range(92)]} for k in range(11)},
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


def test_the_examples_of_the_page_can_be_put():
    """What somebody copies from it is taken, and all of it together too."""
    page = PAGE.read_text("utf-8")
    weights = page[
        page.index("\n## How hard items are\n") : page.index("\n## The published status\n")
    ]
    examples = re.findall(r"```yaml\n(.*?)```", page.replace(weights, ""), re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        assert read_document(from_yaml(example)) != DEFAULT_POLICY
    policy = read_document(from_yaml("".join(examples)))
    assert policy.current_rule.parameter == 75
    assert json.loads(to_json(write_document(policy)))["minimum_days"] == 2
    assert [one.competency for one in policy.roll_ups] == ["fractions", "number-sense"]
    assert [one.name for one in policy.level_names][-1] == "extending"


def test_what_is_wrong_with_a_roll_up_is_told_where_it_stands():
    """Each in its own place, all of them at once; a circle by its way round."""
    found = problems_of(
        {
            "roll_ups": {
                "number": {"all": ["adding", "number"]},
                "shape": {"points": 5, "parts": {"angles": 2, "circles": 2}},
                "time": {"points": 1, "parts": {"hours": 1}, "required": ["days"]},
            }
        }
    )
    assert found == {
        "roll_ups.number.all": "roll_ups.number.all names number as a part of itself. Take it out.",
        "roll_ups.shape.points": "roll_ups.shape.points is 5, and all parts together have 4."
        " Ask for no more than they have.",
        "roll_ups.time.required[0]": 'roll_ups.time.required[0] is "days", no part.'
        " Name it in parts too.",
    }
    circle = {"a": {"all": ["b"]}, "b": {"all": ["c", "x"]}, "c": {"all": ["a"]}}
    assert "→" in problems_of({"roll_ups": circle})["roll_ups"]


def test_an_id_that_yaml_takes_for_a_number_says_so():
    """3.10 without quotes is 3.1 to YAML: another competency, if it were taken."""
    with pytest.raises(PolicyDocumentError, match="put it in quotes"):
        read_document(from_yaml("roll_ups: {number: {all: [3.10, 3.11]}}"))
    policy = read_document(from_yaml("roll_ups: {'3.1': {all: ['3.10', '3.11']}}"))
    assert policy.roll_ups[0].rule.parts == ("3.10", "3.11")


def test_the_order_of_roll_ups_and_parts_says_nothing():
    """Two people who write the same thing in another order have put the same policy."""
    one = {"n": {"all": ["b", "a"]}, "m": {"points": 1, "parts": {"d": 1, "c": 2}}}
    other = {"m": {"points": 1, "parts": {"c": 2, "d": 1}}, "n": {"all": ["a", "b"]}}
    assert read_document({"roll_ups": one}) == read_document({"roll_ups": other})


def test_a_policy_that_could_not_be_sent_again_is_not_kept():
    """What is short as it is written may be long with every field: it is measured as it is kept."""
    parts = {f"{k:a>64}": 1 for k in range(100)}
    roll_ups = {f"n{k}": {"points": 1, "parts": parts, "required": list(parts)} for k in range(10)}
    policy = read_document({"roll_ups": roll_ups})
    assert len(to_json(write_document(policy))) > DOCUMENT_BYTES
    with pytest.raises(PolicyDocumentError, match="name fewer competencies"):
        written(policy)
    ids = [f"{k:a>36}" for k in range(1_000)]
    large = {f"n{k}": {"all": ids[k * 10 : k * 10 + 10]} for k in range(100)}
    kept = written(read_document({"roll_ups": large}))
    assert read_document(from_json(to_json(kept))) == read_document({"roll_ups": large})
