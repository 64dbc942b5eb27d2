"""Which competency a reference means: by identifier, address or code, across frameworks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.case.crosswalk import MAX_STEPS, crosswalk_of, resolve
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    competency_reference,
)
from services.evidence.domain.refusals import RefusedError
from tests.support.case import DOCUMENT, PUBLISHER, a_link, an_association, an_id, an_item
from tests.support.rosters import a_competency

OTHER = an_id(0xD0D)


def used(number: int, code: str, framework: str = DOCUMENT):
    """Return a competency of an item that the district uses."""
    return a_competency(an_id(number), framework_id=framework, code=code)


def known(number: int, code: str = "", framework: str = DOCUMENT):
    """Return the content of an item that the district knows."""
    return an_item(number, code, CFDocumentURI=a_link(framework, "CFDocuments"))


def meant(value, competencies, items=(), associations=(), framework=""):
    """Return the competency that a text means, and what led to it."""
    reference = competency_reference(value, framework)
    found = resolve(reference, crosswalk_of(competencies, items, associations))
    return found.competency_id, found.via


def refusal(value, competencies, items=(), associations=(), framework=""):
    """Return why a text means no competency."""
    with pytest.raises(RefusedError) as refused:
        meant(value, competencies, items, associations, framework)
    return refused.value.refusal


@pytest.mark.parametrize(
    "text",
    [an_id(0xAB), an_id(0xAB).upper(), f"urn:uuid:{an_id(0xAB)}"],
)
def test_an_identifier_means_its_competency_however_it_is_written(text):
    """Bare, in capitals, as a URN."""
    assert meant(text, [used(0xAB, "a")]) == (an_id(0xAB), ())


@pytest.mark.parametrize(
    "text",
    [
        f"{PUBLISHER}/CFItems/{an_id(1)}",
        f"{PUBLISHER.replace('https', 'http')}/CFItems/{an_id(1)}/",
        f"https://elsewhere.example.org/uri/{an_id(1)}",
    ],
)
def test_an_address_means_what_it_is_the_address_of_or_the_identifier_in_it(text):
    """With http as with https; a mirror's address ends in the same identifier."""
    assert meant(text, [used(1, "a")], [known(1, "a")]) == (an_id(1), ())


def test_an_address_without_an_identifier_is_found_where_a_publisher_has_it():
    """Some give out addresses of words."""
    item = known(1) | {"uri": "https://Publisher.example.org/standards/count-to-100"}
    text = "http://publisher.example.org/standards/count-to-100"
    assert meant(text, [used(1, "a")], [item])[0] == an_id(1)
    other = "http://publisher.example.org/standards/count-to-1000"
    assert refusal(other, [used(1, "a")], [item]).reason is RefusalReason.UNKNOWN_COMPETENCY


@pytest.mark.parametrize("text", ["6.RP.A.1", "6.rp.a.1", "CCSS.Math.Content.6.RP.A.1"])
def test_a_code_is_one_with_and_without_its_customary_prefix(text):
    """And in small letters."""
    assert meant(text, [used(1, "6.RP.A.1")])[0] == an_id(1)


def test_a_code_of_two_frameworks_is_ambiguous_and_both_are_named():
    """Unless the reference says which framework it is of."""
    both = [used(1, "6.1"), used(2, "6.1", OTHER)]
    found = refusal("6.1", both)
    assert found.reason is RefusalReason.AMBIGUOUS_REFERENCE
    assert found.message == (
        f"'6.1' can mean 6.1 of framework {DOCUMENT} ({an_id(1)}),"
        f" 6.1 of framework {OTHER} ({an_id(2)})."
    )
    assert meant("6.1", both, framework=OTHER)[0] == an_id(2)


def test_a_code_that_is_written_exactly_so_comes_before_one_that_compares_equal():
    """Some frameworks tell codes apart by capitals alone."""
    both = [used(1, "A.a"), used(2, "a.A")]
    assert meant("a.A", both)[0] == an_id(2)
    assert refusal("A.A", both).reason is RefusalReason.AMBIGUOUS_REFERENCE


