"""What the entities of the roster and of the frameworks have in common."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.entities import (
    MAX_BATCH,
    BatchTooLargeError,
    EntityFault,
    InvalidEntityError,
    Kept,
    MalformedRequestIdError,
    Place,
    again,
    as_kept,
    check_batch_size,
    check_distinct,
    check_identifier,
    check_request_id,
    check_set,
    check_text,
    merge,
)
from services.evidence.domain.framework import Framework

PLACE = Place(collection="frameworks", index=3, field="display_name")

ids = st.text(alphabet="abcdef", min_size=1, max_size=2)
frameworks = st.builds(Framework, id=ids, display_name=st.sampled_from(["one", "two", "three"]))
batches = st.lists(frameworks, max_size=12, unique_by=lambda one: one.id)


def standing_after(batches_sent: Sequence[Sequence[Framework]]) -> dict[str, Framework]:
    """Return what stands after these batches."""
    standing: dict[str, Framework] = {}
    for batch in batches_sent:
        standing.update({one.id: one for one in merge(standing, batch).changed})
    return standing


@given(batches, batches)
def test_an_identical_batch_changes_nothing(
    before: list[Framework], batch: list[Framework]
) -> None:
    """Sent a second time, a batch has no changes and the same answer, whatever stood before."""
    standing = standing_after([before])
    first = merge(standing, batch)
    standing.update({one.id: one for one in first.changed})
    second = merge(standing, batch)
    assert second.changed == ()
    assert second.kept == first.kept


@given(st.lists(batches, max_size=6))
def test_a_version_counts_the_changes_of_content(sent: list[list[Framework]]) -> None:
    """An entity's version is one more than how often its content differed from the one before."""
    contents: dict[str, list[str]] = {}
    for batch in sent:
        for one in batch:
            contents.setdefault(one.id, []).append(one.display_name)
    for one in standing_after(sent).values():
        seen = contents[one.id]
        changes = sum(seen[at] != seen[at - 1] for at in range(1, len(seen)))
        assert one.version == 1 + changes


@given(batches, batches)
def test_changes_are_sorted_and_answers_keep_the_order_of_the_batch(
    before: list[Framework], batch: list[Framework]
) -> None:
    """Rows are written in the order of their ids, and answers come in the order of the request."""
    merged = merge(standing_after([before]), batch)
    changed = [one.id for one in merged.changed]
    assert changed == sorted(changed)
    assert [one.id for one in merged.kept] == [one.id for one in batch]


@given(batches, batches)
def test_the_first_answer_can_be_made_again_from_ids_and_versions(
    before: list[Framework], batch: list[Framework]
) -> None:
    """The same content with the ids and versions of then is the same answer."""
    merged = merge(standing_after([before]), batch)
    assert again(batch, as_kept(merged)) == merged.kept


def test_a_sent_version_is_not_content() -> None:
    """What a client sends as version neither changes an entity nor counts as its version."""
    standing = {"a": Framework(id="a", display_name="one", version=4)}
    merged = merge(standing, [Framework(id="a", display_name="one", version=99)])
    assert merged.changed == ()
    assert merged.kept == (standing["a"],)


def test_answers_of_another_length_are_no_answer() -> None:
    """An answer that does not fit its request is an error and not a shorter answer."""
    with pytest.raises(ValueError, match="zip"):
        again([Framework(id="a", display_name="one")], [Kept(id="a", version=1)] * 2)


def test_a_text_loses_its_outer_white_space() -> None:
    """Sources pad fields; the padding is no content."""
    assert check_text(PLACE, "  Ratios and rates ", max_length=20) == "Ratios and rates"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", EntityFault.FIELD_MISSING),
        ("   ", EntityFault.FIELD_MISSING),
        ("x" * 21, EntityFault.FIELD_TOO_LONG),
        ("two\nlines", EntityFault.FIELD_MALFORMED),
        ("nul\x00", EntityFault.FIELD_MALFORMED),
        ("turned\u202eround", EntityFault.FIELD_MALFORMED),
        ("half\ud83d", EntityFault.FIELD_MALFORMED),
    ],
)
def test_a_text_that_cannot_be_shown_is_refused(value: str, fault: EntityFault) -> None:
    """Empty, long and unprintable texts are refused at their place, with a hint."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_text(PLACE, value, max_length=20)
    assert refusal.value.fault is fault
    assert refusal.value.place.path == "frameworks[3].display_name"
    assert refusal.value.hint


@given(st.text(max_size=300))
def test_no_refusal_of_a_text_repeats_it(value: str) -> None:
    """A field may hold a person's name, and a refusal is logged, so it must not show the value."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_text(PLACE, f"Zaphod{value}Beeblebrox", max_length=10)
    said = f"{refusal.value} {refusal.value.message} {refusal.value.hint}"
    assert "Zaphod" not in said
    assert "Beeblebrox" not in said


def test_a_set_is_sorted_and_holds_each_value_once() -> None:
    """The order of a set is no content; a repeated value is a mistake of the sender."""
    assert check_set(PLACE, ["b", " a"], max_count=2, max_length=5) == ("a", "b")
    with pytest.raises(InvalidEntityError) as repeated:
        check_set(PLACE, ["a", "b", "a "], max_count=5, max_length=5)
    assert repeated.value.fault is EntityFault.DUPLICATE
    with pytest.raises(InvalidEntityError) as many:
        check_set(PLACE, ["a", "b", "c"], max_count=2, max_length=5)
    assert many.value.fault is EntityFault.TOO_MANY_VALUES


@pytest.mark.parametrize("value", ["", "a b", "a/b", "é", "a" * 65, "a\n"])
def test_an_id_is_short_and_plain(value: str) -> None:
    """Ids stand in resource names, so anything else is refused."""
    with pytest.raises(InvalidEntityError):
        check_identifier(PLACE, value)


def test_an_entity_twice_in_a_batch_is_refused_at_its_second_place() -> None:
    """Two contents for one entity in one batch have no right order."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_distinct("schools", "name", ["a", "b", "a"])
    assert refusal.value.place.path == "schools[2].name"
    assert "schools[0]" in refusal.value.message


def test_a_batch_has_a_bound() -> None:
    """As many entities as a batch may hold pass, and one more does not."""
    check_batch_size(MAX_BATCH)
    with pytest.raises(BatchTooLargeError):
        check_batch_size(MAX_BATCH + 1)


@pytest.mark.parametrize("request_id", ["x" * 129, "a\nb", "\ud800"])
def test_a_request_id_that_cannot_be_kept_is_refused(request_id: str) -> None:
    """Request ids are kept, so they have a bound and no control characters."""
    check_request_id("nightly-2026-09-01")
    with pytest.raises(MalformedRequestIdError):
        check_request_id(request_id)


def test_a_place_without_a_field_names_the_entity() -> None:
    """A refusal of the whole entity points at the entity."""
    assert replace(PLACE, field="").path == "frameworks[3]"
