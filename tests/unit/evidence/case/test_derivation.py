"""From a framework in CASE to competencies: which, by what code, in what words, after what."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.case.derivation import (
    FrameworkSettings,
    Surroundings,
    codes_of,
    derive_framework,
    framework_of,
    told_apart,
)
from services.evidence.domain.case.outline import outline_of
from services.evidence.domain.case.wording import plain_text
from services.evidence.domain.framework import (
    MAX_LABEL_LENGTH,
    MAX_PREREQUISITES,
    Competency,
    check_competencies,
    check_frameworks,
    check_prerequisites,
)
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.source_object import Collection, Json
from tests.support.case import (
    COMMON_CORE,
    DOCUMENT,
    PUBLISHER,
    TEXAS,
    a_document,
    a_framework_package,
    a_package,
    an_association,
    an_id,
    an_item,
    contents_of,
    needs_published,
    objects_of,
    published,
)


def derive(package, settings=FrameworkSettings(), surroundings=Surroundings()):  # noqa: B008
    """Return what follows from a package."""
    contents = contents_of(objects_of(package))
    return derive_framework(
        contents[Collection.CF_DOCUMENTS][0],
        contents.get(Collection.CF_ITEMS, []),
        contents.get(Collection.CF_ASSOCIATIONS, []),
        settings=settings,
        surroundings=surroundings,
    )


def by_code(package, **named):
    """Return the competencies of a package by their codes."""
    return {one.code: one for one in derive(package, **named).competencies}


def only(item: dict[str, Json], **document: Json) -> Competency:
    """Return the one competency of a framework of one item."""
    package = a_package(item, CFDocument=a_document(**document))
    (competency,) = derive(package).competencies
    return competency


@needs_published
def test_the_common_core_becomes_480_competencies_in_order():
    """Its standards, not its 205 clusters and domains; each of the 757 edges is a prerequisite."""
    derived = derive(published(COMMON_CORE))
    assert len(derived.competencies) == 480
    assert sum(len(one.prerequisites) for one in derived.competencies) == 757
    assert (derived.refused, derived.outside) == ((), 0)
    assert check_frameworks([derived.framework]) == (derived.framework,)
    assert check_competencies(derived.competencies) == derived.competencies
    check_prerequisites(derived.competencies, {})
    grades = {one.grade for one in derived.competencies}
    assert grades == {"K", *"12345678", "9-12"}


@needs_published
def test_texas_becomes_its_student_expectations_with_grades_from_headings():
    """1,081 of 1,515 items, which carry no levels: the course that 637 are in says their grade."""
    derived = derive(published(TEXAS))
    assert len(derived.competencies) == 1_081
    assert sum(one.grade != "" for one in derived.competencies) == 637
    assert {one.subject for one in derived.competencies} == {"math"}
    for begin in range(0, 1_081, 500):
        batch = derived.competencies[begin : begin + 500]
        assert check_competencies(batch) == batch


def test_every_field_of_a_competency_comes_from_the_framework():
    """Identifier, code, words, subject, grade, address, and what precedes it."""
    derived = derive(a_framework_package())
    assert derived.framework == framework_of(a_document())
    assert derived.framework.display_name == "Mathematics of Henry County"
    assert derived.competencies[1] == Competency(
        id=an_id(3),
        framework_id=DOCUMENT,
        code="6.RP.A.2",
        label="Statement 3.",
        subject="math",
        grade="6",
        essential=False,
        prerequisites=(an_id(2),),
        uri=f"{PUBLISHER}/CFItems/{an_id(3)}",
    )


def test_a_type_says_whether_an_item_is_a_competency_and_else_its_place_does():
    """Standards are also where components stand within them; of unknown types the leaves are."""
    package = a_package(
        an_item(1, "a", "Standard"),
        an_item(2, "a.1", "Component"),
        an_item(3, "b", "Introduction"),
        an_item(4, "c", "Big Idea"),
        an_item(5, "c.1", "Big Idea"),
        an_item(6, "d", ""),
        associations=[
            an_association(10, 2, "isChildOf", 1),
            an_association(11, 5, "isChildOf", 4),
        ],
    )
    assert set(by_code(package)) == {"a", "a.1", "c.1", "d"}


def test_a_district_may_count_clusters_among_its_competencies():
    """Then evidence on a cluster has something to stand for."""
    settings = FrameworkSettings(competency_types=frozenset({"cluster"}))
    package = a_framework_package()
    assert set(by_code(package, settings=settings)) == {"6.RP.A", "6.RP.A.1", "6.RP.A.2"}


def test_a_type_may_be_named_by_its_link_alone():
    """CFItemTypeURI has a title as well."""
    item = an_item(1, "a", CFItemTypeURI={"title": "Strand", "identifier": an_id(9), "uri": "u"})
    del item["CFItemType"]
    assert by_code(a_package(item)) == {}


def test_items_that_share_a_code_are_told_apart_whatever_their_order():
    """None has the better claim; each gets the beginning of its identifier."""
    first, second = an_item(0x1000_0000, "a"), an_item(0x2000_0000, "a")
    codes = codes_of([first, second])
    assert codes == {an_id(0x1000_0000): "a~10000000", an_id(0x2000_0000): "a~20000000"}
    assert codes_of([second, first]) == codes


def test_items_that_share_a_code_and_the_beginning_of_their_identifiers_get_the_whole():
    """No two competencies of a framework ever have one code."""
    ids = ["00000001-0000-4000-8000-000000000000", "00000001-0000-4000-8000-000000000001"]
    items = [an_item(1, "a" * 64, identifier=one) for one in ids]
    codes = codes_of(items)
    assert codes == {one: "a" * 27 + "~" + one for one in ids}


def test_who_is_gone_leaves_the_code_to_a_new_item():
    """With the beginning of its identifier, or all of it where that is taken as well."""
    former = Competency(
        id="abcdefgh-1",
        framework_id="math",
        code="6.A.1",
        label="Ratios",
        subject="math",
        grade="6",
        essential=False,
        prerequisites=(),
    )
    assert told_apart(former).code == "6.A.1~abcdefgh"
    assert told_apart(former, {"6.A.1~abcdefgh"}).code == "6.A.1~abcdefgh-1"


def test_the_one_that_is_in_force_keeps_a_code_that_ended_items_have_too():
    """Evidence by code means what is taught now."""
    items = [an_item(1, "a"), an_item(2, "a", statusEndDate="2020-06-30")]
    assert codes_of(items) == {an_id(1): "a", an_id(2): "a~00000002"}


@pytest.mark.parametrize("code", ["", "x" * 65, "two\nlines"])
def test_an_item_without_a_code_that_can_be_kept_is_called_by_its_identifier(code):
    """It is unique, and short enough."""
    assert only(an_item(1, code)).code == an_id(1)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Count  to\n100.", "Count to 100."),
        ("<p>Compare <b>a &lt; b</b></p><ul><li>and so on</li></ul>", "Compare a < b and so on"),
        ("compare using <, or =.", "compare using <, or =."),
        ("write &amp;lt; as it is", "write &lt; as it is"),
        ("identify shapes; and", "identify shapes"),
        ("Right \u202eto left\u202c.", "Right to left ."),
    ],
)
def test_a_label_is_one_line_of_plain_words(text, label):
    """No tags, entities, line breaks or direction marks, and no end of a list."""
    assert only(an_item(1, "a", fullStatement=text)).label == label


def test_a_label_is_the_short_statement_where_there_is_one_and_else_the_code():
    """A statement of tags alone says nothing."""
    assert only(an_item(1, "a", abbreviatedStatement="Count")).label == "Count"
    assert only(an_item(1, "a", fullStatement="<br>")).label == "a"


def test_a_long_statement_is_cut_where_a_sentence_ends_and_else_between_words():
    """With an ellipsis only where a sentence is broken off."""
    sentence = "Word " * 40 + "end."
    assert plain_text(f"{sentence} {sentence}", 300) == sentence
    cut = plain_text("word " * 100, 300)
    assert cut == "word " * 59 + "word…"
    assert plain_text("x" * 400, 300) == "x" * 299 + "…"


@given(text=st.text(max_size=400), length=st.integers(min_value=2, max_value=MAX_LABEL_LENGTH))
def test_any_text_becomes_one_that_can_be_kept(text, length):
    """Within its length, on one line, without white space around it."""
    plain = plain_text(text, length)
    assert len(plain) <= length
    assert plain == " ".join(plain.split())


@pytest.mark.parametrize(
    ("item", "document", "subject"),
    [
        ({"subject": "Mathematics"}, {"subject": ["Science"]}, "math"),
        ({}, {"subject": ["English Language Arts", "Science"]}, "ela"),
        ({}, {"subject": None, "subjectURI": [{"title": "Fine Arts", "uri": "u"}]}, "fine arts"),
        ({}, {"subject": []}, "other"),
    ],
)
def test_the_subject_is_the_items_else_the_frameworks_in_the_districts_word(
    item, document, subject
):
    """A known name has one word; another is its own, in small letters."""
    assert only(an_item(1, "a", **item), **document).subject == subject


@pytest.mark.parametrize(
    ("levels", "grade"),
    [
        (["KG"], "K"),
        (["01"], "1"),
        (["12", "09", "11", "10"], "9-12"),
        (["PK", "KG"], "PK-K"),
        (["HS", "06"], "6"),
        (["AE"], ""),
        ([], ""),
    ],
)
def test_levels_become_a_grade_or_a_span(levels, grade):
    """Codes of other kinds of education are no grade."""
    assert only(an_item(1, "a", educationLevel=levels)).grade == grade


def test_a_grade_comes_from_the_nearest_container_that_says_one():
    """Levels before headings, near before far."""
    package = a_package(
        an_item(1, "g", "Course", educationLevel=["05"]),
        an_item(2, "h", "Course", fullStatement="Grade 6, Adopted 2012."),
        an_item(3, "a"),
        an_item(4, "b"),
        an_item(5, "k", "Course", fullStatement="Kindergarten, Adopted 2012."),
        an_item(6, "c"),
        associations=[
            an_association(10, 2, "isChildOf", 1),
            an_association(11, 3, "isChildOf", 1),
            an_association(12, 4, "isChildOf", 2),
            an_association(13, 5, "isChildOf", DOCUMENT),
            an_association(14, 6, "isChildOf", 5),
        ],
    )
    found = by_code(package)
    assert {code: one.grade for code, one in found.items()} == {"a": "5", "b": "5", "c": "K"}


def test_containment_in_a_circle_ends_where_it_began():
    """Nobody is their own ancestor, and everything below is found once."""
    outline = outline_of(
        [
            an_association(10, 1, "isChildOf", 2, sequenceNumber=2),
            an_association(11, 2, "isChildOf", 1),
            an_association(12, 3, "isChildOf", 2, sequenceNumber=1),
        ]
    )
    assert outline.ancestors(an_id(1)) == (an_id(2),)
    assert outline.within(an_id(2)) == (an_id(3), an_id(1))
    assert outline.is_leaf(an_id(3))


def test_an_association_that_closes_a_circle_is_refused_and_named():
    """All others are followed, and the refusal shows the circle by codes."""
    package = a_package(
        *(an_item(number, f"c{number}") for number in (1, 2, 3)),
        associations=[
            an_association(10, 1, "precedes", 2),
            an_association(11, 2, "precedes", 3),
            an_association(12, 3, "precedes", 1),
        ],
    )
    derived = derive(package)
    (refused,) = derived.refused
    assert refused.association_id == an_id(10)
    assert refused.refusal.reason is RefusalReason.MALFORMED
    assert refused.refusal.message == (
        f"Association {an_id(10)} closes a circle: c1 < c3 < c2 < c1."
    )
    check_prerequisites(derived.competencies, {})
    assert sum(len(one.prerequisites) for one in derived.competencies) == 2


def test_a_competency_does_not_lead_to_itself():
    """The shortest circle."""
    package = a_package(an_item(1, "a"), associations=[an_association(10, 1, "precedes", 1)])
    derived = derive(package)
    assert [one.association_id for one in derived.refused] == [an_id(10)]
    assert derived.competencies[0].prerequisites == ()


@given(
    edges=st.lists(
        st.tuples(st.integers(min_value=1, max_value=8), st.integers(min_value=1, max_value=8)),
        max_size=40,
    )
)
def test_whatever_precedes_what_the_graph_has_no_circle_and_loses_no_more_than_it_must(edges):
    """The district's own check agrees, and with any refused edge there would be a circle again."""
    package = a_package(
        *(an_item(number, f"c{number}") for number in range(1, 9)),
        associations=[
            an_association(at, origin, "precedes", destination)
            for at, (origin, destination) in enumerate(edges, start=100)
        ],
    )
    derived = derive(package)
    check_prerequisites(derived.competencies, {})
    kept = {(one, each.id) for each in derived.competencies for one in each.prerequisites}
    said = {(an_id(origin), an_id(destination)) for origin, destination in edges}
    closing = {edges[int(one.association_id[:8], 16) - 100] for one in derived.refused}
    assert kept | {(an_id(a), an_id(b)) for a, b in closing} == said
    for origin, destination in closing:
        assert origin == destination or an_id(destination) in _before(an_id(origin), kept)


