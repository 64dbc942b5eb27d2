"""What makes a framework and a competency valid, and that prerequisites close no circle."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.entities import EntityFault, InvalidEntityError
from services.evidence.domain.framework import (
    Code,
    Competency,
    Framework,
    check_competencies,
    check_frameworks,
    check_free_codes,
    check_known_frameworks,
    check_prerequisites,
    find_circle,
)

nodes = st.integers(min_value=0, max_value=9).map(str)
graphs = st.dictionaries(nodes, st.lists(nodes, max_size=4, unique=True).map(tuple), max_size=10)


def a_competency(**changes: Any) -> Competency:
    """Return a valid competency."""
    competency = Competency(
        id="6.rp.1",
        framework_id="math",
        code="6.RP.A.1",
        label="Talk about ratios",
        subject="math",
        grade="6",
        essential=True,
    )
    return replace(competency, **changes)


def a_node(competency_id: str, *prerequisites: str) -> Competency:
    """Return a valid competency of which only the place in the graph matters."""
    return a_competency(
        id=competency_id, code=competency_id, prerequisites=tuple(sorted(prerequisites))
    )


def has_circle(graph: dict[str, tuple[str, ...]]) -> bool:
    """Tell by taking away what leads nowhere until nothing changes: another way than the code's."""
    left = {node: set(following) for node, following in graph.items()}
    while ends := [node for node, following in left.items() if not following & left.keys()]:
        for node in ends:
            del left[node]
    return bool(left)


def test_valid_entities_pass_with_their_texts_trimmed_and_their_sets_sorted() -> None:
    """A check gives back the content as it will stand."""
    framework = Framework(id="math", display_name="Mathematics")
    assert check_frameworks([replace(framework, display_name=" Mathematics")]) == (framework,)
    sent = a_competency(label="Talk about ratios ", prerequisites=("b", "a"))
    assert check_competencies([sent]) == (a_competency(prerequisites=("a", "b")),)


@pytest.mark.parametrize(
    ("changes", "field", "fault"),
    [
        ({"id": "6/rp"}, "name", EntityFault.FIELD_MALFORMED),
        ({"framework_id": ""}, "framework", EntityFault.FIELD_MISSING),
        ({"code": " "}, "code", EntityFault.FIELD_MISSING),
        ({"label": ""}, "label", EntityFault.FIELD_MISSING),
        ({"label": "x" * 301}, "label", EntityFault.FIELD_TOO_LONG),
        ({"subject": ""}, "subject", EntityFault.FIELD_MISSING),
        ({"prerequisites": ("a", "a")}, "prerequisites", EntityFault.DUPLICATE),
        (
            {"prerequisites": tuple(str(n) for n in range(33))},
            "prerequisites",
            EntityFault.TOO_MANY_VALUES,
        ),
    ],
)
def test_an_invalid_competency_is_refused(
    changes: dict[str, Any], field: str, fault: EntityFault
) -> None:
    """A refusal names the index and the field of the competency at fault."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_competencies([a_node("other"), a_competency(**changes)])
    assert refusal.value.place.path == f"competencies[1].{field}"
    assert refusal.value.fault is fault


def test_one_code_twice_in_a_framework_is_refused_and_in_two_frameworks_is_not() -> None:
    """Two frameworks may call different things by one code."""
    other = a_competency(id="other", framework_id="science")
    assert len(check_competencies([a_competency(), other])) == 2
    with pytest.raises(InvalidEntityError) as refusal:
        check_competencies([a_competency(), replace(other, framework_id="math")])
    assert refusal.value.place.path == "competencies[1].code"


def test_a_framework_that_the_district_does_not_have_is_refused() -> None:
    """The first competency that refers to it is named."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_known_frameworks([a_competency(), a_node("x")], {"science"})
    assert refusal.value.place.path == "competencies[0].framework"
    assert refusal.value.fault is EntityFault.UNKNOWN_FRAMEWORK


def test_a_code_is_free_unless_a_competency_outside_of_the_batch_holds_it() -> None:
    """Two competencies may swap their codes in one batch; a third one's code cannot be taken."""
    one, two = a_node("one"), a_node("two")
    held = {
        Code(framework_id="math", code="one"): "two",
        Code(framework_id="math", code="two"): "one",
    }
    check_free_codes([one, two], held)
    with pytest.raises(InvalidEntityError) as refusal:
        check_free_codes([one], held)
    assert refusal.value.fault is EntityFault.CODE_TAKEN


def test_a_prerequisite_may_be_kept_already_or_come_in_the_same_batch() -> None:
    """What is in neither is refused."""
    check_prerequisites([a_node("c", "a", "b"), a_node("b")], {"a": ()})
    with pytest.raises(InvalidEntityError) as refusal:
        check_prerequisites([a_node("b"), a_node("c", "a", "z")], {"a": ()})
    assert refusal.value.place.path == "competencies[1].prerequisites"
    assert refusal.value.fault is EntityFault.UNKNOWN_PREREQUISITE


@pytest.mark.parametrize(
    ("batch", "standing"),
    [
        ([a_node("a", "a")], {}),
        ([a_node("a", "b"), a_node("b", "a")], {}),
        ([a_node("new"), a_node("a", "c")], {"b": ("a",), "c": ("b",)}),
    ],
    ids=["itself", "within the batch", "through what is kept"],
)
def test_a_circle_is_refused(batch: list[Competency], standing: dict[str, tuple[str, ...]]) -> None:
    """Nothing may lead to itself, and the refusal shows the way round."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_prerequisites(batch, standing)
    assert refusal.value.fault is EntityFault.PREREQUISITE_CYCLE
    assert "a < " in refusal.value.message


def test_a_long_circle_is_named_in_short() -> None:
    """A refusal stays readable, whatever it is about."""
    size = 1000
    standing = {str(n): (str(n + 1),) for n in range(1, size)}
    with pytest.raises(InvalidEntityError) as refusal:
        check_prerequisites([a_node("0", "1"), a_node(str(size), "0")], standing)
    assert len(refusal.value.message) < 200


def test_taking_an_edge_away_and_adding_its_reverse_in_one_batch_is_no_circle() -> None:
    """The batch's edges take the place of the kept ones."""
    check_prerequisites([a_node("a"), a_node("b", "a")], {"a": ("b",), "b": ()})


@given(graphs)
def test_a_circle_is_found_if_and_only_if_there_is_one(graph: dict[str, tuple[str, ...]]) -> None:
    """What is found is a real circle of the graph, and where none is found there is none."""
    circle = find_circle(graph, sorted(graph))
    assert bool(circle) == has_circle(graph)
    for node, following in zip(circle, [*circle[1:], *circle[:1]], strict=True):
        assert following in graph[node]


def test_a_chain_of_thousands_needs_no_stack() -> None:
    """A chain of 20,000 competencies is walked without recursion."""
    size = 20_000
    chain = {str(n): (str(n + 1),) for n in range(size)}
    assert find_circle(chain, ["0"]) == ()
    assert len(find_circle({**chain, str(size): ("0",)}, ["0"])) == size + 1