def test_a_code_of_a_framework_that_is_only_known_leads_over_its_exact_match():
    """The district uses another framework for the same."""
    association = an_association(10, 5, "exactMatchOf", 1)
    found = meant("111.5", [used(1, "5.NF.1")], [known(5, "111.5", OTHER)], [association])
    assert found == (an_id(1), (an_id(10),))


@pytest.mark.parametrize("turned", [False, True])
def test_an_exact_match_means_the_same_both_ways_round(turned):
    """Whichever publisher has said it."""
    ends = (1, 5) if turned else (5, 1)
    association = an_association(10, ends[0], "exactMatchOf", ends[1])
    assert meant(an_id(5), [used(1, "a")], (), [association]) == (an_id(1), (an_id(10),))


@pytest.mark.parametrize("kind", ["isRelatedTo", "isPeerOf", "isPartOf", "ext:isAlignedTo"])
def test_what_is_only_related_is_not_followed(kind):
    """Related is not the same."""
    association = an_association(10, 5, kind, 1)
    found = refusal(an_id(5), [used(1, "a")], [known(5)], [association])
    assert found.reason is RefusalReason.UNKNOWN_COMPETENCY


def test_two_exact_matches_that_are_equally_near_are_ambiguous():
    """A nearer one would decide."""
    both = [used(1, "a"), used(2, "b")]
    associations = [
        an_association(10, 5, "exactMatchOf", 1),
        an_association(11, 5, "exactMatchOf", 2),
    ]
    assert refusal(an_id(5), both, (), associations).reason is RefusalReason.AMBIGUOUS_REFERENCE
    farther = [
        an_association(10, 5, "exactMatchOf", 6),
        an_association(11, 6, "exactMatchOf", 1),
        an_association(12, 5, "exactMatchOf", 2),
    ]
    assert meant(an_id(5), both, (), farther) == (an_id(2), (an_id(12),))


def test_an_identifier_that_was_replaced_means_what_has_taken_its_place():
    """Through every version between, whether the district uses those or not."""
    chain = [an_association(10, 1, "replacedBy", 2), an_association(11, 2, "replacedBy", 3)]
    for competencies in ([used(3, "c")], [used(1, "a"), used(3, "c")]):
        assert meant(an_id(1), competencies, (), chain) == (an_id(3), (an_id(10), an_id(11)))


def test_what_replaces_is_followed_only_as_far_as_the_district_uses_it():
    """A district that still works with the old framework keeps counting under it."""
    chain = [an_association(10, 1, "replacedBy", 2), an_association(11, 2, "replacedBy", 3)]
    assert meant(an_id(1), [used(1, "a")], (), chain) == (an_id(1), ())
    assert meant(an_id(1), [used(2, "b")], (), chain) == (an_id(2), (an_id(10),))


def test_what_came_before_is_not_followed():
    """An identifier of the new framework does not mean the old competency."""
    association = an_association(10, 1, "replacedBy", 2)
    found = refusal(an_id(2), [used(1, "a")], [known(2)], [association])
    assert found.reason is RefusalReason.UNKNOWN_COMPETENCY


def test_replacements_in_a_circle_are_cut():
    """Each competency is still found by its own identifier's chain, and nothing runs for ever."""
    circle = [an_association(10, 1, "replacedBy", 2), an_association(11, 2, "replacedBy", 1)]
    assert meant(an_id(1), [used(1, "a")], (), circle) == (an_id(1), ())
    assert refusal(an_id(1), [used(9, "z")], (), circle).reason is (
        RefusalReason.UNKNOWN_COMPETENCY
    )