def _before(start, edges):
    """Return all that leads to a competency, near or far."""
    found, ahead = set(), [start]
    while ahead:
        here = ahead.pop()
        new = {origin for origin, destination in edges if destination == here} - found
        found |= new
        ahead.extend(new)
    return found


def test_of_too_many_prerequisites_the_first_in_the_publishers_order_count():
    """The rest is refused, each association by name."""
    count = MAX_PREREQUISITES + 2
    package = a_package(
        an_item(1, "a"),
        *(an_item(100 + at, f"b{at}") for at in range(count)),
        associations=[
            an_association(500 + at, 100 + at, "precedes", 1, sequenceNumber=count - at)
            for at in range(count)
        ],
    )
    derived = derive(package)
    assert derived.competencies[0].prerequisites == tuple(an_id(100 + at) for at in range(2, count))
    assert [one.association_id for one in derived.refused] == [an_id(500), an_id(501)]


def test_what_leads_out_of_the_district_is_counted_and_what_leads_to_its_others_followed():
    """A container and an unknown framework are outside; a competency of another one is not."""
    package = a_package(
        an_item(1, "a"),
        an_item(2, "b", "Cluster"),
        associations=[
            an_association(10, 2, "precedes", 1),
            an_association(11, 0x77, "precedes", 1),
            an_association(12, 0x88, "precedes", 1),
        ],
    )
    derived = derive(package, surroundings=Surroundings(elsewhere={an_id(0x88)}))
    assert derived.competencies[0].prerequisites == (an_id(0x88),)
    assert derived.outside == 2


def test_what_the_district_says_of_a_competency_stays():
    """Its mark, always; its order, where the framework has none."""
    (standing,) = derive(a_package(an_item(1, "a"))).competencies
    own = replace(standing, essential=True, prerequisites=("6.ns.1",), version=3)
    around = Surroundings(standing={own.id: own})
    (derived,) = derive(a_package(an_item(1, "a")), surroundings=around).competencies
    assert (derived.essential, derived.prerequisites) == (True, ("6.ns.1",))
    ordered = a_package(
        an_item(1, "a"), an_item(2, "b"), associations=[an_association(10, 2, "precedes", 1)]
    )
    first, _ = derive(ordered, surroundings=around).competencies
    assert (first.essential, first.prerequisites) == (True, (an_id(2),))


def test_a_new_version_of_an_item_is_the_same_competency():
    """Other words and another code, and the id that evidence stands under is the same."""
    old, new = only(an_item(1, "a")), only(an_item(1, "b", fullStatement="Reworded."))
    assert old.id == new.id
    assert (new.code, new.label) == ("b", "Reworded.")