def test_an_item_that_was_split_stays_itself_while_it_is_used_and_is_else_ambiguous():
    """What a learner did then cannot be told apart afterwards."""
    split = [an_association(10, 1, "replacedBy", 2), an_association(11, 1, "replacedBy", 3)]
    assert meant(an_id(1), [used(1, "a"), used(2, "b"), used(3, "c")], (), split)[0] == an_id(1)
    found = refusal(an_id(1), [used(2, "b"), used(3, "c")], (), split)
    assert found.reason is RefusalReason.AMBIGUOUS_REFERENCE
    assert an_id(2) in found.message
    assert an_id(3) in found.message


def test_a_code_of_two_versions_means_the_one_that_replaced_the_other():
    """Both are used, and the publisher has said which one holds."""
    both = [used(1, "6.1"), used(2, "6.1", OTHER)]
    association = an_association(10, 1, "replacedBy", 2)
    assert meant("6.1", both, (), [association])[0] == an_id(2)


def test_a_chain_is_followed_no_further_than_its_bound():
    """Sixteen versions on."""
    chain = [an_association(100 + at, 1 + at, "replacedBy", 2 + at) for at in range(MAX_STEPS + 1)]
    last = 1 + MAX_STEPS
    assert meant(an_id(1), [used(last, "a")], (), chain)[0] == an_id(last)
    found = refusal(an_id(1), [used(last + 1, "a")], (), chain)
    assert found.reason is RefusalReason.UNKNOWN_COMPETENCY


def test_a_retired_competency_is_still_meant_by_its_own_identifier():
    """Work is done under the framework that was in force."""
    item = known(1, "a") | {"statusEndDate": "2020-06-30"}
    assert meant(an_id(1), [used(1, "a")], [item]) == (an_id(1), ())


def test_a_container_is_no_competency_and_the_refusal_says_what_to_do():
    """An item that is known is told from one that nobody has."""
    container = refusal(an_id(5), [used(1, "a")], [known(5, "6.RP.A")])
    assert "type" in container.hint
    nobody = refusal(an_id(6), [used(1, "a")])
    assert "Import the framework" in nobody.hint


def test_a_competency_of_the_districts_own_is_meant_by_its_id_and_its_code():
    """Those that came from no publisher have no identifier of CASE."""
    own = a_competency("6.rp.1")
    walk = crosswalk_of([own], [], [])
    local = CompetencyReference(kind=CompetencyReferenceKind.LOCAL, value="6.rp.1")
    assert resolve(local, walk).competency_id == "6.rp.1"
    assert meant("6.rp.1", [own])[0] == "6.rp.1"


def test_a_code_that_a_competency_had_to_share_is_still_looked_for_by_what_people_write():
    """It stands in the item; the competency's own code has a mark."""
    two = [used(1, "a~00000001"), used(2, "a~00000002")]
    items = [known(1, "a"), known(2, "a")]
    assert refusal("a", two, items).reason is RefusalReason.AMBIGUOUS_REFERENCE
    assert meant("a~00000002", two, items)[0] == an_id(2)


numbers = st.integers(min_value=1, max_value=6)


@given(
    competencies=st.sets(numbers),
    edges=st.lists(
        st.tuples(numbers, st.sampled_from(["exactMatchOf", "replacedBy", "isRelatedTo"]), numbers),
        max_size=12,
    ),
    start=numbers,
)
def test_a_reference_means_a_competency_in_use_or_is_refused(competencies, edges, start):
    """Whatever publishers say of each other's items, the answer is one that the district uses."""
    walk = crosswalk_of(
        [used(number, f"c{number}") for number in sorted(competencies)],
        [known(number) for number in range(1, 7)],
        [an_association(100 + at, *edge) for at, edge in enumerate(edges)],
    )
    try:
        found = resolve(competency_reference(an_id(start)), walk)
    except RefusedError as refused:
        assert refused.refusal.reason in {  # noqa: PT017
            RefusalReason.UNKNOWN_COMPETENCY,
            RefusalReason.AMBIGUOUS_REFERENCE,
        }
        return
    assert found.competency_id in {an_id(number) for number in competencies}
